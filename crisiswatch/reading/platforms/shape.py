"""What the file of a platform tells about its shape of line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crisiswatch.reading.post import Post, Skipped

Decode = Callable[[bytes], Post | Skipped]
"""Reads one line; raises `UnreadableError`, or what msgspec raises on bytes that do not fit."""

DecodeLines = Callable[[bytes], list[Post | Skipped]]
"""Reads lines as `Decode` reads each, at once; raises what `Decode` raises for any of them.

Trap: to msgspec a line break is white space like any other. What comes back belongs to the
lines one by one only where each begins with a brace, ends with one, and gives one item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How to read lines of one platform, alone and many at once, and how to know them among others.

    `fits` answers from the keys of the decoded object and decides; `first_keys` (the
    first key of a line) and `second_keys` (the second, where the first is `id`) are how
    this platform usually begins its lines, which lets most lines be decoded just once.
    """

    decode: Decode
    decode_lines: DecodeLines
    fits: Callable[[Mapping[str, Any]], bool]
    first_keys: tuple[str, ...]
    second_keys: tuple[str, ...] = ()
