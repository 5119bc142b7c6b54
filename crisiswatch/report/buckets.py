"""Readings gathered into as many buckets as a chart can show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

from crisiswatch.report.views import ReadingRow

MOST_BUCKETS = 700
"""Points in a chart: about one per pixel on a laptop, and small pages."""

FEWEST_BUCKETS = 60
WANTED_POSTS = 12
"""Posts per bucket below which a chart shows chance rather than change."""

_NICE_BUCKETS_S = (
    *(minutes * 60 for minutes in (1, 2, 5, 10, 15, 20, 30)),
    *(hours * 3600 for hours in (1, 2, 3, 4, 6, 12, 24, 48, 96, 168, 336, 672)),
)

Gap = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One topic's readings in equal buckets of `bucket_s` from `start_at`.

    Values are sums per bucket. `posts` and `negatives` are None where the source had a
    gap; `expected_*` are None also where the topic was too young to expect anything.
    """

    start_at: datetime
    bucket_s: int
    posts: tuple[int | None, ...]
    negatives: tuple[int | None, ...]
    expected_posts: tuple[float | None, ...]
    expected_negatives: tuple[float | None, ...]
    severity: tuple[int, ...]

    def at(self, index: int) -> datetime:
        """Return when the bucket of that index starts."""
        return datetime.fromtimestamp(self.start_at.timestamp() + index * self.bucket_s, tz=UTC)


def bucket_length_s(length_s: float, *, bin_s: int, posts: int, most: int) -> int:
    """Return a round length, a multiple of `bin_s`, for `posts` over `length_s` seconds.

    It is the shortest that needs at most `most` buckets and holds `WANTED_POSTS` on
    average; a quiet topic is not made coarser than `FEWEST_BUCKETS`.
    """
    fitting = [
        bucket_s
        for bucket_s in _NICE_BUCKETS_S
        if bucket_s % bin_s == 0 and length_s <= bucket_s * most
    ]
    if not fitting:
        return bin_s * max(1, -(-int(length_s) // (bin_s * most)))
    chosen = fitting[0]
    for bucket_s in fitting:
        if length_s < bucket_s * FEWEST_BUCKETS:
            break
        chosen = bucket_s
        if posts * bucket_s >= WANTED_POSTS * length_s:
            break
    return chosen


def gather(
    rows: Iterable[ReadingRow],
    *,
    start_at: datetime,
    end_at: datetime,
    bin_s: int,
    gaps: Sequence[Gap] = (),
    most: int = MOST_BUCKETS,
) -> Series:
    """Gather one topic's rows from `start_at` until `end_at` into a series of about `most` buckets.

    A bin without a row counts as no posts unless it lies in a gap; the expectation of a
    bucket is that of its rows, stretched over the bins that have none.
    """
    start_s, end_s = int(start_at.timestamp()), int(end_at.timestamp())
    within = [row for row in rows if start_s <= row.bin_start.timestamp() < end_s]
    bucket_s = bucket_length_s(
        end_s - start_s, bin_s=bin_s, posts=sum(row.posts for row in within), most=most
    )
    start_s -= start_s % bucket_s
    length = max(1, -(-(end_s - start_s) // bucket_s))
    posts = [0] * length
    negatives = [0] * length
    expected: list[list[float]] = [[] for _ in range(length)]
    expected_negatives: list[list[float]] = [[] for _ in range(length)]
    severity = [0] * length
    filled = [False] * length
    for row in within:
        index = (int(row.bin_start.timestamp()) - start_s) // bucket_s
        filled[index] = True
        posts[index] += row.posts
        negatives[index] += row.negatives
        severity[index] = max(severity[index], row.severity)
        if row.expected_posts is not None and isfinite(row.expected_posts):
            expected[index].append(row.expected_posts)
        if row.expected_negatives is not None and isfinite(row.expected_negatives):
            expected_negatives[index].append(row.expected_negatives)
    silent = _silent(start_s, bucket_s, length, gaps)
    unknown = [silent[index] and not filled[index] for index in range(length)]
    bins = bucket_s / bin_s
    return Series(
        start_at=datetime.fromtimestamp(start_s, tz=UTC),
        bucket_s=bucket_s,
        posts=tuple(None if unknown[i] else posts[i] for i in range(length)),
        negatives=tuple(None if unknown[i] else negatives[i] for i in range(length)),
        expected_posts=tuple(_mean(values, bins) for values in expected),
        expected_negatives=tuple(_mean(values, bins) for values in expected_negatives),
        severity=tuple(severity),
    )


def _mean(values: list[float], times: float) -> float | None:
    return sum(values) / len(values) * times if values else None


def _silent(start_s: int, bucket_s: int, length: int, gaps: Sequence[Gap]) -> list[bool]:
    silent = [False] * length
    for from_at, to_at in gaps:
        first = -(-(int(from_at.timestamp()) - start_s) // bucket_s)
        last = (int(to_at.timestamp()) - start_s) // bucket_s
        for index in range(max(0, first), min(length, last)):
            silent[index] = True
    return silent
