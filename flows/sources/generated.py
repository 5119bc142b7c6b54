"""Chunks from an iterator: a demo's invented day, a test's script."""

from collections.abc import Callable, Iterator

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition

from flows.messages import Chunk


class Generated(FixedPartitionedSource[Chunk, None]):
    """Emit what `chunks()` yields, as one partition without recovery: a restart begins anew."""

    def __init__(
        self, chunks: Callable[[], Iterator[bytes]], *, partition: str, stop: Callable[[], bool]
    ) -> None:
        self._chunks = chunks
        self._partition = partition
        self._stop = stop

    def list_parts(self) -> list[str]:
        """Return the one partition."""
        return [self._partition]

    def build_part(
        self,
        step_id: str,  # noqa: ARG002  # the signature is Bytewax's
        for_part: str,
        resume_state: None,  # noqa: ARG002  # as above
    ) -> "_Chunks":
        """Start the iterator."""
        return _Chunks(self._chunks(), for_part, self._stop)


class _Chunks(StatefulSourcePartition[Chunk, None]):
    def __init__(self, chunks: Iterator[bytes], partition: str, stop: Callable[[], bool]) -> None:
        self._chunks: Iterator[bytes] | None = chunks
        self._partition = partition
        self._stop = stop

    def next_batch(self) -> list[Chunk]:
        if self._chunks is None or self._stop():
            raise StopIteration
        data = next(self._chunks, None)
        if data is None:
            self._chunks = None
            return [Chunk(partition=self._partition, last=True)]
        return [Chunk(partition=self._partition, data=data)]

    def snapshot(self) -> None:
        return None
