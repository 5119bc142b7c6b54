"""Which platform's shape a line has, without being told (`--format auto`).

Two steps. The first one or two keys of the line guess the shape, and its decoder is tried:
for lines as platforms write them that is right, and the line is decoded once. Where there
is no guess, or the line turns out not to fit it, the line is decoded in full and its keys
decide.
"""

import re
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from crisiswatch.reading.platforms.registry import SHAPES
from crisiswatch.reading.platforms.shape import Decode, DecodeLines, Shape
from crisiswatch.reading.platforms.unknown import UnknownShapeError, judge_unknown
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.post import Post, Reason, Skipped

_first_keys = re.compile(
    rb'\{\s*"([$\w]+)"(?:\s*:\s*(?:"[^"\\]{0,80}"|\d{1,20})\s*,\s*"([$\w]+)")?'
).match
_AFTER: dict[bytes, Shape] = {
    key.encode(): shape for shape in reversed(SHAPES.values()) for key in shape.first_keys
}
_AFTER_ID: dict[bytes, Shape] = {
    key.encode(): shape for shape in reversed(SHAPES.values()) for key in shape.second_keys
}


def any_decoder(mapped: Decode | None) -> Decode:
    """Return the decoder of any shape; lines that fit `mapped` are read with that."""
    if mapped is None:
        return decode_any

    def decode_mapped_or_any(line: bytes) -> Post | Skipped:
        try:
            return mapped(line)
        except (UnreadableError, msgspec.ValidationError) as misfit:
            try:
                return decode_any(line)
            except UnknownShapeError:
                raise misfit from None

    return decode_mapped_or_any


def decode_any(line: bytes) -> Post | Skipped:
    """Read a line of whichever shape it has.

    Raises what the decoder of that shape raises, and `UnknownShapeError` where it has none.
    """
    guess = _guess(line)
    if guess is not None:
        try:
            return guess.decode(line)
        except (UnreadableError, msgspec.ValidationError):
            return _decode_by_keys(line)
    return _decode_by_keys(line)


def _guess(line: bytes) -> Shape | None:
    head = _first_keys(line)
    if head is None:
        return None
    first, second = head.groups()
    return _AFTER_ID.get(second) if first == b"id" else _AFTER.get(first)


def lines_decoder(lines: Sequence[bytes]) -> DecodeLines | None:
    """Return what reads all of `lines` as `decode_any` reads each, None where they are mixed.

    The shape is the one that the keys of every line guess; where its decoder raises, the
    lines are to be read alone.
    """
    guess = _guess(lines[0])
    if guess is None:
        return None
    begin = lines[0][: lines[0].find(b'"', 2) + 1]
    if {*map(itemgetter(slice(len(begin))), lines)} != {begin}:
        return None
    if begin == b'{"id"' and any(_guess(line) is not guess for line in lines):
        return None
    return guess.decode_lines


def _decode_by_keys(line: bytes) -> Post | Skipped:
    keys = msgspec.json.decode(line)
    if not isinstance(keys, dict):
        raise UnreadableError(Reason.NOT_A_POST, "a JSON object is needed, one a line")
    name = recognise(keys)
    if name is None:
        raise judge_unknown(keys)
    return SHAPES[name].decode(line)


def recognise(keys: Mapping[str, Any]) -> str | None:
    """Return the name of the shape that an object with these keys has, or None."""
    return next((name for name, shape in SHAPES.items() if shape.fits(keys)), None)
