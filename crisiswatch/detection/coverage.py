"""Tell a silent public from a silent source.

    chunks      |--a--|   |---b---|            |--c--|
    event time  ------------------|............|------->
                                      a gap

A source that delivers nothing at all, for any topic, for far longer than it usually
pauses, is broken or was switched off: no data is not zero posts. Whoever learns from
counts must freeze over such a stretch.
"""

from heapq import heappop, heappush
from typing import Any

from crisiswatch.reading.chunk_clock import ROGUE_S, Stretch

SHORTEST_GAP_S = 1800
"""No pause shorter than this is called a gap: half an hour of night is not an outage."""

PAUSES_TO_GAP = 100
"""A gap is a pause this many times the stream's mean time between posts: at that mean a
Poisson stream would pause so long by chance with probability exp(-100)."""

STRAYS = 2
STRAY_SHARE = 0.05
"""No more posts than two, or this share, long before all others are wrong dates, or old posts that
somebody has brought along, and not the beginning of the source."""


class Coverage:
    """Collect the stretches in which a source delivered; answer with the gaps between them.

    Stretches may come in any order as long as none starts before the watermark already
    passed to `advance`, and the answer does not depend on how the stream was cut. With
    `fixed_gap_s` every pause of at least that length is a gap (a count series knows its
    own spacing), otherwise the stream's own rate decides.
    """

    def __init__(self, fixed_gap_s: int | None = None) -> None:
        self._fixed_gap_s = fixed_gap_s
        self._pending: list[tuple[int, int, float]] = []
        self._since_s: int | None = None
        self._until_s = 0
        self._silent = False
        self._lines = 0.0
        self._gaps_s = 0

    def add(self, stretches: list[Stretch], lines: int) -> None:
        """Note that `lines` posts came, spread over `stretches` as the times seen in each."""
        seen = sum(times for _, _, times in stretches)
        for start, to, times in stretches:
            heappush(self._pending, (start, to, lines * times / seen))

    def begin(self, until_s: int) -> int | None:
        """Return when the source began to deliver, unix seconds; None while that is not certain.

        To be asked before the first `advance`, with the end of what can be closed. Strays are
        forgotten: a few posts more than a day older than all others, after a pause that the
        others do not know. Nothing follows from them about the time in between. Where there
        may be some, what comes after them is waited for until it can be closed.
        """
        self._pending.sort()
        latest_s = max((to for _, to, _ in self._pending), default=0)
        total = sum(lines for _, _, lines in self._pending)
        seen, seen_until_s, strays = 0.0, 0, 0
        for place, (start, to, lines) in enumerate(self._pending):
            pause_s = start - seen_until_s
            if place and pause_s > ROGUE_S:
                if seen > max(STRAYS, STRAY_SHARE * total):
                    break
                if start >= until_s:
                    return None
                others = total - seen
                if others <= seen:
                    break
                if pause_s * others > PAUSES_TO_GAP * (latest_s - start):
                    strays = place
            seen += lines
            seen_until_s = max(seen_until_s, to)
        del self._pending[:strays]
        return self._pending[0][0] if self._pending else None

    def advance(self, watermark_s: int) -> list[tuple[int, int]]:
        """Return the gaps that are certain now that nothing before `watermark_s` will come.

        While a live source stays silent (its clock moves, nothing comes), the gap is answered
        from the moment it is certain: as a whole each time, ever longer, so that whoever cuts
        it to steps loses none between two answers.
        """
        gaps: list[tuple[int, int]] = []
        while self._pending and self._pending[0][0] <= watermark_s:
            start, to, lines = heappop(self._pending)
            if self._since_s is None:
                self._since_s = self._until_s = start
            if self._silent or self._is_gap(start):
                self._take(start, gaps)
            self._silent = False
            self._lines += lines
            self._until_s = max(self._until_s, to)
        if self._since_s is not None:
            self._silent = self._silent or self._is_gap(watermark_s)
            if self._silent and watermark_s > self._until_s:
                gaps.append((self._until_s, watermark_s))
        return gaps

    def _take(self, to_s: int, gaps: list[tuple[int, int]]) -> None:
        if to_s > self._until_s:
            gaps.append((self._until_s, to_s))
            self._gaps_s += to_s - self._until_s
            self._until_s = to_s

    def _is_gap(self, at_s: int) -> bool:
        """Tell whether silence until `at_s` is more than a pause.

        The pause itself counts towards the mean, so that a stream must have shown more
        than `PAUSES_TO_GAP` posts before anything is called a gap.
        """
        pause_s = at_s - self._until_s
        if self._fixed_gap_s is not None:
            return pause_s >= self._fixed_gap_s
        if pause_s < SHORTEST_GAP_S or self._since_s is None or self._lines <= 0.0:
            return False
        mean_pause_s = (at_s - self._since_s - self._gaps_s) / self._lines
        return pause_s >= PAUSES_TO_GAP * mean_pause_s

    def to_state(self) -> tuple[object, ...]:
        """Return the memory as builtins."""
        return (
            self._fixed_gap_s,
            tuple(self._pending),
            self._since_s,
            self._until_s,
            self._silent,
            self._lines,
            self._gaps_s,
        )

    @classmethod
    def from_state(cls, state: tuple[Any, ...]) -> "Coverage":
        """Rebuild from `to_state()`."""
        coverage = cls(state[0])
        coverage._pending = list(state[1])
        coverage._since_s, coverage._until_s, coverage._silent = state[2:5]
        coverage._lines, coverage._gaps_s = state[5:7]
        return coverage
