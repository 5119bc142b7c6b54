"""A chunk of raw posts becomes counts per topic and second, or longer step."""

import orjson
import pytest

from crisiswatch.reading import chunk_clock
from crisiswatch.reading.adding_up import spread_hashes
from crisiswatch.reading.polarity import PolarityScorer
from crisiswatch.reading.post import Reason
from crisiswatch.reading.reader import Reader
from crisiswatch.reading.tally import Inspect, Tallied, Tally
from crisiswatch.reading.topic import Topic

AT_S = 1_700_000_000
TOPICS = (
    Topic(name="acme", terms=("acme",), handles=("acme",)),
    Topic(name="bolt", terms=("bolt",)),
)


@pytest.fixture(scope="module")
def scorer() -> PolarityScorer:
    return PolarityScorer.load()


def post(
    number: int, text: str, *, after_s: float = 0, author: str = "ann", **more: object
) -> bytes:
    fields = {"id": str(number), "text": text, "posted_at": AT_S + after_s, "author": author}
    return orjson.dumps(fields | more)


def tallied(
    scorer: PolarityScorer, *lines: bytes, inspect: Inspect = Inspect.CANDIDATES
) -> Tallied:
    tally = Tally(topics=TOPICS, reader=Reader(), scorer=scorer, inspect=inspect)
    return tally.tally(b"\n".join(lines) + b"\n")


def test_posts_are_counted_by_topic_and_second(scorer: PolarityScorer) -> None:
    result = tallied(
        scorer,
        post(1, "acme is fine"),
        post(2, "hello world"),
        post(3, "Acme and bolt", after_s=1.5),
        post(4, "@acme!", after_s=1.9),
    )
    posts = {key: counts.posts for key, counts in result.counts.by_key().items()}
    assert posts == {(0, AT_S): 1, (0, AT_S + 1): 2, (1, AT_S + 1): 1}
    assert (result.lines, result.matched) == (4, 3)


def test_posts_that_are_decades_apart_are_counted_as_those_of_one_minute(
    scorer: PolarityScorer,
) -> None:
    decades_s = 50 * 365 * 86_400
    result = tallied(
        scorer,
        post(1, "bolt", after_s=decades_s),
        post(2, "acme"),
        post(3, "bolt and acme"),
        post(4, "acme", after_s=decades_s),
    )
    posts = [(key, counts.posts) for key, counts in result.counts.by_key().items()]
    late_s = AT_S + decades_s
    assert posts == [((0, AT_S), 2), ((0, late_s), 1), ((1, AT_S), 1), ((1, late_s), 1)]


def test_an_angry_post_counts_as_negative_and_a_happy_one_does_not(scorer: PolarityScorer) -> None:
    angry = "acme is the worst airline ever, rude staff, terrible service, I hate it"
    happy = "acme is wonderful, thank you so much, best flight ever, love it"
    counts = tallied(scorer, post(1, angry), post(2, happy)).counts.by_key()[0, AT_S]
    assert (counts.posts, counts.negatives) == (2, 1)
    assert 500 < counts.negative_milli < 1_500


def test_authors_are_counted_once_and_reach_is_summed(scorer: PolarityScorer) -> None:
    lines = [post(n, "acme", author=f"a{n % 3}", followers=10) for n in range(9)]
    counts = tallied(scorer, *lines).counts.by_key()[0, AT_S]
    assert (counts.posts, counts.distinct_authors, counts.reach) == (9, 3, 90)


def test_samples_hold_masked_texts_only(scorer: PolarityScorer) -> None:
    mail = "acme write to jane.doe@example.org or call +44 20 7946 0958"
    (sample,) = tallied(scorer, post(1, mail)).counts.by_key()[0, AT_S].samples
    assert "jane.doe" not in sample.text
    assert "7946" not in sample.text
    assert sample.id == "1"


def test_a_candidate_that_can_not_be_read_is_rejected_with_its_bytes(
    scorer: PolarityScorer,
) -> None:
    broken = b'{"id": 1, "text": "acme'
    result = tallied(scorer, broken, post(1, "acme"))
    (rejected,) = result.rejected
    assert (rejected.reason, rejected.raw) == (Reason.NOT_JSON, broken)
    assert result.counts.by_key()[0, AT_S].posts == 1


def test_every_line_finds_the_faults_that_candidates_pass_over(scorer: PolarityScorer) -> None:
    lines = (b"garbage", b"", post(1, "acme"), b'{"id":"2","text":"x"}', b"\xff\xfe")
    assert tallied(scorer, *lines).rejected == []
    result = tallied(scorer, *lines, inspect=Inspect.EVERY_LINE)
    assert {rejected.raw for rejected in result.rejected} == {lines[0], lines[3], lines[4]}
    assert result.skipped == {"blank": 1}


def test_the_clock_moves_where_nothing_matches(scorer: PolarityScorer) -> None:
    lines = [post(n, "nothing of note", after_s=n) for n in range(100)]
    result = tallied(scorer, *lines)
    assert not len(result.counts)
    assert result.recent_s[-1] == AT_S + 99
    assert result.covered == [(AT_S, AT_S + 99, chunk_clock.CLOCK_LINES)]


def test_an_empty_chunk_holds_nothing(scorer: PolarityScorer) -> None:
    tally = Tally(topics=TOPICS, reader=Reader(), scorer=scorer)
    assert tally.tally(b"") == Tallied()


def test_hashes_spread_evenly_even_for_like_names() -> None:
    hashes = spread_hashes([f"user{number}" for number in range(20_000)])
    low_half = sum(value < 1 << 31 for value in hashes)
    assert 9_700 < low_half < 10_300
    assert len(set(hashes)) > 19_990
