"""Counts merge in any order and any grouping to the same sum."""

from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.reading.counts import AUTHORS_KEPT, SAMPLES_KEPT, Counts, Sample
from tests.made_counts import counts, hashes, samples


def added(*parts: Counts) -> Counts:
    total = Counts()
    for part in parts:
        total += part
    return total


@given(counts, counts)
def test_merging_is_commutative(one: Counts, other: Counts) -> None:
    assert added(one, other) == added(other, one)


@given(counts, counts, counts)
def test_merging_is_associative(one: Counts, two: Counts, three: Counts) -> None:
    assert added(added(one, two), three) == added(one, added(two, three))


@given(counts, counts)
def test_merging_leaves_the_other_as_it_was(one: Counts, other: Counts) -> None:
    before = other.to_state()
    added(one, other)
    assert other.to_state() == before


@given(counts)
def test_nothing_added_changes_nothing(one: Counts) -> None:
    assert added(one, Counts()) == one


@given(counts)
def test_state_gives_equal_counts_back(one: Counts) -> None:
    assert Counts.from_state(one.to_state()) == one


@given(st.sets(hashes, max_size=AUTHORS_KEPT - 1), st.sets(hashes, max_size=20))
def test_few_authors_are_counted_exactly_however_often_they_post(
    authors: set[int], again: set[int]
) -> None:
    known = set(sorted(authors)[: AUTHORS_KEPT - 21]) | again
    total = added(Counts(authors=set(known)), Counts(authors=set(again)))
    assert total.distinct_authors == len(known)


@given(st.lists(samples, max_size=40))
def test_samples_are_bounded_distinct_and_prefer_negative_posts(many: list[Sample]) -> None:
    kept = Counts(samples=many).samples
    assert len(kept) <= SAMPLES_KEPT
    identities = [(sample.not_negative, sample.id_hash, sample.id) for sample in kept]
    assert len(set(identities)) == len(kept)
    if any(sample.not_negative for sample in kept):
        every_negative = {(s.id_hash, s.id) for s in many if not s.not_negative}
        shown_negative = {(s.id_hash, s.id) for s in kept if not s.not_negative}
        assert shown_negative == every_negative


def naive_samples(kept: list[Sample]) -> list[Sample]:
    """Keep the smallest version of each post, then the smallest posts."""
    smallest: dict[tuple[bool, int, str], Sample] = {}
    for sample in kept:
        identity = (sample.not_negative, sample.id_hash, sample.id)
        smallest[identity] = min(sample, smallest.get(identity, sample))
    return sorted(smallest.values())[:SAMPLES_KEPT]


@given(st.lists(st.lists(samples, max_size=SAMPLES_KEPT + 2), max_size=6))
def test_merged_samples_equal_sorting_all_of_them(parts: list[list[Sample]]) -> None:
    total = added(*(Counts(samples=list(part)) for part in parts))
    assert total.samples == naive_samples([sample for part in parts for sample in part])
