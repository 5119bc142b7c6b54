"""The adapter between Bytewax and the tally: one chunk in, messages by shard out."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from msgspec.structs import replace

from crisiswatch.reading.post import Rejected
from crisiswatch.reading.tally import Tally
from flows.messages import Chunk, Intake, Partial
from flows.observing import NOBODY, FlowObserver


class TallyStep:
    """Tally a chunk, and tell every shard what concerns it.

    `before_each` is called before each chunk: a live run moves on there what is too far
    in the future. `observer` sees what each chunk held.
    """

    def __init__(
        self,
        tally: Tally,
        shards: Mapping[str, tuple[int, ...]],
        before_each: Callable[[], None] | None = None,
        observer: FlowObserver = NOBODY,
    ) -> None:
        self._tally = tally
        self._observer = observer
        self._before_each = before_each
        self._shards = tuple(shards)
        self._reporter = self._shards[0]
        topics = sum(map(len, shards.values()))
        self._shard_of_topic = np.empty(topics, np.intp)
        for number, indexes in enumerate(shards.values()):
            self._shard_of_topic[[*indexes]] = number

    def __call__(self, chunk: Chunk) -> Iterator[Partial | Intake]:
        """Yield one Partial for each shard, then the Intake."""
        if self._before_each is not None:
            self._before_each()
        tallied = self._tally.tally(chunk.data, chunk.lines)
        by_shard = tallied.counts.split(self._shard_of_topic, len(self._shards))
        for shard, counts in zip(self._shards, by_shard, strict=True):
            yield Partial(
                shard=shard,
                partition=chunk.partition,
                counts=counts,
                recent_s=tallied.recent_s,
                idle_clock_s=chunk.idle_clock_s,
                covered=tallied.covered,
                lines=tallied.lines,
                last=chunk.last,
                lost=chunk.lost,
                canaries=tallied.canaries if shard == self._reporter else (),
            )
        if chunk.tombstones:
            tallied.skipped["tombstone"] = chunk.tombstones
        intake = Intake(
            lines=tallied.lines + len(chunk.refused) + chunk.tombstones,
            data_bytes=len(chunk.data),
            candidates=tallied.candidates,
            matched=tallied.matched,
            rejected=chunk.refused + _placed(tallied.rejected, chunk.where),
            skipped=tallied.skipped,
            first_s=tallied.covered[0][0] if tallied.covered else None,
            newest_s=tallied.covered[-1][1] if tallied.covered else None,
        )
        self._observer.on_intake(intake)
        yield intake


def _placed(rejected: list[Rejected], where: str) -> tuple[Rejected, ...]:
    """Say of what the reader rejected in which chunk it stood."""
    return tuple(replace(each, where=where) for each in rejected) if where else tuple(rejected)
