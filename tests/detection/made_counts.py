"""Scripted traffic for a topic's watch: ordinary days, and what is put on top of them."""

import math
import random
from collections.abc import Callable, Iterable
from zlib import crc32

from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.signal import Signal
from crisiswatch.detection.watch import TopicWatch
from crisiswatch.reading.counts import HASH_SPACE, Counts, Sample

STEP_S = 60
HOUR_S = 3_600
DAY_S = 86_400
START_AT = 1_700_006_400
"""A midnight in UTC."""

COMPLAINT = "flight cancelled, three hours on hold and nobody answers"


def made_counts(
    rng: random.Random,
    *,
    posts: int,
    negative_share: float = 0.25,
    author: str | None = None,
    text: str = COMPLAINT,
) -> Counts:
    """Return counts of `posts` posts, each by somebody else unless `author` wrote them all."""
    counts = Counts()
    for _ in range(posts):
        negative = rng.random() < negative_share
        post = rng.randrange(HASH_SPACE)
        name = f"user{rng.randrange(HASH_SPACE)}" if author is None else author
        sample = Sample(not negative, post, str(post), name, text, 0, 200, 0, 0)
        counts += Counts(
            posts=1,
            negatives=int(negative),
            complaints=int(negative),
            reach=200,
            authors={crc32(name.encode())},
            samples=[sample],
        )
    return counts


def poisson(rate: float, rng: random.Random) -> int:
    """Return a Poisson number."""
    limit, count, product = math.exp(-rate), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def ordinary_per_min(at: int) -> float:
    """Return an ordinary day's posts per minute: busy afternoons, quiet nights."""
    return 0.8 + 0.6 * math.sin(2 * math.pi * (at % DAY_S) / DAY_S - 2.0)


def feed(
    watch: TopicWatch,
    *,
    from_at: int,
    for_s: int,
    seed: int,
    on_top: Callable[[int], Counts] | None = None,
    per_min: Callable[[int], float] = ordinary_per_min,
    negative_share: float = 0.25,
) -> list[Signal]:
    """Feed ordinary traffic, and at each step what `on_top` returns for the seconds since."""
    rng = random.Random(seed)
    signals: list[Signal] = []
    for at in range(from_at, from_at + for_s, STEP_S):
        rate = per_min(at)
        counts = made_counts(rng, posts=poisson(rate, rng), negative_share=negative_share)
        if on_top is not None:
            counts += on_top(at - from_at)
        signals += watch.observe(at, counts).signals
    return signals


def warm_state(days: int = 4) -> tuple[object, ...]:
    """Return the state of a watch that has seen some ordinary days and opened nothing."""
    watch = TopicWatch("acme", WatchSettings(), "hash")
    signals = feed(watch, from_at=START_AT, for_s=days * DAY_S, seed=1)
    if signals:
        raise AssertionError(f"ordinary days opened {[signal.id for signal in signals]}")
    return watch.to_state()


def changes(signals: Iterable[Signal]) -> list[str]:
    """Return what the signals say changed."""
    return [str(signal.change) for signal in signals]
