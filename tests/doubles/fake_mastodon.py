"""A Mastodon instance, as far as its public posts go: streaming, timeline, and its own description."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from tests.doubles.stream_server import Answer, StreamServer, refusal

_SNOWFLAKE_BITS = 16


class FakeMastodon(StreamServer):
    """Tell statuses to whoever has the token; `timeline` and `description` answer in place of those."""

    stream_path = "/api/v1/streaming/public"

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        token: str = "never-to-be-seen-3",  # noqa: S107  # of an account that does not exist
    ) -> None:
        super().__init__(port=port, clock=clock)
        self.token = token
        self.statuses: list[tuple[int, bytes]] = []
        self.timeline: Answer | None = None
        self.streaming_elsewhere: str | None = None
        self.description: Answer | None = None
        self.is_hidden: Callable[[bytes], bool] = lambda _: False

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{self.host}"

    def say(self, text: str, *, at_s: float | None = None, uri: str | None = None) -> str:
        """Let somebody post; return the id."""
        number = self.number()
        at_s = self.clock() if at_s is None else at_s
        status_id = (int(at_s * 1000) << _SNOWFLAKE_BITS) + number
        status = {
            "id": str(status_id),
            "uri": f"{self.url}/users/someone/statuses/{status_id}" if uri is None else uri,
            "created_at": datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z"),
            "content": f"<p>{text}</p>",
            "language": "en",
            "account": {"acct": f"someone{number % 97}", "followers_count": 5},
        }
        line = orjson.dumps(status)
        self.statuses.append((status_id, line))
        self.tell(b"event: update\ndata: " + line + b"\n\n")
        return str(status_id)

    def delete(self, status_id: str) -> None:
        """Tell that a status is gone."""
        self.tell(b"event: delete\ndata: " + status_id.encode() + b"\n\n")

    def beat(self) -> None:
        """Send the heartbeat."""
        self.tell(b":thump\n")

    def garble(self) -> None:
        """Tell a status that is no JSON."""
        self.tell(b'event: update\ndata: {"id": "1", \n\n')

    def half_message(self) -> bytes:
        """Return a chunk that ends in the middle of an event."""
        half = b'event: update\ndata: {"id": "1", "content": "ha'
        return f"{len(half):x}\r\n".encode() + half + b"\r\n"

    def routes(self) -> list[web.RouteDef]:
        """Return the three endpoints."""
        return [
            web.get(self.stream_path, self._stream),
            web.get("/api/v1/timelines/public", self._timeline),
            web.get("/api/v2/instance", self._instance),
        ]

    def _knows(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        answer = self.noted(request)
        if answer is None and not self._knows(request):
            answer = Answer(status=401, body=b'{"error":"Missing access token"}')
        if answer is not None:
            return refusal(answer)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        waiting: asyncio.Queue[bytes] = asyncio.Queue()
        waiting.put_nowait(b":)\n")
        one = self.opened(request, waiting.put_nowait)
        try:
            while True:
                await response.write(await waiting.get())
        except ConnectionError:
            pass  # the client has gone, as clients do
        finally:
            self.closed(one)
        return response

    async def _timeline(self, request: web.Request) -> web.StreamResponse:
        self.noted(request)
        if self.timeline is not None:
            return refusal(self.timeline)
        limit = int(request.query.get("limit", "20"))
        after = int(request.query.get("min_id", "0"))
        newer = [line for status_id, line in sorted(self.statuses) if status_id > after]
        shown = [line for line in newer[:limit] if not self.is_hidden(line)]  # filtered afterwards
        page: list[Any] = [orjson.Fragment(line) for line in reversed(shown)]
        return web.Response(body=orjson.dumps(page), content_type="application/json")

    async def _instance(self, request: web.Request) -> web.StreamResponse:
        self.noted(request)
        if self.description is not None:
            return refusal(self.description)
        elsewhere = self.streaming_elsewhere
        streaming = f"ws://{self.host}" if elsewhere is None else elsewhere
        said = {"domain": self.host, "configuration": {"urls": {"streaming": streaming}}}
        return web.Response(body=orjson.dumps(said), content_type="application/json")
