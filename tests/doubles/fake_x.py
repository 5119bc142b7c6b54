"""X's filtered stream and its rules, as the documentation at docs.x.com describes them."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from tests.doubles.stream_server import Answer, StreamServer, refusal

_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
_SNOWFLAKE_TIME_BIT = 22


class FakeX(StreamServer):
    """Tell posts to whoever has the token; without rules nobody is let in."""

    stream_path = "/2/tweets/search/stream"

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        token: str = "never-to-be-seen-4",  # noqa: S107  # of an app that does not exist
        rules: tuple[dict[str, str], ...] = ({"id": "1", "value": "anything", "tag": "a test"},),
    ) -> None:
        super().__init__(port=port, clock=clock)
        self.token = token
        self.rules = list(rules)
        self.posts: list[tuple[float, bytes]] = []

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{self.host}"

    def say(self, text: str, *, at_s: float | None = None) -> str:
        """Let somebody post; return the id."""
        at_s = self.clock() if at_s is None else at_s
        number = self.number()
        at_ms = int(at_s * 1000) - _SNOWFLAKE_EPOCH_MS
        post_id = str((at_ms << _SNOWFLAKE_TIME_BIT) + number)
        post = {
            "data": {
                "id": post_id,
                "text": text,
                "author_id": str(number % 97),
                "created_at": datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "lang": "en",
            },
            "includes": {
                "users": [
                    {
                        "id": str(number % 97),
                        "username": f"someone{number % 97}",
                        "public_metrics": {"followers_count": 5},
                    }
                ]
            },
            "matching_rules": [{"id": "1", "tag": "a test"}],
        }
        line = orjson.dumps(post) + b"\r\n"
        self.posts.append((at_s, line))
        self.tell(line)
        return post_id

    def beat(self) -> None:
        """Send the line end that keeps the connection alive."""
        self.tell(b"\r\n")

    def garble(self) -> None:
        """Tell something that is no JSON."""
        self.tell(b'{"data":{"id":"1",\r\n')

    def dismiss(self) -> None:
        """Say why the stream is closed, and close it."""
        problem = {
            "title": "operational-disconnect",
            "disconnect_type": "UpstreamOperationalDisconnect",
            "detail": "This stream has been disconnected upstream for operational reasons.",
            "type": "https://api.twitter.com/2/problems/operational-disconnect",
        }
        self.tell(orjson.dumps({"errors": [problem]}) + b"\r\n")

    def half_message(self) -> bytes:
        """Return a chunk that ends in the middle of a post."""
        half = b'{"data":{"id":"15","text":"ha'
        return f"{len(half):x}\r\n".encode() + half + b"\r\n"

    def routes(self) -> list[web.RouteDef]:
        """Return the stream and its rules."""
        rules = f"{self.stream_path}/rules"
        return [
            web.get(self.stream_path, self._stream),
            web.get(rules, self._show_rules),
            web.post(rules, self._change_rules),
        ]

    def _refused(self, request: web.Request) -> Answer | None:
        answer = self.noted(request)
        if answer is None and request.headers.get("Authorization") != f"Bearer {self.token}":
            return Answer(status=401, body=b'{"title":"Unauthorized","detail":"Unauthorized"}')
        return answer

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        answer = self._refused(request)
        if answer is None and not self.rules:
            issue = {"title": "ConnectionException", "connection_issue": "RuleConfigurationIssue"}
            answer = Answer(status=409, body=orjson.dumps(issue))
        if answer is not None:
            return refusal(answer)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        waiting: asyncio.Queue[bytes] = asyncio.Queue()
        minutes = int(request.query.get("backfill_minutes", "0"))
        for at_s, line in self.posts:
            if at_s >= self.clock() - 60 * minutes:
                waiting.put_nowait(line)
        one = self.opened(request, waiting.put_nowait)
        try:
            while True:
                await response.write(await waiting.get())
        except ConnectionError:
            pass  # the client has gone, as clients do
        finally:
            self.closed(one)
        return response

    async def _show_rules(self, request: web.Request) -> web.StreamResponse:
        answer = self._refused(request)
        if answer is not None:
            return refusal(answer)
        said: dict[str, Any] = {"meta": {"result_count": len(self.rules)}}
        if self.rules:
            said["data"] = self.rules
        return web.Response(body=orjson.dumps(said), content_type="application/json")

    async def _change_rules(self, request: web.Request) -> web.StreamResponse:
        answer = self._refused(request)
        if answer is not None:
            return refusal(answer)
        wanted = await request.json()
        errors = []
        for rule in wanted.get("add", ()):
            if any(rule["value"] == other["value"] for other in self.rules):
                errors.append({"title": "DuplicateRule", "value": rule["value"]})
            else:
                self.rules.append({"id": str(100 + self.number()), **rule})
        gone = set(wanted.get("delete", {}).get("ids", ()))
        self.rules = [rule for rule in self.rules if rule["id"] not in gone]
        said = {"meta": {"summary": {}}, **({"errors": errors} if errors else {})}
        return web.Response(status=201, body=orjson.dumps(said), content_type="application/json")
