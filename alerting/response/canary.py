"""The end of a canary's way: taken from the store and told to nobody, through an outbox.

Intent, attempt and outcome are recorded as those of a page are, only not in the audit log:
half a million a year would bury what people look for in it. The newest outcome stays in
the store, so all responders know of it, after a restart too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alerting.keeping import AuditEntry
from alerting.ports import Outcome, Status
from crisiswatch.clock import at_utc
from crisiswatch.detection.signal import Heartbeat

CASE = "canary"
"""The outbox of canaries; no case has this id, for those name a topic and a time."""

KEY = "canary/told"


class CanaryStore(Protocol):
    """What a canary passes through on its way."""

    def take_heartbeats(self) -> tuple[Heartbeat, ...]:
        """Return what nobody has taken, oldest first."""
        ...

    def outcomes(self, case_id: str) -> dict[str, Outcome]:
        """Return the newest word on each action."""
        ...

    def record(
        self, case_id: str, words: Mapping[str, Outcome], audit: Sequence[AuditEntry]
    ) -> bool:
        """Store words on actions."""
        ...


class DryNotifier:
    """Tell nobody: what a notifier would be given ends here."""

    def __init__(self) -> None:
        self.told: Heartbeat | None = None

    def notify(self, heartbeat: Heartbeat) -> None:
        """Take a heartbeat as a pager takes a page."""
        self.told = heartbeat


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The newest canary that came through: when it was posted, and when it was told."""

    posted_at: datetime
    told_at: datetime


def take_canaries(store: CanaryStore, notifier: DryNotifier, now: datetime) -> int:
    """Tell the newest canary that is there; return how many were.

    Raises:
        StoreError: the store can not be reached.
    """
    heartbeats = store.take_heartbeats()
    if heartbeats:
        newest = max(heartbeats, key=lambda heartbeat: heartbeat.posted_at)
        result = str(newest.posted_at)
        intent = Outcome(status=Status.INTENDED, at=now, result=result, first_at=now)
        store.record(CASE, {KEY: intent}, ())
        notifier.notify(newest)
        done = Outcome(status=Status.DONE, at=now, result=result, first_at=now)
        store.record(CASE, {KEY: done}, ())
    return len(heartbeats)


def newest_canary(store: CanaryStore) -> Arrived | None:
    """Return the newest canary that any responder has told, None if none has.

    Raises:
        StoreError: the store can not be reached.
    """
    told = store.outcomes(CASE).get(KEY)
    if told is None or told.status is not Status.DONE:
        return None
    return Arrived(posted_at=at_utc(int(told.result)), told_at=told.at)
