"""Posts that are made once and dated anew as often as they are sent.

To make a post costs more than to read it. So a pool of them is made, all of one length
with the dates and ids in the same columns, and a block of them gets its dates and ids
written into a matrix of bytes, thousands at a time.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Seconds = NDArray[np.int64]
Places = NDArray[np.int64]

FIRST_ID = 1_900_000_000_000_000_000
_ID_DIGITS = len(str(FIRST_ID))
_DATE_BYTES = len("2026-01-01T00:00:00")


class PostPool:
    """Posts of one length with a line break each, in the shape that `workload` gives them.

    `order` says which of them comes when, by its place in `rows`; after its end it begins anew.
    """

    def __init__(self, rows: Bytes, order: Places) -> None:
        first = rows[0].tobytes()
        self._rows = rows
        self._order = order
        self._date_at = first.index(b'"created_at":"') + len('"created_at":"')
        one, other = first.index(b'_ids":["') + len('_ids":["'), first.index(b'"id":"') + 6
        self._ids_at = (one, other)
        if not (self._rows[:, self._date_at + 4] == ord("-")).all():
            raise ValueError("the posts of a pool have their dates in different columns")

    @classmethod
    def of(cls, lines: Sequence[bytes]) -> Self:
        """Return the pool of these lines, each once, in their order."""
        return cls(rows_of(lines), np.arange(len(lines)))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the pool that `save` wrote."""
        with np.load(path) as kept:
            return cls(kept["rows"], kept["order"])

    def save(self, path: Path) -> None:
        """Write the pool where another process can take it up."""
        with path.open("wb") as file:
            np.savez(file, rows=self._rows, order=self._order)

    def __len__(self) -> int:
        return len(self._order)

    def block(self, start: int, at_s: Seconds | int, count: int) -> Bytes:
        """Return posts number `start` and the following, posted at `at_s`, as rows of bytes."""
        numbers = np.arange(start, start + count)
        rows = self._rows[self._order[numbers % len(self._order)]]
        rows[:, self._date_at : self._date_at + _DATE_BYTES] = _dates(at_s)
        digits = _digits(numbers)
        for column in self._ids_at:
            rows[:, column + _ID_DIGITS - digits.shape[1] : column + _ID_DIGITS] = digits
        return rows


def rows_of(lines: Sequence[bytes]) -> Bytes:
    """Return lines of one length as rows of bytes."""
    return np.frombuffer(b"".join(lines), np.uint8).reshape(len(lines), len(lines[0]))


def values(rows: Bytes) -> list[bytes]:
    """Return the posts of a block one by one, without their line breaks."""
    data, width = rows.tobytes(), rows.shape[1]
    return [data[at : at + width - 1] for at in range(0, len(data), width)]


def _dates(at_s: Seconds | int) -> Bytes:
    seconds, place = np.unique(np.atleast_1d(at_s), return_inverse=True)
    texts = np.datetime_as_string(seconds.astype("datetime64[s]")).astype(f"S{_DATE_BYTES}")
    return texts.view(np.uint8).reshape(len(seconds), _DATE_BYTES)[place]


def _digits(numbers: Seconds) -> Bytes:
    """Return the last twelve digits of ids, one row each."""
    powers = 10 ** np.arange(11, -1, -1, dtype=np.int64)
    return (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint8)
