"""Which platform's shape a line has, without being told (`--format auto`).

Two steps. The first one or two keys of the line guess the shape, and its decoder is tried:
for lines as platforms write them that is right, and the line is decoded once. Where there
is no guess, or the line turns out not to fit it, the line is decoded in full and its keys
decide.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from crisiswatch.reading.platforms.registry import SHAPES
from crisiswatch.reading.platforms.shape import Decode
from crisiswatch.reading.platforms.unknown import UnknownShapeError, judge_unknown
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.post import Post, Reason, Skipped

_first_keys = re.compile(
    rb'\{\s*"([$\w]+)"(?:\s*:\s*(?:"[^"\\]{0,80}"|\d{1,20})\s*,\s*"([$\w]+)")?'
).match

_AFTER: dict[bytes, Decode] = {
    key.encode(): shape.decode for shape in reversed(SHAPES.values()) for key in shape.first_keys
}
_AFTER_ID: dict[bytes, Decode] = {
    key.encode(): shape.decode for shape in reversed(SHAPES.values()) for key in shape.second_keys
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
    head = _first_keys(line)
    if head is not None:
        first, second = head.groups()
        guess = _AFTER_ID.get(second) if first == b"id" else _AFTER.get(first)
        if guess is not None:
            try:
                return guess(line)
            except (UnreadableError, msgspec.ValidationError):
                return _decode_by_keys(line)
    return _decode_by_keys(line)


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
