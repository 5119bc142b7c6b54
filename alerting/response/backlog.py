"""What cases call for and is not done: how much, and for how long."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerting.keeping import URGENT
from alerting.ports import Outcome, Status
from alerting.response.actions import queue_of
from alerting.response.case import Case
from alerting.response.plan import plan
from alerting.response.world import World

LATE_S = 60.0
"""A page or decision that has waited for longer is late, whatever the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One action that a case calls for; `first_at` is its first attempt, if there was one."""

    key: str
    is_urgent: bool
    first_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many actions wait, the oldest one's age in seconds, and how many urgent ones are late."""

    waiting: int = 0
    oldest_s: float = 0.0
    late: int = 0


def waiting(
    case: Case, world: World, outcomes: Mapping[str, Outcome], now: datetime
) -> Iterator[Waiting]:
    """Yield what is due, and what has failed or is in doubt and will be tried again."""
    planned = plan(case, world, outcomes, now)
    for action in planned.due:
        known = outcomes.get(action.key)
        is_fresh = known is None or known.status is Status.DONE
        yield Waiting(
            key=action.key,
            is_urgent=queue_of(action) == URGENT,
            first_at=None if is_fresh or known is None else known.first_at,
        )
    for queue, times in planned.times.items():
        for key in times:
            known = outcomes.get(key)
            if known is not None and known.status is not Status.DONE:
                yield Waiting(key=key, is_urgent=queue == URGENT, first_at=known.first_at)
    # A page between two tries is planned anew when its time has come; a call that has gone on
    # to the next way leaves it behind with a time that has passed.
    for key, known in outcomes.items():
        is_page = key.startswith(f"{case.id}/page/") and known.status is not Status.DONE
        if is_page and known.retry_at is not None and known.retry_at > now:
            yield Waiting(key=key, is_urgent=True, first_at=known.first_at)


class Backlog:
    """Remember since when each action waits.

    An action that was never attempted has no time of its own: its age counts from when it
    was first seen here, so a restart makes it young again. One that was attempted keeps
    its age.
    """

    def __init__(self) -> None:
        self._seen_s: dict[str, float] = {}

    def look(
        self, found: Iterable[Waiting], now: datetime, *, monotonic_s: float, pace: float
    ) -> Standing:
        """Return how things stand; `now` is the response's time, `pace` how fast that runs."""
        seen_s: dict[str, float] = {}
        ages_s: list[float] = []
        late = 0
        for one in found:
            since_s = self._seen_s.get(one.key, monotonic_s)
            seen_s[one.key] = since_s
            age_s = monotonic_s - since_s
            if one.first_at is not None:
                age_s = max(age_s, (now - one.first_at).total_seconds() / pace)
            ages_s.append(age_s)
            late += one.is_urgent and age_s > LATE_S
        self._seen_s = seen_s
        return Standing(waiting=len(ages_s), oldest_s=max(ages_s, default=0.0), late=late)
