"""The audit log's chain shows what was done to it, and where."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from crisiswatch.errors import InputError
from crisiswatch.incidents.audit import (
    COLUMNS,
    GENESIS,
    AuditHead,
    AuditRecord,
    chain,
    csv_rows,
    decode_record,
    encode_record,
    verify,
)

NOON = datetime(2015, 2, 22, 12, 0, tzinfo=UTC)


def record_after(head: AuditHead, actor: str = "ada", **changes: Any) -> AuditRecord:
    fields: dict[str, Any] = {
        "at": NOON,
        "kind": "command",
        "case_id": "air/1",
        "detail": {"button": "approve"},
    }
    return chain(head, actor=actor, **(fields | changes))


def log_of(*actors: str) -> list[AuditRecord]:
    records: list[AuditRecord] = []
    for actor in actors:
        records.append(record_after(records[-1].head if records else GENESIS, actor))
    return records


LOG = log_of("ada", "ben", "cleo", "dora", "eve")
FORGED_TAIL = [*LOG[:2], *log_of("ada", "ben", "mallory", "dora", "eve")[2:]]


def found(records: list[AuditRecord], head: AuditHead = LOG[-1].head) -> list[str]:
    return [str(fault) for fault in verify(records, head)]


def test_a_log_is_whole_as_it_was_written() -> None:
    assert found(LOG) == []
    assert [record.seq for record in LOG] == [1, 2, 3, 4, 5]
    assert verify([], GENESIS) == ()


def test_a_hash_is_the_same_in_every_release() -> None:
    """A changed form would make every log that was ever written look forged."""
    record = record_after(GENESIS, detail={"b": [1, 2.5, None], "a": "«ja» 😡"})

    assert record.sha256 == "02f8e67a04e31ab9e0a928abc5ebed81e638dd849ef6deb235e0b53065b29251"
    assert encode_record(record).startswith(
        rb'{"actor":"ada","at":"2015-02-22T12:00:00.000000+00:00","case_id":"air/1",'
        rb'"detail":{"a":"\u00abja\u00bb \ud83d\ude21","b":[1,2.5,null]},"kind":"command",'
        rb'"previous":"0000'
    )


@pytest.mark.parametrize(
    ("records", "faults"),
    [
        pytest.param(
            [*LOG[:1], replace(LOG[1], actor="mallory"), *LOG[2:]],
            ["record 2: changed after it was written"],
            id="one-changed",
        ),
        pytest.param(
            [*LOG[:1], record_after(LOG[0].head, "mallory"), *LOG[2:]],
            ["record 3: does not follow the record before it: one of the two was replaced"],
            id="one-replaced-with-a-right-hash",
        ),
        pytest.param(
            FORGED_TAIL,
            ["record 5: not the record that the store says was the last"],
            id="all-after-one-replaced",
        ),
        pytest.param(LOG[1:], ["record 1: missing"], id="first-removed"),
        pytest.param(
            [*LOG[:1], *LOG[3:]], ["record 2: missing, and all up to 3"], id="two-removed"
        ),
        pytest.param(
            LOG[:3],
            ["record 4: missing, and all up to 5, where the store says the log ends"],
            id="end-cut-off",
        ),
        pytest.param(
            [],
            ["record 1: missing, and all up to 5, where the store says the log ends"],
            id="all-removed",
        ),
        pytest.param(
            [*LOG, record_after(LOG[-1].head, "mallory")],
            ["record 6: not known to the store, which says the log ends at 5"],
            id="one-added-at-the-end",
        ),
        pytest.param(
            [*LOG[:2], LOG[1], *LOG[2:]],
            ["record 3: record 2 stands here, out of its order"],
            id="one-twice",
        ),
        pytest.param(
            [LOG[0], LOG[2], LOG[1], *LOG[3:]],
            [
                "record 2: missing",
                "record 4: record 2 stands here, out of its order",
                "record 3: missing",
            ],
            id="two-swapped",
        ),
    ],
)
def test_what_was_done_to_a_log_is_named(records: list[AuditRecord], faults: list[str]) -> None:
    assert found(records) == faults


def test_a_log_is_checked_from_a_head_noted_down_earlier() -> None:
    assert verify(LOG[3:], LOG[-1].head, after=LOG[2].head) == ()

    rewritten = verify(FORGED_TAIL[3:], FORGED_TAIL[-1].head, after=LOG[2].head)

    assert [fault.seq for fault in rewritten] == [4]


@pytest.mark.parametrize(
    "detail",
    [
        pytest.param({}, id="empty"),
        pytest.param({"post": "lone surrogate \ud83d, «Köln»\n\x00"}, id="text-as-posts-hold-it"),
        pytest.param({"rates": (1, 2.5, -0.0, 1e300, 10**30)}, id="numbers-and-a-tuple"),
        pytest.param({"b": {"z": None, "a": [True]}, "a": 1}, id="nested"),
    ],
)
def test_a_record_comes_back_from_its_line(detail: dict[str, Any]) -> None:
    record = record_after(LOG[0].head, detail=detail, case_id=None)

    assert decode_record(encode_record(record) + b"\n") == record
    assert verify([LOG[0], decode_record(encode_record(record))], record.head) == ()


def test_a_record_is_the_same_in_every_zone() -> None:
    berlin = timezone(timedelta(hours=1))

    assert record_after(GENESIS, at=NOON.astimezone(berlin)) == record_after(GENESIS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"at": NOON.replace(tzinfo=None)}, "no zone", id="time-without-zone"),
        pytest.param({"detail": {"rate": float("nan")}}, "as JSON", id="not-a-number"),
        pytest.param({"detail": {"who": {"ada"}}}, "as JSON", id="a-set"),
    ],
)
def test_what_can_not_be_written_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        record_after(GENESIS, **changes)


LINE = encode_record(LOG[0])


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="no-fields"),
        pytest.param(b"[]", id="a-list"),
        pytest.param(b"\xff", id="no-text"),
        pytest.param(LINE.replace(b'"seq":1', b'"seq":true'), id="number-that-is-none"),
        pytest.param(LINE.replace(b'"air/1"', b"7"), id="case-that-is-a-number"),
        pytest.param(LINE.replace(b"{", b'{"a":1,', 1), id="one-key-more"),
        pytest.param(LINE.replace(b":", b": ", 1), id="a-blank-more"),
        pytest.param(LINE.replace(b"+00:00", b""), id="time-without-zone"),
    ],
)
def test_a_line_that_was_not_written_so_is_refused(line: bytes) -> None:
    with pytest.raises(InputError, match="audit record"):
        decode_record(line)


def test_a_table_for_auditors_holds_every_field_and_no_formula() -> None:
    trap = '=HYPERLINK("http://x","me")'
    record = record_after(
        GENESIS, trap, kind="said", detail={"text": 'a "quoted"\nline; =1+1'}, case_id=None
    )

    header, row = csv.reader(io.StringIO("".join(csv_rows([record])), newline=""))

    assert tuple(header) == COLUMNS
    assert row == [
        "1",
        "2015-02-22T12:00:00.000000+00:00",
        "said",
        "",
        "'" + trap,
        '{"text": "a \\"quoted\\"\\nline; =1+1"}',
        GENESIS.sha256,
        record.sha256,
    ]
