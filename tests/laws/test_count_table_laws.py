"""A table holds what its counts hold, and tables add up to the sums of their counts."""

from functools import reduce
from operator import iadd

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.detection.open_step import TABLES_KEPT, OpenStep
from crisiswatch.reading.count_table import CountTable, merged
from crisiswatch.reading.counts import AUTHORS_KEPT, SAMPLES_KEPT, Counts, Sample
from tests.made_counts import keyed_counts

Keyed = dict[tuple[int, int], Counts]
AT_S = 100


def summed(tables: list[Keyed]) -> dict[int, Counts]:
    """Return the sums by topic as `Counts` adds them up."""
    topics = {topic for keyed in tables for topic, _ in keyed}
    return {
        topic: reduce(
            iadd,
            [each.copy() for keyed in tables for key, each in keyed.items() if key[0] == topic],
            Counts(),
        )
        for topic in topics
    }


def by_topic(table: CountTable) -> dict[int, Counts]:
    return {topic: counts for (topic, _), counts in table.by_key().items()}


@given(keyed=keyed_counts)
def test_a_table_gives_back_the_counts_that_it_was_made_of(keyed: Keyed) -> None:
    table = CountTable.of(keyed)
    assert table.by_key() == keyed
    assert CountTable.from_state(table.to_state()).by_key() == keyed
    assert len(table) == len(keyed)


@given(tables=st.lists(keyed_counts, min_size=1, max_size=4))
def test_tables_add_up_to_the_table_of_the_sums(tables: list[Keyed]) -> None:
    table = merged([CountTable.of(keyed) for keyed in tables], AT_S)
    assert by_topic(table) == summed(tables)
    assert {at_s for _, at_s in table.by_key()} <= {AT_S}


@given(tables=st.lists(keyed_counts, min_size=1, max_size=4), cut=st.integers(0, 4))
def test_it_does_not_matter_in_which_order_tables_are_added_up(
    tables: list[Keyed], cut: int
) -> None:
    made = [CountTable.of(keyed) for keyed in tables]
    parts = [part for part in (made[:cut], made[cut:]) if part]
    assert merged([merged(part, AT_S) for part in parts], AT_S) == merged(made[::-1], AT_S)


@given(keyed=keyed_counts, labels=st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_every_row_goes_to_the_label_of_its_topic(keyed: Keyed, labels: list[int]) -> None:
    parts = CountTable.of(keyed).split(np.array(labels), 3)
    assert [part.by_key() for part in parts] == [
        {key: counts for key, counts in keyed.items() if labels[key[0]] == label}
        for label in range(3)
    ]


@given(tables=st.lists(keyed_counts, max_size=3), times=st.integers(1, TABLES_KEPT + 3))
def test_a_step_comes_out_as_the_sum_however_often_it_was_saved(
    tables: list[Keyed], times: int
) -> None:
    step = OpenStep(AT_S)
    came: list[Keyed] = []
    for number in range(times):
        for keyed in tables:
            step.add(CountTable.of(keyed))
            came.append(keyed)
        if number % 7 == 0:
            step = OpenStep.from_state(AT_S, step.to_state(), None)
    assert step.posts == sum(each.posts for keyed in came for each in keyed.values())
    assert step.counts() == summed(came)


@given(keyed=keyed_counts)
def test_a_restored_step_knows_its_topics_by_their_new_places(keyed: Keyed) -> None:
    step = OpenStep(AT_S)
    step.add(CountTable.of(keyed))
    restored = OpenStep.from_state(AT_S, step.to_state(), {0: 7, 2: 1})
    sums = summed([keyed])
    assert restored.counts() == {new: sums[old] for old, new in {0: 7, 2: 1}.items() if old in sums}


def one(number: int, text: str = "") -> Counts:
    sample = Sample(
        not_negative=False,
        id_hash=number,
        id=f"id{number}",
        author="ann",
        text=text,
        posted_at_ms=0,
        reach=0,
        negative_milli=0,
        complaint_milli=0,
    )
    return Counts(posts=1, authors={number}, samples=[sample])


def test_only_the_smallest_authors_and_samples_are_kept() -> None:
    rows = range(AUTHORS_KEPT + 9)
    table = merged([CountTable.of({(0, AT_S): one(number)}) for number in reversed(rows)], AT_S)
    # Of the table itself: `Counts` would cut what a table keeps too much of.
    assert table.authors.tolist() == [*rows[:AUTHORS_KEPT]]
    assert table.ranks.tolist() == [*rows[:SAMPLES_KEPT]]
    assert len(table.samples) == SAMPLES_KEPT
    counts = by_topic(table)[0]
    assert counts.posts == len(rows)
    assert counts.authors == set(rows[:AUTHORS_KEPT])
    assert [sample.id_hash for sample in counts.samples] == [*rows[:SAMPLES_KEPT]]


def test_of_two_versions_of_a_post_the_smaller_is_shown() -> None:
    versions = [CountTable.of({(0, AT_S): one(1, text)}) for text in ("later", "earlier")]
    table = merged(versions, AT_S)
    assert len(table.samples) == 1
    (sample,) = by_topic(table)[0].samples
    assert sample.text == "earlier"
