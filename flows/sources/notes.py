"""Notes of a live stream's reader, found between the posts of a chunk.

A connection that is down is not a silent public, and only the part that holds it knows.
So from the first note on (`crisiswatch.reading.stream_note`) a source stops taking an idle
pipe or partition for silence, and vouches for what the notes say.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from crisiswatch.reading.stream_note import PREFIX, StreamNote, decode_note
from flows.messages import Chunk


class Notes:
    """Take the notes out of chunks; `is_told` once there was one.

    Where several streams write to one place, it is heard as far as the least of them. One that
    is retired is forgotten, and after the last of them silence is silence again.
    """

    def __init__(self, heard_at: Mapping[str, int | None] | None = None) -> None:
        """Begin with what `heard_at` of an earlier run gave, or untold."""
        self._heard_at = dict(heard_at or {})

    @property
    def heard_at(self) -> dict[str, int | None]:
        """Return how far each stream was heard, for a snapshot."""
        return dict(self._heard_at)

    @property
    def is_told(self) -> bool:
        """Tell whether notes say when there is silence."""
        return bool(self._heard_at)

    def taken_out(self, chunk: Chunk, *, live: bool) -> list[Chunk]:
        """Return the posts, and what the notes say, in the order in which they came.

        Only a `live` source may be told the time by its notes.
        """
        if PREFIX not in chunk.data:
            return [chunk]
        parts = list(self._parts(chunk, live=live))
        if chunk.refused or chunk.tombstones:
            parts.append(replace(chunk, data=b"", lines=None))
        return parts

    def _parts(self, chunk: Chunk, *, live: bool) -> Iterator[Chunk]:
        data = chunk.data
        plain = replace(chunk, lines=None, refused=(), tombstones=0)
        done = at = 0
        while (at := data.find(PREFIX, at)) >= 0:
            end = data.find(b"\n", at) + 1 or len(data)
            is_line = at == 0 or data[at - 1 : at] == b"\n"
            note = decode_note(data[at:end]) if is_line else None
            if note is not None:
                if at > done:
                    yield replace(plain, data=data[done:at])
                yield from self._said(note, chunk.partition, live=live)
                done = end
            at = end
        if done < len(data):
            yield replace(plain, data=data[done:])

    def _said(self, note: StreamNote, partition: str, *, live: bool) -> Iterator[Chunk]:
        if note.retired:
            self._heard_at.pop(note.stream, None)
            return
        before = self._heard_at.get(note.stream)
        self._heard_at[note.stream] = before if note.heard_at is None else note.heard_at
        if note.lost is not None:
            yield Chunk(partition=partition, lost=note.lost)
        heard = [at for at in self._heard_at.values() if at is not None]
        if live and note.heard_at is not None and len(heard) == len(self._heard_at):
            yield Chunk(partition=partition, idle_clock_s=min(heard))
