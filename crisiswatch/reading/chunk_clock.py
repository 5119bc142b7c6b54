"""How far event time has come in a chunk, and where the source fell silent.

Most lines of a chunk match no topic and are never decoded, but a quiet topic must see
time pass all the same. So a dozen lines are read for their time alone, and more of
them only where two neighbours lie far apart.
"""

from collections.abc import Callable
from itertools import pairwise

from crisiswatch.reading.post import Post, Read

CLOCK_LINES = 8
"""Lines of a chunk that are read for their time whether they match or not."""

CLOCK_RANK = 3
"""The chunk's time is the third latest that was read: two absurd dates move nothing."""

QUIET_S = 900
"""A stretch this long without a post is worth knowing; shorter ones are covered."""


def sampled_times_ms(data: bytes, read: Callable[[bytes], Read]) -> list[int]:
    """Return the times of evenly spread lines, closer together where time jumps.

    Unreadable lines are passed over here: their faults are counted elsewhere.
    """
    if not data:
        return []
    known: dict[int, int | None] = {}

    def time_at(position: int) -> tuple[int, int | None]:
        start = data.rfind(b"\n", 0, position) + 1
        if start not in known:
            end = data.find(b"\n", start)
            item = read(data[start : len(data) if end < 0 else end])
            known[start] = item.posted_at_ms if type(item) is Post else None
        return start, known[start]

    last = len(data) - 1 - data.endswith(b"\n")
    spread = sorted({last * step // (CLOCK_LINES - 1) for step in range(CLOCK_LINES)})
    pending = list(pairwise(spread))
    time_at(spread[0])
    while pending:
        low, high = pending.pop()
        low_start, low_ms = time_at(low)
        high_start, high_ms = time_at(high)
        if low_start == high_start or low_ms is None or high_ms is None:
            continue
        middle_start, _ = time_at((low_start + high_start) // 2)
        if abs(high_ms - low_ms) < QUIET_S * 1000 or middle_start == low_start:
            continue
        pending += [(low_start, middle_start), (middle_start, high_start)]
    return [time_ms for time_ms in known.values() if time_ms is not None]


def clock_s(sorted_times_ms: list[int]) -> int:
    """Return the chunk's event time in seconds; the list must not be empty."""
    return sorted_times_ms[max(-CLOCK_RANK, -len(sorted_times_ms))] // 1000


def covered(sorted_times_ms: list[int]) -> list[tuple[int, int]]:
    """Join known times into stretches (seconds) broken only where `QUIET_S` passed in silence."""
    stretches: list[tuple[int, int]] = []
    start = sorted_times_ms[0]
    for before, after in pairwise(sorted_times_ms):
        if after - before >= QUIET_S * 1000:
            stretches.append((start // 1000, before // 1000))
            start = after
    stretches.append((start // 1000, sorted_times_ms[-1] // 1000))
    return stretches
