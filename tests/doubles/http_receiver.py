"""A web server on this machine that keeps what it is sent, and answers as it was told to.

It is a real server on a real socket: what goes wrong, goes wrong as it does in a network.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from typing import Any

import orjson


class Fault(StrEnum):
    """What happens in place of an answer, after the request was read."""

    RESET = "reset"
    SILENCE = "silence"
    TRICKLE = "trickle"
    BODY_TRICKLE = "body-trickle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer, or a fault in its place."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came; names of headers are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body, read as JSON."""
        return orjson.loads(self.body)


class HttpReceiver:
    """What the server got so far, and how it goes on answering."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.reply = Reply()
        self.received: list[Received] = []
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        """Return an address whose path is a password that must not be shown."""
        return f"http://{self.address}/hooks/hush-hush"


@contextmanager
def http_receiver() -> Iterator[HttpReceiver]:
    """Run a receiver on a free port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        receiver = HttpReceiver(f"127.0.0.1:{server.server_port}")
        server.receiver = receiver  # type: ignore[attr-defined]  # how handlers find it
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.ended.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver: HttpReceiver = self.server.receiver  # type: ignore[attr-defined]  # as above
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.received.append(Received(path=self.path, headers=headers, body=body))
        reply = receiver.reply
        match reply.fault:
            case Fault.RESET:
                self.connection.shutdown(SHUT_RDWR)
            case Fault.SILENCE:
                receiver.ended.wait(30)
            case Fault.TRICKLE:
                self._trickle(receiver, b"HTTP/1.1 ")
            case Fault.BODY_TRICKLE:
                self._trickle(receiver, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            case None:
                self._answer(reply)

    def _answer(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _trickle(self, receiver: HttpReceiver, begins: bytes) -> None:
        """Go on with a byte often enough that no single read times out."""
        try:
            self.wfile.write(begins)
            while not receiver.ended.wait(0.02):
                self.wfile.write(b"x")
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""
