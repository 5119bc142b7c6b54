"""A file of lines that only grows, and survives the death of its writer at any moment.

A line counts once its line break is in the file. `append` returns after the kernel has
it, which outlives the process (kill -9), and, with `fsync`, after the disk has it, which
outlives the machine; that costs some milliseconds a line. A torn last line (a writer
killed in the middle) was never acknowledged; readers stop before it and the next writer
cuts it off.

One writer at a time, in one thread: the file is locked (flock) while open, and the lock
dies with its process. Readers need no lock.
"""

import fcntl
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from crisiswatch.errors import StoreError


class ClosesOnExit(ABC):
    """What holds a file for as long as a `with` block lasts, and closes it with the block."""

    @abstractmethod
    def close(self) -> None:
        """Give the file up."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AppendFile(ClosesOnExit):
    """The one writer of a file of lines.

    Raises StoreError where another process writes to the file, or where it can not be
    opened. Trap: hold it for as long as the lines in memory are to be believed.
    """

    def __init__(self, path: Path, *, fsync: bool = True) -> None:
        self.path = path
        self._fsync = fsync
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not path.exists()
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise StoreError(
                f"{path}: another crisiswatch writes to it",
                "stop that one, or give this one a folder of its own",
            ) from error
        self._size = _whole_bytes(path)
        os.ftruncate(self._file, self._size)
        if is_new and fsync:
            _sync_folder(path.parent)

    def append(self, line: bytes) -> None:
        """Add one line, given without its line break; return when it is kept.

        Raises StoreError where the disk refuses; the file is then as it was before.
        """
        if b"\n" in line:
            raise ValueError(f"a line must not hold a line break: {line[:80]!r}")
        whole = line + b"\n"
        try:
            written = os.write(self._file, whole)
            if self._fsync:
                os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, self._size)
            raise _unusable(self.path, error) from error
        if written < len(whole):
            os.ftruncate(self._file, self._size)
            raise StoreError(
                f"{self.path}: only {written} of {len(whole)} bytes fitted", "make room on the disk"
            )
        self._size += len(whole)

    def close(self) -> None:
        """Give up the lock."""
        os.close(self._file)


def read_lines(path: Path, *, from_byte: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield the whole lines from `from_byte` on, each with the byte where the next one begins.

    A torn last line is left out; a file that does not exist has no lines. Raises
    StoreError where the file can not be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(from_byte)
            position = from_byte
            for line in file:
                if not line.endswith(b"\n"):
                    return
                position += len(line)
                yield position, line[:-1]
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(path, error) from error


def _whole_bytes(path: Path) -> int:
    """Return how many bytes the whole lines of the file take."""
    return max((position for position, _ in read_lines(path)), default=0)


def _sync_folder(folder: Path) -> None:
    """Make a new file's name outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path}: {error.strerror}", "check the path, its owner and the disk")
