"""Posts from a pipe, as they come.

A live source is the only kind that may let wall time stand in for event time: when
nothing has come for a while, windows must close all the same. A recording never does
that, or its results would depend on how fast it was read.

Where `crisiswatch ingest` writes into the pipe, it knows better why nothing comes, and says
so in notes between the posts (`flows.sources.notes`); only these vouch for the time then.
"""

import os
import select
from collections.abc import Callable
from datetime import datetime, timedelta

from bytewax.inputs import StatefulSourcePartition

from crisiswatch.clock import Clock
from flows.messages import Chunk
from flows.sources.notes import Notes
from flows.sources.one_partition import OnePartition

READ_BYTES = 1 << 20
POLL = timedelta(milliseconds=50)
IDLE_S = 10.0
"""So long without a post, and the wall clock is vouched for instead."""

LONGEST_TAIL_BYTES = 64 << 20
"""An unfinished line longer than this is handed on as it is; the reader refuses it."""


class LiveLines(OnePartition[Chunk, None]):
    """Emit what a file descriptor delivers, whole lines only, until its writer closes it.

    With `live`, an idle pipe advances event time to the wall clock, unless its writer
    tells by notes how far event time has come. A pipe can not be
    read twice, so there is nothing to resume: a restart goes on with what comes next.
    """

    def __init__(
        self,
        descriptor: int,
        *,
        partition: str,
        clock: Clock,
        live: bool,
        stop: Callable[[], bool],
    ) -> None:
        super().__init__(
            partition,
            lambda _: _Pipe(descriptor, partition=partition, clock=clock, live=live, stop=stop),
        )


class _Pipe(StatefulSourcePartition[Chunk, None]):
    def __init__(
        self,
        descriptor: int,
        *,
        partition: str,
        clock: Clock,
        live: bool,
        stop: Callable[[], bool],
    ) -> None:
        self._descriptor = descriptor
        self._partition = partition
        self._clock = clock
        self._live = live
        self._stop = stop
        self._tail = b""
        self._ended = False
        self._delivers = False
        self._notes = Notes()
        self._heard_s = clock.monotonic_s()

    def next_batch(self) -> list[Chunk]:
        if self._ended or self._stop():
            raise StopIteration
        ready, _, _ = select.select([self._descriptor], [], [], 0)
        self._delivers = bool(ready)
        if not ready:
            return self._idle()
        self._heard_s = self._clock.monotonic_s()
        data = os.read(self._descriptor, READ_BYTES)
        if not data:
            self._ended = True
            rest = [Chunk(partition=self._partition, data=self._tail)] if self._tail else []
            return [*rest, Chunk(partition=self._partition, last=True)]
        data = self._tail + data
        end = len(data) if len(data) > LONGEST_TAIL_BYTES else data.rfind(b"\n") + 1
        self._tail = data[end:]
        if not end:
            return []
        chunk = Chunk(partition=self._partition, data=data[:end])
        return self._notes.taken_out(chunk, live=self._live)

    def _idle(self) -> list[Chunk]:
        now_s = self._clock.monotonic_s()
        if not self._live or self._notes.is_told or now_s - self._heard_s < IDLE_S:
            return []
        self._heard_s = now_s
        wall_s = int(self._clock.now().timestamp())
        return [Chunk(partition=self._partition, idle_clock_s=wall_s)]

    def next_awake(self) -> datetime | None:
        return None if self._delivers else self._clock.now() + POLL

    def snapshot(self) -> None:
        return None
