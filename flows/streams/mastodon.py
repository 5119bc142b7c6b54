"""Mastodon's public stream: server-sent events, and the public timeline for what was missed.

Protocol: docs.joinmastodon.org/methods/streaming and /methods/timelines, and Mastodon's
`streaming/index.js`: `GET /api/v1/streaming/public` answers with `event:` and `data:` lines,
a blank line after each event, and a comment (`:thump`) every 15 seconds. The streaming
server may have an address of its own, which `/api/v2/instance` tells.

A stream can not be asked for its past. So after a reconnection the public timeline is read
from the last post on, oldest pages first (`min_id`), while the new stream waits; what comes
by both ways is known by its `uri`, which is the same on every instance. Where the instance
does not allow that, or there is too much of it, the rest is told as lost.
"""

from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import aiohttp
import msgspec

from crisiswatch.clock import Clock
from crisiswatch.reading.platforms.times import iso_ms
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.secret import Secret
from flows.streams.http import CONNECT, lines_of, refuse_or_retry
from flows.streams.memory import digest
from flows.streams.ports import (
    Alive,
    DisconnectedError,
    Heard,
    Lost,
    Message,
    Place,
    RefusedError,
)

STALL_S = 45.0
"""Three thumps that did not come."""

PAGE_STATUSES = 40
"""The most that a page of the timeline may have."""

MOST_PAGES = 100
"""Instances allow 300 requests in five minutes; 4,000 posts are minutes of a large one."""

REWIND_MS = 30_000
"""A post from elsewhere has an id of when it was written, and comes when it has travelled here."""

_SNOWFLAKE_BITS = 16
_FIRST_SNOWFLAKE = 1 << 53
"""Smaller ids are plain counters, in which no time stands."""

_OK = 200


class _Status(msgspec.Struct, gc=False):
    id: str = ""
    uri: str = ""
    created_at: str = ""


class _Urls(msgspec.Struct, gc=False):
    streaming: str = ""


class _Configuration(msgspec.Struct, gc=False):
    urls: _Urls = msgspec.field(default_factory=_Urls)


class _Instance(msgspec.Struct, gc=False):
    configuration: _Configuration = msgspec.field(default_factory=_Configuration)


class MastodonFeed:
    """Listen to everything public that one instance sees."""

    def __init__(
        self, address: str, token: Secret | None, *, clock: Clock, stall_s: float = STALL_S
    ) -> None:
        self._address = address.rstrip("/")
        self._token = token
        self._clock = clock
        self._streaming_address: str | None = None
        self.stall_s = stall_s
        self.name = urlsplit(address).netloc

    async def listen(self, place: Place) -> AsyncGenerator[Message, None]:
        """Yield what was missed since `place`, as far as it can be had, then what comes."""
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token.reveal()}"}
        async with aiohttp.ClientSession(timeout=CONNECT, headers=headers) as session:
            address = f"{await self._streaming(session)}/api/v1/streaming/public"
            async with session.get(address) as response:
                if response.status != _OK:
                    raise self._refused(response)
                yield Alive(at_s=self._now_s() if place.heard_at is None else place.heard_at)
                async for message in self._missed(session, place):
                    yield message
                async for message in self._events(response.content):
                    yield message

    def _refused(self, response: aiohttp.ClientResponse) -> DisconnectedError | RefusedError:
        return refuse_or_retry(
            self.name,
            response.status,
            response.headers,
            now=self._clock.now(),
            remedy="give an access token of this instance (Preferences, Development, scope "
            "read:statuses) in CRISISWATCH_MASTODON_TOKEN",
        )

    async def _streaming(self, session: aiohttp.ClientSession) -> str:
        """Return where the instance streams; one that does not say so does it itself.

        One that can not say so now is not taken for one that never does: it would send
        us on to another host, which the token does not reach, and so seem to refuse us.
        """
        async with session.get(f"{self._address}/api/v2/instance") as response:
            if response.status == _OK:
                self._streaming_address = self._told(await response.read())
            elif self._streaming_address is None:
                error = self._refused(response)
                if not isinstance(error, RefusedError):
                    raise error
        return self._streaming_address or self._address

    def _told(self, answer: bytes) -> str:
        try:
            said = msgspec.json.decode(answer, type=_Instance)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._address
        streaming = said.configuration.urls.streaming.rstrip("/")
        is_secure = self._address.startswith("https://")
        if streaming.startswith("wss://"):
            return f"https{streaming[3:]}"
        if streaming.startswith("ws://") and not is_secure:
            return f"http{streaming[2:]}"
        return self._address

    async def _missed(
        self, session: aiohttp.ClientSession, place: Place
    ) -> AsyncGenerator[Message, None]:
        """Yield the timeline since `place`, and as lost what it does not give."""
        if place.heard_at is None:
            return
        connected_s, reached_s = self._now_s(), place.heard_at
        after_id = None if place.cursor is None else _rewound(place.cursor)
        pages = 0
        while after_id is not None and pages < MOST_PAGES:
            pages += 1
            asked_id = after_id
            statuses = await self._page(session, asked_id)
            if statuses is None:
                break
            for raw in reversed(statuses):
                heard = _heard("update", bytes(raw))
                yield heard
                after_id = _later(after_id, heard.cursor)
                reached_s = max(reached_s, heard.posted_s or reached_s)
            # A page may be short because something was filtered out of it: only what it tells counts.
            is_short = len(statuses) < PAGE_STATUSES
            if after_id == asked_id or (is_short and reached_s >= connected_s):
                yield Alive(at_s=connected_s)
                return
        yield Lost(from_s=reached_s, to_s=max(reached_s, connected_s))

    async def _page(
        self, session: aiohttp.ClientSession, after_id: str
    ) -> list[msgspec.Raw] | None:
        wanted = {"limit": str(PAGE_STATUSES), "min_id": after_id}
        address = f"{self._address}/api/v1/timelines/public"
        async with session.get(address, params=wanted) as response:
            if response.status != _OK:
                return None
            try:
                return msgspec.json.decode(await response.read(), type=list[msgspec.Raw])
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return None

    async def _events(self, content: aiohttp.StreamReader) -> AsyncGenerator[Message, None]:
        event, data, newest = "", list[bytes](), None
        async for line in lines_of(content):
            if line.startswith(b":"):
                yield Alive(at_s=self._now_s(), cursor=newest)
            elif line.startswith(b"event:"):
                event = line[6:].strip().decode("utf-8", "replace")
            elif line.startswith(b"data:"):
                data.append(line[5:].removeprefix(b" "))
            elif not line and data:
                heard = _heard(event, b"\n".join(data), at_s=self._now_s(), newest=newest)
                newest = heard.cursor
                yield heard
                event, data = "", []

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


def _heard(
    event: str, payload: bytes, *, at_s: float | None = None, newest: str | None = None
) -> Heard:
    """Wrap an event as Mastodon's own websocket would write it, on one line."""
    text = payload.decode("utf-8", "replace")
    line = msgspec.json.encode({"stream": ["public"], "event": event, "payload": text})
    key = f"{event}/{digest(payload)}"
    if event != "update":
        return Heard(line=line, key=key, at_s=at_s, cursor=newest)
    try:
        status = msgspec.json.decode(payload, type=_Status)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Heard(line=line, key=key, at_s=at_s, cursor=newest)
    try:
        posted_s = iso_ms(status.created_at) / 1000
    except (UnreadableError, ValueError):
        posted_s = None
    return Heard(
        line=line,
        key=status.uri or key,
        posted_s=posted_s,
        at_s=at_s,
        cursor=_later(newest, status.id or None),
    )


def _later(one: str | None, other: str | None) -> str | None:
    """Return the later of two ids: the larger number, or the one that came last."""
    if one is None or other is None:
        return one if other is None else other
    if one.isdecimal() and other.isdecimal():
        return max(one, other, key=int)
    return other


def _rewound(status_id: str) -> str:
    """Set an id back by a few seconds: posts do not arrive in the order of their ids."""
    if not status_id.isdecimal() or int(status_id) < _FIRST_SNOWFLAKE:
        return status_id
    return str(int(status_id) - (REWIND_MS << _SNOWFLAKE_BITS))
