"""A stretch of event time that still takes counts in, as the tables that came."""

from collections.abc import Mapping, Sequence
from typing import Self

from crisiswatch.reading.count_table import CountTable, merged
from crisiswatch.reading.counts import Counts

TABLES_KEPT = 32
"""So many tables wait until they become one. More of them are held twice where topics recur;
fewer are merged more often: that costs the same however few rows there are."""


class OpenStep:
    """Gather tables of counts and add them up once the step closes, or they are many.

    Guarantee: what comes out does not depend on how the counts were divided among tables, nor on
    their order.
    """

    __slots__ = ("_saved", "_start_at", "_tables")

    def __init__(self, start_at: int) -> None:
        self._start_at = start_at
        self._tables: list[CountTable] = []
        self._saved: list[bytes] = []

    def add(self, table: CountTable) -> None:
        """Take in a table, all of whose rows are of this step."""
        self._tables.append(table)
        if len(self._tables) > TABLES_KEPT:
            self._tables = [merged(self._tables, self._start_at)]
            self._saved.clear()

    @property
    def posts(self) -> int:
        """The posts of all topics."""
        return sum(int(table.posts.sum()) for table in self._tables)

    def counts(self) -> dict[int, Counts]:
        """Return the sums by topic."""
        table = merged(self._tables, self._start_at)
        return {topic: counts for (topic, _), counts in table.by_key().items()}

    def to_state(self) -> tuple[bytes, ...]:
        """Return the tables as bytes; each is packed once, however often it is saved."""
        self._saved += [table.to_state() for table in self._tables[len(self._saved) :]]
        return tuple(self._saved)

    @classmethod
    def from_state(
        cls, start_at: int, state: Sequence[bytes], moved: Mapping[int, int] | None
    ) -> Self:
        """Rebuild a step from `to_state()`; `moved` as in `Windows.restore`."""
        step = cls(start_at)
        for saved in state:
            table = CountTable.from_state(saved)
            step.add(table if moved is None else table.moved(moved))
        return step
