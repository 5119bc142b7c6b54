"""What is normal for a topic: its level and its hours of the day, learned robustly."""

from math import exp, log
from typing import Self

SHRINKAGE = 12.0
"""Posts added to observed and expected alike (a Gamma-Poisson prior).

A small stream then needs real posts, not a ratio of small numbers, to be surprising.
"""

CLIP = 1.0
"""Largest log residual that is learned from: a burst teaches no more than a factor e."""

CRISIS_RATE = 0.25
"""Share of the normal learning rate while an incident is open, or the volume is far out.

Not 0: a topic that moved to a new level for good must come to rest some day.
"""

HOURS = 24
HOUR_S = 3_600


class Baseline:
    """Learn log(count + shrinkage) per bin as a level plus an hour-of-day profile.

    Both are exponentially weighted means of residuals clipped at `CLIP`, which makes
    them robust: one bin moves them by a bounded amount. Until the level has seen a
    half-life it averages all bins alike. `expected()` answers before `learn()` is told
    what came, so every forecast is honest.
    """

    __slots__ = ("_hour", "_hour_rate", "_level", "_rate", "bins")

    def __init__(self, *, bin_s: int, half_life_s: int) -> None:
        self._rate = 1.0 - 0.5 ** (bin_s / half_life_s)
        bins_per_hour_of_day = max(1.0, HOUR_S / bin_s) * half_life_s / (HOURS * HOUR_S)
        self._hour_rate = 1.0 - 0.5 ** (1.0 / bins_per_hour_of_day)
        self._level = log(SHRINKAGE)
        self._hour = [0.0] * HOURS
        self.bins = 0

    def expected(self, at: int) -> float:
        """Return the posts expected in a bin that starts at `at`, 0 before any was learned."""
        if self.bins == 0:
            return 0.0
        posts = exp(self._level + self._hour[at // HOUR_S % HOURS]) - SHRINKAGE
        return max(0.0, posts)

    def learn(self, at: int, count: float, *, crisis: bool) -> None:
        """Take in one bin that starts at `at`; little of it while in a crisis."""
        seen = log(count + SHRINKAGE)
        hour = at // HOUR_S % HOURS
        if self.bins == 0:
            self._level = seen
        residual = seen - self._level - self._hour[hour]
        far_out = residual > CLIP
        residual = min(CLIP, max(-CLIP, residual))
        self.bins += 1
        if crisis or far_out:
            residual *= CRISIS_RATE
        self._level += max(self._rate, 1.0 / self.bins) * residual
        self._hour[hour] += self._hour_rate * residual

    def to_state(self) -> tuple[object, ...]:
        """Return what was learned as builtins."""
        return (self.bins, self._level, tuple(self._hour))

    @classmethod
    def from_state(
        cls, state: tuple[int, float, tuple[float, ...]], *, bin_s: int, half_life_s: int
    ) -> Self:
        """Rebuild a baseline from `to_state()`."""
        baseline = cls(bin_s=bin_s, half_life_s=half_life_s)
        baseline.bins, baseline._level = state[0], state[1]
        baseline._hour = list(state[2])
        return baseline
