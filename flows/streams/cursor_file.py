"""How far the streams were heard, kept through a kill.

    {"version":1,"stream":"bluesky","feeds":{...},"seen":[...]}    all of it, replaced as a whole
    {"feeds":{...},"seen":[...]}                                   what a batch added
    {"feeds":{...},"seen":[...]}

A batch is saved after its posts are handed on, never before: a process that is killed in
between hands those few on again, and loses none. A line is appended for each, because all that
is remembered is thousands of times as long; once there are many lines the file is written anew.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from crisiswatch.errors import StoreError
from flows.streams.memory import Memory
from flows.streams.ports import Place

VERSION = 1

APPENDED_BYTES = 1 << 20
"""So much is appended before the file is written anew: more than twice what the memory takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where each feed stands, and the keys (hashed) of the last events that were handed on."""

    places: Mapping[str, Place] = field(default_factory=dict)
    seen: tuple[str, ...] = ()


class _Whole(msgspec.Struct):
    version: int
    stream: str
    feeds: dict[str, Place]
    seen: list[str]


class _Added(msgspec.Struct):
    feeds: dict[str, Place]
    seen: list[str]


class CursorFile:
    """Save and load the places of one stream; without a path nothing is kept."""

    def __init__(self, path: Path | None, *, stream: str) -> None:
        self._path = path
        self._stream = stream
        self._file: int | None = None
        self._appended_bytes = 0

    def load(self) -> Kept:
        """Return what was saved, nothing where there is no file.

        Raises:
            StoreError: the file can not be read, or is that of another stream.
        """
        if self._path is None or not self._path.exists():
            return Kept()
        first, *lines = self._path.read_bytes().split(b"\n")
        try:
            whole = msgspec.json.decode(first, type=_Whole)
            # The last line has no end where a kill cut it off, and nothing after its end else.
            added = [msgspec.json.decode(line, type=_Added) for line in lines[:-1]]
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise StoreError(
                f"{self._path}: is no cursor file",
                "give another with --cursor, or remove it: the stream then begins with what is new",
            ) from None
        if whole.version != VERSION or whole.stream != self._stream:
            raise StoreError(
                f"{self._path}: is the cursor of {whole.stream}, version {whole.version}",
                f"give {self._stream} a file of its own with --cursor",
            )
        places = added[-1].feeds if added else whole.feeds
        return Kept(places=places, seen=(*whole.seen, *(key for one in added for key in one.seen)))

    def save(self, places: Mapping[str, Place], memory: Memory) -> None:
        """Keep the places and what was remembered since the last time.

        Raises:
            OSError: it could not be written; what was kept before still is.
        """
        added = memory.taken_new()  # also where nothing is kept: else it would grow for ever
        if self._path is None:
            return
        try:
            if self._file is None or self._appended_bytes > APPENDED_BYTES:
                self._write_whole(self._path, places, memory)
            else:
                self._append(self._file, _Added(feeds=dict(places), seen=added))
        except OSError:
            self.close()  # perhaps half a line was written: the next time all of it anew
            raise

    def close(self) -> None:
        """Let go of the file; the next save writes it anew."""
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _write_whole(self, path: Path, places: Mapping[str, Place], memory: Memory) -> None:
        self.close()
        whole = _Whole(
            version=VERSION, stream=self._stream, feeds=dict(places), seen=memory.to_state()
        )
        draft = path.with_name(f"{path.name}.new")
        draft.write_bytes(msgspec.json.encode(whole) + b"\n")
        draft.replace(path)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._appended_bytes = 0

    def _append(self, file: int, added: _Added) -> None:
        line = msgspec.json.encode(added) + b"\n"
        self._appended_bytes += len(line)
        while line:
            line = line[os.write(file, line) :]
