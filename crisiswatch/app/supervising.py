"""Parts of the service as processes: started again when they die, not for ever."""

import logging
import math
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from alerting.store.embedded import EmbeddedRedis
from crisiswatch.errors import StoreError

WATCH_S = 0.2
STOP_S = 15.0
CRASHES = 5
CRASHES_WITHIN_S = 60.0
"""What dies so often, each time so soon after the last, has a fault that no new start mends."""

log = logging.getLogger("crisiswatch")


@dataclass(slots=True)
class Crashes:
    """How often something has died without living long in between."""

    name: str
    times: int = 0
    last_s: float = -math.inf

    def count(self, code: int | None) -> None:
        """Count one more; raise StoreError where it keeps dying."""
        now_s = time.monotonic()
        self.times = self.times + 1 if now_s - self.last_s <= CRASHES_WITHIN_S else 1
        self.last_s = now_s
        if self.times >= CRASHES:
            raise StoreError(
                f"{self.name} ended {CRASHES} times, each within a minute",
                "read what it said above; nothing that was stored is lost",
            )
        how = "" if code is None else f" ({_ending(code)})"
        log.error("%s ended%s; starting it again", self.name, how)


class Part:
    """A process of ours: `arguments` of the program, and whether it reads our input."""

    def __init__(self, name: str, arguments: list[str], *, reads_input: bool) -> None:
        own = ["--parent", str(os.getpid())]
        self._command = [sys.executable, "-m", "crisiswatch", *arguments, *own]
        self._stdin = None if reads_input else subprocess.DEVNULL
        self._process: subprocess.Popen[bytes] | None = None
        self._crashes = Crashes(name)

    def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C is for us, and we end our parts in order."""
        self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
            self._command, stdin=self._stdin, start_new_session=True
        )

    def ended(self) -> int | None:
        """Return the exit code, None while it runs."""
        return None if self._process is None else self._process.poll()

    def again(self) -> None:
        """Start it again; raise StoreError where it keeps dying."""
        self._crashes.count(self.ended())
        self.start()

    def stop(self) -> None:
        """Let it finish what it is about, and end it."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def supervise(
    detect: Part, respond: Part, server: EmbeddedRedis | None, stop: threading.Event, *, stay: bool
) -> None:
    """Keep both parts and the store alive until the posts end (with `stay`: on) or `stop` is set."""
    lost_store = Crashes("the store")
    detected = False
    while not stop.wait(WATCH_S):
        if server is not None and not server.is_alive():
            lost_store.count(None)
            server.restart()
        if respond.ended() is not None:
            respond.again()
        code = detect.ended()
        if code == 0 and not detected:
            detected = True
            if not stay:
                return
            log.info("the posts have ended; the response goes on until Ctrl-C")
        elif code not in {None, 0}:
            detect.again()


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"
