"""A source whose work is watched, whatever kind of source it is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition

from flows.messages import Chunk
from flows.observing import FlowObserver

PartitionedPosts = FixedPartitionedSource[Chunk, Any]


class Observed(FixedPartitionedSource[Chunk, Any]):
    """Pass on what a source emits, and tell the observer of polls and of ended epochs."""

    def __init__(self, source: PartitionedPosts, observer: FlowObserver) -> None:
        self._source = source
        self._observer = observer

    def list_parts(self) -> list[str]:
        """Return the source's partitions."""
        return self._source.list_parts()

    def build_part(
        self, step_id: str, for_part: str, resume_state: Any
    ) -> StatefulSourcePartition[Chunk, Any]:
        """Open the source's partition."""
        part = self._source.build_part(step_id, for_part, resume_state)
        return _ObservedPart(part, self._observer)


class _ObservedPart(StatefulSourcePartition[Chunk, Any]):
    def __init__(self, part: StatefulSourcePartition[Chunk, Any], observer: FlowObserver) -> None:
        self._part = part
        self._observer = observer

    def next_batch(self) -> Iterable[Chunk]:
        self._observer.on_poll()
        return self._part.next_batch()

    def next_awake(self) -> datetime | None:
        return self._part.next_awake()

    def snapshot(self) -> Any:
        self._observer.on_epoch()
        return self._part.snapshot()

    def close(self) -> None:
        self._part.close()
