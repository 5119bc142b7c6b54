"""A real Redis server for tests, that can be killed, stopped for a while and started again.

Fixtures: `running_redis` (one server for the session) and `make_store` (stores on it, emptied
for each test). pytest finds them where a folder's conftest.py imports them:

    from tests.doubles.redis_server import make_store, running_redis

A test that kills its server starts one of its own: `with RedisServer(folder) as server`.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

from alerting.store.connection import connection_settings
from alerting.store.embedded import find_server
from alerting.store.redis_store import RedisStore

MakeStore = Callable[[], RedisStore]


class RedisServer:
    """A server on a unix socket and on a port of the loopback, with an append-only file."""

    def __init__(self, *, fsync: str = "no") -> None:
        # Of our own, because tmp_path is often too long for the path of a socket.
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.fsync = fsync
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket_path(self) -> Path:
        """Return the unix socket."""
        return self.folder / "s"

    @property
    def url(self) -> str:
        """Return the address by the socket, the fastest."""
        return f"unix://{self.socket_path}"

    @property
    def tcp_url(self) -> str:
        """Return the address by the port."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start the server with what it had stored, and wait until it answers."""
        self.socket_path.unlink(missing_ok=True)
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "unixsocket": str(self.socket_path),
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes",
            "appendfsync": self.fsync,
        }
        self._process = subprocess.Popen(
            [
                str(find_server()),
                *(part for name, value in options.items() for part in (f"--{name}", value)),
            ],
            stdout=subprocess.DEVNULL,
        )
        over_at = time.monotonic() + 20
        while self.command("PING") != b"+PONG\r\n":
            assert self._process.poll() is None, "the Redis server ended"
            assert time.monotonic() < over_at, "the Redis server does not answer"
            time.sleep(0.005)
        return self

    def kill(self) -> None:
        """End the server as a power cut would: kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """Let the server hang: connections stay, nothing is answered."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def command(self, words: str) -> bytes:
        """Return the raw answer to a command, empty while the server is not there."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            try:
                line.connect(str(self.socket_path))
                line.sendall(words.encode() + b"\r\n")
                return line.recv(65536)
            except OSError:
                return b""

    def flush(self) -> None:
        """Forget everything stored."""
        assert self.command("FLUSHALL") == b"+OK\r\n"

    def close(self) -> None:
        """End the server and remove what it stored."""
        if self._process is not None and self._process.poll() is None:
            self.resume()
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.close()


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def running_redis() -> Iterator[RedisServer]:
    """Run one server for all tests that do not harm it."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def make_store(running_redis: RedisServer) -> Iterator[MakeStore]:
    """Return what makes stores on one emptied server: each is a responder of its own."""
    running_redis.flush()
    made: list[RedisStore] = []

    def make() -> RedisStore:
        made.append(RedisStore(connection_settings(running_redis.url)))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store: MakeStore) -> RedisStore:
    """Return a store on an emptied server."""
    return make_store()
