"""The commands on the audit log."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from crisiswatch.app.audit_commands import AuditFormat, run_audit_export, run_audit_verify
from crisiswatch.errors import StoreError, UnreadableRecordError
from crisiswatch.incidents.audit import (
    GENESIS,
    AuditHead,
    AuditRecord,
    chain,
    decode_record,
    verify,
)
from tests.made_signals import minute

Shown = pytest.CaptureFixture[bytes]


class MadeLog:
    """A log in memory, that can be tampered with, and that grows while it is read."""

    def __init__(self, count: int) -> None:
        self.records: list[AuditRecord] = []
        self.head = GENESIS
        self.grows_by = 0
        self.unreadable_at: set[int] = set()
        self.lost_at: int | None = None
        for _ in range(count):
            self.add()

    def add(self, actor: str = "=HYPERLINK(1)") -> None:
        """Append a record as a store does."""
        made = chain(
            self.head,
            at=minute(self.head.seq),
            kind="command",
            case_id=f"case-{self.head.seq % 2}",
            actor=actor,
            detail={"said": "@ada: 1,2\n“three”"},
        )
        self.records.append(made)
        self.head = made.head

    def audit_head(self) -> AuditHead:
        """Return how far the log goes."""
        return self.head

    def audit_records(self, after_seq: int = 0) -> Iterator[AuditRecord]:
        """Yield the records, while others write."""
        for _ in range(self.grows_by):
            self.add()
        for place, record in enumerate(self.records[after_seq:], start=after_seq + 1):
            if place in self.unreadable_at:
                raise UnreadableRecordError("can not be read", seq=place)
            if place == self.lost_at:
                raise StoreError("Redis does not answer")
            yield record


@pytest.fixture
def log() -> MadeLog:
    return MadeLog(5)


def test_a_whole_log_is_said_to_be_whole_with_its_head(log: MadeLog, capfdbinary: Shown) -> None:
    assert run_audit_verify(log, as_json=False) == 0

    assert capfdbinary.readouterr().out.decode() == (
        f"The audit log is whole: 5 records, head {log.head.sha256}\n"
    )


def test_an_empty_log_is_whole(capfdbinary: Shown) -> None:
    assert run_audit_verify(MadeLog(0), as_json=False) == 0
    assert b"whole: 0 records" in capfdbinary.readouterr().out


def test_what_is_written_while_it_is_verified_is_verified_too(
    log: MadeLog, capfdbinary: Shown
) -> None:
    log.grows_by = 2

    assert run_audit_verify(log, as_json=True) == 0

    answer = orjson.loads(capfdbinary.readouterr().out)
    assert answer == {"records": 7, "head": log.head.sha256, "faults": []}


def change(log: MadeLog) -> None:
    log.records[2] = replace(log.records[2], actor="mallory")


def remove(log: MadeLog) -> None:
    del log.records[2]


def cut_the_end(log: MadeLog) -> None:
    del log.records[2:]


def forge_the_end(log: MadeLog) -> None:
    head = log.head
    log.add()
    log.head = head


def make_unreadable(log: MadeLog) -> None:
    log.unreadable_at = {3}


@pytest.mark.parametrize(
    ("tamper", "place"),
    [(change, 3), (remove, 3), (cut_the_end, 3), (forge_the_end, 6), (make_unreadable, 3)],
    ids=["changed", "removed", "cut", "forged-end", "unreadable"],
)
def test_whatever_was_done_to_it_is_said_with_its_place(
    log: MadeLog, capfdbinary: Shown, tamper: object, place: int
) -> None:
    assert callable(tamper)
    tamper(log)

    assert run_audit_verify(log, as_json=True) == 1
    assert orjson.loads(capfdbinary.readouterr().out)["faults"][0]["record"] == place
    assert run_audit_verify(log, as_json=False) == 1
    assert f"  record {place}: " in capfdbinary.readouterr().out.decode()


@pytest.mark.parametrize("places", [{1}, {3}, {2, 3}, {2, 4}, {5}], ids=str)
def test_what_stands_behind_an_unreadable_record_is_checked_and_called_neither_missing_nor_replaced(
    log: MadeLog, capfdbinary: Shown, places: set[int]
) -> None:
    log.unreadable_at = places

    assert run_audit_verify(log, as_json=True) == 1

    answer = orjson.loads(capfdbinary.readouterr().out)
    unreadable = [{"record": place, "problem": "can not be read"} for place in sorted(places)]
    assert answer == {"records": 5, "head": log.head.sha256, "faults": unreadable}


def test_a_change_behind_an_unreadable_record_is_found(log: MadeLog, capfdbinary: Shown) -> None:
    log.unreadable_at = {2}
    log.records[3] = replace(log.records[3], actor="mallory")

    assert run_audit_verify(log, as_json=False) == 1

    assert capfdbinary.readouterr().out.decode().splitlines()[1:] == [
        "  record 2: can not be read",
        "  record 4: changed after it was written",
    ]


def test_an_unreadable_record_among_those_written_meanwhile_is_found(
    log: MadeLog, capfdbinary: Shown
) -> None:
    log.grows_by = 1
    log.unreadable_at = {6}

    assert run_audit_verify(log, as_json=True) == 1

    answer = orjson.loads(capfdbinary.readouterr().out)
    assert answer["faults"] == [{"record": 6, "problem": "can not be read"}]


def test_an_export_goes_on_past_what_can_not_be_read_and_says_so(
    log: MadeLog, tmp_path: Path, capfdbinary: Shown
) -> None:
    out = tmp_path / "audit.jsonl"
    log.unreadable_at = {2}

    assert run_audit_export(log, export_format=AuditFormat.JSONL, out=out, case_id=None) == 1

    assert [decode_record(line).seq for line in out.read_bytes().splitlines()] == [1, 3, 4, 5]
    said = capfdbinary.readouterr().err
    assert said == b"left out of the export: record 2: can not be read\n"


def test_json_lines_can_be_read_back_and_verified_elsewhere(log: MadeLog, tmp_path: Path) -> None:
    out = tmp_path / "audit.jsonl"

    assert run_audit_export(log, export_format=AuditFormat.JSONL, out=out, case_id=None) == 0

    records = [decode_record(line) for line in out.read_bytes().splitlines()]
    assert records == log.records
    assert verify(records, log.head) == ()


def test_csv_holds_no_formula(log: MadeLog, capfdbinary: Shown) -> None:
    assert run_audit_export(log, export_format=AuditFormat.CSV, out=None, case_id=None) == 0

    rows = list(csv.DictReader(io.StringIO(capfdbinary.readouterr().out.decode(), newline="")))
    assert [row["seq"] for row in rows] == ["1", "2", "3", "4", "5"]
    cells = [cell for row in rows for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert orjson.loads(rows[0]["detail"]) == {"said": "@ada: 1,2\n“three”"}


def test_a_name_of_bad_bytes_stops_no_csv(log: MadeLog, capfdbinary: Shown) -> None:
    log.add(actor="ad\udcff")

    assert run_audit_export(log, export_format=AuditFormat.CSV, out=None, case_id=None) == 0

    assert b",ad\\udcff," in capfdbinary.readouterr().out.splitlines()[-1]


def test_one_case_is_exported_alone(log: MadeLog, tmp_path: Path) -> None:
    out = tmp_path / "audit.jsonl"

    run_audit_export(log, export_format=AuditFormat.JSONL, out=out, case_id="case-1")

    assert [decode_record(line).seq for line in out.read_bytes().splitlines()] == [2, 4]


def test_a_case_that_nobody_knows_is_no_success(log: MadeLog, capfdbinary: Shown) -> None:
    assert run_audit_export(log, export_format=AuditFormat.JSONL, out=None, case_id="x") == 1
    assert b"'x'" in capfdbinary.readouterr().err


def test_an_export_that_fails_leaves_the_file_as_it_was(log: MadeLog, tmp_path: Path) -> None:
    out = tmp_path / "audit.jsonl"
    out.write_text("earlier")
    log.lost_at = 3

    with pytest.raises(StoreError, match="does not answer"):
        run_audit_export(log, export_format=AuditFormat.JSONL, out=out, case_id=None)

    assert out.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [out]


def test_nobody_else_can_read_an_export(log: MadeLog, tmp_path: Path) -> None:
    out = tmp_path / "audit.csv"
    run_audit_export(log, export_format=AuditFormat.CSV, out=out, case_id=None)
    assert out.stat().st_mode & 0o077 == 0
