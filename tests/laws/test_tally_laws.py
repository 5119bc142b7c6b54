"""Where the stream is cut, and what else is read, changes no count."""

from itertools import pairwise

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisiswatch.reading.counts import Counts
from crisiswatch.reading.polarity import PolarityScorer
from crisiswatch.reading.reader import Reader
from crisiswatch.reading.tally import Inspect, Tally
from crisiswatch.reading.topic import Topic

TOPICS = (
    Topic(name="acme", terms=("acme",)),
    Topic(name="straße", terms=("straße",), exclude=("acme",)),
)
WORDS = ["acme", "ACME", "Straße", "strasse", "hello", "worst", "refund", "love", "😂", "acme's"]

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
posts = st.builds(
    lambda number, text, after_s, author: orjson.dumps(
        {"id": str(number), "text": text, "posted_at": 1_700_000_000 + after_s, "author": author}
    ),
    st.integers(min_value=0, max_value=40),
    texts,
    st.integers(min_value=0, max_value=5),
    st.sampled_from(["ann", "bob", "cy"]),
)
faults = st.sampled_from([b"", b"acme", b'{"text":"acme"', b"\xff acme", b'{"kind":"like"}'])
streams = st.lists(st.one_of(posts, posts, posts, faults), max_size=40)


@pytest.fixture(scope="module")
def tallies() -> dict[Inspect, Tally]:
    scorer = PolarityScorer.load()
    return {
        inspect: Tally(topics=TOPICS, reader=Reader(), scorer=scorer, inspect=inspect)
        for inspect in Inspect
    }


def summed(tally: Tally, chunks: list[bytes]) -> dict[tuple[int, int], Counts]:
    total: dict[tuple[int, int], Counts] = {}
    for chunk in chunks:
        for key, counts in tally.tally(chunk).counts.by_key().items():
            total.setdefault(key, Counts())
            total[key] += counts
    return total


@given(lines=streams, cuts=st.sets(st.integers(min_value=0, max_value=40)))
@settings(max_examples=60)
def test_the_sum_does_not_depend_on_where_the_stream_is_cut(
    tallies: dict[Inspect, Tally], lines: list[bytes], cuts: set[int]
) -> None:
    tally = tallies[Inspect.CANDIDATES]
    edges = [0, *sorted(cut for cut in cuts if cut < len(lines)), len(lines)]
    pieces = [b"".join(line + b"\n" for line in lines[start:end]) for start, end in pairwise(edges)]
    assert summed(tally, pieces) == summed(tally, [b"\n".join(lines)])


@given(lines=streams)
@settings(max_examples=60)
def test_reading_every_line_gives_the_same_counts_and_clock(
    tallies: dict[Inspect, Tally], lines: list[bytes]
) -> None:
    data = b"\n".join(lines)
    some = tallies[Inspect.CANDIDATES].tally(data)
    every = tallies[Inspect.EVERY_LINE].tally(data)
    assert some.counts == every.counts
    assert (some.recent_s, some.covered, some.lines) == (every.recent_s, every.covered, every.lines)
    assert {one.raw for one in some.rejected} <= {one.raw for one in every.rejected}


def test_two_versions_of_one_post_count_the_same_however_cut(
    tallies: dict[Inspect, Tally],
) -> None:
    tally = tallies[Inspect.CANDIDATES]
    lines = [
        b'{"id":"0","text":"acme acme","posted_at":1700000000,"author":"ann"}\n',
        b'{"id":"0","text":"acme","posted_at":1700000000,"author":"ann"}\n',
    ]
    assert summed(tally, lines) == summed(tally, [b"".join(lines)])


@pytest.fixture(scope="module")
def by_step() -> dict[int, Tally]:
    scorer = PolarityScorer.load()
    return {
        step_s: Tally(topics=TOPICS, reader=Reader(), scorer=scorer, step_s=step_s)
        for step_s in (2, 3, 60)
    }


@given(lines=streams, step_s=st.sampled_from((2, 3, 60)))
@settings(max_examples=60)
def test_counts_by_step_are_those_by_second_added_up(
    tallies: dict[Inspect, Tally], by_step: dict[int, Tally], lines: list[bytes], step_s: int
) -> None:
    data = b"\n".join(lines)
    expected: dict[tuple[int, int], Counts] = {}
    for (topic, second), counts in tallies[Inspect.CANDIDATES].tally(data).counts.by_key().items():
        key = (topic, second - second % step_s)
        expected.setdefault(key, Counts())
        expected[key] += counts
    assert by_step[step_s].tally(data).counts.by_key() == expected
