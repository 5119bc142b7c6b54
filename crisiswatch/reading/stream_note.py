"""Notes that a live stream's reader writes between the posts: how far the stream was heard.

A pipe that is silent does not say why: nobody posts, or the connection is down. The part
that holds the connection knows, and says so on lines of their own:

    {"crisiswatch_stream":"bluesky"}                          from here on, I speak for the silence
    {"crisiswatch_stream":"x","heard_at":1767225600}          all until then has come (unix seconds)
    {"crisiswatch_stream":"x","lost":[1767225600,1767225900]} nothing is known of that time
    {"crisiswatch_stream":"x","retired":true}                 nobody reads it any more: do not wait

Whoever reads such a line stops taking the wall clock for silence by itself. Everywhere
else it is a line that is no post, and is skipped.
"""

from dataclasses import dataclass

import msgspec

PREFIX = b'{"crisiswatch_stream":'
"""How a note begins, at the start of its line; no event of a platform begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamNote:
    """What a stream's reader says of the stream; times are unix seconds.

    `heard_at`: everything posted before has come. `lost`: from when to when posts were
    missed that will not come any more. `retired`: nobody reads the stream any more, and nobody
    is to wait for it. None of them: the reader is there, and not connected yet.
    """

    stream: str
    heard_at: int | None = None
    lost: tuple[int, int] | None = None
    retired: bool = False


class _Line(msgspec.Struct, omit_defaults=True):
    crisiswatch_stream: str
    heard_at: int | None = None
    lost: tuple[int, int] | None = None
    retired: bool = False


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Line).decode


def encode_note(note: StreamNote) -> bytes:
    """Write a note as its line, without the line end."""
    return _encode(_Line(note.stream, note.heard_at, note.lost, note.retired))


def decode_note(line: bytes) -> StreamNote | None:
    """Read a line that begins as a note does; None where it is none that makes sense."""
    try:
        read = _decode(line)
    except msgspec.DecodeError:
        return None
    if read.lost is not None and read.lost[0] > read.lost[1]:
        return None
    return StreamNote(
        stream=read.crisiswatch_stream,
        heard_at=read.heard_at,
        lost=read.lost,
        retired=read.retired,
    )
