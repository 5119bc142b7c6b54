"""A real TCP proxy that does to connections what networks do.

    with TcpProxy(("127.0.0.1", server.port)) as proxy:
        ...connect to 127.0.0.1, proxy.port...
        proxy.drop_next_reply(to=b"EVALSHA")

A fault lasts until `heal`, but for `drop_next_reply`, which happens once. Changing the
fault cuts the connections that are open, except where a fault acts on them as they are:
blackhole, latency and the dropped reply.
"""

import contextlib
import socket
import ssl
import struct
import threading
import time
from enum import Enum, auto
from pathlib import Path
from typing import Self

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_CHUNK_BYTES = 65536
_TLS_IDLE_S = 60.0


class _Fault(Enum):
    NONE = auto()
    RESET = auto()
    BLACKHOLE = auto()


class TcpProxy:
    """Pass connections on to a server: host and port, or the path of a unix socket.

    With `tls`, clients must talk TLS to the proxy; the server hears plain text.
    """

    def __init__(
        self, upstream: tuple[str, int] | Path, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._upstream = upstream
        self._tls = tls
        self._listener = _listen(0)
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        self.dropped_replies = 0
        self._fault = _Fault.NONE
        self._latency_s = 0.0
        self._drop_reply_to: bytes | None = None
        self._drop_silently = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._accept()

    def heal(self) -> None:
        """Pass everything on again; connections that were open in the fault are cut."""
        self._change(_Fault.NONE)
        self._latency_s = 0.0
        if self._listener.fileno() == -1:
            self._listener = _listen(self.port)
            self._accept()

    def down(self) -> None:
        """Refuse connections, as when nothing runs on the other side."""
        # Closing alone does not wake the thread that waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def reset(self) -> None:
        """Take connections and reset them at once."""
        self._change(_Fault.RESET)

    def blackhole(self) -> None:
        """Swallow everything, both ways, and keep connections open."""
        self._fault = _Fault.BLACKHOLE

    def latency(self, latency_s: float) -> None:
        """Hold every piece of every answer back for so long."""
        self._latency_s = latency_s

    def lead_to(self, upstream: tuple[str, int] | Path) -> None:
        """Pass new connections on to another server, as when a name moves; open ones stay."""
        self._upstream = upstream

    def drop_next_reply(self, *, to: bytes = b"", silently: bool = False) -> None:
        """Let the next request that holds `to` reach the server, and lose what it answers.

        The connection is then reset, or with `silently` left open without another word.
        """
        with self._lock:
            self._drop_reply_to = to
            self._drop_silently = silently

    def cut(self) -> None:
        """Reset all open connections."""
        with self._lock:
            for line in self._open:
                _reset(line)
            self._open.clear()

    def close(self) -> None:
        """End the proxy."""
        self.down()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _change(self, fault: _Fault) -> None:
        self._fault = fault
        self.cut()

    def _accept(self) -> None:
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self._fault is _Fault.RESET:
                _reset(client)
                continue
            try:
                if self._tls is not None:
                    client = self._tls.wrap_socket(client, server_side=True)
                    # With a time limit, no thread sits inside OpenSSL while it waits: the
                    # other one of this connection could not write safely.
                    client.settimeout(_TLS_IDLE_S)
                server = _connect(self._upstream)
            except OSError:
                _reset(client)
                continue
            with self._lock:
                self._open |= {client, server}
            _Link(self, client, server).start()

    def takes_reply(self, request: bytes) -> bool:
        """Tell once that the answer to this request is to be lost."""
        with self._lock:
            if self._drop_reply_to is None or self._drop_reply_to not in request:
                return False
            self._drop_reply_to = None
            return True

    def passes(self) -> bool:
        """Tell whether anything gets through at the moment."""
        return self._fault is not _Fault.BLACKHOLE

    def wait(self) -> None:
        """Hold a piece of an answer back."""
        if self._latency_s > 0:
            time.sleep(self._latency_s)

    def lost_reply(self, client: socket.socket, server: socket.socket) -> None:
        """Count a lost answer, and reset its connection unless it is to stay silent."""
        with self._lock:
            self.dropped_replies += 1
            silently = self._drop_silently
        if not silently:
            self.forget(client, server)

    def forget(self, *lines: socket.socket) -> None:
        """Reset connections that are over."""
        with self._lock:
            for line in lines:
                _reset(line)
                self._open.discard(line)


class _Link:
    """One client's connection and the one to the server that belongs to it."""

    def __init__(self, proxy: TcpProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._loses_replies = False

    def start(self) -> None:
        for pump in (self._requests, self._replies):
            threading.Thread(target=pump, daemon=True).start()

    def _requests(self) -> None:
        with contextlib.suppress(OSError):
            while piece := self._client.recv(_CHUNK_BYTES):
                if self._proxy.passes():
                    # Before it is sent: the answer may come faster than the next line runs.
                    self._loses_replies |= self._proxy.takes_reply(piece)
                    self._server.sendall(piece)
        self._proxy.forget(self._client, self._server)

    def _replies(self) -> None:
        with contextlib.suppress(OSError):
            while piece := self._server.recv(_CHUNK_BYTES):
                if self._loses_replies:
                    self._proxy.lost_reply(self._client, self._server)
                    continue
                self._proxy.wait()
                if self._proxy.passes():
                    self._client.sendall(piece)
        self._proxy.forget(self._client, self._server)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    return listener


def _connect(upstream: tuple[str, int] | Path) -> socket.socket:
    if isinstance(upstream, Path):
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(upstream))
        return line
    return socket.create_connection(upstream)


def _reset(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        # A thread that waits in recv keeps the socket alive beyond close. Waking it so sends
        # nothing: what the other side sees first is the reset.
        line.shutdown(socket.SHUT_RD)
    line.close()
