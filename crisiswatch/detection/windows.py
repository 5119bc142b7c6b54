"""Partial counts in, closed steps out, in event time.

              watermark - lateness
                      v
    |  60 s  |  60 s  |  60 s  |  60 s  |
     closed   closed    open     open
      late -> counted     merged

Posts arrive out of order and from several partitions. A partition's clock is the third
latest of the last times it told, so that two wrong dates among them move nothing. A step closes once every
partition's event time has passed its end by the allowed lateness; whatever comes
for a closed step is late: counted and reported, never merged, so that a reading,
once given, stays true.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from crisiswatch.detection.coverage import Coverage
from crisiswatch.detection.open_step import OpenStep
from crisiswatch.reading.chunk_clock import ROGUE_S, Stretch, clock_s
from crisiswatch.reading.count_table import CountTable
from crisiswatch.reading.counts import Counts

TIMES_KEPT = 32
"""Of so many times the third latest is a partition's clock: rogues are forgotten after them."""

END_OF_STREAM_S = 1 << 62
"""A partition's clock once it is known to deliver nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One closed stretch of event time: the counts per topic that had any post."""

    start_at: int
    counts: dict[int, Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch for which nothing is known, aligned to steps."""

    from_at: int
    to_at: int


class Windows:
    """Merge partial counts into steps and close them at the watermark.

    The watermark is the least of the partitions' clocks; a clock never goes back.
    Steps come out in order and without holes but for the gaps, which come out in
    their place; `closed_until` is where they stand. `origin_s` shifts the steps' edges (a count series has its own). At the
    end of the stream the last bin of `bin_s` is closed as a whole.
    """

    def __init__(
        self,
        *,
        step_s: int,
        bin_s: int,
        lateness_s: int,
        partitions: tuple[str, ...],
        origin_s: int = 0,
        fixed_gap_s: int | None = None,
    ) -> None:
        self._step_s = step_s
        self._bin_s = bin_s
        self._lateness_s = lateness_s
        self._origin_s = origin_s
        self._clocks: dict[str, int | None] = dict.fromkeys(partitions)
        self._recent_s: dict[str, deque[int]] = {}
        self._open: dict[int, OpenStep] = {}
        self.closed_until: int | None = None
        self._latest_s: int | None = None
        self._coverage = Coverage(fixed_gap_s)
        self._gaps: list[Gap] = []
        self.late_posts = 0

    def add(
        self,
        partition: str,
        *,
        counts: CountTable,
        recent_s: tuple[int, ...],
        covered: list[Stretch],
        lines: int,
    ) -> None:
        """Take in one chunk's counts, each dated by a second of its step, and note its times."""
        starts = counts.at_s - (counts.at_s - self._origin_s) % self._step_s
        for start_at in np.unique(starts).tolist():
            rows = np.flatnonzero(starts == start_at)
            if self.closed_until is not None and start_at < self.closed_until:
                self.late_posts += int(counts.posts[rows].sum())
                continue
            part = counts if len(rows) == len(counts) else counts.at(rows)
            self._open.setdefault(start_at, OpenStep(start_at)).add(part)
        self._coverage.add(covered, lines)
        if covered:
            newest = max(to for _, to, _ in covered)
            self._latest_s = newest if self._latest_s is None else max(self._latest_s, newest)
        recent = self._recent_s.setdefault(partition, deque(maxlen=TIMES_KEPT))
        recent.extend(recent_s)
        if recent_s:
            self.vouch(partition, clock_s(sorted(recent)))

    def vouch(self, partition: str, clock_s: int) -> None:
        """Note that nothing before `clock_s` is to come from `partition`; it never goes back.

        One that has ended and delivers all the same was started again (a pipe with another
        writer), and counts like any other.
        """
        known = self._clocks.get(partition)
        if known is None or clock_s > known or known == END_OF_STREAM_S:
            self._clocks[partition] = clock_s

    def lose(self, from_s: int, to_s: int) -> None:
        """Note that posts from `from_s` to `to_s` were missed: whole steps of it are a gap.

        Steps of which posts came all the same, before it or by other ways, stay steps.
        """
        gap = Gap(from_at=self._step_of(from_s) + self._step_s, to_at=self._step_of(to_s))
        if gap.to_at > gap.from_at:
            self._note_gap(gap)

    def finish(self, partition: str) -> None:
        """Note that `partition` will deliver nothing more; the last one closes everything."""
        self._clocks[partition] = END_OF_STREAM_S

    @property
    def watermark_s(self) -> int | None:
        """How far event time has come, unix seconds; None before it is known, or at the end."""
        watermark_s = self._watermark_s()
        return None if watermark_s == END_OF_STREAM_S else watermark_s

    def closed(self) -> Iterator[Step | Gap]:
        """Yield the steps and gaps that are certain by now, oldest first."""
        watermark_s = self._watermark_s()
        if watermark_s is None:
            return
        if watermark_s == END_OF_STREAM_S:
            if self._latest_s is None:
                return
            self._drop_rogues(self._latest_s + ROGUE_S)
            silent_until = max([self._latest_s, *self._open])
            close_until = self._bin_end(silent_until)
        else:
            silent_until = close_until = self._step_of(watermark_s - self._lateness_s)
        if self.closed_until is None and not self._begin(close_until):
            return
        for from_s, to_s in self._coverage.advance(silent_until):
            gap = Gap(from_at=self._step_of(from_s) + self._step_s, to_at=self._step_of(to_s))
            if gap.to_at > max(gap.from_at, self.closed_until or 0):
                self._note_gap(gap)
        yield from self._close(close_until)

    def _begin(self, close_until: int) -> bool:
        """Settle where the first step begins, once it can be closed; say whether it is settled."""
        first_s = self._coverage.begin(close_until)
        if first_s is None or self._step_of(first_s) >= close_until:
            return False
        self.closed_until = first_at = self._step_of(first_s)
        for start_at in [at for at in self._open if at < first_at]:
            self.late_posts += self._open.pop(start_at).posts
        return True

    def _note_gap(self, gap: Gap) -> None:
        insort(self._gaps, gap, key=lambda known: known.from_at)

    def _close(self, close_until: int) -> Iterator[Step | Gap]:
        assert self.closed_until is not None  # noqa: S101  # set by the only caller
        while self.closed_until < close_until:
            start_at = self.closed_until
            if self._gaps and self._gaps[0].to_at <= start_at:
                self._gaps.pop(0)
                continue
            if self._gaps and self._gaps[0].from_at <= start_at:
                to_at = min([self._gaps[0].to_at, close_until, *self._open])
                if to_at > start_at:
                    self.closed_until = to_at
                    yield Gap(from_at=start_at, to_at=to_at)
                    continue
            self.closed_until = start_at + self._step_s
            step = self._open.pop(start_at, None)
            yield Step(start_at=start_at, counts={} if step is None else step.counts())

    def _drop_rogues(self, latest_s: int) -> None:
        """Count posts dated far beyond the end of the stream as late: their dates are wrong."""
        for start_at in [at for at in self._open if at > latest_s]:
            self.late_posts += self._open.pop(start_at).posts

    def _watermark_s(self) -> int | None:
        clocks = list(self._clocks.values())
        known = [clock for clock in clocks if clock is not None]
        return min(known) if known and len(known) == len(clocks) else None

    def _bin_end(self, second: int) -> int:
        anchor_s = self._origin_s % self._step_s
        return second - (second - anchor_s) % self._bin_s + self._bin_s

    def _step_of(self, second: int) -> int:
        return second - (second - self._origin_s) % self._step_s

    def to_state(self) -> tuple[object, ...]:
        """Return the memory as builtins; the settings are given anew on restart."""
        return (
            tuple(self._clocks.items()),
            tuple((partition, tuple(times)) for partition, times in self._recent_s.items()),
            tuple((start_at, step.to_state()) for start_at, step in self._open.items()),
            self.closed_until,
            self._latest_s,
            self._coverage.to_state(),
            tuple((gap.from_at, gap.to_at) for gap in self._gaps),
            self.late_posts,
        )

    def restore(self, state: tuple[Any, ...], moved: Mapping[int, int] | None = None) -> None:
        """Take up the memory that `to_state()` gave.

        `moved` says which index a topic has now, by the one it had; topics that it does not
        name are forgotten. None: nothing has moved.
        """
        clocks, recent_s, steps, self.closed_until, self._latest_s = state[:5]
        coverage, gaps, self.late_posts = state[5:]
        # One that is gone from the source would hold up event time for ever.
        self._clocks.update((name, clock) for name, clock in clocks if name in self._clocks)
        self._recent_s = {
            name: deque(times, maxlen=TIMES_KEPT)
            for name, times in recent_s
            if name in self._clocks
        }
        self._open = {
            start_at: OpenStep.from_state(start_at, step, moved) for start_at, step in steps
        }
        self._coverage = Coverage.from_state(coverage)
        self._gaps = [Gap(from_at=start, to_at=to) for start, to in gaps]
