"""What a watch answers when it is fed: made for each topic and bin, so cheap to make."""

import msgspec

from crisiswatch.detection.signal import Severity, Signal


class BinReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was counted in one completed bin, beside what was expected, and what came of it.

    `negatives` and `expected_negatives` are None where polarity is unknown. `scores`
    are the detectors' opening scores by name; `severity` is that of the open incident,
    else `NONE`.
    """

    topic: str
    bin_start: int
    posts: int
    negatives: int | None
    complaints: int | None
    authors: int
    reach: int
    expected_posts: float
    expected_negatives: float | None
    scores: tuple[tuple[str, float], ...]
    severity: Severity


class WatchStep(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one step changed: signals to send on, bins that were completed.

    `opening_score` is above 0 only on a step where an incident opens.
    """

    signals: tuple[Signal, ...] = ()
    readings: tuple[BinReading, ...] = ()
    opening_score: float = 0.0


NOTHING = WatchStep()
"""The answer of almost every step."""
