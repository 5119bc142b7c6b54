"""Parts of the service as processes: started again when they die, not for ever."""

import contextlib
import json
import logging
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from alerting.store.embedded import EmbeddedRedis
from crisiswatch.errors import StoreError

WATCH_S = 0.2
STOP_S = 15.0
CRASHES = 5
CRASHES_WITHIN_S = 60.0
"""What dies so often, each time so soon after the last, has a fault that no new start mends."""

PAUSES_S = (0.0, 1.0, 2.0, 4.0)
"""Before the second start, the third...: a fault that passes by itself is given the time to."""

INTERRUPTED = 130
"""The exit code of a part that was asked to stop, and of a recording that was stopped: no end."""

NO_ROOM = 75
"""The exit code of a part for which the disk is too full."""

NO_ROOM_PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""A full disk is waited out, however long it takes: somebody has to make room."""

log = logging.getLogger("crisiswatch")


class CrashLoopError(StoreError):
    """Something dies again and again, and no new start mends it."""


@dataclass(slots=True)
class Crashes:
    """How often something has died without living long in between."""

    name: str
    times: int = 0
    waits: int = 0
    last_s: float = -math.inf

    def count(self, code: int | None) -> float:
        """Count one more; return for how many seconds to let it rest.

        Raises:
            CrashLoopError: it keeps dying.
        """
        now_s = time.monotonic()
        if code == NO_ROOM:
            pause_s = NO_ROOM_PAUSES_S[min(self.waits, len(NO_ROOM_PAUSES_S) - 1)]
            self.waits += 1
            log.error(
                "%s: the disk is full; it is tried again in %g s, and goes on from its last "
                "snapshot: make room",
                self.name,
                pause_s,
            )
            return pause_s
        self.waits = 0
        self.times = self.times + 1 if now_s - self.last_s <= CRASHES_WITHIN_S else 1
        self.last_s = now_s
        if self.times >= CRASHES:
            raise CrashLoopError(
                f"{self.name} ended {CRASHES} times, each within a minute",
                "read what it said above; nothing that was stored is lost",
            )
        pause_s = PAUSES_S[self.times - 1]
        how = "" if code is None else f" ({_ending(code)})"
        when = f" in {pause_s:g} s" if pause_s else ""
        log.error("%s ended%s; starting it again%s", self.name, how, when)
        return pause_s


class Supervised(Protocol):
    """What is kept alive: one process, or a cluster of them that live and die together."""

    name: str

    def start(self) -> None:
        """Start it."""
        ...

    def ended(self) -> int | None:
        """Return the exit code, None while it runs."""
        ...

    def stop(self) -> None:
        """Let it finish what it is about, and end it."""
        ...

    def pids(self) -> Sequence[int]:
        """Return its processes."""
        ...


class Part:
    """A process of ours: `arguments` of the program, and whether it reads our input."""

    def __init__(self, name: str, arguments: list[str], *, reads_input: bool) -> None:
        own = ["--parent", str(os.getpid())]
        self.name = name
        self._command = [sys.executable, "-m", "crisiswatch", *arguments, *own]
        self._stdin = None if reads_input else subprocess.DEVNULL
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C is for us, and we end our parts in order."""
        self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
            self._command, stdin=self._stdin, start_new_session=True
        )

    def ended(self) -> int | None:
        """Return the exit code, None while it runs."""
        return None if self._process is None else self._process.poll()

    def pids(self) -> Sequence[int]:
        """Return the process, if it was started."""
        return () if self._process is None else (self._process.pid,)

    def stop(self) -> None:
        """Let it finish what it is about, and end it."""
        if self._process is not None:
            end_all([self._process])


class Restarted:
    """Start something again whenever it has died, after a pause that grows.

    Without an end of its own (`has_end`) it has died however it ended: an operator, or whoever
    makes room in memory, may ask one process to stop and mean nothing by it for the service.
    """

    def __init__(
        self,
        part: Supervised,
        *,
        has_end: bool = True,
        on_restart: Callable[[int], None] | None = None,
    ) -> None:
        self.part = part
        self._has_end = has_end
        self._on_restart = on_restart
        self._crashes = Crashes(part.name)
        self._due_s: float | None = None

    def look(self) -> int | None:
        """Do what is due; return 0 once it has ended by itself, else None.

        Raises:
            CrashLoopError: it keeps dying.
        """
        if self._due_s is None:
            code = self.part.ended()
            if code is None or (code == 0 and self._has_end):
                return code
            if self._on_restart is not None:
                self._on_restart(code)
            self._due_s = time.monotonic() + self._crashes.count(code)
        if time.monotonic() >= self._due_s:
            self._due_s = None
            self.part.start()
        return None


class PidsFile:
    """Write down which processes a service is made of: `NAME-pids.json` in its folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}-pids.json"
        self._written: dict[str, list[int]] | None = None

    def write(self, pids: Mapping[str, Sequence[int]]) -> None:
        """Write the processes of each part, and ourselves; nothing where nothing has changed."""
        named = {"supervisor": [os.getpid()], **{name: list(of) for name, of in pids.items()}}
        if named == self._written:
            return
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(named) + "\n")
            fresh.rename(self._path)
        except OSError as error:
            # A full disk is what the supervisor is to outlast.
            log.warning("%s can not be written: %s", self._path, error.strerror)
        self._written = named

    def remove(self) -> None:
        """Remove the file: the service has ended, for a reason that this is not to hide."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def supervise(
    detect: Supervised,
    respond: Supervised,
    server: EmbeddedRedis | None,
    stop: threading.Event,
    *,
    stay: bool,
    pids: PidsFile,
) -> None:
    """Keep both parts and the store alive until the posts end (with `stay`: on) or `stop` is set."""
    lost_store = Crashes("the store")
    detected = False
    detection, response = Restarted(detect), Restarted(respond, has_end=False)
    while not stop.wait(WATCH_S):
        if server is not None and not server.is_alive():
            stop.wait(lost_store.count(None))
            server.restart()
        response.look()
        if not detected and detection.look() == 0:
            detected = True
            if not stay:
                return
            log.info("the posts have ended; the response goes on until Ctrl-C")
        redis = server.pid if server is not None else None
        pids.write(
            {
                "detect": detect.pids(),
                "respond": respond.pids(),
                "redis": () if redis is None else (redis,),
            }
        )


def end_all(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask processes to stop, all at once, and end those that have not within `STOP_S`."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    over_at_s = time.monotonic() + STOP_S
    for process in processes:
        try:
            process.wait(max(0.0, over_at_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.error("process %d does not stop; it is killed", process.pid)  # noqa: TRY400  # no traceback helps
            process.kill()
            process.wait()


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"
