"""The highest rates of an incident."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from crisiswatch.detection.signal import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The highest rates seen, in posts per minute, and when; None where polarity is unknown."""

    posts_per_min: float
    posts_at: datetime
    negatives_per_min: float | None
    negatives_at: datetime | None

    @classmethod
    def of(cls, signal: Signal) -> Self:
        """Return the rates of one signal."""
        evidence = signal.verdict.evidence
        at = datetime.fromtimestamp(signal.at, UTC)
        return cls(
            posts_per_min=evidence.posts,
            posts_at=at,
            negatives_per_min=evidence.negatives,
            negatives_at=None if evidence.negatives is None else at,
        )

    def or_higher(self, other: "Peak") -> "Peak":
        """Return the higher of each rate; the first one seen where they are equal."""
        peak = self
        if other.posts_per_min > peak.posts_per_min:
            peak = replace(peak, posts_per_min=other.posts_per_min, posts_at=other.posts_at)
        if other.negatives_per_min is not None and (
            peak.negatives_per_min is None or other.negatives_per_min > peak.negatives_per_min
        ):
            peak = replace(
                peak, negatives_per_min=other.negatives_per_min, negatives_at=other.negatives_at
            )
        return peak
