"""Recorded posts from a file, in blocks.

    block 0        block 1        block 2
    |line line li|ne line line |line line|

A line belongs to the block in which it starts, so that a chunk's content depends on
the file alone: not on how many partitions read it, nor on where a run was cut off.
Partition i of n reads blocks i, i + n, i + 2n, ... and event time moves on in all of
them together.
"""

import os
from collections.abc import Callable
from pathlib import Path

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition

from crisiswatch.errors import InputError
from flows.messages import Chunk

BLOCK_BYTES = 1 << 24
"""Every step of the flow costs something for each block however small it is (`docs/decisions`, 16)."""
LONGEST_LINE_BYTES = 64 << 20
"""A line is read on past its block up to this; the reader refuses it long before."""

_LOOK_BYTES = 4_096


class RecordedFile(FixedPartitionedSource[Chunk, int]):
    """Emit a file of newline-separated posts as chunks; the state is the next block.

    `stop` is asked before each block: once it answers True, the partition ends
    without its `last` chunk, so that a resumed run goes on as if never stopped.
    """

    def __init__(
        self,
        path: Path,
        *,
        partitions: int = 1,
        block_bytes: int = BLOCK_BYTES,
        stop: Callable[[], bool],
    ) -> None:
        if not path.is_file():
            raise InputError(f"{path}: no such file", "give a file of one post a line")
        self._path = path
        self._names = partition_names(partitions)
        self._block_bytes = block_bytes
        self._stop = stop

    def list_parts(self) -> list[str]:
        """Return the partitions' names."""
        return list(self._names)

    def build_part(
        self,
        step_id: str,  # noqa: ARG002  # the signature is Bytewax's
        for_part: str,
        resume_state: int | None,
    ) -> "_Blocks":
        """Open one partition where it stood."""
        index = self._names.index(for_part)
        return _Blocks(
            self._path,
            name=for_part,
            block=index if resume_state is None else resume_state,
            stride=len(self._names),
            block_bytes=self._block_bytes,
            stop=self._stop,
        )


def partition_names(partitions: int) -> tuple[str, ...]:
    """Return the names under which `partitions` partitions of a source report."""
    return tuple(f"part-{index}" for index in range(partitions))


class _Blocks(StatefulSourcePartition[Chunk, int]):
    def __init__(
        self,
        path: Path,
        *,
        name: str,
        block: int,
        stride: int,
        block_bytes: int,
        stop: Callable[[], bool],
    ) -> None:
        self._file = path.open("rb")
        self._size = path.stat().st_size
        self._name = name
        self._block = block
        self._stride = stride
        self._block_bytes = block_bytes
        self._stop = stop

    def next_batch(self) -> list[Chunk]:
        start = self._block * self._block_bytes
        if self._block < 0 or self._stop():
            raise StopIteration
        if start >= self._size:
            self._block = -1
            return [Chunk(partition=self._name, last=True)]
        self._block += self._stride
        data = self._read_block(start)
        return [Chunk(partition=self._name, data=data)] if data else []

    def _read_block(self, start: int) -> bytes:
        """Return the lines that start in the block at `start`, read with one copy."""
        begin = 0 if start == 0 else self._next_line(start - 1)
        end = self._next_line(start + self._block_bytes - 1)
        return os.pread(self._file.fileno(), max(end - begin, 0), begin)

    def _next_line(self, position: int) -> int:
        """Return where the first line starts after the break at or behind `position`."""
        file = self._file.fileno()
        for at in range(position, position + LONGEST_LINE_BYTES, _LOOK_BYTES):
            found = os.pread(file, _LOOK_BYTES, at)
            cut = found.find(b"\n")
            if cut >= 0:
                return at + cut + 1
            if len(found) < _LOOK_BYTES:
                return at + len(found)
        return position + LONGEST_LINE_BYTES

    def snapshot(self) -> int:
        return self._block

    def close(self) -> None:
        self._file.close()
