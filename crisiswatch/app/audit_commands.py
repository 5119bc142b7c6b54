"""The commands on the audit log: `audit verify` and `audit export`."""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain, takewhile
from pathlib import Path
from typing import BinaryIO, Protocol

import orjson

from crisiswatch.errors import StoreError
from crisiswatch.incidents.audit import (
    AuditFault,
    AuditHead,
    AuditRecord,
    csv_rows,
    encode_record,
    verify,
)
from crisiswatch.report.shown_text import count

OK = 0
FOUND_SOMETHING = 1


class AuditFormat(StrEnum):
    """How the log is written for others."""

    JSONL = "jsonl"
    CSV = "csv"


class AuditLog(Protocol):
    """Where the audit log is read from."""

    def audit_head(self) -> AuditHead:
        """Return how far the log goes."""
        ...

    def audit_records(self, after_seq: int = 0) -> Iterator[AuditRecord]:
        """Yield the records after a number; raise StoreError at one that can not be read."""
        ...


def run_audit_verify(log: AuditLog, *, as_json: bool) -> int:
    """Say whether the log is what was written, and every place where it is not.

    Returns 0 for a whole log, 1 for faults. Responders may write meanwhile. The head that
    it prints is what to note down where nobody can change it.
    """
    head, faults = _verified(log)
    if as_json:
        answer = {
            "records": head.seq,
            "head": head.sha256,
            "faults": [{"record": fault.seq, "problem": fault.problem} for fault in faults],
        }
        _write_out([orjson.dumps(answer) + b"\n"])
    elif faults:
        lines = [f"The audit log is not what was written, in {count(len(faults), 'place')}:"]
        lines += [f"  {fault}" for fault in faults]
        _write_out([("\n".join(lines) + "\n").encode()])
    else:
        said = f"The audit log is whole: {count(head.seq, 'record')}, head {head.sha256}\n"
        _write_out([said.encode()])
    return FOUND_SOMETHING if faults else OK


def run_audit_export(
    log: AuditLog, *, export_format: AuditFormat, out: Path | None, case_id: str | None
) -> int:
    """Write the log, or what it says of one case, to a file or to standard output.

    A file appears whole or not at all. Records of one case have gaps in their numbers, so
    that only a whole export can be verified. Returns 0, or 1 where no record is of that case.

    Raises:
        StoreError: a record can not be read; nothing is written to the file.
    """
    found = 0

    def wanted() -> Iterator[AuditRecord]:
        nonlocal found
        for record in log.audit_records():
            if case_id is None or record.case_id == case_id:
                found += 1
                yield record

    lines = _lines(wanted(), export_format)
    if out is None:
        _write_out(lines)
    else:
        with _replaced(out) as file:
            file.writelines(lines)
    if case_id is not None and found == 0:
        print(f"no record of case {case_id!r} in the audit log", file=sys.stderr)  # noqa: T201  # the answer
        return FOUND_SOMETHING
    return OK


def _verified(log: AuditLog) -> tuple[AuditHead, tuple[AuditFault, ...]]:
    """Verify up to the head as it is now, and then what has been written since.

    The head is read first: what responders write meanwhile must not look like a forgery.
    """
    head = log.audit_head()
    unreadable: list[AuditFault] = []
    records = _readable(log, unreadable)
    later: list[AuditRecord] = []

    def is_known(record: AuditRecord) -> bool:
        if record.seq > head.seq:
            later.append(record)
        return record.seq <= head.seq

    faults = verify(takewhile(is_known, records), head)
    tail = list(chain(later, records))
    if tail and not unreadable:
        now = log.audit_head()
        is_ahead = now.seq > tail[-1].seq
        faults += verify(tail, tail[-1].head if is_ahead else now, after=head)
        head = tail[-1].head if is_ahead else now
    return head, (*unreadable, *faults)


def _readable(log: AuditLog, unreadable: list[AuditFault]) -> Iterator[AuditRecord]:
    """Yield records up to one that is none: where it stands is a fault, not the end of the work."""
    last = 0
    try:
        for record in log.audit_records():
            last = record.seq
            yield record
    except StoreError as error:
        log.audit_head()  # raises again where it is the store that can not be reached
        unreadable.append(AuditFault(seq=last + 1, problem=error.problem))


def _lines(records: Iterable[AuditRecord], export_format: AuditFormat) -> Iterator[bytes]:
    match export_format:
        case AuditFormat.JSONL:
            return (encode_record(record) + b"\n" for record in records)
        case AuditFormat.CSV:
            return (row.encode() for row in csv_rows(records))


def _write_out(lines: Iterable[bytes]) -> None:
    sys.stdout.buffer.writelines(lines)
    sys.stdout.buffer.flush()


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """Write beside the file and put it in its place at the end; others may not read it."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
