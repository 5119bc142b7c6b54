"""Posts to measure speed on: 465 bytes each, in the shape of the X API v2 stream, seeded."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from crisiswatch.reading.topic import Topic

POST_BYTES = 465
"""The size that the speed figures of `docs/benchmarks.md` refer to."""

POSTS_PER_S = 5_700
"""Event-time density: Twitter's average of 2013."""

NEAR_MISSES = 0.005
"""Share of posts that hold a keyword within a longer word: the raw filter must let them pass,
the matcher must not."""

FIRST_AT_S = 1_772_000_000

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


def write_posts(
    path: Path, *, posts: int, matching: float, words: list[str], seed: int = 2
) -> None:
    """Write `posts` lines of exactly `POST_BYTES` bytes, the given share holding a keyword."""
    with path.open("wb") as file:
        file.writelines(_lines(posts, matching, words, seed))


def _lines(posts: int, matching: float, words: list[str], seed: int) -> Iterator[bytes]:
    rng = random.Random(seed)
    fillers = [_word(rng, rng.randint(1, 3)) for _ in range(6_000)]
    brands = [word if rng.random() < 0.7 else word.capitalize() for word in words]
    for index in range(posts):
        text = rng.choices(fillers, k=8)
        if rng.random() < matching:
            text[rng.randrange(8)] = rng.choice(brands)
        elif rng.random() < NEAR_MISSES:
            text[rng.randrange(8)] = rng.choice(brands) + "ish"
        at_s = FIRST_AT_S + index / POSTS_PER_S
        author = str(10_000_000 + int(rng.paretovariate(0.7)) % 500_000)
        post: dict[str, Any] = {
            "data": {
                "author_id": author,
                "created_at": f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%S}.000Z",
                "edit_history_tweet_ids": [str(1_900_000_000_000_000_000 + index)],
                "id": str(1_900_000_000_000_000_000 + index),
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
        words_of_post = " ".join(text) + (rng.choice(_SPICE) if rng.random() < 0.3 else "")
        while len(orjson.dumps(words_of_post)) - 2 < room:
            words_of_post += " " + rng.choice(fillers)
        while len(orjson.dumps(words_of_post)) - 2 > room:
            words_of_post = words_of_post[:-1]
        post["data"]["text"] = words_of_post
        line = orjson.dumps(post)
        yield line + b"\n"
