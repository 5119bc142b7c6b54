"""Lines in numbered files, each line exactly once, for a service that runs for years.

    readings-000041-2026-03-01.csv   whole
    readings-000042-2026-03-02.csv   written to; the state is its name and certain length

A new file begins with a new day of the clock and at `most_bytes`. Old files go when they
are older than `keep_s` or when all of them together are larger than `keep_bytes`. The
number decides the order, the day is for people.
"""

import contextlib
import logging
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition

from crisiswatch.clock import Clock

T = TypeVar("T")
State = tuple[int, str, int]

STATE_VERSION = 1

SNAPSHOTS_BACK = 3
"""A run may be resumed from so many snapshots back: the newest are not yet committed."""

log = logging.getLogger("crisiswatch")


class Segments(FixedPartitionedSink[T, State], Generic[T]):
    """Append `encode(item)` to the newest of the files `folder/stem-NUMBER-DAY.suffix`.

    A resumed run cuts its file back to the length that is certain and removes later ones,
    so nothing is doubled; without a state it begins a file of its own and leaves the others
    alone, but for those of a start that died before its first snapshot. A snapshot is taken only once the lines are on the disk. Where `here` is False
    another process of the cluster writes the files. `on_item` sees each item once it is
    written.
    """

    def __init__(
        self,
        folder: Path,
        stem: str,
        suffix: str,
        *,
        encode: Callable[[T], bytes],
        header: bytes = b"",
        clock: Clock,
        most_bytes: int,
        keep_s: float,
        keep_bytes: int,
        here: bool = True,
        on_item: Callable[[T], None] | None = None,
    ) -> None:
        self.stem = stem
        self._here = here
        self._open: Callable[[State | None], _Newest[T]] = lambda state: _Newest(
            _Files(folder, stem, suffix),
            state,
            encode=encode,
            header=header,
            clock=clock,
            most_bytes=most_bytes,
            keep_s=keep_s,
            keep_bytes=keep_bytes,
            on_item=on_item,
        )

    def list_parts(self) -> list[str]:
        """Return the one partition, in the process that writes it."""
        return [self.stem] if self._here else []

    def part_fn(self, item_key: str) -> int:  # noqa: ARG002  # the signature is Bytewax's
        """Send every item to the one partition."""
        return 0

    def build_part(
        self,
        step_id: str,  # noqa: ARG002  # the signature is Bytewax's
        for_part: str,  # noqa: ARG002  # as above
        resume_state: State | None,
    ) -> "_Newest[T]":
        """Open the newest file at the length that is certain."""
        return self._open(resume_state)


class _Files:
    """The files of one stem in a folder, known by their number."""

    def __init__(self, folder: Path, stem: str, suffix: str) -> None:
        self.folder = folder
        self._stem = stem
        self._suffix = suffix

    def all(self) -> list[tuple[int, Path]]:
        """Return numbers and paths, oldest first."""
        found = []
        for path in self.folder.glob(f"{self._stem}-*{self._suffix}"):
            number = path.name[len(self._stem) + 1 :].partition("-")[0]
            if number.isdecimal():
                found.append((int(number), path))
        return sorted(found)

    def number_of(self, name: str) -> int:
        """Return the number in the name of one of the files."""
        return int(name[len(self._stem) + 1 :].partition("-")[0])

    def path(self, number: int, day: str) -> Path:
        """Return the path of a new file."""
        return self.folder / f"{self._stem}-{number:06}-{day}{self._suffix}"

    @property
    def marker(self) -> Path:
        """Return the file that names the first number of a start without a snapshot yet."""
        return self.folder / f".{self._stem}.unsaved"

    def remove_from(self, first: int) -> None:
        """Remove the files from a number on."""
        for number, path in self.all():
            if number >= first:
                path.unlink()


class _Newest(StatefulSinkPartition[T, State], Generic[T]):
    def __init__(
        self,
        files: _Files,
        state: State | None,
        *,
        encode: Callable[[T], bytes],
        header: bytes,
        clock: Clock,
        most_bytes: int,
        keep_s: float,
        keep_bytes: int,
        on_item: Callable[[T], None] | None,
    ) -> None:
        self._files = files
        self._encode = encode
        self._header = header
        self._clock = clock
        self._most_bytes = most_bytes
        self._keep_s = keep_s
        self._keep_bytes = keep_bytes
        self._on_item = on_item
        self._day = self._today()
        self._vouched: deque[int] = deque(maxlen=SNAPSHOTS_BACK)
        if state is None:
            self._begin_anew()
        else:
            files.marker.unlink(missing_ok=True)
            self._resume(state)

    def _begin_anew(self) -> None:
        """Begin a file of our own, in place of those of a start that left no snapshot."""
        marker = self._files.marker
        with contextlib.suppress(FileNotFoundError, ValueError):
            self._files.remove_from(int(marker.read_text()))
        first = max([number for number, _ in self._files.all()], default=0) + 1
        marker.write_text(str(first))
        self._begin(first)

    def _resume(self, state: State) -> None:
        _, name, length = state
        self._number = self._files.number_of(name)
        self._vouched.append(self._number)
        self._files.remove_from(self._number + 1)
        path = self._files.folder / name
        if not path.exists():
            # Its days are over, or somebody has taken it away: no reason to stop watching.
            log.warning("%s is gone; a new file goes on in its place", path)
            self._begin(self._number + 1)
            return
        self._path, self._file = path, path.open("r+b")
        if self._file.seek(0, os.SEEK_END) < length:
            log.error("%s: shorter than the %d bytes that were written; it goes on", path, length)
        else:
            self._file.truncate(length)
        self._length = self._file.seek(0, os.SEEK_END)

    def _begin(self, number: int) -> None:
        self._number = number
        self._path = self._files.path(number, self._day)
        self._file = self._path.open("w+b")
        self._file.write(self._header)
        self._length = len(self._header)
        self._remove_old()

    def write_batch(self, values: list[T]) -> None:
        lines = b"".join(map(self._encode, values))
        today = self._today()
        if today != self._day or self._length + len(lines) > self._most_bytes:
            self._day = today
            if self._length > len(self._header):
                self._sync()
                self._file.close()
                self._begin(self._number + 1)
        self._file.write(lines)
        self._file.flush()
        self._length += len(lines)
        if self._on_item is not None:
            for value in values:
                self._on_item(value)

    def _remove_old(self) -> None:
        """Remove files whose time is over; never one that a run may be resumed in."""
        needed = min(self._vouched, default=self._number)
        older = [(number, path) for number, path in self._files.all() if number < needed]
        oldest_s = self._clock.now().timestamp() - self._keep_s
        sizes = {path: path.stat() for _, path in self._files.all()}
        in_all = sum(stat.st_size for stat in sizes.values())
        for _, path in older:
            if sizes[path].st_mtime >= oldest_s and in_all <= self._keep_bytes:
                break
            in_all -= sizes[path].st_size
            path.unlink()

    def _today(self) -> str:
        return f"{self._clock.now():%Y-%m-%d}"

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def snapshot(self) -> State:
        self._sync()
        self._vouched.append(self._number)
        if len(self._vouched) == SNAPSHOTS_BACK:
            self._files.marker.unlink(missing_ok=True)
        return (STATE_VERSION, self._path.name, self._length)

    def close(self) -> None:
        self._file.close()
