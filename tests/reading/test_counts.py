"""The sketches in counts are as exact as they promise."""

import random

import pytest

from crisiswatch.reading.counts import Counts


def test_many_authors_are_estimated_within_a_third() -> None:
    chance = random.Random(3)
    for distinct in (200, 2_000, 50_000):
        seen = Counts(authors={chance.randrange(1 << 32) for _ in range(distinct)})
        assert seen.distinct_authors == pytest.approx(distinct, rel=0.33)


def test_counts_are_no_dictionary_key_because_they_change() -> None:
    with pytest.raises(TypeError):
        hash(Counts())


def test_counts_are_not_equal_to_something_else() -> None:
    other: object = 0
    assert Counts() != other
    assert Counts(posts=1) != Counts(posts=2)


def test_counts_show_what_matters_when_printed() -> None:
    shown = repr(Counts(posts=3, negatives=2, complaints=1, authors={1, 2}))
    assert shown == "Counts(posts=3, negatives=2, complaints=1, authors=2)"


def test_a_copy_is_independent() -> None:
    one = Counts(posts=1, authors={1})
    other = one.copy()
    other += Counts(posts=1, authors={2})
    assert (one.posts, one.authors) == (1, {1})
