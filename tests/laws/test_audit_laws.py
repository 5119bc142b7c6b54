"""Whatever single thing is done to an audit log, the chain shows it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from crisiswatch.errors import InputError
from crisiswatch.incidents.audit import (
    GENESIS,
    AuditRecord,
    chain,
    decode_record,
    encode_record,
    verify,
)

TEXTS = st.text(max_size=8)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
TIMES = st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # Hypothesis adds the zone
ENTRIES = st.fixed_dictionaries(
    {
        "at": TIMES,
        "kind": TEXTS,
        "case_id": st.none() | TEXTS,
        "actor": TEXTS,
        "detail": st.dictionaries(TEXTS, JSON, max_size=3),
    }
)


def logged(entries: list[dict[str, Any]]) -> list[AuditRecord]:
    records: list[AuditRecord] = []
    for entry in entries:
        records.append(chain(records[-1].head if records else GENESIS, **entry))
    return records


LOGS = st.lists(ENTRIES, min_size=1, max_size=7).map(logged)


@given(LOGS)
def test_a_log_is_whole_as_written_and_as_read_back(log: list[AuditRecord]) -> None:
    read = [decode_record(encode_record(record)) for record in log]

    assert read == log
    assert verify(read, log[-1].head) == ()


@given(LOGS, st.data(), ENTRIES, st.booleans())
def test_any_change_of_a_record_is_found_there_or_right_after(
    log: list[AuditRecord],
    data: st.DataObject,
    other: dict[str, Any],
    hash_is_made_right: bool,  # noqa: FBT001  # Hypothesis passes it by place
) -> None:
    place = data.draw(st.integers(0, len(log) - 1))
    before = log[place - 1].head if place else GENESIS
    name = data.draw(st.sampled_from(sorted(other)))
    old = log[place]
    assume(repr(getattr(old, name)) != repr(other[name]))
    changed = replace(old, **{name: other[name]})
    if hash_is_made_right:
        changed = chain(before, **{field: getattr(changed, field) for field in other})
    assume(encode_record(changed) != encode_record(old))

    faults = verify([*log[:place], changed, *log[place + 1 :]], log[-1].head)

    assert faults
    assert {fault.seq for fault in faults} <= {place + 1, place + 2}


@given(LOGS, st.data())
def test_any_removal_is_found_where_it_was(log: list[AuditRecord], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(log) - 1))
    count = data.draw(st.integers(1, len(log) - first))

    faults = verify([*log[:first], *log[first + count :]], log[-1].head)

    assert [fault.seq for fault in faults] == [first + 1]


@given(LOGS, st.data())
def test_any_swap_is_found_at_its_first_place(log: list[AuditRecord], data: st.DataObject) -> None:
    assume(len(log) > 1)
    one = data.draw(st.integers(0, len(log) - 2))
    two = data.draw(st.integers(one + 1, len(log) - 1))
    swapped = list(log)
    swapped[one], swapped[two] = log[two], log[one]

    assert verify(swapped, log[-1].head)[0].seq == one + 1


@given(LOGS, st.data(), ENTRIES)
def test_any_insertion_is_found(
    log: list[AuditRecord], data: st.DataObject, entry: dict[str, Any]
) -> None:
    place = data.draw(st.integers(0, len(log)))
    inserted = chain(log[place - 1].head if place else GENESIS, **entry)
    assume(place == len(log) or inserted != log[place])

    faults = verify([*log[:place], inserted, *log[place:]], log[-1].head)

    assert faults[0].seq in {place + 1, place + 2}


@given(LOGS, st.data())
def test_any_changed_byte_of_a_line_is_found(log: list[AuditRecord], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(log) - 1))
    line = bytearray(encode_record(log[place]))
    at = data.draw(st.integers(0, len(line) - 1))
    line[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != line[at]))
    try:
        changed = decode_record(bytes(line))
    except InputError:
        return  # found: it is no record any more

    assert verify([*log[:place], changed, *log[place + 1 :]], log[-1].head)
