"""The recent past of a series, with the sum of its last k bins at hand for any k."""

from collections.abc import Sequence
from operator import sub
from typing import Self


class Ring:
    """Remember the last `length` whole numbers pushed, and sum the last k of them in O(1).

    Running totals are kept instead of the numbers: two look-ups and one subtraction give
    any sum, and whole numbers make it equal to recomputation to the last bit. Before
    anything was pushed all numbers are 0.
    """

    __slots__ = ("_at", "_totals", "length")

    def __init__(self, length: int) -> None:
        self.length = length
        self._totals = [0] * (length + 1)
        self._at = 0

    def push(self, value: int) -> None:
        """Append one number; the oldest is forgotten."""
        total = self._totals[self._at] + value
        self._at += 1
        if self._at > self.length:
            self._at = 0
        self._totals[self._at] = total

    def sum(self, last: int) -> int:
        """Return the sum of the `last` newest numbers, 1 to `length`."""
        return self._totals[self._at] - self._totals[self._at - last]

    def sums(self, lasts: Sequence[int]) -> list[int]:
        """Return `sum` of each of `lasts`, in one call."""
        totals, at = self._totals, self._at
        newest = totals[at]
        return [newest - totals[at - last] for last in lasts]

    def values(self) -> list[int]:
        """Return the numbers, oldest first."""
        oldest = self._at + 1
        totals = self._totals[oldest:] + self._totals[:oldest]
        return list(map(sub, totals[1:], totals))

    def to_state(self) -> tuple[int, ...]:
        """Return the numbers, oldest first: small numbers, small state."""
        return tuple(self.values())

    @classmethod
    def from_state(cls, state: tuple[int, ...]) -> Self:
        """Rebuild a ring from `to_state()`."""
        ring = cls(len(state))
        for value in state:
            ring.push(value)
        return ring
