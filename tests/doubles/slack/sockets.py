"""Socket Mode: connections of the app, envelopes to it, and its acknowledgements."""

import asyncio
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.doubles.slack.answers import Json, RefusalError
from tests.doubles.slack.workspace import APP

MOST_CONNECTIONS = 10


@dataclass(slots=True, kw_only=True)
class Envelope:
    """One payload on its way to the app. `answer` is what came back with the acknowledgement."""

    envelope_id: str
    kind: str
    payload: Json
    deliveries: int = 0
    acked_in_s: float | None = None
    answer: Json | None = None
    acked: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Sockets:
    """All open connections of one app; an envelope goes to one of them, in turn."""

    envelopes: dict[str, Envelope] = field(default_factory=dict)
    unknown_acks: list[str] = field(default_factory=list)
    _tickets: set[str] = field(default_factory=set)
    _open: list[web.WebSocketResponse] = field(default_factory=list)
    _turn: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def connections(self) -> int:
        """Return how many connections are open."""
        return len(self._open)

    def new_ticket(self) -> str:
        """Return a ticket that opens one connection once."""
        if len(self._open) >= MOST_CONNECTIONS:
            raise RefusalError("too_many_websockets")
        ticket = secrets.token_hex(12)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Greet a connection and take its acknowledgements until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=408)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open.append(socket)
        try:
            await socket.send_str(json.dumps(self._hello()))
            self._changed.set()
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            if socket in self._open:
                self._open.remove(socket)
        return socket

    async def deliver(
        self, kind: str, payload: Json, *, within_s: float, redeliveries: int = 0
    ) -> Envelope:
        """Send one envelope, again while it stays unacknowledged, and return what came of it.

        A redelivery carries the same envelope_id, `retry_attempt` and `retry_reason`, and goes
        to the next connection.
        """
        envelope = Envelope(envelope_id=_envelope_id(), kind=kind, payload=payload)
        self.envelopes[envelope.envelope_id] = envelope
        for attempt in range(redeliveries + 1):
            began_s = time.monotonic()
            if await self._send(envelope, attempt, within_s=within_s):
                try:
                    async with asyncio.timeout(within_s):
                        await envelope.acked.wait()
                except TimeoutError:
                    continue
                envelope.acked_in_s = time.monotonic() - began_s
                break
        return envelope

    async def disconnect(self, reason: str | None, *, after_s: float) -> None:
        """Tell every connection that it will end, as Slack does about every hour, then end it.

        Without a reason it ends unannounced.
        """
        old = list(self._open)
        for socket in old if reason is not None else ():
            told = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink"}}
            await _try_to_send(socket, told)
        # From here on nothing goes to the old ones, as a client has been told to leave them.
        self._open = [socket for socket in self._open if socket not in old]
        await asyncio.sleep(after_s)
        for socket in old:
            await socket.close()

    async def wait_for_connections(self, count: int, within_s: float) -> bool:
        """Wait until that many connections are open."""
        deadline_s = time.monotonic() + within_s
        while self.connections < count:
            self._changed.clear()
            try:
                async with asyncio.timeout(deadline_s - time.monotonic()):
                    await self._changed.wait()
            except TimeoutError:
                return False
        return True

    async def _send(self, envelope: Envelope, attempt: int, *, within_s: float) -> bool:
        told: Json = {
            "envelope_id": envelope.envelope_id,
            "type": envelope.kind,
            "accepts_response_payload": envelope.kind != "events_api",
            "payload": envelope.payload,
        }
        if attempt:
            told |= {"retry_attempt": attempt, "retry_reason": "timeout"}
        if not await self.wait_for_connections(1, within_s):
            return False
        self._turn += 1
        socket = self._open[self._turn % len(self._open)]
        envelope.deliveries += 1
        return await _try_to_send(socket, told)

    def _take(self, text: str) -> None:
        try:
            answer: dict[str, Any] = json.loads(text)
        except ValueError:
            self.unknown_acks.append(text)
            return
        envelope = self.envelopes.get(str(answer.get("envelope_id")))
        if envelope is None:
            self.unknown_acks.append(text)
            return
        if not envelope.acked.is_set():
            envelope.answer = answer.get("payload") or {}
            envelope.acked.set()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {
                "host": "applink-fake",
                "build_number": 1,
                "approximate_connection_time": 18_060,
            },
            "connection_info": {"app_id": APP},
        }


async def _try_to_send(socket: web.WebSocketResponse, told: Json) -> bool:
    try:
        await socket.send_str(json.dumps(told))
    except (ConnectionError, RuntimeError):
        return False
    return True


def _envelope_id() -> str:
    part = secrets.token_hex(16)
    return f"{part[:8]}-{part[8:12]}-{part[12:16]}-{part[16:20]}-{part[20:]}"
