"""Hours: a little more each hour, and it does not stop."""

from crisiswatch.detection.detectors.lift import Shape

SLOW_BURN = Shape(
    rule="slow-burn",
    horizons=(12, 36, 72),
    weight=0.4,
    opens_at=2.1,
)
"""A slow burn shows over 1, 3 and 6 hours."""
