"""The canary comes through whatever a stream is read as, and leaves no trace in the counts."""

import pytest

from crisiswatch.clock import at_utc
from crisiswatch.reading.canary import TEXT, canary_line
from crisiswatch.reading.platforms.canonical import encode
from crisiswatch.reading.polarity import PolarityScorer
from crisiswatch.reading.reader import FORMATS, Reader
from crisiswatch.reading.tally import Inspect, Tallied, Tally
from crisiswatch.reading.topic import Topic
from crisiswatch.testing import make_post

AT_MS = 1_767_225_600_000
MAPPING = {"text": "body", "posted_at": "t"}
SCORER = PolarityScorer.load()
DUNE = Topic(name="dune", terms=("dune",))


def tally(
    data: bytes,
    *,
    format_name: str = "auto",
    canary: bool = True,
    inspect: Inspect = Inspect.CANDIDATES,
) -> Tallied:
    mapping = MAPPING if format_name == "mapping" else None
    reader = Reader(format=format_name, mapping=mapping)
    return Tally(
        topics=(DUNE,), reader=reader, scorer=SCORER, inspect=inspect, canary=canary
    ).tally(data)


def post(text: str, at_ms: int = AT_MS) -> bytes:
    return encode(make_post(text, at=at_utc(at_ms / 1000))) + b"\n"


@pytest.mark.parametrize("inspect", Inspect)
@pytest.mark.parametrize("format_name", FORMATS)
def test_it_is_matched_in_every_format_and_counted_nowhere(
    format_name: str, inspect: Inspect
) -> None:
    found = tally(canary_line(AT_MS), format_name=format_name, inspect=inspect)

    assert found == Tallied(canaries=(AT_MS // 1000,))


def test_among_posts_it_changes_nothing_but_that_it_was_there() -> None:
    posts = [post(f"dune {number}", AT_MS + 1000 * number) for number in range(50)]
    with_canary = b"".join([*posts[:20], canary_line(AT_MS + 90_000), *posts[20:]])

    found, without = tally(with_canary), tally(b"".join(posts), canary=False)
    assert found.canaries == (AT_MS // 1000 + 90,)
    assert (found.lines, found.candidates, found.matched) == (50, 50, 50)
    assert {key: counts.posts for key, counts in found.counts.by_key().items()} == {
        key: counts.posts for key, counts in without.counts.by_key().items()
    }
    assert max(found.recent_s) == AT_MS // 1000 + 49


def test_it_does_not_say_that_a_silent_source_delivers() -> None:
    lines = post("tea", AT_MS) + canary_line(AT_MS + 3_600_000) + post("tea", AT_MS + 7_200_000)

    assert [stretch[:2] for stretch in tally(lines).covered] == [
        (AT_MS // 1000, AT_MS // 1000),
        (AT_MS // 1000 + 7_200, AT_MS // 1000 + 7_200),
    ]


def test_whoever_writes_its_word_into_a_post_has_written_a_post() -> None:
    found = tally(post(f"dune and {TEXT}"))

    assert found.canaries == ()
    assert (found.lines, found.matched) == (1, 1)
    assert {topic for topic, _ in found.counts.by_key()} == {0}


def test_without_it_its_line_is_a_post_about_nothing() -> None:
    found = tally(canary_line(AT_MS), canary=False)

    assert (found.lines, found.matched, found.canaries) == (1, 0, ())
