"""Tell a silent public from a silent source.

    chunks      |--a--|   |---b---|            |--c--|
    event time  ------------------|............|------->
                                      a gap

A source that delivers nothing at all, for any topic, for far longer than it usually
pauses, is broken or was switched off: no data is not zero posts. Whoever learns from
counts must freeze over such a stretch.
"""

from heapq import heappop, heappush

SHORTEST_GAP_S = 1800
"""No pause shorter than this is called a gap: half an hour of night is not an outage."""

PAUSES_TO_GAP = 100
"""A gap is a pause this many times the stream's mean time between posts: at that mean a
Poisson stream would pause so long by chance with probability exp(-100)."""


class Coverage:
    """Collect the stretches in which a source delivered; answer with the gaps between them.

    Stretches may come in any order as long as none starts before the watermark already
    passed to `advance`. With `fixed_gap_s` every pause of at least that length is a gap
    (a count series knows its own spacing), otherwise the stream's own rate decides.
    """

    def __init__(self, fixed_gap_s: int | None = None) -> None:
        self._fixed_gap_s = fixed_gap_s
        self._pending: list[tuple[int, int]] = []
        self._until_s: int | None = None
        self._silent = False
        self._lines = 0
        self._covered_s = 0

    def add(self, stretches: list[tuple[int, int]], lines: int) -> None:
        """Note that `lines` posts came, spread over `stretches` (from, to) in unix seconds."""
        for stretch in stretches:
            heappush(self._pending, stretch)
        self._lines += lines
        self._covered_s += sum(to - start for start, to in stretches)

    def advance(self, watermark_s: int) -> list[tuple[int, int]]:
        """Return the gaps that are certain now that nothing before `watermark_s` will come.

        While a live source stays silent (its clock moves, nothing comes), the gap is
        answered piece by piece from the moment it is certain.
        """
        gaps = []
        while self._pending and self._pending[0][0] <= watermark_s:
            start, to = heappop(self._pending)
            if self._until_s is not None and start - self._until_s >= self._gap_s():
                gaps.append((self._until_s, start))
            if self._until_s is None or to > self._until_s:
                self._until_s = to
            self._silent = False
        if self._until_s is not None and not self._pending:
            self._silent = self._silent or watermark_s - self._until_s >= self._gap_s()
            if self._silent and watermark_s > self._until_s:
                gaps.append((self._until_s, watermark_s))
                self._until_s = watermark_s
        return gaps

    def _gap_s(self) -> float:
        if self._fixed_gap_s is not None:
            return self._fixed_gap_s
        mean_pause_s = self._covered_s / max(self._lines, 1)
        return max(SHORTEST_GAP_S, PAUSES_TO_GAP * mean_pause_s)

    def to_state(self) -> tuple[object, ...]:
        """Return the memory as builtins."""
        return (
            self._fixed_gap_s,
            tuple(self._pending),
            self._until_s,
            self._silent,
            self._lines,
            self._covered_s,
        )

    @classmethod
    def from_state(cls, state: tuple[object, ...]) -> "Coverage":
        """Rebuild from `to_state()`."""
        fixed_gap_s, pending, until_s, silent, lines, covered_s = state
        coverage = cls(fixed_gap_s)  # type: ignore[arg-type]  # the tuple is what to_state() wrote
        coverage._pending = list(pending)  # type: ignore[call-overload]  # as above
        coverage._until_s = until_s  # type: ignore[assignment]  # as above
        coverage._silent = silent  # type: ignore[assignment]  # as above
        coverage._lines = lines  # type: ignore[assignment]  # as above
        coverage._covered_s = covered_s  # type: ignore[assignment]  # as above
        return coverage
