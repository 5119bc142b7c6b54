"""The audit log's chain: every record carries the hash of the one before it.

Whoever changes, removes, inserts or moves a record breaks the chain at that place, and
`verify` says where. A cut at the end shows against the head, which is kept apart from the
records. Whoever can rewrite all records and the head can write a whole new chain: note the
head down now and then where they can not write, and look for it in the log later.

A hash is SHA-256 over the record as canonical JSON: keys sorted, no blanks, ASCII only (a
lone surrogate from a post has no other form), times in UTC to the microsecond.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

from crisiswatch.errors import InputError

_Kind = TypeVar("_Kind")

COLUMNS = ("seq", "at", "kind", "case_id", "actor", "detail", "previous", "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """How far the log goes: the number and the hash of its last record."""

    seq: int
    sha256: str


GENESIS = AuditHead(seq=0, sha256="0" * 64)
"""The head of an empty log."""

NOT_KNOWN = ""
"""The hash of a record that can not be read: whichever its successor names may have been it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One thing decided, tried or said: when, by whom, on which evidence, after which record.

    `seq` counts from 1 without gaps; `previous` is the hash of the record before.
    `detail` holds plain JSON values.
    """

    seq: int
    at: datetime
    kind: str
    case_id: str | None
    actor: str
    detail: Mapping[str, Any]
    previous: str
    sha256: str

    @property
    def head(self) -> AuditHead:
        """Return the head of a log that ends with this record."""
        return AuditHead(seq=self.seq, sha256=self.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFault:
    """Where a log is not what was written; `seq` is the number that should stand there."""

    seq: int
    problem: str

    def __str__(self) -> str:
        return f"record {self.seq}: {self.problem}"

    @property
    def head(self) -> AuditHead:
        """Return the head of a log that ends with an unreadable record."""
        return AuditHead(seq=self.seq, sha256=NOT_KNOWN)


def chain(
    previous: AuditHead,
    *,
    at: datetime,
    kind: str,
    case_id: str | None,
    actor: str,
    detail: Mapping[str, Any],
) -> AuditRecord:
    """Return the record that follows `previous`.

    Raises:
        InputError: the time has no zone, or `detail` holds what JSON can not.
    """
    if at.tzinfo is None:
        raise InputError(f"audit record {kind}: {at.isoformat()} has no zone", "give it in UTC")
    try:
        # As it will be read back, so that the record equals what is stored of it.
        plain = json.loads(_canonical(dict(detail)))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"audit record {kind}: its detail can not be written as JSON: {error}",
            "give texts, finite numbers, lists and dictionaries",
        ) from error
    fields: dict[str, Any] = {
        "seq": previous.seq + 1,
        "at": at.astimezone(UTC),
        "kind": kind,
        "case_id": case_id,
        "actor": actor,
        "detail": plain,
        "previous": previous.sha256,
    }
    return AuditRecord(**fields, sha256=_hash(fields))


def verify(
    records: Iterable[AuditRecord | AuditFault], head: AuditHead, *, after: AuditHead = GENESIS
) -> tuple[AuditFault, ...]:
    """Return every place where the log differs from what was written; nothing if it is whole.

    `records` come in the order of the log, with a fault in the place of each that can not be
    read; behind one the chain goes on from what the next record names. `head` is what the
    store says is the log's end. `after` is the head noted down earlier behind which the
    records begin. Work and memory do not
    grow with the log, but for the faults.
    """
    faults: list[AuditFault] = []
    last = after
    for record in records:
        faults.extend(_faults_of(record, last))
        last = record.head
    if last.seq < head.seq:
        faults.append(
            AuditFault(
                seq=last.seq + 1,
                problem=f"missing, and all up to {head.seq}, where the store says the log ends",
            )
        )
    elif last.seq > head.seq:
        faults.append(
            AuditFault(
                seq=head.seq + 1,
                problem=f"not known to the store, which says the log ends at {head.seq}",
            )
        )
    elif last.sha256 not in {head.sha256, NOT_KNOWN}:
        faults.append(
            AuditFault(seq=head.seq, problem="not the record that the store says was the last")
        )
    return tuple(faults)


def encode_record(record: AuditRecord) -> bytes:
    """Return the record as one line of canonical JSON, without the line break."""
    return _canonical({**_fields(record), "sha256": record.sha256})


def decode_record(line: bytes) -> AuditRecord:
    """Return the record that `encode_record` wrote, whether or not its hash is right.

    Raises:
        InputError: the line is no record at all.
    """
    try:
        found = json.loads(line)
        record = AuditRecord(
            seq=_of(int, found["seq"]),
            at=datetime.fromisoformat(found["at"]),
            kind=_of(str, found["kind"]),
            case_id=None if found["case_id"] is None else _of(str, found["case_id"]),
            actor=_of(str, found["actor"]),
            detail=_of(dict, found["detail"]),
            previous=_of(str, found["previous"]),
            sha256=_of(str, found["sha256"]),
        )
        # Any byte that the record does not account for: an unknown key, a blank, a zone.
        canonical = encode_record(record) == line.strip()
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise InputError(
            f"no audit record: {error}: {line[:80]!r}",
            "restore the log from a backup; somebody has written to it",
        ) from error
    if not canonical:
        raise InputError(
            f"audit record {record.seq} is not in the form in which it was written: {line[:80]!r}",
            "restore the log from a backup; somebody has written to it",
        )
    return record


def csv_rows(records: Iterable[AuditRecord]) -> Iterator[str]:
    """Return the log as lines of CSV with their line breaks, the names of the columns first.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    yield _csv_line(COLUMNS)
    for record in records:
        yield _csv_line(
            (
                str(record.seq),
                _time(record.at),
                _no_formula(record.kind),
                _no_formula(record.case_id or ""),
                _no_formula(record.actor),
                json.dumps(record.detail, sort_keys=True),
                record.previous,
                record.sha256,
            )
        )


def _faults_of(record: AuditRecord | AuditFault, last: AuditHead) -> Iterator[AuditFault]:
    place = last.seq + 1
    if record.seq > place:
        upto = "" if record.seq == place + 1 else f", and all up to {record.seq - 1}"
        yield AuditFault(seq=place, problem=f"missing{upto}")
    elif record.seq < place:
        yield AuditFault(seq=place, problem=f"record {record.seq} stands here, out of its order")
    elif isinstance(record, AuditRecord) and last.sha256 not in {record.previous, NOT_KNOWN}:
        yield AuditFault(
            seq=place, problem="does not follow the record before it: one of the two was replaced"
        )
    if isinstance(record, AuditFault):
        yield record
    elif _hash(_fields(record)) != record.sha256:
        yield AuditFault(seq=record.seq, problem="changed after it was written")


def _fields(record: AuditRecord) -> dict[str, Any]:
    return {
        "seq": record.seq,
        "at": record.at,
        "kind": record.kind,
        "case_id": record.case_id,
        "actor": record.actor,
        "detail": record.detail,
        "previous": record.previous,
    }


def _hash(fields: Mapping[str, Any]) -> str:
    return sha256(_canonical(fields)).hexdigest()


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_time
    ).encode("ascii")


def _time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} {value!r}")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _of(kind: type[_Kind], value: object) -> _Kind:
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
