"""When posts come: rates over the day, bursts and burns, and the noise around them.

Posts arrive as a Poisson process whose rate is the planned one times a Gamma factor
drawn per minute, so that counts vary more than Poisson, as they do on real platforms.
"""

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
import numpy.typing as npt

MINUTE_MS = 60_000
DAY_MINUTES = 1440

CALM = 12.0
"""Gamma shape of ordinary traffic: the rate of a minute varies by 29 %."""

STORMY = 5.0
"""Gamma shape inside an episode: 45 %."""

_BY_HOUR = (
    0.30, 0.22, 0.17, 0.16, 0.24, 0.48, 0.85, 1.25, 1.50, 1.35, 1.15, 1.10,
    1.15, 1.10, 1.05, 1.10, 1.25, 1.50, 1.72, 1.65, 1.45, 1.15, 0.80, 0.51,
)  # fmt: skip
"""Rate at each full hour, UTC, on a scale of its own: a night, a morning and an evening peak."""
_MEAN = sum(_BY_HOUR) / len(_BY_HOUR)


def time_of_day(minute: float) -> float:
    """Return the share of the mean rate at a minute of the day, straight between full hours."""
    hour, part = divmod(minute % DAY_MINUTES, 60)
    here, there = _BY_HOUR[int(hour)], _BY_HOUR[(int(hour) + 1) % 24]
    return (here + (there - here) * part / 60) / _MEAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """A rate that climbs in minutes and fades by halves: something is passed around."""

    onset_minute: float
    rise_minutes: float
    half_life_minutes: float
    end_minute: float
    peak_per_min: float

    def rate(self, minute: float) -> float:
        """Return the posts per minute that the episode adds."""
        since = minute - self.onset_minute
        if since < 0 or minute >= self.end_minute:
            return 0.0
        if since < self.rise_minutes:
            return self.peak_per_min * (since / self.rise_minutes) ** 2
        return float(
            self.peak_per_min * 0.5 ** ((since - self.rise_minutes) / self.half_life_minutes)
        )

    @property
    def peak_minute(self) -> float:
        """Return the minute of the day with the highest rate."""
        return self.onset_minute + self.rise_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """A rate that gets a little worse every hour, then ends as the service returns."""

    onset_minute: float
    peak_minute: float
    end_minute: float
    peak_per_min: float

    def rate(self, minute: float) -> float:
        """Return the posts per minute that the episode adds."""
        if minute < self.onset_minute or minute >= self.end_minute:
            return 0.0
        if minute < self.peak_minute:
            climbed = (minute - self.onset_minute) / (self.peak_minute - self.onset_minute)
            return self.peak_per_min * (exp(1.6 * climbed) - 1) / (exp(1.6) - 1)
        left = (self.end_minute - minute) / (self.end_minute - self.peak_minute)
        return self.peak_per_min * left * sqrt(left)


def minute_counts(
    rates: npt.NDArray[np.float64], shape: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw the posts of each minute around the planned `rates`, overdispersed."""
    return rng.poisson(rates * rng.gamma(shape, 1 / shape, len(rates)))
