"""The audit log as it is read by those who go on past what they can not read."""

from collections.abc import Iterator
from typing import Protocol

from crisiswatch.errors import UnreadableRecordError
from crisiswatch.incidents.audit import AuditFault, AuditHead, AuditRecord


class AuditLog(Protocol):
    """Where the audit log is read from."""

    def audit_head(self) -> AuditHead:
        """Return how far the log goes."""
        ...

    def audit_records(self, after_seq: int = 0) -> Iterator[AuditRecord]:
        """Yield the records after a number; raise UnreadableRecordError at one that is none."""
        ...


def audit_entries(log: AuditLog, after_seq: int = 0) -> Iterator[AuditRecord | AuditFault]:
    """Yield every record after a number, and a fault in the place of each that can not be read.

    Raises:
        StoreError: the store can not be reached.
    """
    while True:
        try:
            yield from log.audit_records(after_seq)
        except UnreadableRecordError as error:
            after_seq = error.seq
            yield AuditFault(seq=error.seq, problem=error.problem)
        else:
            return
