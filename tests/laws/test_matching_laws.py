"""Laws of the two matchers, with Hypothesis: they agree with plain search on any text."""

import json
import random
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from crisiswatch.errors import ConfigError
from crisiswatch.reading.matcher import TopicMatcher
from crisiswatch.reading.needle import fold
from crisiswatch.reading.post import Post
from crisiswatch.reading.prefilter import Prefilter
from crisiswatch.reading.reader import Reader
from crisiswatch.reading.topic import Topic
from tests.reading.naive_matching import disguised, encoded, naive_match

# Few different characters, so that words, near misses and marks meet often.
ALPHABET = "aAsSkKfiIß\u017f\u212a\ufb01\u0130é\u0301\u0323ñжЖ日本ไ\u0e48가\u1100\u1161\u03b1\u03b9ᾳ😀\ufe0f\u200d _-.@#/&;<0 \n\u00a0"
WORDS = st.one_of(
    st.text(ALPHABET, min_size=1, max_size=5),
    st.text("sSßt", min_size=2, max_size=5),
)
TEXTS = st.text(ALPHABET, max_size=14)
READER = Reader()


@st.composite
def topics_with_a_text(draw: st.DrawFn) -> tuple[list[Topic], str]:
    """Draw topics and a text that often holds one of their entries."""
    words = draw(st.lists(WORDS, min_size=1, max_size=4))
    excluded = draw(st.lists(WORDS, max_size=1))
    topics = [
        Topic(name="a", terms=tuple(words[:2]), exclude=tuple(excluded)),
        Topic(name="b", terms=tuple(words[-2:])),
    ]
    parts = draw(st.lists(st.one_of(TEXTS, st.sampled_from(words)), max_size=4))
    return topics, "".join(parts)


@settings(deadline=None)
@given(case=topics_with_a_text())
def test_the_matcher_equals_plain_search(case: tuple[list[Topic], str]) -> None:
    topics, text = case
    try:
        matcher = TopicMatcher(topics)
    except ConfigError:
        return
    assert matcher.match(text) == naive_match(text, topics)


@settings(deadline=None)
@given(case=topics_with_a_text(), seed=st.integers(0, 2**32))
def test_the_raw_filter_picks_whatever_the_matcher_finds(
    case: tuple[list[Topic], str], seed: int
) -> None:
    topics, text = case
    rng = random.Random(seed)
    try:
        matcher = TopicMatcher(topics)
    except ConfigError:
        return
    text = disguised(text, rng)
    line = f'{{"text":"{encoded(text, rng)}"}}'.encode()
    assert json.loads(line)["text"] == text
    if matcher.match(text):
        assert Prefilter(topics).candidates(b"{}\n" + line + b"\n{}") == [line]


@settings(deadline=None)
@given(parts=st.lists(st.sampled_from(["s", "ss", "ß", "\u1e9e", "t"]), min_size=1, max_size=5))
def test_the_raw_filter_picks_every_spelling_of_s_after_s(parts: list[str]) -> None:
    written = "".join(parts)
    line = f'{{"text":"{written}"}}'.encode()
    assert Prefilter([Topic(name="t", terms=(fold(written),))]).candidates(line) == [line]


@settings(deadline=None)
@given(
    words=st.lists(st.text("sß日😀éa2+", min_size=1, max_size=2), min_size=2, max_size=3),
    around=st.tuples(TEXTS, TEXTS),
    seed=st.integers(0, 2**32),
)
def test_the_raw_filter_picks_a_phrase_that_goes_on_from_field_to_field(
    words: list[str], around: tuple[str, str], seed: int
) -> None:
    topics = [Topic(name="a", phrases=(" ".join(words),))]
    matcher, prefilter = TopicMatcher(topics), Prefilter(topics)
    rng = random.Random(seed)
    cut = rng.randrange(1, len(words))
    first = disguised(f"{around[0]} {' '.join(words[:cut])}", rng)
    second = disguised(f"{' '.join(words[cut:])} {around[1]}", rng)
    title, text = (f'"{encoded(part, rng)}"' for part in (first, second))
    for written in (
        f'{{"created_utc":1700000000,"id":"1","selftext":{text},"title":{title}}}',
        f'{{"id":"1","created_at":"2023-11-14T22:13:20Z","spoiler_text":{title},"content":{text}}}',
    ):
        line = written.encode()
        post = READER.read(line)
        if isinstance(post, Post) and matcher.match(post.text):
            assert prefilter.candidates(b"{}\n" + line + b"\n{}") == [line]


@given(texts=st.lists(st.text(max_size=20), max_size=8), languages=st.data())
def test_a_batch_is_the_sum_of_its_texts(texts: list[str], languages: st.DataObject) -> None:
    named = languages.draw(
        st.lists(st.sampled_from([None, "en", "de"]), min_size=len(texts), max_size=len(texts))
    )
    topics = [
        Topic(name="a", terms=("a", "0"), phrases=("a b",), languages=("en",)),
        Topic(name="b", terms=("\u00e9", "😀"), exclude=("0",)),
    ]
    matcher = TopicMatcher(topics)
    pairs = matcher.match_many(texts, named)
    assert pairs == [
        (post, topic)
        for post, (text, language) in enumerate(zip(texts, named, strict=True))
        for topic in matcher.match(text, language)
    ]


FLOOD = Prefilter([Topic(name="t", terms=("flood", "do"))])


@given(lines=st.lists(st.text('flod \r\\"{}é', max_size=8), max_size=12))
def test_a_chunk_gives_what_its_lines_give_one_by_one(lines: list[str]) -> None:
    # A short word needs something around it, which in a chunk may be a line break.
    raw = [b'"' + line.encode() + b'"' for line in lines]
    expected = [line for line in raw if FLOOD.candidates(line)]
    assert FLOOD.candidates(b"\n".join(raw)) == expected
    assert FLOOD.candidates(b"".join(line + b"\n" for line in raw)) == expected


@given(text=st.text(max_size=30))
def test_texts_that_only_differ_in_how_accents_are_composed_fold_alike(text: str) -> None:
    folded = fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == folded
    assert fold(unicodedata.normalize("NFC", text)) == folded
