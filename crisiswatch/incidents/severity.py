"""When a severity may fall: the highest claim of the last hold, as a staircase.

A claim is that of the topic which claims most. Each step says since when claims have been
no higher than what; later steps are lower. It is the monotone queue of a sliding maximum:
what a later, higher claim covers can never matter again.

    claim     HIGH       MEDIUM      LOW
    at        10:00      10:10       10:20
    falls                MEDIUM since 10:10, LOW since 10:20
    severity  HIGH until 10:40, MEDIUM until 10:50, then LOW    (hold: 30 minutes)
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crisiswatch.detection.signal import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """Claims have been no higher than `severity` since `since`; the hold decides when it counts."""

    since: datetime
    severity: Severity
    reasons: tuple[str, ...]


def with_verdict(falls: tuple[Fall, ...], verdict: Fall) -> tuple[Fall, ...]:
    """Return the staircase after a claim below the detected severity, the newest one."""
    higher = tuple(fall for fall in falls if fall.severity > verdict.severity)
    rest = falls[len(higher) :]
    if not rest:
        return (*higher, verdict)
    if rest[0].severity == verdict.severity:
        return (*higher, rest[0])
    covered = Fall(since=rest[0].since, severity=verdict.severity, reasons=verdict.reasons)
    return (*higher, covered)


def due(falls: tuple[Fall, ...], hold: timedelta, now: datetime) -> tuple[Fall, ...]:
    """Return the first steps of the staircase, those whose hold is over at `now`."""
    return tuple(fall for fall in falls if fall.since + hold <= now)
