"""The port to the store that all responders share.

A case is kept as bytes with a version; whoever changes it says which version they saw,
and loses if another was faster (compare-and-set). Time is an argument: `now` is the
clock that the whole installation shares. Nothing here blocks for longer than the
store's own timeout; an unreachable store raises StoreError.

Each responder works on two queues, so that what is slow holds nothing urgent up. A
case stands in a queue with the times at which something in it falls due; any change to
the case, or to what became of its actions, makes it due in all queues at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from alerting.ports import START, Entry, Outcome
from crisiswatch.detection.signal import Signal

URGENT = "urgent"
ROUTINE = "routine"
QUEUES = (URGENT, ROUTINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing decided, tried or said, before it is chained: who, what, on which evidence.

    `kind` is a short word (`signal`, `command`, `refused`, `intent`, `outcome`...), `actor` a
    person's id or `crisiswatch`, `detail` plain JSON values without secrets.
    """

    at: datetime
    kind: str
    case_id: str | None
    actor: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableEntry:
    """A signal in the log that this version can not read, and why."""

    position: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A case as it is stored; `stirred` counts everything that ever happened to it."""

    case_id: str
    body: bytes
    version: int
    stirred: int
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWrite:
    """A case to be stored if nobody has changed it since: `expected_version` 0 means new."""

    case_id: str
    body: bytes
    expected_version: int
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What is stored together or not at all.

    `position` is (as it was read, as it shall be) in the signal log.
    """

    writes: tuple[CaseWrite, ...] = ()
    position: tuple[str, str] | None = None
    audit: tuple[AuditEntry, ...] = ()


class Store(Protocol):
    """Everything that outlives a responder."""

    def append(self, signal: Signal) -> bool:
        """Store a signal; return False if its id is there already (the first writer wins)."""
        ...

    def read(self, after: str = START) -> Sequence[Entry]:
        """Return up to some hundred signals after a position, oldest first."""
        ...

    def read_entries(self, after: str = START) -> Sequence[Entry | UnreadableEntry]:
        """Return what `read` does, with unreadable signals as values among the others."""
        ...

    def position(self) -> str:
        """Return the position up to which signals are in the cases."""
        ...

    def case(self, case_id: str) -> Kept | None:
        """Return a case, or None if there is none of that id."""
        ...

    def cases(self, *, open_only: bool) -> tuple[Kept, ...]:
        """Return all cases, or those that are open, by id."""
        ...

    def commit(self, commit: Commit) -> bool:
        """Store all of it durably, or return False if a version or position has moved on."""
        ...

    def outcomes(self, case_id: str) -> dict[str, Outcome]:
        """Return the newest word on each action of a case, by the action's key."""
        ...

    def record(
        self,
        case_id: str,
        words: Mapping[str, Outcome],
        audit: Sequence[AuditEntry],
        *,
        expected: Mapping[str, Outcome | None] | None = None,
    ) -> bool:
        """Store words on actions and what the audit log says of them, together and durably.

        With `expected`, only if the stored words on those actions are these (None: there is
        none); otherwise nothing is stored and the answer is False.
        """
        ...

    def claim(self, name: str, owner: str, *, now: datetime, for_s: float) -> bool:
        """Take or renew a lease; False while another owner holds one that is not over."""
        ...

    def release(self, name: str, owner: str) -> None:
        """Give a lease back, if it is this owner's."""
        ...

    def due(self, queue: str, now: datetime, limit: int) -> tuple[str, ...]:
        """Return the ids of cases with a time that has come, the longest overdue first."""
        ...

    def set_times(
        self, queue: str, case_id: str, *, stirred: int, times: Mapping[str, datetime]
    ) -> bool:
        """Replace when the case falls due in a queue, by what for.

        Does nothing and returns False if the case has been stirred since `stirred` was
        read: it is due, and must be looked at again. With no times it leaves the queue; so
        does the id of a case that does not exist, which can have no times (False).
        """
        ...

    def keep(self, name: str, body: bytes) -> None:
        """Store a document under a name (a policy, a calendar's shifts, the clock of a replay)."""
        ...

    def kept(self, name: str) -> bytes | None:
        """Return a document, or None."""
        ...

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the audit log, durably."""
        ...
