"""Bluesky's Jetstream: `GET /subscribe` as a websocket, one JSON event a text message.

Protocol: README of bluesky-social/jetstream-legacy, which bluesky-social/jetstream serves
unchanged. `wantedCollections` chooses records; account and identity events come whatever is
wanted, and serve as a clock. `cursor` is a unix time in microseconds: the event of that
time comes again, then all that followed. A cursor that is older than what the server keeps
is moved up silently, so the first event tells whether anything is missing.

Hosts differ by a little in the time they give the same event; so after a reconnection the
cursor is set back by `REWIND_S`, and what comes twice is known by its author, record key
and revision, which are the same everywhere.

Events too long for whoever reads us are left out by the server (`maxMessageSizeBytes`): one
that ended the connection would come again after each reconnection.
"""

from collections.abc import AsyncGenerator, Sequence
from urllib.parse import urlencode

import aiohttp
import msgspec

from flows.streams.http import CONNECT, refuse_or_retry
from flows.streams.memory import digest
from flows.streams.ports import (
    LONGEST_EVENT_BYTES,
    Alive,
    DisconnectedError,
    Heard,
    Lost,
    Message,
    Place,
    RefusedError,
)

POSTS = "app.bsky.feed.post"
REWIND_S = 5
STALL_S = 30.0
"""Something happens on Bluesky many times a second: half a minute of nothing is a dead wire."""

LONGEST_FRAME_BYTES = 8 << 20
"""A record may have a megabyte, of which JSON writes some characters as six bytes."""

_ENDED = frozenset({aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED})
_US = 1_000_000


class _Commit(msgspec.Struct, gc=False):
    operation: str = ""
    collection: str = ""
    rkey: str = ""
    rev: str = ""


class _Event(msgspec.Struct, gc=False):
    did: str = ""
    time_us: int | None = None
    kind: str = ""
    commit: _Commit | None = None


_decode = msgspec.json.Decoder(_Event).decode


class BlueskyFeed:
    """Listen to one of several hosts that tell the same; after a failure to the next."""

    def __init__(self, hosts: Sequence[str], *, stall_s: float = STALL_S) -> None:
        self._hosts = tuple(hosts)
        self._turn = 0
        self._refusals = 0
        self.stall_s = stall_s
        self.name = "bluesky"

    async def listen(self, place: Place) -> AsyncGenerator[Message, None]:
        """Yield events from `place` on, from the host whose turn it is."""
        host = self._hosts[self._turn % len(self._hosts)]
        self._turn += 1  # whatever ends this connection, the next one goes to another host
        cursor_us = None if place.cursor is None else int(place.cursor)
        async with aiohttp.ClientSession(timeout=CONNECT) as session:
            try:
                socket = await session.ws_connect(
                    _address(host, cursor_us), max_msg_size=LONGEST_FRAME_BYTES
                )
            except aiohttp.WSServerHandshakeError as error:
                raise self._judged(host, error) from None
            self._refusals = 0
            async with socket:
                async for message in _events(socket, cursor_us):
                    yield message

    def _judged(self, host: str, error: aiohttp.WSServerHandshakeError) -> Exception:
        """Tell a host that refuses from one that is busy; only all of them together refuse us."""
        judged = refuse_or_retry(
            host,
            error.status,
            error.headers or {},
            remedy="correct hosts under [ingest.bluesky], or leave it out for Bluesky's own",
        )
        if not isinstance(judged, RefusedError):
            return judged
        self._refusals += 1
        if self._refusals < len(self._hosts):
            return DisconnectedError(judged.problem)
        return judged


async def _events(
    socket: aiohttp.ClientWebSocketResponse, cursor_us: int | None
) -> AsyncGenerator[Message, None]:
    newest_us = 0 if cursor_us is None else cursor_us
    is_first = cursor_us is not None
    while True:
        frame = await socket.receive()
        if frame.type in _ENDED:
            raise DisconnectedError(f"the server closed the stream (code {socket.close_code})")
        if frame.type is aiohttp.WSMsgType.ERROR:
            raise DisconnectedError(f"the connection broke: {frame.data}")
        if frame.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
            continue
        line = frame.data.encode() if isinstance(frame.data, str) else frame.data
        event = _read(line)
        if event.time_us is None:
            yield Heard(line=line, key=digest(line))
            continue
        if is_first:
            is_first = False
            if event.time_us > newest_us:
                yield Lost(from_s=newest_us / _US, to_s=event.time_us / _US)
            elif event.time_us < newest_us - 2 * REWIND_S * _US:
                newest_us = event.time_us  # ours was of the future, and so is no place at all
        newest_us = max(newest_us, event.time_us)
        at_s, cursor, commit = event.time_us / _US, str(newest_us), event.commit
        if commit is None or commit.collection != POSTS:
            yield Alive(at_s=at_s, cursor=cursor)
        else:
            key = f"{event.did}/{commit.rkey}/{commit.operation}/{commit.rev}"
            yield Heard(line=line, key=key, posted_s=at_s, at_s=at_s, cursor=cursor)


def _read(line: bytes) -> _Event:
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Event()


def _address(host: str, cursor_us: int | None) -> str:
    base = host if "://" in host else f"wss://{host}"
    wanted = {"wantedCollections": POSTS, "maxMessageSizeBytes": str(LONGEST_EVENT_BYTES)}
    if cursor_us is not None:
        wanted["cursor"] = str(cursor_us - REWIND_S * _US)
    return f"{base.rstrip('/')}/subscribe?{urlencode(wanted)}"
