"""How far the streams were heard, kept through a kill.

The file is replaced as a whole after the posts before it are handed on, never before: a
process that is killed in between hands those few on again, and loses none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from crisiswatch.errors import StoreError
from flows.streams.ports import Place

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where each feed stands, and the keys (hashed) of the last events that were handed on."""

    places: Mapping[str, Place] = field(default_factory=dict)
    seen: tuple[str, ...] = ()


class _File(msgspec.Struct):
    version: int
    stream: str
    feeds: dict[str, Place]
    seen: list[str]


class CursorFile:
    """Save and load the places of one stream; without a path nothing is kept."""

    def __init__(self, path: Path | None, *, stream: str) -> None:
        self._path = path
        self._stream = stream

    def load(self) -> Kept:
        """Return what was saved, nothing where there is no file.

        Raises:
            StoreError: the file can not be read, or is that of another stream.
        """
        if self._path is None or not self._path.exists():
            return Kept()
        try:
            saved = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except msgspec.DecodeError:
            raise StoreError(
                f"{self._path}: is no cursor file",
                "give another with --cursor, or remove it: the stream then begins with what is new",
            ) from None
        if saved.version != VERSION or saved.stream != self._stream:
            raise StoreError(
                f"{self._path}: is the cursor of {saved.stream}, version {saved.version}",
                f"give {self._stream} a file of its own with --cursor",
            )
        return Kept(places=saved.feeds, seen=tuple(saved.seen))

    def save(self, places: Mapping[str, Place], seen: list[str]) -> None:
        """Replace the file as a whole, so that whoever reads it finds the old or the new one."""
        if self._path is None:
            return
        saved = _File(version=VERSION, stream=self._stream, feeds=dict(places), seen=seen)
        draft = self._path.with_name(f"{self._path.name}.new")
        draft.write_bytes(msgspec.json.encode(saved))
        draft.replace(self._path)
