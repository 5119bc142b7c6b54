"""The commands on the audit log: `audit verify` and `audit export`."""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain, takewhile
from pathlib import Path
from typing import BinaryIO

import orjson

from crisiswatch.app.audit_log import AuditLog, audit_entries
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
    that only a whole export can be verified. Returns 0, or 1 where no record is of that case
    or one can not be read: it is left out, and standard error names it.

    Raises:
        StoreError: the store can not be reached; nothing is written to the file.
    """
    found = 0
    unreadable: list[AuditFault] = []

    def wanted() -> Iterator[AuditRecord]:
        nonlocal found
        for entry in audit_entries(log):
            if isinstance(entry, AuditFault):
                unreadable.append(entry)
            elif case_id is None or entry.case_id == case_id:
                found += 1
                yield entry

    lines = _lines(wanted(), export_format)
    if out is None:
        _write_out(lines)
    else:
        with _replaced(out) as file:
            file.writelines(lines)
    said = [f"left out of the export: {fault}" for fault in unreadable]
    if case_id is not None and found == 0:
        said.append(f"no record of case {case_id!r} in the audit log")
    for line in said:
        print(line, file=sys.stderr)  # noqa: T201  # the answer
    return FOUND_SOMETHING if said else OK


def _verified(log: AuditLog) -> tuple[AuditHead, tuple[AuditFault, ...]]:
    """Verify up to the head as it is now, and then what has been written since.

    The head is read first: what responders write meanwhile must not look like a forgery.
    """
    head = log.audit_head()
    entries = audit_entries(log)
    later: list[AuditRecord | AuditFault] = []

    def is_known(entry: AuditRecord | AuditFault) -> bool:
        if entry.seq > head.seq:
            later.append(entry)
        return entry.seq <= head.seq

    faults = verify(takewhile(is_known, entries), head)
    tail = list(chain(later, entries))
    if tail:
        now = log.audit_head()
        end = tail[-1].head if now.seq > tail[-1].seq else now
        faults += verify(tail, end, after=head)
        head = end
    return head, faults


def _lines(records: Iterable[AuditRecord], export_format: AuditFormat) -> Iterator[bytes]:
    match export_format:
        case AuditFormat.JSONL:
            return (encode_record(record) + b"\n" for record in records)
        case AuditFormat.CSV:
            # A name that was given in bad bytes has a lone surrogate, which no UTF-8 can hold.
            return (row.encode(errors="backslashreplace") for row in csv_rows(records))


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
