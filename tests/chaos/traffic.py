"""What the chaos harness lets through: two days of talk about a few brands, with crises in it.

Seeded, so that the same posts come every time. A partition holds its posts in order of
time, as a topic keyed by author does, so that no post is ever late: whatever is killed when,
the counts must come out the same.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from crisiswatch.detection.settings import HOUR_S, MINUTE_S
from crisiswatch.reading.topic import Topic

BRANDS = (
    "acme", "bolt", "crane", "dune", "ember", "fjord", "grove", "haven",
    "iris", "jolt", "karst", "lumen", "mica", "nexa", "opal", "prism",
)  # fmt: skip
PARTITIONS = 4
STARTS_AT_S = 1_772_323_200
"""1 March 2026, 00:00 UTC."""

CALM_PER_MIN = 1.5
CRISIS_PER_MIN = 24
CRISIS_MIN = 40
OTHERS_PER_MIN = 6
"""Posts about none of the brands: the firehose goes on when nobody speaks of them."""

CALM = (
    "{} again today, as always",
    "had {} with friends, nice",
    "is {} open on Sunday?",
    "thanks {} for the quick answer",
    "{} is late again, annoying",
)
ANGRY = (
    "{} what a disgrace, worst service ever, I want my refund",
    "never again {}, my order is lost and nobody answers, terrible",
    "{} is a scam, horrible, I hate this company",
    "disgusting how {} treats people, awful, shame on you",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One post as it goes into a partition."""

    partition: int
    at_s: int
    value: bytes


def config_text() -> str:
    """Return the configuration of the topics, and a detection that closes within the hour."""
    topics = "".join(f'[[topics]]\nname = "{brand}"\nterms = ["{brand}"]\n\n' for brand in BRANDS)
    return f"{topics}[detection]\nwarmup_s = {4 * HOUR_S}\nclose_hold_s = {HOUR_S}\nbetter_hold_s = {HOUR_S // 2}\n"


def topics() -> tuple[Topic, ...]:
    """Return the topics as values."""
    return tuple(Topic(name=brand, terms=(brand,)) for brand in BRANDS)


def records(*, hours: float, seed: int) -> Iterator[Record]:
    """Yield the posts of some hours in order of time."""
    rng = random.Random(seed)
    minutes = round(hours * 60)
    crises = _crises(rng, minutes)
    number = 0
    for minute in range(minutes):
        said: list[tuple[int, str | None, bool]] = []
        for brand in BRANDS:
            angry = any(start <= minute < start + CRISIS_MIN for start in crises[brand])
            said += _said(rng, _poisson(rng, CALM_PER_MIN), brand, angry=False)
            said += _said(rng, _poisson(rng, CRISIS_PER_MIN) if angry else 0, brand, angry=True)
        said += _said(rng, OTHERS_PER_MIN * PARTITIONS, None, angry=False)
        for second, about, is_angry in sorted(said, key=lambda one: one[0]):
            number += 1
            at_s = STARTS_AT_S + minute * MINUTE_S + second
            yield _record(rng, number, at_s, about, angry=is_angry)


def _said(
    rng: random.Random, posts: int, brand: str | None, *, angry: bool
) -> list[tuple[int, str | None, bool]]:
    return [(rng.randrange(MINUTE_S), brand, angry) for _ in range(posts)]


def _record(
    rng: random.Random, number: int, at_s: int, brand: str | None, *, angry: bool
) -> Record:
    author = f"author-{rng.randrange(50_000)}"
    wording = rng.choice(ANGRY if angry else CALM)
    post = {
        "id": f"post-{number}",
        "author": author,
        "text": f"{wording.format(brand or 'tea')} {number % 97}",
        "posted_at": at_s,
        "followers": rng.randrange(5_000),
        "lang": "en",
    }
    return Record(partition=number % PARTITIONS, at_s=at_s, value=orjson.dumps(post))


def _crises(rng: random.Random, minutes: int) -> dict[str, list[int]]:
    """Return when each brand's crises begin: one in six hours or so, after the first four."""
    return {
        brand: [
            start + rng.randrange(120)
            for start in range(4 * 60 + rng.randrange(180), minutes - 3 * CRISIS_MIN, 6 * 60)
        ]
        for brand in BRANDS
    }


def _poisson(rng: random.Random, mean: float) -> int:
    """Return a Poisson number (Knuth, The Art of Computer Programming, 3.4.1)."""
    limit, number, product = 2.718281828459045**-mean, 0, rng.random()
    while product > limit:
        number += 1
        product *= rng.random()
    return number
