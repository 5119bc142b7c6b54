"""The door of the house: one raw line in, a `Post`, a `Rejected` or a `Skipped` out."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

import msgspec

from crisiswatch.errors import ConfigError
from crisiswatch.reading import stream_note
from crisiswatch.reading.platforms.auto import any_decoder, lines_decoder
from crisiswatch.reading.platforms.faults import explain, rejected
from crisiswatch.reading.platforms.mapping import mapped_decoder
from crisiswatch.reading.platforms.registry import SHAPES
from crisiswatch.reading.platforms.shape import Decode, DecodeLines
from crisiswatch.reading.platforms.times import EARLIEST_MS, LATEST_MS, iso
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.post import Post, Read, Reason, Rejected, Skipped

FORMATS = ("auto", *SHAPES, "mapping")
"""What `--format` accepts."""

MAX_LINE_BYTES = 1 << 20
"""Longer lines are refused by length alone: the longest real posts are some tens of kilobytes."""

RAW_KEPT_BYTES = 1 << 16
"""So much of an overlong line is kept as evidence."""

TOGETHER = 64
"""So many lines are decoded at once: more save nothing, and share a fault among more."""

_ALONE = 8
"""So few lines, with a fault or another shape among them, are decoded one by one."""

_FIRST, _LAST = itemgetter(0), itemgetter(-1)
_OPENING, _CLOSING = {ord("{")}, {ord("}")}
_BLANK = Skipped(kind="blank")
_NOTE = Skipped(kind="stream-note")
_BOM = b"\xef\xbb\xbf"


class Reader:
    """Read lines of one format, or of any (`auto`), line by line.

    Guarantees: `read` never raises, whatever the bytes. The strings of a post always
    encode to UTF-8, its text holds no NUL, its time lies within `earliest_ms` and
    `latest_ms`, its language is a lower-cased primary tag or None. The same line always
    gives the same answer: nothing is remembered from line to line. A live stream may move
    `latest_ms` on as time goes by.

    Raises `ConfigError` for a format that does not exist, for `mapping` without one,
    and for a mapping that can not work.
    """

    __slots__ = ("_decode", "_earliest_ms", "_lines_decoder", "_max_line_bytes", "latest_ms")

    def __init__(
        self,
        *,
        format: str = "auto",  # noqa: A002  # the name that the command line uses
        mapping: Mapping[str, str] | None = None,
        earliest_ms: int = EARLIEST_MS,
        latest_ms: int = LATEST_MS,
        max_line_bytes: int = MAX_LINE_BYTES,
    ) -> None:
        self._decode = _decoder(format, mapping)
        self._lines_decoder = _lines_decoder(format, mapping)
        self._earliest_ms = earliest_ms
        self.latest_ms = latest_ms
        self._max_line_bytes = max_line_bytes

    def read(self, line: bytes) -> Read:
        """Return what one line holds; line ends and a byte order mark are no fault."""
        if len(line) > self._max_line_bytes:
            return _too_long(line, self._max_line_bytes)
        body = line if line.startswith(b"{") else line.removeprefix(_BOM).strip()
        try:
            if not body.isascii():
                str(body, "utf-8")
            post = self._decode(body)
            if isinstance(post, Skipped):
                return post
            if not self._earliest_ms <= post.posted_at_ms <= self.latest_ms:
                raise self._absurd(post.posted_at_ms)
            return _without_nul(post) if "\0" in post.text else post
        except (UnreadableError, ValueError, RecursionError, OverflowError) as error:
            if body.startswith(stream_note.PREFIX):
                return _NOTE
            return explain(line, body, error) if body else _BLANK

    def read_many(self, lines: Sequence[bytes]) -> list[Read]:
        """Return what `read` gives for each line; several times faster where they are alike.

        Trap: a line must hold no line break.
        """
        items: list[Read] = []
        for first in range(0, len(lines), TOGETHER):
            items += self._read_some(lines[first : first + TOGETHER])
        return items

    def _read_some(self, lines: Sequence[bytes]) -> Sequence[Read]:
        """Read lines together, or the halves of them, until few are left to read alone."""
        items = self._read_together(lines)
        if items is not None:
            return items
        if len(lines) <= _ALONE:
            return [*map(self.read, lines)]
        middle = len(lines) // 2
        return [*self._read_some(lines[:middle]), *self._read_some(lines[middle:])]

    def _read_together(self, lines: Sequence[bytes]) -> Sequence[Read] | None:
        """Read lines with one call, or return None where one of them is not plainly a post."""
        decode_lines = self._together(lines)
        if decode_lines is None:
            return None
        data = b"\n".join(lines)
        try:
            if not data.isascii():
                beyond = [line for line in lines if not line.isascii()]
                str(b"\n".join(beyond), "utf-8")  # no character goes on over a line break
            items = decode_lines(data)
        except (UnreadableError, ValueError, RecursionError, OverflowError):
            return None
        earliest_ms, latest_ms = self._earliest_ms, self.latest_ms
        for item in items:
            if type(item) is Post and (
                not earliest_ms <= item.posted_at_ms <= latest_ms or "\0" in item.text
            ):
                return None
        return items if len(items) == len(lines) else None

    def _together(self, lines: Sequence[bytes]) -> DecodeLines | None:
        """Return what decodes all of the lines, None where they must be looked at alone."""
        if not all(lines) or max(map(len, lines)) > self._max_line_bytes:
            return None
        # A brace on either side of every break: no value goes on over it, whatever it holds.
        if {*map(_FIRST, lines)} != _OPENING or {*map(_LAST, lines)} != _CLOSING:
            return None
        return self._lines_decoder(lines)

    def _absurd(self, posted_at_ms: int) -> UnreadableError:
        try:
            shown = iso(posted_at_ms)
        except OverflowError:
            shown = f"{posted_at_ms:.3g} ms"
        earliest, latest = iso(self._earliest_ms), iso(self.latest_ms)
        return UnreadableError(
            Reason.ABSURD_DATE, f"posted at {shown}, not in {earliest} to {latest}"
        )


def _decoder(format: str, mapping: Mapping[str, str] | None) -> Decode:  # noqa: A002  # as above
    if format not in FORMATS:
        raise ConfigError(f"format '{format}' does not exist", f"use one of {', '.join(FORMATS)}")
    if format == "mapping":
        if mapping is None:
            raise ConfigError(
                "format 'mapping' without a mapping",
                "add [reading.mapping] with at least text and posted_at",
            )
        return mapped_decoder(mapping)
    if format == "auto":
        return any_decoder(None if mapping is None else mapped_decoder(mapping))
    return SHAPES[format].decode


def _lines_decoder(
    format: str,  # noqa: A002  # as above
    mapping: Mapping[str, str] | None,
) -> Callable[[Sequence[bytes]], DecodeLines | None]:
    """Return what says how to read lines together; those with a mapping are read alone."""
    if format == "auto" and mapping is None:
        return lines_decoder
    decode_lines = SHAPES[format].decode_lines if format in SHAPES else None
    return lambda _lines: decode_lines


def _without_nul(post: Post) -> Post:
    """Return the post with U+FFFD for NUL, by which matchers join texts."""
    return msgspec.structs.replace(post, text=post.text.replace("\0", "\ufffd"))


def _too_long(line: bytes, most: int) -> Rejected:
    detail = f"{len(line)} bytes, where {most} are allowed; the first {RAW_KEPT_BYTES} are kept"
    return rejected(Reason.TOO_LONG, detail, line[:RAW_KEPT_BYTES])
