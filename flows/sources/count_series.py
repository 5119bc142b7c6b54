"""A recorded count series as a source: one row a step, straight into the watches."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median_low

from bytewax.inputs import StatefulSourcePartition

from crisiswatch.errors import InputError
from crisiswatch.reading.chunk_clock import RECENT_TIMES
from crisiswatch.reading.count_table import CountTable
from crisiswatch.reading.counts import Counts
from crisiswatch.reading.post import Reason, Rejected
from flows.messages import Intake, Partial
from flows.sources.one_partition import OnePartition

ROWS_A_BATCH = 1000
MOST_POSTS = 1e12
"""More posts than this in one row are no count."""

EARLIEST_MS = 100_000_000_000
"""Unix numbers from here on are milliseconds: as seconds they would lie beyond the year 5000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: timestamp and value as written, its time in unix seconds, posts and negative posts."""

    timestamp: str
    value: str
    at: int
    posts: int
    negatives: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A count series: readable rows in time order, and what could not be read."""

    name: str
    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...]
    spacing_s: int

    def step_at(self, row: Row) -> int:
        """Return the start of the row's step: a jittered or shifted clock is brought in line."""
        first_at = self.rows[0].at
        return first_at + round((row.at - first_at) / self.spacing_s) * self.spacing_s

    @property
    def polarity_known(self) -> bool:
        """Tell whether the series says how many posts were negative."""
        return any(row.negatives is not None for row in self.rows)


def read_series(path: Path) -> Series:
    """Read a CSV of `timestamp,value[,negative]`, one row per stretch of time.

    Timestamps are ISO 8601 (UTC where they name no zone), unix seconds or milliseconds. A row that
    can not be read becomes a `Rejected`; its stretch counts as unknown, not as zero.

    Raises:
        InputError: no such file, no such columns, or fewer than two readable rows.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            if not {"timestamp", "value"} <= set(columns):
                raise InputError(
                    f"{path}: columns are {', '.join(columns) or 'missing'}",
                    "give a CSV with the header timestamp,value or timestamp,value,negative",
                )
            read = [_row(fields) for fields in reader]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", "give a readable CSV file") from error
    rows = sorted((row for row in read if isinstance(row, Row)), key=lambda row: row.at)
    if len(rows) < 2:  # noqa: PLR2004  # one row has no spacing
        raise InputError(f"{path}: {len(rows)} readable rows", "give at least two")
    gaps_s = [after.at - before.at for before, after in pairwise(rows)]
    spacing_s = median_low([gap_s for gap_s in gaps_s if gap_s > 0] or [1])
    return Series(
        name=path.stem,
        rows=tuple(rows),
        rejected=tuple(row for row in read if isinstance(row, Rejected)),
        spacing_s=spacing_s,
    )


def _row(fields: dict[str, str | None]) -> Row | Rejected:
    timestamp, value = fields["timestamp"] or "", fields["value"] or ""
    negative = fields.get("negative") or ""
    try:
        return Row(
            timestamp=timestamp,
            value=value,
            at=_unix_s(timestamp),
            posts=_whole(value),
            negatives=_whole(negative) if negative else None,
        )
    except ValueError as error:
        raw = ",".join(str(field) for field in fields.values()).encode()
        return Rejected(reason=Reason.WRONG_TYPE, detail=str(error), raw=raw)


def _unix_s(text: str) -> int:
    try:
        number = float(text)
        return int(number / 1000 if number >= EARLIEST_MS else number)
    except (ValueError, OverflowError):
        at = datetime.fromisoformat(text.strip())
        return int((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp())


def _whole(text: str) -> int:
    number = float(text)
    if not 0 <= number <= MOST_POSTS:
        raise ValueError(f"count {text!r} is not a number of posts")
    return round(number)


class CountSeries(OnePartition[Partial | Intake, int]):
    """Emit a series' rows as partial counts of one topic; the state is the next row."""

    def __init__(self, series: Series, *, shard: str, partition: str) -> None:
        super().__init__(partition, lambda row: _Rows(series, shard, partition, row or 0))


class _Rows(StatefulSourcePartition[Partial | Intake, int]):
    def __init__(self, series: Series, shard: str, partition: str, row: int) -> None:
        self._series = series
        self._shard = shard
        self._partition = partition
        self._row = row

    def next_batch(self) -> Iterable[Partial | Intake]:
        if self._row < 0:
            raise StopIteration
        rows = self._series.rows[self._row : self._row + ROWS_A_BATCH]
        first = self._row == 0
        self._row = self._row + len(rows) if rows else -1
        counts: dict[tuple[int, int], Counts] = {}
        for row in rows:
            entry = Counts(posts=row.posts, negatives=row.negatives or 0)
            entry.negative_milli = 1000 * entry.negatives
            key = (0, self._series.step_at(row))
            if key in counts:
                counts[key] += entry
            else:
                counts[key] = entry
        steps = sorted(at for _, at in counts)
        spacing_s = self._series.spacing_s
        return [
            Partial(
                shard=self._shard,
                partition=self._partition,
                counts=CountTable.of(counts),
                recent_s=tuple(steps[-RECENT_TIMES:]),
                idle_clock_s=None,
                covered=[(at, at + spacing_s - 1, 1) for at in steps],
                lines=len(rows),
                last=not rows,
            ),
            Intake(
                lines=len(rows) + (len(self._series.rejected) if first else 0),
                data_bytes=0,
                candidates=len(rows),
                matched=sum(row.posts for row in rows),
                rejected=self._series.rejected if first else (),
                skipped={},
                first_s=rows[0].at if rows else None,
                newest_s=rows[-1].at if rows else None,
            ),
        ]

    def snapshot(self) -> int:
        return self._row
