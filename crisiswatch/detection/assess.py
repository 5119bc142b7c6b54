"""One topic's models together: what they remember, and what they make of each new bin."""

from math import log, sqrt
from typing import Any, Self

from crisiswatch.detection.assessment import IDLE_KNOWN, IDLE_UNKNOWN, Assessment
from crisiswatch.detection.baseline import Baseline
from crisiswatch.detection.detectors import no_past
from crisiswatch.detection.detectors.burst import BURST
from crisiswatch.detection.detectors.lift import MILLI, Lift
from crisiswatch.detection.detectors.onset import LEAST_POSTS, onset_score
from crisiswatch.detection.detectors.slow_burn import SLOW_BURN
from crisiswatch.detection.detectors.turn import Turn
from crisiswatch.detection.ring import Ring
from crisiswatch.detection.settings import HOUR_S, MINUTE_S, WatchSettings

RING_BINS = max(*BURST.horizons, *SLOW_BURN.horizons)
ONSET_BINS = (0, 1, 3, 11)
"""Complete bins that an onset is looked for in, besides the one under way."""

HALF_HOUR_S = 30 * MINUTE_S
GROWTH_SIGMA = 2.0
"""A half hour must hold so many sigma more than the one before to be called growth."""

IDLE_POSTS = 0.05
"""A bin of which less is expected, after hours without a post, has nothing to teach."""

SILENT_PER_HOUR = 2.0
"""A topic with fewer posts than this has no habits to learn; only an onset can be told."""

ONSET_NEEDS_S = 30 * MINUTE_S
"""So much must have been seen before a topic's silence means anything."""

LEAST_EXCESS = 10
"""Fewer posts than this beyond the expected are nobody's crisis, however unusual."""

GOES_ON = 0.5
"""An open incident goes on while the surprise alone makes this part of an opening score."""

MOOD_KEPT = 0.8
"""Least negative share, against the usual one, at which posts count as bad news.

Below it the crowd is in a better mood than usual, however large it is.
"""


class Models:
    """The baselines, rings and detectors of one topic.

    The detectors judge negative posts where polarity is known, else all posts.
    """

    __slots__ = (
        "_burst",
        "_expected_judged_milli",
        "_expected_milli",
        "_expected_negatives_milli",
        "_hour",
        "_judged",
        "_negatives",
        "_negatives_baseline",
        "_polarity",
        "_posts",
        "_posts_baseline",
        "_settings",
        "_slow_burn",
        "_total",
        "_turn",
        "seen_s",
    )

    def __init__(self, settings: WatchSettings) -> None:
        self._settings = settings
        self._polarity = settings.polarity_known
        half_life = {"bin_s": settings.bin_s, "half_life_s": settings.level_half_life_s}
        scale = {"bin_s": settings.bin_s, "scale_half_life_s": settings.scale_half_life_s}
        self._posts_baseline = Baseline(**half_life)
        self._negatives_baseline = Baseline(**half_life)
        self._posts, self._expected_milli = Ring(RING_BINS), Ring(RING_BINS)
        self._negatives, self._expected_negatives_milli = Ring(RING_BINS), Ring(RING_BINS)
        self._burst = Lift(BURST, **scale)
        self._slow_burn = Lift(SLOW_BURN, **scale)
        self._turn = Turn(**half_life)
        self._total = 0
        self._hour = min(RING_BINS, max(1, HOUR_S // settings.bin_s))
        self.seen_s = 0
        self._point_to_judged()

    def _point_to_judged(self) -> None:
        if self._polarity:
            self._judged, self._expected_judged_milli = (
                self._negatives,
                self._expected_negatives_milli,
            )
        else:
            self._judged, self._expected_judged_milli = self._posts, self._expected_milli

    def expected(self, bin_at: int) -> tuple[float, float]:
        """Return posts and negative posts expected in the whole bin that starts at `bin_at`."""
        posts = self._posts_baseline.expected(bin_at)
        return posts, self._negatives_baseline.expected(bin_at) if self._polarity else 0.0

    @property
    def learning(self) -> bool:
        """Say whether the topic is too young for anything but an unmistakable onset."""
        return self.seen_s < self._settings.warmup_s

    def pass_unknown(self, bin_at: int) -> None:
        """Move on by one bin of which nothing is known: as expected, and nothing is learned."""
        posts, negatives = self.expected(bin_at)
        for ring, expected_milli, expected in (
            (self._posts, self._expected_milli, posts),
            (self._negatives, self._expected_negatives_milli, negatives),
        ):
            ring.push(round(expected))
            expected_milli.push(round(expected) * MILLI)

    def take(
        self,
        bin_at: int,
        posts: int,
        negatives: int,
        *,
        expected: tuple[float, float],
        known: float,
        crisis: bool,
    ) -> Assessment:
        """Judge a completed bin of which the fraction `known` was seen, then learn from it.

        `expected` is what `expected(bin_at)` says.
        """
        expected_posts, expected_negatives = expected
        if self._posts_baseline.bins == 0:
            expected_posts, expected_negatives = posts / known, negatives / known
        if (
            posts == 0
            and expected_posts < IDLE_POSTS
            and known == 1.0
            and self._posts.sum(RING_BINS) == 0
        ):
            return self._idle()
        self._posts.push(posts)
        self._expected_milli.push(round(expected_posts * known * MILLI))
        self.seen_s += round(self._settings.bin_s * known)
        if self._polarity:
            self._negatives.push(negatives)
            self._expected_negatives_milli.push(round(expected_negatives * known * MILLI))
            self._total += negatives
        else:
            self._total += posts
        assessment = self._assess(posts, negatives, expected_posts * known, crisis=crisis)
        self._posts_baseline.learn(bin_at, posts / known, crisis=crisis)
        if self._polarity:
            self._negatives_baseline.learn(bin_at, negatives / known, crisis=crisis)
        return assessment

    def _idle(self) -> Assessment:
        self.seen_s += self._settings.bin_s
        self._posts_baseline.bins += 1
        if self._polarity:
            self._negatives_baseline.bins += 1
        for ring in (
            self._posts,
            self._expected_milli,
            self._negatives,
            self._expected_negatives_milli,
        ):
            ring.push(0)
        return IDLE_KNOWN if self._polarity else IDLE_UNKNOWN

    def _assess(self, posts: int, negatives: int, expected: float, *, crisis: bool) -> Assessment:
        leading: tuple[float, str, float, float, int] | None = None
        scores: list[tuple[str, float]] = []
        active = False
        for detector in (self._burst, self._slow_burn):
            shape = detector.shape
            lifts = detector.lifts(self._judged, self._expected_judged_milli)
            surprise = detector.surprise(lifts)
            days = detector.rarity_days(surprise, self.seen_s)
            horizon = shape.horizons[lifts.index(max(lifts))]
            mood = self._mood(horizon)
            score = detector.score(surprise, days, mood)
            active = active or shape.weight * surprise >= GOES_ON * shape.opens_at
            scores.append((shape.rule, round(score, 3)))
            if leading is None or score > leading[0]:
                leading = (score, shape.rule, surprise, days, horizon)
            detector.learn(lifts, surprise, self.seen_s)
        if self._polarity:
            sigma, horizon = self._turn.sigma(self._posts, self._negatives)
            self._turn.learn(posts, negatives, self.seen_s, expected=expected, crisis=crisis)
            score = self._turn.score(sigma, self.seen_s)
            scores.append(("turn", round(score, 3)))
            active = active or score >= GOES_ON
            if leading is None or score > leading[0]:
                leading = (score, "turn", sigma, self.seen_s / 86_400, horizon)
        if leading is None:
            raise AssertionError
        score, rule, surprise, days, horizon = leading
        excess = self._judged.sum(horizon) - self._expected_judged_milli.sum(horizon) / MILLI
        if self.learning or excess < LEAST_EXCESS:
            score = 0.0
        return Assessment(
            rule=rule,
            score=score,
            surprise=surprise,
            rarity_days=days,
            horizon=horizon,
            active=active or score >= self._settings.open_score,
            stirring=active or leading[0] >= GOES_ON,
            good_mood=self._happy(self._posts.sum(horizon), self._negatives.sum(horizon)),
            scores=tuple(scores),
        )

    def onset(self, posts: int, negatives: int, bin_at: int, elapsed: float) -> Assessment | None:
        """Return an unmistakable onset within the bin under way, else None.

        `elapsed` is the fraction of the bin that has passed. What may have been expected
        is taken at its largest: as the baseline says, or one post more than was ever seen
        spread over all the time seen, so that a short silence proves little.
        """
        judged = negatives if self._polarity else posts
        silent = self._total * HOUR_S < SILENT_PER_HOUR * self.seen_s
        has_habits = not self.learning and not silent
        # Most steps of most topics end here, before anything is worked out.
        if has_habits:
            if elapsed >= 1.0 or judged < LEAST_EXCESS:
                return None
        elif (
            judged == 0
            or self.seen_s < ONSET_NEEDS_S
            or judged + self._judged.sum(ONSET_BINS[-1]) < LEAST_POSTS
        ):
            return None
        if self._happy(posts, negatives):
            return None
        if has_habits:
            mood = min(0.0, self._turn.mood(posts, negatives)) if self._polarity else 0.0
            return self._early_burst(judged, bin_at, mood)
        expected_bin = self.expected(bin_at)[1 if self._polarity else 0]
        per_bin = (self._total + 1) * self._settings.bin_s / self.seen_s
        best, best_bins = 0.0, 0
        for bins in ONSET_BINS:
            count, expected = judged, expected_bin * elapsed
            if bins:
                count += self._judged.sum(bins)
                expected += self._expected_judged_milli.sum(bins) / MILLI
            score = onset_score(count, max(expected, per_bin * (bins + elapsed)))
            if score > best:
                best, best_bins = score, bins
        if best < self._settings.open_score:
            return None
        return Assessment(
            rule=BURST.rule,
            score=best,
            surprise=best,
            rarity_days=self.seen_s / 86_400,
            horizon=best_bins,
            active=True,
            stirring=True,
            good_mood=False,
            scores=(("onset", round(best, 3)),),
        )

    def _early_burst(self, judged: int, bin_at: int, mood: float) -> Assessment | None:
        """Return the burst that the bin under way holds already, even if nothing more comes.

        All that was expected of the bin is set against what came so far; the score can
        only grow until the bin ends, so looking early costs no false alarm.
        """
        expected = self.expected(bin_at)[1 if self._polarity else 0]
        if judged - expected < LEAST_EXCESS:
            return None
        lifts = self._burst.lifts(self._judged, self._expected_judged_milli, judged, expected)
        surprise = self._burst.surprise(lifts)
        days = self._burst.rarity_days(surprise, self.seen_s)
        score = self._burst.score(surprise, days, mood)
        if score < self._settings.open_score:
            return None
        return Assessment(
            rule=BURST.rule,
            score=score,
            surprise=surprise,
            rarity_days=days,
            horizon=0,
            active=True,
            stirring=True,
            good_mood=False,
            scores=((BURST.rule, round(score, 3)),),
        )

    def without_past(self, *, opened: bool) -> Assessment | None:
        """Return a crisis that was there before the watch began, else None.

        Nothing is known to compare with, so that only absolute facts count. Once `opened`
        it goes on for as long as the topic learns. Never where polarity is unknown.
        """
        if not self._polarity or not self.learning or self.seen_s < ONSET_NEEDS_S:
            return None
        if not opened and self.seen_s > no_past.YOUNG_S:
            return None
        hour = self._hour
        if not no_past.stands_out(self._posts.sum(hour), self._negatives.sum(hour)):
            return None
        return Assessment(
            rule=no_past.RULE,
            score=self._settings.open_score,
            surprise=0.0,
            rarity_days=0.0,
            horizon=min(hour, max(1, self.seen_s // self._settings.bin_s)),
            active=True,
            stirring=True,
            good_mood=False,
            scores=((no_past.RULE, 1.0),),
        )

    def stirs(self) -> bool:
        """Say whether a young topic's posts may soon be asked for, without a past as they are."""
        return (
            self._polarity
            and self.seen_s <= no_past.YOUNG_S
            and 2 * self._negatives.sum(self._hour) >= self._posts.sum(self._hour) > 0
        )

    def _mood(self, horizon: int) -> float:
        if not self._polarity:
            return 0.0
        return self._turn.mood(self._posts.sum(horizon), self._negatives.sum(horizon))

    def _happy(self, posts: int, negatives: int) -> bool:
        """Say whether a crowd is in a better mood than usual; never where that is unknown."""
        if not self._polarity:
            return False
        return (negatives + 1.0) / (posts + 3.0) < MOOD_KEPT * self._turn.normal_share

    def window(self, bins: int) -> tuple[int, float, int, float]:
        """Return posts, expected posts, negatives and expected negatives of the last bins."""
        if bins == 0:
            return 0, 0.0, 0, 0.0
        return (
            self._posts.sum(bins),
            self._expected_milli.sum(bins) / MILLI,
            self._negatives.sum(bins),
            self._expected_negatives_milli.sum(bins) / MILLI,
        )

    def doubling_s(self) -> float | None:
        """Return in how many seconds the judged posts double, None where they do not grow.

        The last half hour is set against the one before.
        """
        half = max(1, round(HALF_HOUR_S / self._settings.bin_s))
        later = self._judged.sum(half)
        earlier = self._judged.sum(2 * half) - later
        if later < LEAST_EXCESS or later - earlier < GROWTH_SIGMA * sqrt(later + earlier):
            return None
        return half * self._settings.bin_s * log(2.0) / log((later + 1.0) / (earlier + 1.0))

    def to_state(self) -> tuple[object, ...]:
        """Return everything learned, as builtins."""
        return (
            self.seen_s,
            self._total,
            self._posts_baseline.to_state(),
            self._negatives_baseline.to_state() if self._polarity else None,
            self._posts.to_state(),
            self._expected_milli.to_state(),
            self._negatives.to_state() if self._polarity else None,
            self._expected_negatives_milli.to_state() if self._polarity else None,
            self._burst.to_state(),
            self._slow_burn.to_state(),
            self._turn.to_state() if self._polarity else None,
        )

    @classmethod
    def from_state(cls, state: tuple[Any, ...], settings: WatchSettings) -> Self:
        """Rebuild from `to_state()` under the same settings."""
        models = cls(settings)
        half_life = {"bin_s": settings.bin_s, "half_life_s": settings.level_half_life_s}
        scale = {"bin_s": settings.bin_s, "scale_half_life_s": settings.scale_half_life_s}
        models.seen_s, models._total = state[0], state[1]
        models._posts_baseline = Baseline.from_state(state[2], **half_life)
        models._posts = Ring.from_state(state[4])
        models._expected_milli = Ring.from_state(state[5])
        models._burst = Lift.from_state(state[8], BURST, **scale)
        models._slow_burn = Lift.from_state(state[9], SLOW_BURN, **scale)
        if settings.polarity_known:
            models._negatives_baseline = Baseline.from_state(state[3], **half_life)
            models._negatives = Ring.from_state(state[6])
            models._expected_negatives_milli = Ring.from_state(state[7])
            models._turn = Turn.from_state(state[10], **half_life)
        models._point_to_judged()
        return models
