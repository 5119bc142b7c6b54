"""`up` and `respond`: the service on one machine, and the response alone."""

import logging
import shutil
import signal as os_signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from alerting.store.embedded import EmbeddedRedis
from crisiswatch.app.picturing import draw
from crisiswatch.app.reach import listening, reach_of, typed_commands
from crisiswatch.app.response import Response
from crisiswatch.app.stores import connect, is_remote, where
from crisiswatch.app.wiring import read_config
from crisiswatch.config import Config
from crisiswatch.errors import ConfigError, InputError, StoreError

WATCH_S = 0.2
STOP_S = 15.0
CRASHES = 5
CRASHES_WITHIN_S = 60.0
"""A part that dies more often than this has a fault that starting it again does not mend."""

DRAIN_S = 5.0
"""After the end of a recording the response gets so long to finish what it is about."""

INTERRUPTED = 130

log = logging.getLogger("crisiswatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What the command line says; `file` None is standard input, a live stream."""

    config_path: Path | None
    file: Path | None
    speed: float
    store: str | None
    out: Path
    stay: bool
    for_real: bool


@dataclass(slots=True)
class _Part:
    """A process of ours, started again when it dies."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    crashes: deque[float] = field(default_factory=deque)

    def start(self) -> None:
        self.process = subprocess.Popen(self.command)  # noqa: S603  # our own program, no shell

    def ended(self) -> int | None:
        """Return the exit code, None while it runs."""
        return None if self.process is None else self.process.poll()

    def again(self, now_s: float) -> None:
        """Start it again; raise StoreError where it keeps dying."""
        self.crashes.append(now_s)
        while now_s - self.crashes[0] > CRASHES_WITHIN_S:
            self.crashes.popleft()
        if len(self.crashes) >= CRASHES:
            raise StoreError(
                f"{self.name} ended {CRASHES} times within a minute",
                "read what it said above; nothing that was stored is lost",
            )
        log.error("%s ended with %s; starting it again", self.name, self.ended())
        self.start()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def run_up(options: UpOptions) -> int:
    """Run detection, response and store until the recording ends or somebody stops it."""
    config = read_config(options.config_path)
    if options.file is not None and not options.file.is_file():
        raise InputError(f"{options.file}: no such file", "give a file of one post a line")
    is_replay = options.file is not None
    address = where(config, options.config_path, options.store)
    if is_replay and is_remote(address):
        raise ConfigError(
            "a replay would mix invented incidents with real ones in the shared store",
            "give it a folder of its own with --store",
        )
    console = Console(highlight=False, stderr=True)
    with _store(address, fresh=is_replay) as (url, server):
        _welcome(console, config, options, address)
        detect = _Part("detection", _detect_command(options, url))
        respond = _Part("response", _respond_command(options, url))
        with _asked_to_stop() as stop:
            _supervise(detect, respond, server, stop, stay=options.stay)
            told = "stopped" if stop.is_set() else "the recording has ended"
            console.print(
                f"{told}; everything is kept in {address}: "
                f"`crisiswatch incidents list`, `crisiswatch audit export`",
                markup=False,
            )
            return INTERRUPTED if stop.is_set() else 0


def run_respond(*, config_path: Path | None, store: str | None, rehearsal: bool) -> int:
    """Respond to the signals of a store until somebody stops it."""
    config = read_config(config_path)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    address = where(config, config_path, store)
    with _store(address, fresh=False) as (at, _):
        kept = connect(at)
        reach = reach_of(config, rehearsal=rehearsal, commands=typed_commands(config_path, store))
        log.info("%s", reach.told)
        response = Response(config, config_path, store=kept, reach=reach, draw=draw)
        with (
            _asked_to_stop() as stop,
            listening(reach, response.desk, response.directory),
        ):
            loops = response.loops(stop)
            for loop in loops:
                loop.start()
            while not stop.wait(WATCH_S):
                pass
            for loop in loops:
                loop.join(STOP_S)
        kept.close()
    return 0


@contextmanager
def _store(address: str, *, fresh: bool) -> Iterator[tuple[str, EmbeddedRedis | None]]:
    """Yield the address of a running store, and its server where it is ours."""
    if is_remote(address):
        yield address, None
        return
    folder = Path(address)
    if fresh:
        _put_aside(folder)
    with EmbeddedRedis(folder) as server:
        yield server.url, server


def _put_aside(folder: Path) -> None:
    """Make room for a replay's store: an earlier replay's goes, anything else is refused."""
    if not folder.exists():
        folder.mkdir(parents=True)
    elif (folder / "data").exists() and not (folder / "replay").exists():
        raise StoreError(
            f"{folder}: holds the store of a live service", "give a replay its own with --store"
        )
    else:
        with EmbeddedRedis(folder):  # refused while another process uses it
            pass
        shutil.rmtree(folder / "data", ignore_errors=True)
    (folder / "replay").write_text("The store of a replay; the next replay starts it anew.\n")


def _detect_command(options: UpOptions, url: str) -> list[str]:
    command = [sys.executable, "-m", "crisiswatch", "detect", "--store", url]
    command += ["--out", str(options.out)]
    if options.config_path is not None:
        command += ["--config", str(options.config_path)]
    return [
        *command,
        "--speed",
        str(options.speed),
        "-" if options.file is None else str(options.file),
    ]


def _respond_command(options: UpOptions, url: str) -> list[str]:
    command = [sys.executable, "-m", "crisiswatch", "respond", "--store", url]
    if options.config_path is not None:
        command += ["--config", str(options.config_path)]
    if options.file is not None and not options.for_real:
        command += ["--rehearsal"]
    return command


def _supervise(
    detect: _Part,
    respond: _Part,
    server: EmbeddedRedis | None,
    stop: threading.Event,
    *,
    stay: bool,
) -> None:
    """Keep both parts and the store alive until the recording ends or `stop` is set."""
    try:
        respond.start()
        detect.start()
        while not stop.wait(WATCH_S):
            now_s = time.monotonic()
            if server is not None and not server.is_alive():
                log.error("the store ended; starting it again")
                server.restart()
            if respond.ended() is not None:
                respond.again(now_s)
            code = detect.ended()
            if code == 0:
                if not stay:
                    stop.wait(DRAIN_S)
                    break
                detect.process = None
            elif code is not None:
                detect.again(now_s)
    finally:
        detect.stop()
        respond.stop()


def _welcome(console: Console, config: Config, options: UpOptions, address: str) -> None:
    """Say what runs, on which data, and where people will hear of it."""
    what = "standard input" if options.file is None else str(options.file)
    pace = "" if options.file is None else f" at {options.speed:g} times its pace"
    console.print(f"watching {len(config.topics)} topics on {what}{pace}", markup=False)
    console.print(f"store and audit log in {address}; Ctrl-C stops, nothing is lost", markup=False)


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C and SIGTERM set; a second one acts at once."""
    stop = threading.Event()
    handled = (os_signal.SIGINT, os_signal.SIGTERM)
    before = [os_signal.getsignal(number) for number in handled]

    def ask(_number: int, _frame: object) -> None:
        stop.set()
        for number, handler in zip(handled, before, strict=True):
            os_signal.signal(number, handler)

    for number in handled:
        os_signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in zip(handled, before, strict=True):
            os_signal.signal(number, handler)
