"""Axes: where ticks stand and what they say."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from crisiswatch.report.shown_text import amount, moment

MOST_TICKS = 8
MOST_NARROW_TICKS = 4
DAY_S = 86_400

_TICK_STEPS_S = (
    *(minutes * 60 for minutes in (1, 5, 10, 15, 30)),
    *(hours * 3600 for hours in (1, 2, 3, 6, 12)),
    *(days * DAY_S for days in (1, 2, 7, 14, 28, 56, 112, 364)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on an axis: where, in per cent of its length, and what is written there.

    `narrow` ones are shown also where there is little room.
    """

    percent: float
    label: str
    strong: bool = False
    narrow: bool = True


def time_ticks(start_at: datetime, end_at: datetime) -> tuple[Tick, ...]:
    """Return at most `MOST_TICKS` round times in UTC; midnights are strong and carry the date."""
    start_s, end_s = start_at.timestamp(), end_at.timestamp()
    length_s = max(end_s - start_s, 1)
    step_s = next((s for s in _TICK_STEPS_S if length_s / s <= MOST_TICKS), _TICK_STEPS_S[-1])
    first = math.ceil(start_s / step_s)
    times = [k * step_s for k in range(first, math.floor(end_s / step_s) + 1)][: 2 * MOST_TICKS]
    midnights = [at_s for at_s in times if at_s % DAY_S == 0]
    kept = midnights if len(midnights) > 1 else times
    kept = kept[:: -(-len(kept) // MOST_NARROW_TICKS)] if kept else []
    ticks = []
    for index, at_s in enumerate(times):
        at = datetime.fromtimestamp(at_s, tz=UTC)
        midnight = at_s % DAY_S == 0
        if midnight:
            label = f"{at.day} {at:%b}"
        else:
            label = moment(at) if index == 0 and not midnights else f"{at:%H:%M}"
        percent = 100 * (at_s - start_s) / length_s
        ticks.append(
            Tick(percent=round(percent, 2), label=label, strong=midnight, narrow=at_s in kept)
        )
    return tuple(ticks)


def value_ticks(largest: float) -> tuple[float, tuple[Tick, ...]]:
    """Return the top of an axis from 0 that holds `largest`, and two or three ticks on it."""
    largest = max(largest, 1.0)
    magnitude = 10 ** math.floor(math.log10(largest / 2))
    step = max(1, next(m for m in (1, 2, 2.5, 5, 10) if largest / 2 <= m * magnitude) * magnitude)
    marks = [k * step for k in range(math.floor(largest / step + 1e-9) + 1)]
    top = max(largest * 1.06, marks[-1])
    ticks = tuple(Tick(percent=round(100 * mark / top, 2), label=amount(mark)) for mark in marks)
    return top, ticks
