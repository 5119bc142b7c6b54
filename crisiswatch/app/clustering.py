"""Detection as several processes of one machine that live and die together.

        supervisor ---- starts, pins, watches ----+-----------+
            | detect-pids.json                       |           |
            v                                  process 0   process 1 ...
        one lock                               recovery,    (no files)
                                               files

One Bytewax cluster: posts are read by all of them, every topic is watched by one. When one
dies the others can not go on, and end by themselves; all are started again, and go on from
the last snapshot. The first holds everything that is on the disk.
"""

import fcntl
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from crisiswatch.app.supervising import (
    WATCH_S,
    CrashLoopError,
    PidsFile,
    Restarted,
    end_all,
)
from crisiswatch.errors import StoreError

BROKEN = 76
"""The exit code of a process that ends because another one of its cluster has died."""

CRASH_LOOP = 70

FOLLOW_S = 3.0
"""When one has died the others notice within 0.3 s; those that hang in a call are ended."""

TOGETHER_S = 30.0
"""When one has come to the end of the posts, so have all: one that has not by then hangs."""

ENVIRONMENT = {
    # One process a core: a library that starts threads of its own only takes it away.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # A panic is how the engine says that another process is gone: one line says so as well.
    "RUST_BACKTRACE": "0",
}

Command = Callable[[int, tuple[str, ...]], Sequence[str]]
"""Makes the command line of one process from its number and the addresses of all."""

log = logging.getLogger("crisiswatch")


class ClusterObserver(Protocol):
    """Whoever counts what a cluster goes through."""

    def restarted(self, code: int) -> None:
        """See that the cluster broke: the exit code of the process that began it."""
        ...

    def looked(self) -> None:
        """See that the supervisor has looked at its processes."""
        ...


class Cluster:
    """`processes` processes that share the work of one dataflow."""

    def __init__(
        self, name: str, command: Command, processes: int, *, reads_input: bool = False
    ) -> None:
        self.name = name
        self._command = command
        self.processes = processes
        self._stdin = None if reads_input else subprocess.DEVNULL
        self._running: list[subprocess.Popen[bytes]] = []
        self._first_end_s: float | None = None

    def start(self) -> None:
        """Start all of them on free ports of the loopback, each on a core of its own."""
        ports = free_ports(self.processes)
        addresses = tuple(f"127.0.0.1:{port}" for port in ports)
        cores = sorted(os.sched_getaffinity(0))
        self._first_end_s = None
        self._running = [
            subprocess.Popen(  # noqa: S603  # our own program, no shell
                self._command(number, addresses),
                stdin=self._stdin,
                start_new_session=True,
                env={**os.environ, **ENVIRONMENT},
            )
            for number in range(self.processes)
        ]
        if 1 < self.processes <= len(cores):
            for process, core in zip(self._running, cores, strict=False):
                _pin(process.pid, core)

    def ended(self) -> int | None:
        """Return 0 when all have come to the end, the code of the first to die, else None."""
        codes = [process.poll() for process in self._running]
        if all(code is None for code in codes):
            return None
        if self._first_end_s is None:
            self._first_end_s = time.monotonic()
        died = [code for code in codes if code not in {None, 0}]
        if died:
            return self._broken()
        if None not in codes:
            return 0
        if time.monotonic() - self._first_end_s > TOGETHER_S:
            return self._broken()
        return None

    def pids(self) -> Sequence[int]:
        """Return the processes, by their number in the cluster."""
        return [process.pid for process in self._running]

    def running(self) -> int:
        """Return how many of them run at this moment."""
        return sum(process.poll() is None for process in self._running)

    def stop(self) -> None:
        """Let all of them finish what they are about, and end them."""
        end_all(self._running)

    def _broken(self) -> int:
        """End those that are left; return the code of the one that began it."""
        over_at_s = time.monotonic() + FOLLOW_S
        for process in self._running:
            try:
                process.wait(max(0.0, over_at_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        codes = [process.returncode for process in self._running]
        own = [code for code in codes if code not in {0, BROKEN}]
        return own[0] if own else BROKEN


def run_cluster(
    cluster: Cluster, out: Path, stop: threading.Event, observer: ClusterObserver | None = None
) -> int:
    """Keep a cluster alive until its posts end or `stop` is set; return the exit code."""
    pids = PidsFile(out, "detect")
    restarted = Restarted(cluster, on_restart=None if observer is None else observer.restarted)
    with supervisor_lock(out):
        try:
            cluster.start()
            while not stop.is_set():
                pids.write({"detect": cluster.pids()})
                if restarted.look() == 0:
                    return 0
                if observer is not None:
                    observer.looked()
                stop.wait(WATCH_S)
        except CrashLoopError as error:
            log.error("%s", error)  # noqa: TRY400  # its words say it all
            return CRASH_LOOP
        finally:
            cluster.stop()
            pids.remove()
    return 0


@contextmanager
def supervisor_lock(out: Path) -> Iterator[None]:
    """Be the only supervisor that keeps its files in `out`.

    Raises:
        StoreError: another one is at work.
    """
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".supervisor").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(
                f"{out}: another run is writing there",
                "wait for it, or give this run a folder of its own with --out",
            ) from None
        yield


def warn_of_too_few_cores(processes: int) -> None:
    """Say so where processes have to share cores: they are then slower than fewer."""
    cores = len(os.sched_getaffinity(0))
    if processes > cores:
        log.warning(
            "%d processes on %d cores are slower than %d processes: none is pinned",
            processes,
            cores,
            cores,
        )


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback that nobody listens on at this moment."""
    lines = [socket.socket() for _ in range(count)]
    try:
        for line in lines:
            line.bind(("127.0.0.1", 0))
        return [int(line.getsockname()[1]) for line in lines]
    finally:
        for line in lines:
            line.close()


def program(*arguments: str) -> list[str]:
    """Return the command line that runs our own program with some arguments."""
    return [sys.executable, "-m", "crisiswatch", *arguments]


def _pin(pid: int, core: int) -> None:
    try:
        os.sched_setaffinity(pid, {core})
    except ProcessLookupError:  # it has ended already, which is found out next
        return
