"""What the responder needs from the outside, as small protocols."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from alerting.actions import Announcement
from crisiswatch.detection.signal import Signal
from crisiswatch.incidents.incident import Incident

START = ""
"""The position before the first signal of any log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A signal in the log; reading goes on after `position`, which only the log understands."""

    position: str
    signal: Signal


class SignalLog(Protocol):
    """The signals of detection, each once, in the order in which they came.

    The first writer of an id wins: detection emits again after a crash.
    """

    def append(self, signal: Signal) -> bool:
        """Store the signal, durably where the log is; return False if its id is there already."""
        ...

    def read(self, after: str = START) -> Sequence[Entry]:
        """Return the signals after a position, oldest first; raise StoreError if unreadable."""
        ...


class Status(StrEnum):
    """How far an action has come.

    `INTENDED` without an outcome means that the process died in between: whether the
    action happened is not known. `UNKNOWN` says the same of one whose answer never came.
    """

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The newest word on an action; `result` is what it yielded, or why it failed.

    `attempts` counts the tries so far, `first_at` is when the first one began, and
    `retry_at` when a failed one is worth another; None: never.
    """

    status: Status
    at: datetime
    result: str
    attempts: int = 1
    first_at: datetime | None = None
    retry_at: datetime | None = None


class ActionLog(Protocol):
    """The outbox: what was to be done, and what became of it, by the action's key."""

    def record(self, key: str, outcome: Outcome) -> None:
        """Store the newest word on an action, durably where the log is."""
        ...

    def outcome(self, key: str) -> Outcome | None:
        """Return the newest word on an action, or None if nobody has intended it."""
        ...


class NotDeliveredError(Exception):
    """A notifier knows that its announcement did not arrive; the responder will try again."""


class Notifier(Protocol):
    """Tells people."""

    def notify(self, announcement: Announcement) -> None:
        """Deliver one announcement; raise NotDeliveredError where it surely did not arrive."""
        ...


class HoldingDrafter(Protocol):
    """Words the holding message of an incident."""

    def __call__(self, incident: Incident, now: datetime) -> str | None:
        """Return the text for the public, or None where no wording fits the crisis type."""
        ...


class IncidentRecord(Protocol):
    """Where incidents are kept for people and later commands."""

    def save(self, incidents: Sequence[Incident]) -> None:
        """Replace what is kept by these incidents, all that there are."""
        ...
