"""Chunks from an iterator: a demo's invented day, a test's script."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from bytewax.inputs import StatefulSourcePartition

from crisiswatch.clock import Clock
from flows.messages import Chunk
from flows.sources.one_partition import OnePartition


class Generated(OnePartition[Chunk, None]):
    """Emit what `chunks()` yields, as one partition without recovery: a restart begins anew.

    Chunk n comes no earlier than n times `every_s` after the first, so that people can
    follow; 0 is as fast as it goes.
    """

    def __init__(
        self,
        chunks: Callable[[], Iterator[bytes]],
        *,
        partition: str,
        clock: Clock,
        every_s: float = 0.0,
        stop: Callable[[], bool],
    ) -> None:
        super().__init__(
            partition,
            lambda _: _Chunks(
                chunks(), partition=partition, clock=clock, every_s=every_s, stop=stop
            ),
        )


class _Chunks(StatefulSourcePartition[Chunk, None]):
    def __init__(
        self,
        chunks: Iterator[bytes],
        *,
        partition: str,
        clock: Clock,
        every_s: float,
        stop: Callable[[], bool],
    ) -> None:
        self._chunks: Iterator[bytes] | None = chunks
        self._partition = partition
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self._every_s = every_s
        self._emitted = 0
        self._stop = stop

    def next_batch(self) -> list[Chunk]:
        if self._chunks is None or self._stop():
            raise StopIteration
        if self._early_s() > 0:
            return []
        data = next(self._chunks, None)
        self._emitted += 1
        if data is None:
            self._chunks = None
            return [Chunk(partition=self._partition, last=True)]
        return [Chunk(partition=self._partition, data=data)]

    def next_awake(self) -> datetime | None:
        early_s = self._early_s()
        return self._clock.now() + timedelta(seconds=early_s) if early_s > 0 else None

    def snapshot(self) -> None:
        return None

    def _early_s(self) -> float:
        return self._emitted * self._every_s - (self._clock.monotonic_s() - self._started_s)
