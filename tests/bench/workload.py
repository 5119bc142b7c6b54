"""Posts to measure speed on: 465 bytes each, in the shape of the X API v2 stream, seeded."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from crisiswatch.reading.topic import Topic
from tests.bench.dated import FIRST_ID, Bytes, PostPool, rows_of

POST_BYTES = 465
"""The size that the speed figures of `docs/benchmarks.md` refer to."""

POSTS_PER_S = 5_700
"""Event-time density: Twitter's average of 2013."""

NEAR_MISSES = 0.005
"""Share of posts that hold a keyword within a longer word: the raw filter must let them pass,
the matcher must not."""

FIRST_AT_S = 1_772_000_000

KEYWORDS = 1_000

PLAIN, MATCHING, ORDER = 60_000, 40_000, 1_000_000
"""So many posts without and with a keyword are made; they are told in an order of this length
and then again, with other dates and ids."""

TWITTERS_HIGHEST = 143_199
"""Posts in the highest second that Twitter ever recorded, 3 August 2013."""

BLOCK = 20_000

_ONSETS = (
    "b",
    "br",
    "c",
    "d",
    "dr",
    "f",
    "g",
    "k",
    "l",
    "m",
    "n",
    "p",
    "qu",
    "r",
    "s",
    "t",
    "v",
    "z",
)
_VOWELS = ("a", "e", "i", "o", "u", "ia", "eo")
_SPICE = (
    " 😂",
    " 🔥🔥",
    " ❤️",
    "!!!",
    " lol",
    " …",
    " café",
    " mañana",
    ' "so"',
    " schön",
    " w/",
    " &amp; more",
)

_OUTRAGE = (
    "is the worst, awful, I want a refund, this is a disgrace, never again",
    "this is a scandal, disgusting, shame on you, I am furious and so is everyone",
    "broken again and nobody cares, terrible, I hate this, give me my money back",
)


def _word(rng: random.Random, syllables: int) -> str:
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(syllables))


def keywords(count: int, seed: int = 1) -> list[str]:
    """Return distinct brand-like words of 6 to 16 letters that no filler word contains."""
    rng = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found.setdefault("x" + _word(rng, rng.randint(3, 5)), None)
    return list(found)


def topics(words: list[str], count: int) -> tuple[Topic, ...]:
    """Share the words out over `count` topics."""
    return tuple(
        Topic(name=f"topic-{index}", terms=tuple(words[index::count])) for index in range(count)
    )


def bench_topics(count: int) -> tuple[Topic, ...]:
    """Return `count` topics that share a thousand words, or have one each where there are more."""
    return topics(keywords(max(KEYWORDS, count)), count)


def topic_of_term(count: int) -> dict[str, str]:
    """Return the topic of each word of `bench_topics`."""
    return {term: topic.name for topic in bench_topics(count) for term in topic.terms}


def write_posts(
    path: Path, *, posts: int, matching: float, words: list[str], seed: int = 2
) -> None:
    """Write `posts` lines of exactly `POST_BYTES` bytes, the given share holding a keyword."""
    write_pool(path, post_pool(tuple(words), matching, seed), posts)


def write_pool(path: Path, pool: PostPool, posts: int) -> None:
    """Write `posts` lines from a pool, at the bench's density in event time."""
    with path.open("wb") as file:
        for start in range(0, posts, BLOCK):
            count = min(BLOCK, posts - start)
            at_s = FIRST_AT_S + np.arange(start, start + count) // POSTS_PER_S
            pool.block(start, at_s, count).tofile(file)


def bench_pool(matching: float, topics: int) -> PostPool:
    """Return posts of which a share is about one of `bench_topics`."""
    return post_pool(tuple(topic_of_term(topics)), matching)


def post_pool(words: tuple[str, ...], matching: float, seed: int = 2) -> PostPool:
    """Return posts of which a share holds one of the words."""
    rng = np.random.default_rng(seed)
    plain = rng.integers(0, PLAIN, ORDER)
    about = rng.integers(PLAIN, PLAIN + MATCHING, ORDER)
    return PostPool(_rows(words, seed), np.where(rng.random(ORDER) < matching, about, plain))


@cache
def _rows(words: tuple[str, ...], seed: int) -> Bytes:
    """Make posts once: that takes longer than to read them."""
    shares = [0.0] * PLAIN + [1.0] * MATCHING
    return rows_of(list(_lines(shares, words, seed)))


def crisis_pool(words: Sequence[str], *, posts: int, groups: int) -> PostPool:
    """Return bursts of outrage, `posts` by as many authors for each word, group after group.

    The words are shared out over the groups in their order; within a group the posts about
    its words take turns.
    """
    rng = random.Random(3)
    fillers = _fillers(rng)
    size = len(words) // groups
    told = [
        word
        for start in range(0, size * groups, size)
        for _ in range(posts)
        for word in words[start : start + size]
    ]
    return PostPool.of(
        [
            _line(rng, fillers, number, f"{20_000_000 + number}", f"{word} {rng.choice(_OUTRAGE)}")
            for number, word in enumerate(told)
        ]
    )


def _fillers(rng: random.Random) -> list[str]:
    return [_word(rng, rng.randint(1, 3)) for _ in range(6_000)]


def _lines(shares: Sequence[float], words: Sequence[str], seed: int) -> Iterator[bytes]:
    """Make a post for each share, which is the chance that it holds a keyword."""
    rng = random.Random(seed)
    fillers = _fillers(rng)
    brands = [word if rng.random() < 0.7 else word.capitalize() for word in words]
    for index, share in enumerate(shares):
        text = rng.choices(fillers, k=8)
        if rng.random() < share:
            text[rng.randrange(8)] = rng.choice(brands)
        elif rng.random() < NEAR_MISSES:
            text[rng.randrange(8)] = rng.choice(brands) + "ish"
        author = str(10_000_000 + int(rng.paretovariate(0.7)) % 500_000)
        spice = rng.choice(_SPICE) if rng.random() < 0.3 else ""
        yield _line(rng, fillers, index, author, " ".join(text) + spice)


def _line(rng: random.Random, fillers: list[str], index: int, author: str, text: str) -> bytes:
    """Return a post of `POST_BYTES` that begins with a text and goes on with fillers."""
    post: dict[str, Any] = {
        "data": {
            "author_id": author,
            "created_at": f"{datetime.fromtimestamp(FIRST_AT_S, UTC):%Y-%m-%dT%H:%M:%S}.000Z",
            "edit_history_tweet_ids": [str(FIRST_ID + index)],
            "id": str(FIRST_ID + index),
            "lang": "en",
            "text": "",
        },
        "includes": {
            "users": [
                {
                    "id": author,
                    "name": rng.choice(fillers),
                    "public_metrics": {
                        "followers_count": int(rng.paretovariate(1.1) * 40),
                        "following_count": rng.randrange(2_000),
                    },
                    "username": f"user_{author}",
                }
            ]
        },
    }
    room = POST_BYTES - 1 - len(orjson.dumps(post))
    while len(orjson.dumps(text)) - 2 < room:
        text += " " + rng.choice(fillers)
    while len(orjson.dumps(text)) - 2 > room:
        text = text[:-1]
    post["data"]["text"] = text
    return orjson.dumps(post) + b"\n"
