"""How long ago anything this unusual was seen."""

from typing import Self

KEPT = 24
"""Entries kept; the expected number grows as the logarithm of the bins seen."""


class Rarity:
    """Tell how long ago a value at least this large was seen, in amortised O(1).

    A monotonic stack: a value is forgotten once a later one is at least as large. Beyond
    `KEPT` entries the smallest of the recent ones are given up first; they are the ones
    whose answer is minutes.
    """

    __slots__ = ("_times", "_values")

    def __init__(self) -> None:
        self._values: list[float] = []
        self._times: list[int] = []

    def since(self, value: float, now_s: int) -> int:
        """Return the seconds since a value as large, or since 0 if there was none."""
        for i in range(len(self._values) - 1, -1, -1):
            if self._values[i] >= value:
                return now_s - self._times[i]
        return now_s

    def add(self, value: float, now_s: int) -> None:
        """Remember `value`, seen at `now_s` (not before the last one)."""
        values = self._values
        while values and values[-1] <= value:
            values.pop()
            self._times.pop()
        if len(values) < KEPT:
            values.append(value)
            self._times.append(now_s)

    def to_state(self) -> tuple[tuple[float, ...], tuple[int, ...]]:
        """Return the stack as builtins."""
        return (tuple(self._values), tuple(self._times))

    @classmethod
    def from_state(cls, state: tuple[tuple[float, ...], tuple[int, ...]]) -> Self:
        """Rebuild from `to_state()`."""
        rarity = cls()
        rarity._values, rarity._times = list(state[0]), list(state[1])
        return rarity
