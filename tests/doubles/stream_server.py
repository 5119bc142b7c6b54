"""What the servers of live streams have in common: a real one on loopback, scripted from a test.

    with FakeJetstream() as server:
        server.say("hello")
        server.cut(mid_message=True)

It runs in a thread of its own. What is said is kept, so that it can come again; connections
that are open hear it at once.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from tests.doubles.up_process import until

START_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the next request for the stream gets instead of it."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """One open connection: how to tell it something, and its wire."""

    tell: Callable[[Any], None]
    transport: asyncio.Transport


class StreamServer:
    """Serve one stream; `port` 0 takes a free one. `clock` tells when things are said."""

    def __init__(self, *, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        self.asked: list[Asked] = []
        self.clock = clock
        self._answers: deque[Answer] = deque()
        self._open: list[Open] = []
        self._said = 0
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    # --- What a test does ---------------------------------------------------------------

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._start)
        return self

    def __exit__(self, *_: object) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def host(self) -> str:
        """Return its address without a scheme."""
        return f"127.0.0.1:{self._port}"

    @property
    def streams(self) -> list[Asked]:
        """Return the requests for the stream itself."""
        return [asked for asked in self.asked if asked.path == self.stream_path]

    @property
    def connections(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def answer_next(self, *answers: Answer) -> None:
        """Answer the next requests for the stream with these, one each."""
        self._answers.extend(answers)

    def wait_for_connection(self, number: int = 1, *, timeout_s: float = START_S) -> None:
        """Wait until so many connections are open."""
        until(lambda: self.connections >= number, f"{number} connections", timeout_s)

    def cut(self, *, mid_message: bool = False) -> None:
        """Cut every connection; with `mid_message` after the first half of one."""

        async def act() -> None:
            for one in self._open:
                if mid_message:
                    one.transport.write(self.half_message())
            await asyncio.sleep(0)
            for one in self._open:
                if mid_message:
                    one.transport.close()
                else:
                    one.transport.abort()
            self._open.clear()

        self._call(act)

    def down(self) -> None:
        """Close the port and every connection, as a server that is gone."""
        self._call(self._refuse)
        self.cut()
        self._call(self._stop)

    def up(self) -> None:
        """Serve again, on the same port."""
        self._call(self._start)

    # --- What a platform fills in -------------------------------------------------------

    stream_path = "/"

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        raise NotImplementedError

    def half_message(self) -> bytes:
        """Return the first half of a message, as it goes over the wire."""
        raise NotImplementedError

    # --- What platforms use -------------------------------------------------------------

    def tell(self, what: Any) -> None:
        """Tell something to every open connection."""

        async def act() -> None:
            for one in self._open:
                one.tell(what)

        self._call(act)

    def noted(self, request: web.Request) -> Answer | None:
        """Note a request; return what it gets instead of the stream, if anything."""
        self.asked.append(
            Asked(path=request.path, query=dict(request.query), headers=dict(request.headers))
        )
        if request.path == self.stream_path and self._answers:
            return self._answers.popleft()
        return None

    def number(self) -> int:
        """Return another number."""
        self._said += 1
        return self._said

    def opened(self, request: web.Request, tell: Callable[[Any], None]) -> Open:
        """Note that a connection is open."""
        transport = request.transport
        assert isinstance(transport, asyncio.Transport)
        one = Open(tell=tell, transport=transport)
        self._open.append(one)
        return one

    def closed(self, one: Open) -> None:
        """Note that it is not any more."""
        if one in self._open:
            self._open.remove(one)

    def _call(self, act: Callable[[], Any]) -> None:
        asyncio.run_coroutine_threadsafe(act(), self._loop).result(START_S)

    async def _start(self) -> None:
        app = web.Application()
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def _refuse(self) -> None:
        if self._site is not None:
            await self._site.stop()
            self._site = None

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def refusal(answer: Answer) -> web.Response:
    """Return an answer as aiohttp sends it."""
    return web.Response(
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        content_type="application/json",
    )
