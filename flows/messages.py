"""What travels between the steps of the dataflow; everything pickles."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from crisiswatch.reading.chunk_clock import Stretch
from crisiswatch.reading.count_table import CountTable
from crisiswatch.reading.post import Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Many raw posts of one partition, newline-separated, as one item.

    `idle_clock_s` is set instead of `data` where a live source has had nothing for a
    while and vouches for the wall time; `lost` where posts of that time (unix seconds) were
    missed and will not come; `last` marks the end of a partition. `refused` are posts that
    the source itself could not hand on, `tombstones` messages without a value; neither is in
    `data`. `lines` is how many lines `data` has, where somebody knows. `where` is the chunk's
    place as the source names it.
    """

    partition: str
    data: bytes = b""
    lines: int | None = None
    idle_clock_s: int | None = None
    lost: tuple[int, int] | None = None
    last: bool = False
    refused: tuple[Rejected, ...] = ()
    tombstones: int = 0
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """One chunk's counts for the topics of one shard, and how far event time has come.

    Every shard gets one for every chunk, with or without counts: the quiet ones must
    see time pass, too. `shard` travels along because Bytewax does not tell a stateful
    step its key. `canaries` (unix seconds) go to the one shard that reports.

    Its counts pickle as a table does: thousands of small objects one by one cost more to read
    in another process than the posts did in the first.
    """

    shard: str
    partition: str
    counts: CountTable
    recent_s: tuple[int, ...]
    idle_clock_s: int | None
    covered: list[Stretch]
    lines: int
    last: bool
    lost: tuple[int, int] | None = None
    canaries: tuple[int, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., "Partial"], tuple[object, ...]]:
        others = {one.name: getattr(self, one.name) for one in fields(self)}
        del others["counts"]
        return _partial, (self.counts.to_state(), others)


def _partial(counts: bytes, others: dict[str, Any]) -> Partial:
    return Partial(counts=CountTable.from_state(counts), **others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What one chunk held, for the run's statistics and dead letters."""

    lines: int
    data_bytes: int
    candidates: int
    matched: int
    rejected: tuple[Rejected, ...]
    skipped: dict[str, int]
    first_s: int | None
    newest_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGap:
    """The source delivered nothing for any topic from `from_at` to `to_at` (unix seconds)."""

    from_at: int
    to_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePosts:
    """Matches that are counted and not merged: their window had closed before they came.

    Or they are dated far beyond the end of the stream. A post about two topics counts twice.
    """

    posts: int
