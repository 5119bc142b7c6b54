"""What HTTP answers mean to a stream: come again later, or not at all."""

import os
import socket
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp

from crisiswatch.reading.platforms.times import iso_ms
from crisiswatch.reading.platforms.unreadable import UnreadableError
from flows.streams.ports import DisconnectedError, RefusedError

CONNECT = aiohttp.ClientTimeout(total=None, sock_connect=15.0, connect=30.0)
"""A stream has no end, but its beginning has: silence later on is judged by the feed's own time."""

ANSWER = aiohttp.ClientTimeout(total=60.0, sock_connect=15.0, connect=30.0)
"""For what is asked and answered once."""

LONGEST_LINE_BYTES = 1 << 20
READ_BYTES = 1 << 16

_TOO_MANY = 429
_PASSING = frozenset({408, 425, _TOO_MANY})
_SERVER_FAULTS = 500


def refuse_or_retry(
    name: str, status: int, headers: Mapping[str, str], *, remedy: str, now: datetime | None = None
) -> DisconnectedError | RefusedError:
    """Return the error for an answer that is no stream: what passes by itself, and what does not.

    `now` is needed to obey a time of day. `Retry-After` is always obeyed; the time at which
    a limit ends (X, Mastodon) only where that limit is used up, because it stands in other
    answers, too.
    """
    if status >= _SERVER_FAULTS or status in _PASSING:
        return DisconnectedError(
            f"the server answered {status}",
            retry_after_s=asked_to_wait_s(headers, now, is_limited=status == _TOO_MANY),
        )
    what = {
        401: "does not know the token (401)",
        403: "does not allow this token to read the stream (403)",
    }.get(status, f"answered {status}")
    return RefusedError(f"{name} {what}", remedy)


def asked_to_wait_s(
    headers: Mapping[str, str], now: datetime | None, *, is_limited: bool = False
) -> float | None:
    """Return how long the server wants us to wait, by whichever header it says so."""
    asked = headers.get("Retry-After")
    wait_s = _number(asked)
    if wait_s is None and now is not None:
        again_at = None if asked is None else _date_s(asked)
        if again_at is None and is_limited:
            again_at = _limit_ends_s(headers)
        wait_s = None if again_at is None else again_at - now.timestamp()
    return None if wait_s is None else max(0.0, wait_s)


def _limit_ends_s(headers: Mapping[str, str]) -> float | None:
    """Return when a limit that is used up ends: X tells unix seconds, Mastodon a date."""
    for name in ("x-rate-limit", "X-RateLimit"):
        left = _number(headers.get(f"{name}-remaining"))
        reset = headers.get(f"{name}-reset")
        if reset is not None and not left:
            number = _number(reset)
            return _iso_s(reset) if number is None else number
    return None


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and text.strip().isdigit() else None


def _date_s(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError):
        return None


def _iso_s(text: str) -> float | None:
    try:
        return iso_ms(text) / 1000
    except (UnreadableError, ValueError):
        return None


async def lines_of(content: aiohttp.StreamReader) -> AsyncGenerator[bytes, None]:
    r"""Yield the lines of a body as they come, without their ends (`\n` or `\r\n`).

    A line that does not end within `LONGEST_LINE_BYTES` is yielded as far as it came; its
    rest is a line of its own, and both are refused further on. The last line is yielded
    only if it ended: half a message is none.
    """
    tail = b""
    while True:
        data = await content.readany()
        if not data:
            return
        *lines, tail = (tail + data).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r")
        if len(tail) > LONGEST_LINE_BYTES:
            yield tail
            tail = b""


def in_words(error: Exception) -> str:
    """Say what went wrong with a connection, without the library's names for it."""
    match error:
        case aiohttp.ClientConnectorError(os_error=fault):
            # A name that is not found has a number of its own kind, which is no errno.
            is_numbered = fault.errno is not None and not isinstance(fault, socket.gaierror)
            why = os.strerror(fault.errno or 0) if is_numbered else fault.strerror or str(fault)
            return f"{error.host} can not be reached ({why})"
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError():
            return "the connection broke in the middle"
        case OSError():
            return f"the connection broke ({error.strerror or error})"
        case _:
            return f"the connection failed ({error})"
