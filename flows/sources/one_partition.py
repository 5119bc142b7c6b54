"""What every source with a single partition has in common."""

from collections.abc import Callable
from typing import Generic, TypeVar

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition

X = TypeVar("X")
S = TypeVar("S")


class OnePartition(FixedPartitionedSource[X, S], Generic[X, S]):
    """A source of one partition, which `open_at` opens where a resumed run stood, or anew."""

    def __init__(
        self, name: str, open_at: Callable[[S | None], StatefulSourcePartition[X, S]]
    ) -> None:
        self._name = name
        self._open_at = open_at

    def list_parts(self) -> list[str]:
        """Return the one partition's name."""
        return [self._name]

    def build_part(
        self,
        step_id: str,  # noqa: ARG002  # the signature is Bytewax's
        for_part: str,  # noqa: ARG002  # as above
        resume_state: S | None,
    ) -> StatefulSourcePartition[X, S]:
        """Open the partition."""
        return self._open_at(resume_state)
