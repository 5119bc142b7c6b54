"""A source that is made only when the dataflow starts."""

from collections.abc import Callable
from typing import Any

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition

from flows.messages import Chunk
from flows.sources.observed import PartitionedPosts


class Later(FixedPartitionedSource[Chunk, Any]):
    """Make the source once all processes of the cluster are there, and then stand for it.

    By then the first of them has said how the run begins, which the others can not know
    before.
    """

    def __init__(self, make: Callable[[], PartitionedPosts]) -> None:
        self._make = make
        self._made: PartitionedPosts | None = None

    def list_parts(self) -> list[str]:
        """Return the partitions of the source."""
        return self._source().list_parts()

    def build_part(
        self, step_id: str, for_part: str, resume_state: Any
    ) -> StatefulSourcePartition[Chunk, Any]:
        """Open one of its partitions."""
        return self._source().build_part(step_id, for_part, resume_state)

    def _source(self) -> PartitionedPosts:
        if self._made is None:
            self._made = self._make()
        return self._made
