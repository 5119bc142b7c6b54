"""Which of the actions that a case calls for are due, by what became of them so far."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerting.delivery import Lane
from alerting.keeping import URGENT
from alerting.ports import Outcome, Status
from alerting.response.actions import (
    Action,
    PageElsewhere,
    Post,
    Publish,
    SetTopic,
    Update,
    queue_of,
)

LOOK_AGAIN_AFTER_S = 10
"""A request whose answer never came has arrived by then, or it never will."""

DOUBT = "nobody knows whether it went out; a person must look"
"""The result of what may have been published: it rests until somebody has said which."""

WITH = "with "
"""The result of an intent that another action's message carries: what to look for."""

BLIND_TRIES = 3
"""So often is a second channel used that never says whether it worked and can not be searched."""

REFUSED_AGAIN_S = 900
"""A refusal that sounded final is asked about again after a quarter of an hour."""

TRIES = 20
"""So often is one page tried."""


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
                return self._again_at(action, outcome)
            case Status.INTENDED | Status.UNKNOWN:
                if outcome.result == DOUBT and isinstance(action, Post | Publish):
                    return None
                if isinstance(action, PageElsewhere) and outcome.attempts >= BLIND_TRIES:
                    return None
                after = timedelta(seconds=LOOK_AGAIN_AFTER_S * self.pace)
                return outcome.at + after if outcome.retry_at is None else outcome.retry_at

    def _again_at(self, action: Action, outcome: Outcome) -> datetime | None:
        """Return when to try again what surely did not happen; None: never.

        Pages are the escalation's to repeat, and a final no of a public target is final.
        Everything else is tried for as long as the case calls for it: a token that was
        wrong is corrected, a channel comes back, and so does a public target.
        """
        if isinstance(action, Publish):
            return outcome.retry_at
        if action.lane is Lane.PAGE:
            return outcome.retry_at if outcome.attempts < TRIES else None
        if outcome.retry_at is not None:
            return outcome.retry_at
        return outcome.at + timedelta(seconds=REFUSED_AGAIN_S * self.pace)
