"""Lines in a file, each exactly once, whatever is killed when."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition

from crisiswatch.errors import StoreError

T = TypeVar("T")


class LinesFile(FixedPartitionedSink[T, int], Generic[T]):
    """Append `encode(item)` to a file; the state is the length that is certain.

    A resumed run cuts the file back to that length before it goes on, so nothing is
    doubled. `on_item` sees each item once it is written, for views that follow along. Where
    `here` is False another process of the cluster writes the file.
    """

    def __init__(
        self,
        path: Path,
        *,
        encode: Callable[[T], bytes],
        header: bytes = b"",
        on_item: Callable[[T], None] | None = None,
        here: bool = True,
    ) -> None:
        self._path = path
        self._here = here
        self._encode = encode
        self._header = header
        self._on_item = on_item

    def list_parts(self) -> list[str]:
        """Return the one partition, in the process that writes it."""
        return [self._path.name] if self._here else []

    def part_fn(self, item_key: str) -> int:  # noqa: ARG002  # the signature is Bytewax's
        """Send every item to the one partition."""
        return 0

    def build_part(
        self,
        step_id: str,  # noqa: ARG002  # the signature is Bytewax's
        for_part: str,  # noqa: ARG002  # as above
        resume_state: int | None,
    ) -> "_Lines[T]":
        """Open the file at the length that is certain."""
        return _Lines(self._path, resume_state, self._encode, self._header, self._on_item)


class _Lines(StatefulSinkPartition[T, int], Generic[T]):
    def __init__(
        self,
        path: Path,
        length: int | None,
        encode: Callable[[T], bytes],
        header: bytes,
        on_item: Callable[[T], None] | None,
    ) -> None:
        self._file = path.open("r+b" if path.exists() else "w+b")
        if length is not None and self._file.seek(0, 2) < length:
            raise StoreError(
                f"{path}: shorter than the {length} bytes that the recovery store vouches for",
                "restore the file, or start anew with an empty recovery folder",
            )
        self._file.truncate(0 if length is None else length)
        self._file.seek(0, 2)
        if length is None:
            self._file.write(header)
        self._encode = encode
        self._on_item = on_item

    def write_batch(self, values: list[T]) -> None:
        self._file.write(b"".join(map(self._encode, values)))
        self._file.flush()
        if self._on_item is not None:
            for value in values:
                self._on_item(value)

    def snapshot(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()
