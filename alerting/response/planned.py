"""Which of the actions that a case calls for are due, by what became of them so far."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerting.delivery import Lane
from alerting.keeping import URGENT
from alerting.ports import Outcome, Status
from alerting.response.actions import Action, Post, Publish, SetTopic, Update, queue_of

LOOK_AGAIN_AFTER_S = 10
"""A request whose answer never came has arrived by then, or it never will."""

DOUBT = "nobody knows whether it went out; a person must look"
"""The result of what may have been published: it rests until somebody has said which."""

WITH = "with "
"""The result of an intent that another action's message carries: what to look for."""

TRIES = 20
"""With the waits between them about an hour: what has not worked by then needs a person.

The room and the newest state in it are tried for as long as there is something to show."""


@dataclass(slots=True)
class Planned:
    """Collect actions: those that are due, and by queue when others fall due."""

    outcomes: Mapping[str, Outcome]
    now: datetime
    pace: float
    due: list[Action] = field(default_factory=list)
    times: dict[str, dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, action: Action) -> None:
        """Plan an action: it is due now, later, or done."""
        at = self._due_at(action)
        if at is None:
            return
        if at <= self.now:
            self.due.append(action)
        else:
            self.times[queue_of(action)][action.key] = at

    def wake(self, what_for: str, at: datetime) -> None:
        """Look at the case again at a time; one that has passed is no reason to."""
        if at > self.now:
            times = self.times[URGENT]
            times[what_for] = min(at, times.get(what_for, at))

    def result(self, key: str) -> str | None:
        """Return what an action yielded, None while it is not done."""
        outcome = self.outcomes.get(key)
        return outcome.result if outcome is not None and outcome.status is Status.DONE else None

    def _due_at(self, action: Action) -> datetime | None:
        outcome = self.outcomes.get(action.key)
        if outcome is None:
            return self.now
        match outcome.status:
            case Status.DONE:
                is_shown = not isinstance(action, Update | SetTopic) or (
                    outcome.result == action.digest
                )
                return None if is_shown else self.now
            case Status.FAILED:
                never_ends = isinstance(action, Update | SetTopic) or action.lane is Lane.ROOM
                return outcome.retry_at if never_ends or outcome.attempts < TRIES else None
            case Status.INTENDED | Status.UNKNOWN:
                if outcome.result == DOUBT and isinstance(action, Post | Publish):
                    return None
                return outcome.at + timedelta(seconds=LOOK_AGAIN_AFTER_S * self.pace)
