"""A source whose work is watched, whatever kind of source it is.

It also lets a canary into the first partition now and then, and holds back what a clock
says that nobody can trust: both concern every source alike.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition

from crisiswatch.clock import Clock
from crisiswatch.reading.canary import canary_line
from flows.messages import Chunk
from flows.observing import FlowObserver

CANARY_EVERY_S = 60.0

PartitionedPosts = FixedPartitionedSource[Chunk, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a run adds to its source.

    `send` takes a canary to where posts come from, so that the source brings it; False: it
    can not, and the canary joins behind the source.

    `canary_at_s` is the time that a post of now would have, unix seconds, None where that
    is not known yet; without it there are no canaries. `is_clock_trusted` tells whether the wall clock may stand in for event time.
    """

    observer: FlowObserver
    clock: Clock
    canary_at_s: Callable[[], float | None] | None = None
    send: Callable[[bytes], bool] = lambda _line: False
    is_clock_trusted: Callable[[], bool] = lambda: True


class Observed(FixedPartitionedSource[Chunk, Any]):
    """Pass on what a source emits; tell the observer of polls and of ended epochs."""

    def __init__(self, source: PartitionedPosts, watched: Watched) -> None:
        self._source = source
        self._watched = watched

    def list_parts(self) -> list[str]:
        """Return the source's partitions."""
        return self._source.list_parts()

    def build_part(
        self, step_id: str, for_part: str, resume_state: Any
    ) -> StatefulSourcePartition[Chunk, Any]:
        """Open the source's partition."""
        part = self._source.build_part(step_id, for_part, resume_state)
        # One partition, and so one process of a cluster, has the canaries of all.
        has_canaries = for_part == min(self.list_parts())
        return _ObservedPart(part, for_part, self._watched, has_canaries=has_canaries)


class _ObservedPart(StatefulSourcePartition[Chunk, Any]):
    def __init__(
        self,
        part: StatefulSourcePartition[Chunk, Any],
        name: str,
        watched: Watched,
        *,
        has_canaries: bool,
    ) -> None:
        self._part = part
        self._name = name
        self._watched = watched
        self._canary_at_s = watched.canary_at_s if has_canaries else None
        self._canary_due_s = watched.clock.monotonic_s()

    def next_batch(self) -> Iterable[Chunk]:
        self._watched.observer.on_poll()
        chunks = self._part.next_batch()
        canary = self._canary()
        if canary is not None:
            chunks = [canary, *chunks]
        if any(chunk.idle_clock_s is not None for chunk in chunks):
            chunks = [chunk for chunk in chunks if self._is_to_be_believed(chunk)]
        return chunks

    def _canary(self) -> Chunk | None:
        if self._canary_at_s is None:
            return None
        now_s = self._watched.clock.monotonic_s()
        if now_s < self._canary_due_s:
            return None
        at_s = self._canary_at_s()
        if at_s is None:
            return None
        self._canary_due_s = now_s + CANARY_EVERY_S
        self._watched.observer.on_canary()
        line = canary_line(int(at_s * 1000))
        return None if self._watched.send(line) else Chunk(partition=self._name, data=line)

    def _is_to_be_believed(self, chunk: Chunk) -> bool:
        return chunk.idle_clock_s is None or bool(chunk.data) or self._watched.is_clock_trusted()

    def next_awake(self) -> datetime | None:
        awake_at = self._part.next_awake()
        if awake_at is None or self._canary_at_s is None:
            return awake_at
        wait_s = max(0.0, self._canary_due_s - self._watched.clock.monotonic_s())
        return min(awake_at, self._watched.clock.now() + timedelta(seconds=wait_s))

    def snapshot(self) -> Any:
        self._watched.observer.on_epoch()
        return self._part.snapshot()

    def close(self) -> None:
        self._part.close()
