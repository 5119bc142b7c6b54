"""`up --from`: a live stream, read by a process of its own, as the standard input of detection.

    ingest --(pipe)--> detection

Both ends of the pipe stay open here, so either may die and be started again without the
other. A stream whose reader keeps dying is tried for ever, ever less often: the response to
what is open must go on, and detection takes the pause for a pause, not for silence.
"""

import array
import fcntl
import logging
import os
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from crisiswatch.reading.stream_note import StreamNote, encode_note

WATCH_S = 0.2
STOP_S = 8.0
DRAINED_S = 5.0
"""So long detection may take to read what is in the pipe before it is asked to stop."""

LONGEST_PAUSE_S = 60.0
STEADY_S = 60.0
"""A reader that lived so long was let in: it is not refused, whatever it ends with."""

REFUSED = 2
"""The exit code for what no new start mends: a wrong token, a wrong configuration."""

STANDARD_INPUT = 0

log = logging.getLogger("crisiswatch")


class Feeding:
    """Run `ingest` beside detection while the block lasts; then let detection read the rest.

    `stop` is set where the stream refuses us within `steady_s` of the start, while somebody looks
    on who can mend it; `refused` then tells. Later on a reader that ends is started again, whatever
    its reason: incidents may be open.
    """

    def __init__(
        self,
        platform: str,
        arguments: Sequence[str],
        stop: threading.Event,
        *,
        steady_s: float = STEADY_S,
    ) -> None:
        self._platform = platform
        own = ["--parent", str(os.getpid())]
        self._command = [sys.executable, "-m", "crisiswatch", "ingest", platform, *arguments, *own]
        self._stop = stop
        self._steady_s = steady_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="ingest-watch", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe = (-1, -1)
        self.refused = False

    def __enter__(self) -> Self:
        self._pipe = os.pipe()
        # The first word in the pipe: until the reader is there, quiet is not silence either.
        os.write(self._pipe[1], encode_note(StreamNote(stream=self._platform)) + b"\n")
        os.dup2(self._pipe[0], STANDARD_INPUT)
        os.set_inheritable(STANDARD_INPUT, True)  # noqa: FBT003  # the signature is Python's
        self._process = self._started()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        for end in self._pipe:
            os.close(end)

    def end(self) -> None:
        """End the reader, which hands on what it has, and let detection read the rest."""
        if self._over.is_set():
            return
        self._over.set()
        self._thread.join()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        over_at_s = time.monotonic() + DRAINED_S
        while self._waiting_bytes() and time.monotonic() < over_at_s:
            time.sleep(WATCH_S / 4)

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  # our own program, no shell
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=self._pipe[1],
            start_new_session=True,
        )

    def _watch(self) -> None:
        tries, started_s, is_first = 0, time.monotonic(), True
        while not self._over.wait(WATCH_S):
            assert self._process is not None  # noqa: S101  # started before the watch
            code = self._process.poll()
            if code is None:
                continue
            lived_s = time.monotonic() - started_s
            if code == REFUSED and is_first and lived_s < self._steady_s:
                self.refused = True
                self._stop.set()
                return
            is_first = False
            tries = 0 if lived_s >= self._steady_s else tries + 1
            pause_s = min(LONGEST_PAUSE_S, 2.0**tries - 1.0) if tries else 0.0
            log.error("the stream's reader ended (%d); starting it again in %g s", code, pause_s)
            if self._over.wait(pause_s):
                return
            self._process, started_s = self._started(), time.monotonic()

    def _waiting_bytes(self) -> int:
        size = array.array("i", [0])
        fcntl.ioctl(self._pipe[0], termios.FIONREAD, size)
        return size[0]


def ingest_arguments(platform: str, config_path: Path | None, out: Path) -> list[str]:
    """Return what `ingest` is told by `up`: its cursor stands beside what detection writes."""
    given = [] if config_path is None else ["--config", str(config_path)]
    return [*given, "--cursor", str(out / f"{platform}-cursor.json")]
