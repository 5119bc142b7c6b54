"""`audit drill`: that a drill has ended, on the record of the service.

A drill runs on a store of its own, so that it reaches nobody by mistake; the service can
not know of it but from whoever ran it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from alerting.keeping import AuditEntry
from crisiswatch.errors import InputError
from crisiswatch.incidents.audit import AuditRecord

KIND = "drill"
_ENDED_AT = "ended_at"


class Record(Protocol):
    """Where it is written down."""

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the audit log, durably."""
        ...


def run_audit_drill(
    log: Record, *, ended_at: datetime, now: datetime, by: str, said: str | None
) -> int:
    """Record that a drill ended at an aware time; return 0.

    Raises:
        InputError: that is still to come.
    """
    ended = ended_at.astimezone(UTC)
    if ended > now:
        raise InputError(
            f"a drill that ends at {ended.isoformat()} has not ended", "record it when it has"
        )
    detail = {_ENDED_AT: ended.isoformat(), **({} if said is None else {"said": said})}
    log.audit([AuditEntry(at=now, kind=KIND, case_id=None, actor=by, detail=detail)])
    print(f"recorded: a drill that ended at {ended:%Y-%m-%d %H:%M} UTC, by {by}")  # noqa: T201  # the answer
    return 0


def drill_ended_s(record: AuditRecord) -> float:
    """Return the unix second at which the drill ended that a record tells of, 0 where it tells of none."""
    if record.kind != KIND:
        return 0.0
    try:
        return datetime.fromisoformat(record.detail[_ENDED_AT]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0.0  # nobody of ours wrote it; `audit verify` tells
