"""How far the recent past rises above normal, and how rare that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log10
from typing import Any, Self

from crisiswatch.detection.baseline import SHRINKAGE
from crisiswatch.detection.rarity import Rarity
from crisiswatch.detection.ring import Ring

RARITY_CAP_DAYS = 14.0
"""Two weeks and their weekends; a surprise must also be one in itself (3.6 sigma for a burst)."""

RARITY_FLOOR_DAYS = 0.01
"""A quarter of an hour: below it everything is as common as can be."""

FIRST_SCALE = 0.3
"""What a lift usually is before anything was seen: a third more or less."""

SCALE_FLOOR = 0.1
"""No stream is so regular that a tenth more is worth a word."""

OUTLIER = 4.0
"""Swings beyond this many scales count as this many: a crisis must not widen the scale."""

MOOD_WEIGHT = 1.0 / 3.0
"""Score per sigma of the mood: three sigma weigh as much as a factor 10 of rarity."""

MOOD_CAP_SIGMA = 3.0
"""No mood alone opens or prevents everything."""

MEAN_ABSOLUTE_TO_SIGMA = 1.2533
DAY_S = 86_400
MILLI = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which crises a lift detector sees: how many bins it looks back over, and when it opens.

    The score is `(weight * surprise + log10(days since one as large) + mood) / opens_at`.
    """

    rule: str
    horizons: tuple[int, ...]
    weight: float
    opens_at: float


class Lift:
    """Score the surprise of the last bins against how rare such a surprise is.

    The log lift over expected, shrunk, over each horizon is divided by its usual size
    (a robust exponentially weighted scale); the mean over the horizons is the surprise.
    """

    __slots__ = ("_rarity", "_rate", "_scales", "_seen", "shape")

    def __init__(self, shape: Shape, *, bin_s: int, scale_half_life_s: int) -> None:
        self.shape = shape
        self._rate = 1.0 - 0.5 ** (bin_s / scale_half_life_s)
        self._scales = [FIRST_SCALE] * len(shape.horizons)
        self._seen = 0
        self._rarity = Rarity()

    def lifts(
        self, observed: Ring, expected_milli: Ring, more: int = 0, more_expected: float = -1.0
    ) -> list[float]:
        """Return the shrunk log lift of each horizon.

        With `more_expected` at 0 or above, a bin under way counts as the newest one:
        `more` posts in it, and so many expected of it.
        """
        complete: Sequence[int] = self.shape.horizons
        if more_expected < 0.0:
            more_expected = 0.0
        else:
            complete = [bins - 1 for bins in complete]
        counts, expected = observed.sums(complete), expected_milli.sums(complete)
        return [
            log((count + more + SHRINKAGE) / (milli / MILLI + more_expected + SHRINKAGE))
            for count, milli in zip(counts, expected, strict=True)
        ]

    def surprise(self, lifts: list[float]) -> float:
        """Return the mean lift in units of what is usual."""
        total = 0.0
        for lift, scale in zip(lifts, self._scales, strict=True):
            total += lift / max(SCALE_FLOOR, scale)
        return total / len(lifts)

    def rarity_days(self, surprise: float, seen_s: int) -> float:
        """Return how many days of seen time ago a surprise this large was."""
        return self._rarity.since(surprise, seen_s) / DAY_S

    def score(self, surprise: float, rarity_days: float, mood: float) -> float:
        """Return the score: an incident opens at 1.

        `mood` is the sigma of the negative share against the usual one, 0 where polarity
        is unknown: a crowd in a bad mood needs to be smaller to be a crisis.
        """
        rare = log10(min(rarity_days, RARITY_CAP_DAYS) + RARITY_FLOOR_DAYS)
        mood = min(MOOD_CAP_SIGMA, max(-MOOD_CAP_SIGMA, mood))
        return (self.shape.weight * surprise + rare + MOOD_WEIGHT * mood) / self.shape.opens_at

    def learn(self, lifts: list[float], surprise: float, seen_s: int) -> None:
        """Take in the newest bin: its surprise, and how far the lifts usually swing."""
        self._rarity.add(surprise, seen_s)
        self._seen += 1
        rate = max(self._rate, 1.0 / self._seen)
        scales = self._scales
        for i, lift in enumerate(lifts):
            scale = scales[i]
            swing = min(abs(lift) * MEAN_ABSOLUTE_TO_SIGMA, OUTLIER * scale + 0.02)
            scales[i] = scale + rate * (swing - scale)

    def to_state(self) -> tuple[object, ...]:
        """Return what was learned as builtins."""
        return (self._seen, tuple(self._scales), self._rarity.to_state())

    @classmethod
    def from_state(
        cls, state: tuple[Any, ...], shape: Shape, *, bin_s: int, scale_half_life_s: int
    ) -> Self:
        """Rebuild from `to_state()`."""
        lift = cls(shape, bin_s=bin_s, scale_half_life_s=scale_half_life_s)
        seen, scales, rarity = state
        lift._seen, lift._scales = seen, list(scales)
        lift._rarity = Rarity.from_state(rarity)
        return lift
