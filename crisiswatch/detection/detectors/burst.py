"""Minutes: far more posts than normal, and more than in days."""

from crisiswatch.detection.detectors.lift import Shape

BURST = Shape(
    rule="burst",
    horizons=(1, 2, 4, 8),
    weight=0.4,
    opens_at=2.6,
)
"""A burst shows over 5, 10, 20 and 40 minutes alike, a flicker in one of them only.

It opens at 6.5 sigma where one as large was a day ago, at 4 sigma where it was 10 days ago.
"""
