"""A topic's watch on scripted days: what wakes somebody, and what does not."""

import pickle
import random
from itertools import pairwise

import pytest

from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.detection.watch import TopicWatch
from crisiswatch.errors import ConfigError
from crisiswatch.reading.counts import Counts
from tests.detection.made_counts import (
    DAY_S,
    HOUR_S,
    START_AT,
    STEP_S,
    changes,
    feed,
    made_counts,
    poisson,
    warm_state,
)

NOON = START_AT + 4 * DAY_S + 12 * HOUR_S


@pytest.fixture(scope="module")
def warm() -> tuple[object, ...]:
    return warm_state()


@pytest.fixture
def watch(warm: tuple[object, ...]) -> TopicWatch:
    restored = TopicWatch.from_state(warm, "acme", WatchSettings(), "hash")
    assert feed(restored, from_at=START_AT + 4 * DAY_S, for_s=12 * HOUR_S, seed=2) == []
    return restored


def test_a_viral_complaint_opens_within_minutes(watch: TopicWatch) -> None:
    rng = random.Random(3)
    signals = feed(
        watch,
        from_at=NOON,
        for_s=HOUR_S,
        seed=4,
        on_top=lambda _: made_counts(rng, posts=poisson(20.0, rng), negative_share=0.7),
    )
    opened = signals[0]
    assert opened.change is Change.OPENED
    assert opened.verdict.rule == "burst"
    assert opened.at - NOON <= 5 * STEP_S
    assert opened.verdict.severity >= Severity.MEDIUM
    assert "negative posts in" in opened.verdict.reasons[0]
    assert opened.verdict.crisis_type == "service-outage"
    assert max(signal.verdict.severity for signal in signals) >= Severity.HIGH


def test_a_viral_complaint_says_all_it_knows(watch: TopicWatch) -> None:
    rng = random.Random(3)
    signals = feed(
        watch,
        from_at=NOON,
        for_s=HOUR_S,
        seed=4,
        on_top=lambda _: made_counts(rng, posts=poisson(20.0, rng), negative_share=0.7),
    )
    evidence = signals[-1].verdict.evidence
    assert evidence.negatives is not None
    assert evidence.expected_negatives is not None
    assert evidence.negatives > 5 * evidence.expected_negatives
    assert evidence.negative_share == pytest.approx(0.7, abs=0.1)
    assert evidence.authors is not None
    assert evidence.authors > 300
    assert evidence.reach is not None
    assert evidence.reach > 60_000
    assert evidence.themes[0].text == "flight cancelled, three hours on hold and nobody answers"
    assert len(evidence.samples) == 8
    assert dict(evidence.scores)["burst"] > 1.0


def test_a_slow_service_failure_opens_within_hours(watch: TopicWatch) -> None:
    rng = random.Random(5)
    signals = feed(
        watch,
        from_at=NOON,
        for_s=6 * HOUR_S,
        seed=6,
        on_top=lambda since: made_counts(
            rng, posts=poisson(0.9 * since / (2 * HOUR_S), rng), negative_share=0.75
        ),
    )
    assert changes(signals)[0] == "opened"
    assert signals[0].at - NOON <= 5 * HOUR_S


@pytest.mark.parametrize("per_min", [3, 15, 120], ids=["small", "large", "huge"])
def test_a_happy_burst_opens_nothing(watch: TopicWatch, per_min: int) -> None:
    rng = random.Random(7)
    signals = feed(
        watch,
        from_at=NOON,
        for_s=3 * HOUR_S,
        seed=8,
        on_top=lambda _: made_counts(rng, posts=poisson(per_min, rng), negative_share=0.06),
    )
    assert signals == []


@pytest.mark.parametrize("per_min", [1, 3, 10], ids=["chatty", "loud", "very-loud"])
def test_one_loud_account_opens_nothing(watch: TopicWatch, per_min: int) -> None:
    rng = random.Random(9)
    signals = feed(
        watch,
        from_at=NOON,
        for_s=6 * HOUR_S,
        seed=10,
        on_top=lambda _: made_counts(rng, posts=per_min, negative_share=1.0, author="angry"),
    )
    assert signals == []


def test_a_turn_of_mood_opens_though_the_volume_stays(watch: TopicWatch) -> None:
    signals = feed(watch, from_at=NOON, for_s=6 * HOUR_S, seed=11, negative_share=0.6)
    assert changes(signals)[0] == "opened"


def test_a_gap_opens_nothing_and_poisons_nothing(watch: TopicWatch) -> None:
    after_at = NOON + 9 * HOUR_S
    assert watch.gap(NOON, after_at).signals == ()
    assert watch.state == "quiet"
    assert feed(watch, from_at=after_at, for_s=DAY_S, seed=12) == []


def test_a_gap_in_a_crisis_recovers_nothing(watch: TopicWatch) -> None:
    rng = random.Random(3)
    feed(
        watch,
        from_at=NOON,
        for_s=HOUR_S,
        seed=4,
        on_top=lambda _: made_counts(rng, posts=20, negative_share=0.7),
    )
    before_s = 2 * DAY_S
    assert watch.gap(NOON + HOUR_S, NOON + before_s).signals == ()
    assert watch.state == "crisis"
    signals = feed(watch, from_at=NOON + before_s, for_s=DAY_S, seed=13)
    closed_at = next(signal.at for signal in signals if signal.change is Change.CLOSED)
    assert closed_at >= NOON + before_s + 7 * HOUR_S


def test_an_incident_gets_better_and_closes_only_after_its_holds(watch: TopicWatch) -> None:
    rng = random.Random(3)
    during = feed(
        watch,
        from_at=NOON,
        for_s=HOUR_S,
        seed=4,
        on_top=lambda _: made_counts(rng, posts=20, negative_share=0.7),
    )
    after = feed(watch, from_at=NOON + HOUR_S, for_s=20 * HOUR_S, seed=14)
    settings = WatchSettings()
    assert {signal.episode for signal in during + after} == {during[0].episode}
    better = next(signal for signal in after if signal.change is Change.BETTER)
    assert better.at >= NOON + HOUR_S + settings.better_hold_s
    assert better.verdict.severity < during[-1].verdict.severity
    closed = after[-1]
    assert closed.change is Change.CLOSED
    assert closed.at >= NOON + HOUR_S + settings.close_hold_s
    assert closed.verdict.severity is Severity.NONE
    assert watch.state == "quiet"


def test_evidence_is_refreshed_at_most_every_half_hour(watch: TopicWatch) -> None:
    rng = random.Random(3)
    signals = feed(
        watch,
        from_at=NOON,
        for_s=4 * HOUR_S,
        seed=4,
        on_top=lambda _: made_counts(rng, posts=20, negative_share=0.7),
    )
    refreshed = [signal.at for signal in signals if signal.change is Change.REFRESHED]
    assert len(refreshed) >= 5
    for earlier, later in pairwise(refreshed):
        assert later - earlier >= WatchSettings().refresh_s


def test_signal_ids_come_from_event_time_and_rule_alone(watch: TopicWatch) -> None:
    rng = random.Random(3)
    signals = feed(
        watch,
        from_at=NOON,
        for_s=HOUR_S,
        seed=4,
        on_top=lambda _: made_counts(rng, posts=20, negative_share=0.7),
    )
    opened = signals[0]
    assert opened.id == f"acme/burst/{opened.at}/{opened.at}/opened"
    assert opened.episode == f"acme/burst/{opened.at}"
    assert len({signal.id for signal in signals}) == len(signals)


def test_a_young_topic_is_silent_on_ordinary_days() -> None:
    watch = TopicWatch("acme", WatchSettings(), "hash")
    assert watch.state == "learning"
    assert feed(watch, from_at=START_AT, for_s=DAY_S, seed=15) == []
    assert watch.state == "quiet"


def test_a_young_topic_still_sees_an_unmistakable_onset() -> None:
    watch = TopicWatch("quake", WatchSettings.for_series(spacing_s=60, polarity_known=False), "h")
    silent = watch.skip_quiet(START_AT, START_AT + 5 * HOUR_S)
    assert silent.signals == ()
    signals: list[Signal] = []
    for minute in range(10):
        at = START_AT + 5 * HOUR_S + minute * STEP_S
        signals += watch.observe(at, Counts(posts=3)).signals
    assert changes(signals) == ["opened"]
    assert signals[0].at <= START_AT + 5 * HOUR_S + 5 * STEP_S
    assert signals[0].verdict.evidence.negatives is None


def test_skipping_quiet_steps_is_the_same_as_feeding_them(watch: TopicWatch) -> None:
    until_at = NOON + 8 * HOUR_S + 7 * STEP_S
    other = TopicWatch.from_state(watch.to_state(), "acme", WatchSettings(), "hash")
    fed = [watch.observe(at, Counts()) for at in range(NOON, until_at, STEP_S)]
    skipped = other.skip_quiet(NOON, until_at)
    assert skipped.readings == tuple(reading for step in fed for reading in step.readings)
    later = made_counts(random.Random(1), posts=30, negative_share=0.9)
    assert other.observe(until_at, later) == watch.observe(until_at, later)


def test_a_warm_quiet_topic_is_small(warm: tuple[object, ...]) -> None:
    assert len(pickle.dumps(warm, protocol=5)) <= 3_000


def test_time_never_runs_backwards(watch: TopicWatch) -> None:
    with pytest.raises(ValueError, match="feed steps in order of time"):
        watch.observe(NOON - STEP_S, Counts())


def test_a_gap_must_begin_where_the_watch_stands(watch: TopicWatch) -> None:
    with pytest.raises(ValueError, match="the awaited step starts at"):
        watch.gap(NOON + STEP_S, NOON + HOUR_S)


def test_a_state_of_another_version_is_refused(warm: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="state version 99"):
        TopicWatch.from_state((99, *warm[1:]), "acme", WatchSettings(), "hash")


def test_a_bin_cut_short_by_a_gap_counts_as_unknown(watch: TopicWatch) -> None:
    rng = random.Random(3)
    for minute in range(2):
        watch.observe(NOON + minute * STEP_S, made_counts(rng, posts=4, negative_share=0.8))
    assert watch.gap(NOON + 2 * STEP_S, NOON + 3 * STEP_S).readings == ()
    after = [watch.observe(NOON + minute * STEP_S, Counts()) for minute in range(3, 10)]
    assert [reading.bin_start for step in after for reading in step.readings] == [
        NOON,
        NOON + 5 * STEP_S,
    ]
    watch.gap(NOON + 10 * STEP_S, NOON + 14 * STEP_S)
    assert watch.observe(NOON + 14 * STEP_S, Counts()).readings == ()


@pytest.mark.parametrize("told", [True, False], ids=["by-gap", "by-a-later-step"])
def test_posts_of_the_bin_in_which_a_gap_begins_are_told(watch: TopicWatch, told: bool) -> None:  # noqa: FBT001
    rng = random.Random(3)
    for minute in range(3):
        watch.observe(NOON + minute * STEP_S, made_counts(rng, posts=4))
    after_at = NOON + 2 * HOUR_S
    steps = [watch.gap(NOON + 3 * STEP_S, after_at)] if told else []
    steps.append(watch.observe(after_at, made_counts(rng, posts=1)))
    readings = [reading for step in steps for reading in step.readings]
    assert [(r.bin_start, r.posts, r.scores) for r in readings] == [(NOON, 12, ())]


def test_a_gap_before_the_first_step_is_no_news() -> None:
    watch = TopicWatch("acme", WatchSettings(), "hash")
    assert watch.next_at is None
    assert watch.gap(START_AT, START_AT + HOUR_S).signals == ()
    assert watch.next_at is None


@pytest.mark.parametrize(
    ("step_s", "bin_s"), [(0, 300), (60, 90), (60, 2 * DAY_S)], ids=["no-step", "odd", "too-long"]
)
def test_settings_that_can_not_work_are_refused(step_s: int, bin_s: int) -> None:
    with pytest.raises(ConfigError):
        WatchSettings(step_s=step_s, bin_s=bin_s)


@pytest.mark.parametrize(("spacing_s", "bin_s"), [(10, 300), (300, 300), (420, 420), (3600, 3600)])
def test_bins_of_a_series_are_its_rows_or_five_minutes(spacing_s: int, bin_s: int) -> None:
    assert WatchSettings.for_series(spacing_s=spacing_s, polarity_known=False).bin_s == bin_s
