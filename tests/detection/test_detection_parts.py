"""The parts of a watch: baseline, detectors, severity, reasons, types, loud accounts."""

import math
import random
from dataclasses import replace

import pytest

from crisiswatch.detection.baseline import Baseline
from crisiswatch.detection.crisis_type import suggest_crisis_type
from crisiswatch.detection.detectors.burst import BURST
from crisiswatch.detection.detectors.lift import Lift, Shape
from crisiswatch.detection.detectors.onset import deviance_sigma, onset_score
from crisiswatch.detection.detectors.slow_burn import SLOW_BURN
from crisiswatch.detection.detectors.turn import Turn
from crisiswatch.detection.recent import Recent
from crisiswatch.detection.ring import Ring
from crisiswatch.detection.settings import DAY_S, HOUR_S
from crisiswatch.detection.signal import Severity
from crisiswatch.detection.verdict import Findings, judge, reasons, severity
from crisiswatch.reading.counts import Counts, Sample

BIN_S = 300
MILD = Findings(
    rule="slow-burn",
    window_s=3 * HOUR_S,
    posts=60,
    expected_posts=50.0,
    negatives=21,
    expected_negatives=13.0,
    complaint_share=0.05,
    reach=400,
    rarity_days=1.0,
    seen_days=9.0,
    doubling_s=None,
    scores=(("slow-burn", 1.0),),
)
GRAVE = replace(
    MILD,
    rule="burst",
    window_s=600,
    posts=500,
    expected_posts=80.0,
    negatives=341,
    expected_negatives=58.0,
    complaint_share=0.4,
    reach=2_500_000,
    rarity_days=9.0,
    doubling_s=400.0,
)


def test_a_baseline_learns_the_level_and_the_hour_of_day() -> None:
    baseline = Baseline(bin_s=BIN_S, half_life_s=8 * DAY_S)
    for at in range(0, 28 * DAY_S, BIN_S):
        baseline.learn(at, 60 if at % DAY_S < 12 * HOUR_S else 20, crisis=False)
    assert baseline.expected(28 * DAY_S + HOUR_S) == pytest.approx(60, rel=0.1)
    assert baseline.expected(28 * DAY_S + 13 * HOUR_S) == pytest.approx(20, rel=0.1)


def test_a_burst_moves_a_baseline_by_a_bounded_amount() -> None:
    baseline = Baseline(bin_s=BIN_S, half_life_s=8 * DAY_S)
    for at in range(0, 4 * DAY_S, BIN_S):
        baseline.learn(at, 20, crisis=False)
    baseline.learn(4 * DAY_S, 1_000_000, crisis=False)
    assert baseline.expected(4 * DAY_S + BIN_S) < 21.5


def test_a_crisis_teaches_little() -> None:
    calm = Baseline(bin_s=BIN_S, half_life_s=8 * DAY_S)
    open_ = Baseline(bin_s=BIN_S, half_life_s=8 * DAY_S)
    for baseline, crisis in ((calm, False), (open_, True)):
        for at in range(0, 4 * DAY_S, BIN_S):
            baseline.learn(at, 20, crisis=False)
        for at in range(4 * DAY_S, 4 * DAY_S + 12 * HOUR_S, BIN_S):
            baseline.learn(at, 60, crisis=crisis)
    assert open_.expected(6 * DAY_S) < 23
    assert open_.expected(6 * DAY_S) < calm.expected(6 * DAY_S)


def test_a_burst_that_opened_nothing_teaches_as_little_as_a_crisis() -> None:
    calm = Baseline(bin_s=BIN_S, half_life_s=8 * DAY_S)
    for at in range(0, 4 * DAY_S, BIN_S):
        calm.learn(at, 20, crisis=False)
    for at in range(4 * DAY_S, 4 * DAY_S + 12 * HOUR_S, BIN_S):
        calm.learn(at, 500, crisis=False)
    assert calm.expected(6 * DAY_S) < 23


def _filled(bins: int, per_bin: int) -> Ring:
    ring = Ring(72)
    for _ in range(bins):
        ring.push(per_bin)
    return ring


@pytest.mark.parametrize("shape", [BURST, SLOW_BURN], ids=lambda shape: shape.rule)
def test_a_lift_detector_opens_on_a_rare_rise_and_not_on_a_common_one(
    shape: Shape,
) -> None:
    lift = Lift(shape, bin_s=BIN_S, scale_half_life_s=28 * DAY_S)
    rng, expected, observed = random.Random(1), _filled(72, 10_000), _filled(72, 10)
    for i in range(2_000):
        observed.push(rng.choice((8, 9, 10, 11, 12)))
        lifts = lift.lifts(observed, expected)
        lift.learn(lifts, lift.surprise(lifts), i * BIN_S)
    for _ in range(72):
        observed.push(100)
    lifts = lift.lifts(observed, expected)
    surprise, now_s = lift.surprise(lifts), 2_000 * BIN_S
    assert lift.score(surprise, lift.rarity_days(surprise, now_s), 0.0) > 1.0
    assert lift.score(surprise, 0.0, 0.0) < lift.score(surprise, 7.0, 0.0)
    assert lift.score(surprise, 7.0, -2.0) < lift.score(surprise, 7.0, 2.0)
    assert lift.score(1.0, 7.0, 0.0) < 1.0


def test_the_deviance_of_a_negative_binomial_matches_its_tail() -> None:
    mean, size, count = 2.0, 1.0, 27
    exact = sum(
        math.exp(
            math.lgamma(k + size)
            - math.lgamma(k + 1)
            - math.lgamma(size)
            + size * math.log(size / (size + mean))
            + k * math.log(mean / (size + mean))
        )
        for k in range(count, 400)
    )
    sigma = deviance_sigma(count, mean, size)
    approximate = 0.5 * math.erfc(sigma / math.sqrt(2.0))
    assert 0.1 < approximate / exact < 10.0


def test_an_onset_needs_ten_posts_and_a_multiple_of_the_expected() -> None:
    assert onset_score(9, 0.001) == 0.0
    assert onset_score(100, 30.0) == 0.0
    assert onset_score(10, 0.05) > 1.0
    assert deviance_sigma(3, 0.0, 1.0) == 0.0


def test_a_turn_needs_the_drift_test_to_agree() -> None:
    turn = Turn(bin_s=BIN_S, half_life_s=8 * DAY_S)
    posts, negatives, rng = Ring(72), Ring(72), random.Random(2)

    def push(share: float, at_s: int) -> float:
        bad = sum(rng.random() < share for _ in range(10))
        posts.push(10)
        negatives.push(bad)
        sigma, _ = turn.sigma(posts, negatives)
        turn.learn(10, bad, at_s, expected=10.0, crisis=False)
        return turn.score(sigma, at_s)

    calm = [push(0.2, i * BIN_S) for i in range(1_000)]
    turned = [push(0.7, (1_000 + i) * BIN_S) for i in range(72)]
    assert max(calm) < 1.0
    assert max(turned) > 1.0
    assert turned[0] < 1.0
    assert turn.normal_share == pytest.approx(0.2, abs=0.05)


def test_severity_grows_with_the_facts() -> None:
    assert severity(MILD) is Severity.LOW
    assert severity(replace(MILD, negatives=60)) is Severity.MEDIUM
    assert severity(replace(MILD, negatives=150, posts=250, rarity_days=8.0)) is Severity.HIGH
    assert severity(GRAVE) is Severity.CRITICAL


def test_reasons_are_words_with_numbers() -> None:
    assert reasons(GRAVE, 212) == (
        "341 negative posts in 10 min where 58 were expected (5.8x)",
        "nothing this unusual in the 9 days watched",
        "68% of 500 posts negative, 72% is usual",
        "40% of the last hour's posts are complaints",
        "212 different authors in the last hour",
        "seen by up to 2,500,000 followers in the last hour",
        "doubling every 7 min",
    )


def test_a_plain_series_is_judged_by_all_its_posts() -> None:
    plain = replace(GRAVE, negatives=None, expected_negatives=None, complaint_share=None, reach=0)
    verdict = judge(plain, Counts())
    assert verdict.reasons[0] == "500 posts in 10 min where 80 were expected (6.2x)"
    assert verdict.evidence.negative_share is None
    assert verdict.evidence.normal_negative_share is None
    assert verdict.evidence.authors is None
    assert verdict.evidence.posts == 50.0
    assert verdict.evidence.expected_posts == 8.0
    assert verdict.evidence.themes == ()


def test_short_windows_and_young_topics_are_named_so() -> None:
    young = replace(GRAVE, window_s=60, rarity_days=1.5, seen_days=1.9)
    assert reasons(young, 0)[0].startswith("341 negative posts in 60 s where")
    assert reasons(young, 0)[1] == "nothing this unusual in 36 hours"
    assert "nothing this unusual" not in " ".join(reasons(replace(young, rarity_days=None), 0))


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["Flight cancelled again", "still on hold", "delayed 4 hours"], "service-outage"),
        (["your battery caught fire", "recall this now", "my son was injured"], "product-safety"),
        (["data breach at acme", "was my data leaked? data leak", "hi"], "data-breach"),
        (["whoever was hacked", "acme got hacked lol", "is the intern ok"], "own-blunder"),
        (["the CEO must resign", "shame on that ceo", "step down"], "executive-conduct"),
        (["that ad is sexist", "boycott acme", "worst commercial"], "campaign-backlash"),
        (["is it true?", "sounds like a hoax", "I heard the rumour"], "rumour"),
        (["so rude to me", "never again", "ugh", "terrible"], "viral-complaint"),
        ([], "viral-complaint"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_crisis_type_is_suggested_from_the_words(texts: list[str], kind: str) -> None:
    assert suggest_crisis_type(texts) == kind


def test_one_word_in_many_posts_suggests_nothing() -> None:
    assert suggest_crisis_type(["my phone is on fire", *["so rude"] * 7]) == "viral-complaint"


def _said(authors: list[str]) -> Counts:
    counts = Counts()
    for i, author in enumerate(authors):
        sample = Sample(not i, i, str(i), author, "text", 0, 0, 0, 0)
        counts += Counts(posts=1, authors={hash(author)}, samples=[sample])
    return counts


@pytest.mark.parametrize(
    ("authors", "loud"),
    [
        ([f"user{i}" for i in range(10)], False),
        (["angry"] * 10, True),
        (["angry"] * 20 + [f"user{i}" for i in range(5)], True),
        (["angry"] * 8 + [f"user{i}" for i in range(8)], True),
        ([f"user{i % 6}" for i in range(12)], False),
    ],
    ids=["everybody", "one", "one-and-few", "half", "each-twice"],
)
def test_one_loud_account_is_told_from_a_crowd(authors: list[str], loud: bool) -> None:  # noqa: FBT001
    assert Recent().is_loud(_said(authors)) is loud


def test_unknown_authors_are_never_loud() -> None:
    assert not Recent().is_loud(Counts(posts=500, negatives=400))


def test_a_loud_account_stays_one_when_fewer_of_its_posts_are_sampled() -> None:
    recent = Recent()
    crowd = [f"user{i}" for i in range(12)]
    assert not recent.is_loud(_said(["angry"] * 3 + crowd))
    assert recent.is_loud(_said(["angry"] * 8 + crowd))
    assert recent.is_loud(_said(["user0", "angry", "angry", *crowd]))
    assert not recent.is_loud(_said([*crowd, "angry"]))
