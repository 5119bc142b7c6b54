"""A Jetstream server: `/subscribe` with `wantedCollections`, `maxMessageSizeBytes` and `cursor`, as Bluesky runs four.

By hand, to be watched by `crisiswatch up --from bluesky`:

    python -m tests.doubles.fake_jetstream --port 6008 --of "Example Air"

    [ingest.bluesky]
    hosts = ["ws://127.0.0.1:6008"]
"""

import argparse
import asyncio
import contextlib
import random
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import WSCloseCode, web

from tests.doubles.stream_server import StreamServer, refusal

POSTS = "app.bsky.feed.post"


class FakeJetstream(StreamServer):
    """Tell events by their time; `skew_us` is how far its clock is from other servers'."""

    stream_path = "/subscribe"

    def __init__(
        self, *, port: int = 0, clock: Callable[[], float] = time.time, skew_us: int = 0
    ) -> None:
        super().__init__(port=port, clock=clock)
        self.skew_us = skew_us
        self.events: list[tuple[int, bytes]] = []
        self.kept_from_us = 0

    @property
    def url(self) -> str:
        """Return its address."""
        return f"ws://{self.host}"

    def say(self, text: str, *, at_s: float | None = None) -> str:
        """Let somebody post; return the record key."""
        number = self.number()
        rkey = f"3k{number:011d}"
        self.post(text, rkey=rkey, at_s=at_s, did=f"did:plc:{number % 97:024d}")
        return rkey

    def post(self, text: str, *, rkey: str, did: str, at_s: float | None = None) -> None:
        """Tell of a post with this key."""
        at_s = self.clock() if at_s is None else at_s
        record = {
            "$type": POSTS,
            "text": text,
            "createdAt": datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z"),
            "langs": ["en"],
        }
        commit = {
            "rev": f"r{rkey}",
            "operation": "create",
            "collection": POSTS,
            "rkey": rkey,
            "record": record,
            "cid": f"bafy{rkey}",
        }
        self.event(at_s, {"did": did, "kind": "commit", "commit": commit})

    def beat(self) -> None:
        """Tell of an account, as happens several times a second whatever is wanted."""
        account = {"active": True, "did": "did:plc:someone", "seq": self.number()}
        self.event(self.clock(), {"did": "did:plc:someone", "kind": "account", "account": account})

    def event(self, at_s: float, event: dict[str, Any]) -> None:
        """Keep an event with its time, and tell it."""
        time_us = int(at_s * 1_000_000) + self.skew_us
        did = event.pop("did")
        line = orjson.dumps({"did": did, "time_us": time_us, **event})
        self.events.append((time_us, line))
        self.tell(line)

    def garble(self) -> None:
        """Tell something that is no JSON."""
        self.tell(b'{"did":"did:plc:x","time_us":')

    def half_message(self) -> bytes:
        """Return a frame that promises more than comes."""
        return b"\x81" + struct.pack("!BH", 126, 400) + b'{"did":"did:plc:half","time_us":17'

    def routes(self) -> list[web.RouteDef]:
        """Return the one endpoint."""
        return [web.get(self.stream_path, self._subscribe)]

    async def _subscribe(self, request: web.Request) -> web.StreamResponse:
        answer = self.noted(request)
        if answer is not None:
            return refusal(answer)
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        waiting: asyncio.Queue[bytes] = asyncio.Queue()
        most_bytes = int(request.query.get("maxMessageSizeBytes", "0"))
        cursor = request.query.get("cursor")
        if cursor is not None:
            now_us = int(self.clock() * 1_000_000)
            start_us = max(int(cursor), self.kept_from_us)
            for time_us, line in self.events:
                if time_us >= start_us and int(cursor) <= now_us:  # else live, as Jetstream does
                    waiting.put_nowait(line)
        one = self.opened(request, waiting.put_nowait)
        reading = asyncio.ensure_future(socket.receive())
        getting: asyncio.Future[bytes] | None = None
        try:
            while not socket.closed and not reading.done():
                getting = asyncio.ensure_future(waiting.get())
                await asyncio.wait({getting, reading}, return_when=asyncio.FIRST_COMPLETED)
                if not getting.done():
                    break
                if not most_bytes or len(getting.result()) <= most_bytes:
                    await socket.send_str(getting.result().decode())
        except ConnectionError:
            pass  # the client has gone, as clients do
        finally:
            self.closed(one)
            reading.cancel()
            if getting is not None:
                getting.cancel()
            with contextlib.suppress(ConnectionError):
                await socket.close(code=WSCloseCode.GOING_AWAY)
        return socket


def main() -> None:
    """Tell the first client of some invented hours that end in a crisis of one brand, then go on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=6008)
    parser.add_argument("--posts-per-s", type=float, default=20.0)
    parser.add_argument("--of", default="Example Air")
    parser.add_argument("--hours", type=int, default=30)
    asked = parser.parse_args()
    chance = random.Random(7)
    with FakeJetstream(port=asked.port) as server:
        server.wait_for_connection(timeout_s=3_600.0)
        begin_s = time.time() - 3_600 * asked.hours
        for minute in range(60 * asked.hours):
            is_crisis = minute >= 60 * (asked.hours - 1)
            for _ in range(chance.randrange(40) if is_crisis else chance.randrange(3)):
                words = "cancelled, no refund, worst service ever" if is_crisis else "to Rome again"
                at_s = begin_s + 60 * minute + chance.random() * 59
                server.say(f"{asked.of} {words} {chance.random():.6f}", at_s=at_s)
            server.say(f"tea and toast {chance.random():.6f}", at_s=begin_s + 60 * minute)
        while True:
            server.say(f"tea and toast {chance.random():.6f}")
            time.sleep(1.0 / asked.posts_per_s)


if __name__ == "__main__":
    main()
