"""The canary comes through whatever a stream is read as, and leaves no trace in the counts."""

from functools import cache

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


@cache
def tally_of(format_name: str, inspect: Inspect, *, canary: bool) -> Tally:
    mapping = MAPPING if format_name == "mapping" else None
    reader = Reader(format=format_name, mapping=mapping)
    return Tally(topics=(DUNE,), reader=reader, scorer=SCORER, inspect=inspect, canary=canary)


def tally(
    data: bytes,
    *,
    format_name: str = "auto",
    canary: bool = True,
    inspect: Inspect = Inspect.CANDIDATES,
) -> Tallied:
    return tally_of(format_name, inspect, canary=canary).tally(data)


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


LINE = canary_line(AT_MS).removesuffix(b"\n")


def with_time(written: bytes) -> bytes:
    return LINE.replace(b'"posted_at":%d' % AT_MS, b'"posted_at":' + written)


FORGED = [
    pytest.param(LINE[:70], id="cut-short"),
    pytest.param(LINE[:30], id="cut-in-its-name"),
    pytest.param(with_time(b'"never"'), id="no-time"),
    pytest.param(with_time(b"1e300"), id="a-time-beyond-floats"),
    pytest.param(with_time(b"1767225600001"), id="another-time-than-its-name-says"),
    pytest.param(canary_line(99_999_999_999_999)[:-1], id="of-the-year-5138"),
    pytest.param(canary_line(AT_MS // 1000)[:-1], id="in-seconds"),
    pytest.param(canary_line(0)[:-1], id="of-1970"),
    pytest.param(canary_line(-AT_MS)[:-1], id="before-1970"),
    pytest.param(LINE.replace(b"%d" % AT_MS, b"9" * 5_000), id="of-a-number-without-end"),
    pytest.param(LINE.replace(b"canary/", b"canary/0"), id="with-a-leading-nought"),
    pytest.param(LINE + b"}", id="with-something-behind"),
    pytest.param(LINE.replace(TEXT.encode(), TEXT.encode() + b" dune"), id="with-another-word"),
    pytest.param(LINE.replace(TEXT.encode(), TEXT.encode() + b"\xff"), id="no-utf-8"),
]


@pytest.mark.parametrize("inspect", Inspect)
@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("line", FORGED)
def test_a_line_that_only_begins_like_one_is_what_it_is_to_the_reader(
    line: bytes, format_name: str, inspect: Inspect
) -> None:
    forged = tally(line + b"\n", format_name=format_name, inspect=inspect)
    without = tally(line + b"\n", format_name=format_name, inspect=Inspect.EVERY_LINE, canary=False)

    assert forged.canaries == ()
    assert [(one.reason, one.raw) for one in forged.rejected] in (
        [(one.reason, one.raw) for one in without.rejected],
        [],  # where it is cut before its word, nobody looks at it
    )
    if inspect is Inspect.EVERY_LINE:
        assert len(forged.rejected) == len(without.rejected)


def test_a_post_of_its_word_alone_is_no_canary() -> None:
    assert tally(post(TEXT)).canaries == ()
    assert tally(post(TEXT)).recent_s == (AT_MS // 1000,) * 2


def test_a_time_that_no_post_may_have_yet_makes_no_canary() -> None:
    reader = Reader(format="x-v2", latest_ms=AT_MS)
    live = Tally(topics=(DUNE,), reader=reader, scorer=SCORER, canary=True)

    assert live.tally(canary_line(AT_MS)).canaries == (AT_MS // 1000,)
    assert live.tally(canary_line(AT_MS + 1)).canaries == ()


def test_without_it_its_line_is_a_post_about_nothing() -> None:
    found = tally(canary_line(AT_MS), canary=False)

    assert (found.lines, found.matched, found.canaries) == (1, 0, ())
