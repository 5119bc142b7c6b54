"""Loud accounts, happy bursts and a crisis without a past, on scripted streams."""

import random
from collections.abc import Callable
from zlib import crc32

import pytest

from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.signal import Severity
from crisiswatch.detection.voices import ACCOUNTS_KEPT, Voices
from crisiswatch.detection.watch import TopicWatch
from crisiswatch.reading.counts import Counts, Sample
from tests.detection.made_counts import (
    DAY_S,
    HOUR_S,
    START_AT,
    STEP_S,
    feed,
    made_counts,
    poisson,
)

MINUTE_S = 60
ON_AT = START_AT + 2 * DAY_S + 14 * HOUR_S


def _steady(per_min: float) -> Callable[[int], float]:
    return lambda _: per_min


def _warm(per_min: float) -> TopicWatch:
    watch = TopicWatch("acme", WatchSettings(), "hash")
    before = feed(
        watch,
        from_at=START_AT,
        for_s=ON_AT - START_AT,
        seed=1,
        per_min=_steady(per_min),
        negative_share=0.2,
    )
    assert before == []
    return watch


@pytest.fixture(scope="module")
def warm_states() -> dict[float, tuple[object, ...]]:
    return {per_min: _warm(per_min).to_state() for per_min in (0.5, 2.0)}


def _restored(state: tuple[object, ...]) -> TopicWatch:
    return TopicWatch.from_state(state, "acme", WatchSettings(), "hash")


@pytest.mark.parametrize(
    ("base", "accounts", "per_min", "minutes"),
    [
        (0.5, 1, 5, 100),
        (0.5, 1, 30, 10),
        (0.5, 1, 2, 200),
        (2.0, 1, 5, 100),
        (0.5, 4, 5, 100),
    ],
    ids=["steady", "very-loud", "long", "in-a-crowd", "four-accounts"],
)
def test_loud_accounts_open_nothing_while_they_post_nor_after(
    warm_states: dict[float, tuple[object, ...]],
    base: float,
    accounts: int,
    per_min: int,
    minutes: int,
) -> None:
    rng = random.Random(2)

    def loud(since: int) -> Counts:
        counts = Counts()
        if since < minutes * MINUTE_S:
            for _ in range(per_min):
                name = f"angry{rng.randrange(accounts)}"
                counts += made_counts(rng, posts=1, negative_share=1.0, author=name)
        return counts

    signals = feed(
        _restored(warm_states[base]),
        from_at=ON_AT,
        for_s=12 * HOUR_S,
        seed=3,
        on_top=loud,
        per_min=_steady(base),
        negative_share=0.2,
    )
    assert signals == []


def test_a_crowd_is_heard_through_a_loud_account(
    warm_states: dict[float, tuple[object, ...]],
) -> None:
    rng = random.Random(2)

    def both(since: int) -> Counts:
        counts = made_counts(rng, posts=5, negative_share=1.0, author="angry")
        if since >= 3 * HOUR_S:
            counts += made_counts(rng, posts=30, negative_share=0.8)
        return counts

    signals = feed(
        _restored(warm_states[0.5]),
        from_at=ON_AT,
        for_s=4 * HOUR_S,
        seed=3,
        on_top=both,
        per_min=_steady(0.5),
        negative_share=0.2,
    )
    assert signals[0].at > ON_AT + 3 * HOUR_S
    assert signals[0].at <= ON_AT + 3 * HOUR_S + 30 * MINUTE_S


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_happy_burst_does_not_poison_the_days_after(
    warm_states: dict[float, tuple[object, ...]], seed: int
) -> None:
    rng = random.Random(seed)

    def joy(since: int) -> Counts:
        peak = 100.0 * min(1.0, (since + STEP_S) / 600) * 0.5 ** (max(0, since - 600) / 7_200)
        posts = poisson(peak, rng)
        return Counts(
            posts=posts,
            negatives=poisson(0.02 * posts, rng),
            authors={rng.randrange(1 << 32) for _ in range(posts)},
        )

    watch = _restored(warm_states[2.0])
    signals = feed(
        watch,
        from_at=ON_AT,
        for_s=36 * HOUR_S,
        seed=seed,
        on_top=joy,
        per_min=_steady(2.0),
        negative_share=0.2,
    )
    assert signals == []
    readings = watch.skip_quiet(ON_AT + 36 * HOUR_S, ON_AT + 36 * HOUR_S + 300).readings
    expected = readings[0].expected_posts
    assert 9.0 < expected < 11.5
    assert 0.15 < (readings[0].expected_negatives or 0.0) / expected < 0.25


def _from_the_first_minute(
    settings: WatchSettings, per_min: int, share: float, author: str | None = None
) -> tuple[TopicWatch, list[tuple[int, Severity, tuple[str, ...]]]]:
    watch, rng = TopicWatch("acme", settings, "hash"), random.Random(4)
    found: list[tuple[int, Severity, tuple[str, ...]]] = []
    for at in range(START_AT, START_AT + 3 * HOUR_S, STEP_S):
        counts = made_counts(rng, posts=poisson(per_min, rng), negative_share=share, author=author)
        found += [
            (signal.at, signal.verdict.severity, signal.verdict.reasons)
            for signal in watch.observe(at, counts).signals
        ]
    return watch, found


def test_a_crisis_from_the_first_minute_opens_and_says_that_there_is_no_past() -> None:
    watch, found = _from_the_first_minute(WatchSettings(), 20, 0.8)
    opened_at, severity, reasons = found[0]
    assert 30 * MINUTE_S <= opened_at - START_AT <= HOUR_S
    assert severity is Severity.HIGH
    assert "watched for 30 min only: no past to compare with" in reasons
    assert all(Severity.MEDIUM <= severity <= Severity.HIGH for _, severity, _ in found)
    assert watch.state == "crisis"


@pytest.mark.parametrize("share", [0.2, 0.45])
def test_an_ordinary_topic_without_a_past_opens_nothing(share: float) -> None:
    assert _from_the_first_minute(WatchSettings(), 20, share)[1] == []


def test_without_a_past_plain_counts_and_loud_accounts_open_nothing() -> None:
    plain = WatchSettings(polarity_known=False)
    assert _from_the_first_minute(plain, 20, 0.8)[1] == []
    assert _from_the_first_minute(WatchSettings(), 20, 0.8, author="angry")[1] == []


def _said(names: list[str]) -> Counts:
    counts = Counts()
    for i, name in enumerate(names):
        sample = Sample(i < 0, i * 7_919 % 1_000, str(i), name, "text", 0, 0, 0, 0)
        counts += Counts(posts=1, negatives=1, authors={crc32(name.encode())}, samples=[sample])
    return counts


def test_a_crowd_is_heard_in_full() -> None:
    counts = _said([f"user{i}" for i in range(50)])
    assert Voices().heard(counts) == (50, 50)


def test_unknown_authors_are_heard_in_full() -> None:
    assert Voices().heard(Counts(posts=500, negatives=400)) == (500, 400)


def test_one_account_is_heard_once_in_a_bin_and_then_not_at_all() -> None:
    voices = Voices()
    counts = _said(["angry"] * 30)
    assert voices.heard(counts) == (1, 1)
    voices.learn(counts, 300)
    assert voices.heard(_said(["angry"] * 30)) == (0, 0)
    assert voices.heard(_said(["angry", "user1", "user2"])) == (2, 2)


def test_a_loud_account_is_forgotten_in_the_end() -> None:
    voices = Voices()
    voices.learn(_said(["angry"] * 8), 300)
    voices.learn(Counts(), 300 + 6 * HOUR_S)
    assert voices.to_state() == (("angry", 8, 300),)
    voices.learn(Counts(), 600 + 6 * HOUR_S)
    assert voices.to_state() == ()


def test_few_accounts_are_remembered() -> None:
    voices = Voices()
    for i in range(3 * ACCOUNTS_KEPT):
        voices.learn(_said([f"user{i}"] * 3), 300 * i)
    assert len(voices.to_state()) == ACCOUNTS_KEPT
    assert Voices.from_state(voices.to_state()).to_state() == voices.to_state()
