"""How far event time has come in a chunk, and where the source fell silent.

Most lines of a chunk match no topic and are never decoded, but a quiet topic must see
time pass all the same. So a few lines are read for their time alone, and all of
them only where two neighbours lie far apart.
"""

from collections.abc import Callable
from itertools import pairwise

from crisiswatch.reading.post import Post, Read

CLOCK_LINES = 8
"""Lines of a chunk that are read for their time whether they match or not."""

RECENT_TIMES = 16
"""The latest times of a chunk that are handed on for the stream's clock."""

CLOCK_RANK = 3
"""A clock is the third latest time known: two absurd dates move nothing."""

QUIET_S = 900
"""A stretch this long without a post is worth knowing; shorter ones are covered."""

ROGUE_S = 86_400
"""A time this far beyond the clock is a wrong date, not news of the source."""

TRIES = 64
"""So many lines are tried for one that has a time: streams may be mostly likes and deletes."""


Stretch = tuple[int, int, int]
"""From when to when (unix seconds) a source was seen to deliver, and at how many times."""


def sampled_times_ms(data: bytes, read: Callable[[bytes], Read]) -> list[int]:
    """Return the times of evenly spread lines, and of all lines where those lie far apart.

    Far apart is at least `QUIET_S`: only thin streams are read line by line, and those
    can afford it. Lines without a time are passed over here: their faults are counted
    elsewhere.
    """
    if not data:
        return []
    lines = _TimedLines(data, read)
    last = len(data) - 1 - data.endswith(b"\n")
    spread = sorted({last * step // (CLOCK_LINES - 1) for step in range(CLOCK_LINES)})
    probes = [lines.first_from(position) for position in spread]
    for (low, low_ms), (high, high_ms) in pairwise(probes):
        far = low_ms is None or high_ms is None or abs(high_ms - low_ms) >= QUIET_S * 1000
        at = low
        while far and at < high:
            lines.time_ms(at)
            at = lines.after(at)
    return [time_ms for time_ms in lines.known.values() if time_ms is not None]


class _TimedLines:
    """The lines of a chunk by where they start, and the times of those that were read."""

    def __init__(self, data: bytes, read: Callable[[bytes], Read]) -> None:
        self._data = data
        self._read = read
        self.known: dict[int, int | None] = {}

    def after(self, start: int) -> int:
        """Return where the line after the one at `start` starts: the end, if it is the last."""
        end = self._data.find(b"\n", start)
        return len(self._data) if end < 0 else end + 1

    def time_ms(self, start: int) -> int | None:
        """Return the time of the line that starts at `start`, None where it has none."""
        if start not in self.known:
            item = self._read(self._data[start : self.after(start)])
            self.known[start] = item.posted_at_ms if type(item) is Post else None
        return self.known[start]

    def first_from(self, position: int) -> tuple[int, int | None]:
        """Return the first line with a time from the one at `position` on, and that time."""
        start = self._data.rfind(b"\n", 0, position) + 1
        for _ in range(TRIES):
            time_ms = self.time_ms(start)
            following = self.after(start)
            if time_ms is not None or following >= len(self._data):
                break
            start = following
        return start, self.time_ms(start)


def clock_s(sorted_times: list[int]) -> int:
    """Return the third latest of some times, or the earliest of fewer; not of none."""
    return sorted_times[max(-CLOCK_RANK, -len(sorted_times))]


def without_rogues(sorted_times_ms: list[int]) -> list[int]:
    """Return the times but those so far beyond the chunk's clock that their dates are wrong."""
    latest_ms = clock_s(sorted_times_ms) + ROGUE_S * 1000
    if sorted_times_ms[-1] <= latest_ms:
        return sorted_times_ms
    return [time_ms for time_ms in sorted_times_ms if time_ms <= latest_ms]


def covered(sorted_times_ms: list[int]) -> list[Stretch]:
    """Join known times into stretches broken only where `QUIET_S` passed in silence."""
    stretches: list[Stretch] = []
    first = 0
    for last, (before, after) in enumerate(pairwise(sorted_times_ms)):
        if after - before >= QUIET_S * 1000:
            start = sorted_times_ms[first]
            stretches.append((start // 1000, before // 1000, last + 1 - first))
            first = last + 1
    start, end = sorted_times_ms[first], sorted_times_ms[-1]
    stretches.append((start // 1000, end // 1000, len(sorted_times_ms) - first))
    return stretches
