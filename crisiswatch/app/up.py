"""`up` and `respond`: the service on one machine, and the response alone."""

import logging
import os
import shutil
import signal as os_signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from alerting.keeping import QUEUES
from alerting.response.case import readable_cases
from alerting.store.connection import connection_settings
from alerting.store.embedded import EmbeddedRedis
from alerting.store.redis_store import RedisStore
from crisiswatch.app.clock import SystemClock
from crisiswatch.app.config_file import read_config
from crisiswatch.app.event_clock import EventClock
from crisiswatch.app.feeding import REFUSED, Feeding, ingest_arguments
from crisiswatch.app.greeting import greet, on_call_at, typed
from crisiswatch.app.ingesting import Platform, feeds_of
from crisiswatch.app.kept_calendars import standing_directory
from crisiswatch.app.logs import log_format, start_logging
from crisiswatch.app.monitoring_response import ResponseMonitoring
from crisiswatch.app.parent import end_with
from crisiswatch.app.picturing import draw
from crisiswatch.app.reach import listening, reach_of, typed_commands
from crisiswatch.app.response import Response, policy_of
from crisiswatch.app.store_kind import serves_recording
from crisiswatch.app.store_watch import store_watch
from crisiswatch.app.stores import connect, is_remote, running, where
from crisiswatch.app.supervising import (
    INTERRUPTED,
    STOP_S,
    WATCH_S,
    Part,
    PidsFile,
    supervise,
)
from crisiswatch.app.wiring import reader
from crisiswatch.clock import at_utc
from crisiswatch.config import Config
from crisiswatch.errors import ConfigError, InputError, StoreError
from crisiswatch.reading.post import Post

DRAIN_S = 5.0
"""After the end of a recording the response gets so long to finish what it is about."""

LONGEST_DRAIN_S = 30.0
"""And at most so long to take the last signals and look at every case that is due by then."""

FIRST_LINES = 1_000
"""Among so many lines of a recording there is one whose time can be read, or none ever."""

FORMAT_OF: dict[Platform, str] = {"bluesky": "jetstream", "mastodon": "mastodon", "x": "x-v2"}
"""How each platform's posts are read."""

log = logging.getLogger("crisiswatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What the command line says.

    `file` None is a live stream: a platform's, what is piped in, or Kafka's. Detection runs in
    so many `processes`, None: in one without a supervisor of its own.
    """

    config_path: Path | None
    file: Path | None
    speed: float
    store: str | None
    out: Path
    stay: bool
    for_real: bool
    platform: Platform | None = None
    processes: int | None = None

    def reads_kafka(self, config: Config) -> bool:
        """Tell whether the posts come from Kafka: it is configured, and nothing else is given."""
        is_given = self.file is not None or self.platform is not None or _is_piped()
        return bool(config.kafka.brokers) and not is_given


def run_up(options: UpOptions) -> int:
    """Run detection, response and store until the posts end or somebody stops it.

    A service that was asked to stop has done its work and returns 0, a replay that was
    stopped has not and returns `INTERRUPTED`.
    """
    config = read_config(options.config_path)
    address = where(config, options.config_path, options.store)
    _refuse_what_can_not_work(config, options, address)
    logs = log_format(config.monitoring.log)
    start_logging(logs)
    # words for people would be broken lines for whoever reads the log by machine
    console = Console(highlight=False, stderr=True, quiet=logs == "json")
    is_replay = options.file is not None
    with _asked_to_stop() as stop, _store(address, is_replay=is_replay) as (url, server):
        kept = connect(url)
        kept.ping()
        _greet(console, config, options, address, kept)
        with _fed(options, stop) as feeding:
            _run_parts(options, server, kept, stop, feeding, is_kafka=options.reads_kafka(config))
        if feeding is not None and feeding.refused:
            kept.close()
            return REFUSED
        _farewell(console, options, address, kept, was_stopped=stop.is_set())
        kept.close()
        return INTERRUPTED if stop.is_set() and is_replay else 0


def run_respond(
    *, config_path: Path | None, store: str | None, rehearsal: bool, parent: int | None = None
) -> int:
    """Respond to the signals of a store until somebody stops it.

    With a `parent` it is a part of `up`, whose store runs already and which has said hello.
    """
    end_with(parent)
    config = read_config(config_path)
    logs = log_format(config.monitoring.log)
    start_logging(logs)
    address = where(config, config_path, store)
    is_part = parent is not None
    if rehearsal and not is_part and store is None and is_remote(address):
        raise ConfigError(
            "a rehearsal takes its share of the pages of whatever store it joins, and sends none",
            "name the store that it is for with --store; never that of the live service",
        )
    if not (rehearsal or is_part or is_remote(address)):
        _refuse_replay(Path(address))
    with _asked_to_stop() as stop, _joined(address, is_part=is_part) as at:
        kept = connect(at)
        if not (rehearsal or is_part) and serves_recording(kept):
            raise StoreError(
                "the store is that of a recording: people would be paged about what was over long ago",
                "rehearse with --rehearsal, or give the live service a store of its own",
            )
        commands = typed_commands(config_path, store)
        reach = reach_of(config, rehearsal=rehearsal, commands=commands)
        response = Response(config, config_path, store=kept, reach=reach, draw=draw)
        if parent is None:
            lines = [
                ("store", _shown(address)),
                ("people", reach.told),
                ("stop", "Ctrl-C; nothing is lost"),
            ]
            on_call = on_call_at(config, response.directory, response.clock.now())
            console = Console(highlight=False, stderr=True, quiet=logs == "json")
            greet(console, lines, on_call, commands)
        with (
            store_watch(kept.ping) as watched,
            listening(reach, response.desk, response.directory) as ear,
        ):
            loops = response.loops(stop)
            with ResponseMonitoring(config, response).serving(watched, loops, ear):
                for loop in loops:
                    loop.start()
                stop.wait()
                for loop in loops:
                    loop.join(STOP_S)
        kept.close()
    return 0


def _refuse_what_can_not_work(config: Config, options: UpOptions, address: str) -> None:
    """Find before anything starts what would end one of the parts again and again."""
    if options.file is None and options.speed != 1:
        raise InputError(
            "standard input is live and has no --speed", "give a recorded file with --replay"
        )
    if options.file is not None and not options.file.is_file():
        raise InputError(f"{options.file}: no such file", "give a file of one post a line")
    if not config.topics:
        raise ConfigError(
            "no topics to watch", "`crisiswatch init DIR` writes a configuration to start from"
        )
    if options.file is not None and is_remote(address):
        raise ConfigError(
            "a replay would mix old incidents with real ones in the shared store",
            "give it a folder of its own with --store",
        )
    if options.platform is not None:
        _refuse_what_can_not_be_fed(config, options.platform, options.file)
    elif options.file is None and sys.stdin.isatty() and not options.reads_kafka(config):
        raise InputError(
            "standard input is a terminal: there are no posts to watch",
            "pipe posts in, one JSON object a line, watch a platform with --from, "
            "configure [kafka], or give a recording with --replay",
        )
    if options.processes not in {None, 1} and not options.reads_kafka(config):
        raise InputError(
            "only posts from Kafka can be shared by several processes", "leave --processes out"
        )
    policy_of(config, options.config_path)


def _refuse_what_can_not_be_fed(config: Config, platform: Platform, file: Path | None) -> None:
    if file is not None:
        raise InputError("a recording and a live stream at once", "give --replay or --from")
    reads = {"auto", FORMAT_OF[platform]}
    if config.reading.format not in reads:
        raise ConfigError(
            f"reading.format is {config.reading.format!r}, which does not read {platform}",
            'set it to "auto"',
        )
    feeds_of(platform, config, SystemClock())  # a token that is missing is named at once


@contextmanager
def _fed(options: UpOptions, stop: threading.Event) -> Iterator[Feeding | None]:
    """Let a platform's stream be our standard input, where one was asked for."""
    if options.platform is None:
        yield None
        return
    options.out.mkdir(parents=True, exist_ok=True)
    arguments = ingest_arguments(options.platform, options.config_path, options.out)
    with Feeding(options.platform, arguments, stop) as feeding:
        yield feeding


def _run_parts(
    options: UpOptions,
    server: EmbeddedRedis | None,
    kept: RedisStore,
    stop: threading.Event,
    feeding: Feeding | None,
    *,
    is_kafka: bool,
) -> None:
    detect = Part(
        "detection",
        _detect_arguments(options, is_kafka=is_kafka),
        reads_input=options.file is None and not is_kafka,
    )
    respond = Part("response", _respond_arguments(options), reads_input=False)
    pids = PidsFile(options.out, "up")
    try:
        respond.start()
        detect.start()
        supervise(detect, respond, server, stop, stay=options.stay, pids=pids)
        if not stop.is_set():
            _drain(kept, stop)
    finally:
        if feeding is not None:
            feeding.end()
        detect.stop()
        respond.stop()
        pids.remove()


def _drain(kept: RedisStore, stop: threading.Event) -> None:
    """Wait until the last signals are in cases, and what was due by then has been looked at."""
    over_at_s = time.monotonic() + LONGEST_DRAIN_S

    def wait_while(holds: Callable[[], object]) -> None:
        while holds() and time.monotonic() < over_at_s and not stop.is_set():
            stop.wait(WATCH_S)

    wait_while(lambda: kept.read(kept.position()))
    end = EventClock(kept, kept.redis_now).now()
    stop.wait(DRAIN_S)
    wait_while(lambda: any(kept.due(queue, end, 1) for queue in QUEUES))


@contextmanager
def _store(address: str, *, is_replay: bool) -> Iterator[tuple[str, EmbeddedRedis | None]]:
    """Yield the address of a running store, and its server where it is ours."""
    if is_remote(address):
        yield address, None
        return
    folder = Path(address)
    if is_replay:
        _put_aside(folder)
    else:
        _refuse_replay(folder)
    with EmbeddedRedis(folder) as server:
        yield server.url, server


def _refuse_replay(folder: Path) -> None:
    if (folder / "replay").exists():
        raise StoreError(
            f"{folder}: holds the store of a replay, whose clock is another one",
            "give the live service its own with --store, or remove that folder",
        )


@contextmanager
def _joined(address: str, *, is_part: bool) -> Iterator[str]:
    """Yield the address of a store that runs already, or of one that runs for us."""
    if is_part or is_remote(address):
        yield running(address)
        return
    with EmbeddedRedis(Path(address)) as server:
        yield server.url


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


def _detect_arguments(options: UpOptions, *, is_kafka: bool) -> list[str]:
    given = [*_given(options), "--out", str(options.out)]
    if options.processes is not None:
        given += ["--processes", str(options.processes)]
    if options.file is not None:
        given += ["--speed", str(options.speed), str(options.file)]
    elif not is_kafka:
        given.append("-")
    return ["detect", *given]


def _is_piped() -> bool:
    """Tell whether somebody has given us posts as standard input."""
    mode = os.fstat(sys.stdin.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def _respond_arguments(options: UpOptions) -> list[str]:
    is_rehearsal = options.file is not None and not options.for_real
    return ["respond", *_given(options), *(["--rehearsal"] if is_rehearsal else [])]


def _given(options: UpOptions) -> list[str]:
    """Return the options that our parts are given as we were given them."""
    given = [] if options.config_path is None else ["--config", str(options.config_path)]
    return given if options.store is None else [*given, "--store", options.store]


def _greet(
    console: Console, config: Config, options: UpOptions, address: str, kept: RedisStore
) -> None:
    """Say what runs, on which data, where people will hear of it and who is on call."""
    commands = typed_commands(options.config_path, options.store)
    is_rehearsal = options.file is not None and not options.for_real
    reach = reach_of(config, rehearsal=is_rehearsal, commands=commands)
    at = SystemClock().now() if options.file is None else _begins_at(config, options.file)
    # the responder will say what became of a calendar that can not be read
    directory, _ = standing_directory(config, options.config_path, at, kept, keeps=False)
    live = "standard input, live" if options.platform is None else f"{options.platform}, live"
    if options.reads_kafka(config):
        live = f"Kafka topic {config.kafka.topic}, live"
    posts = [("posts", live)]
    if options.file is not None:
        begin = at.astimezone(config.response.zone)
        pace = f"{options.speed:g} times its pace"
        posts = [
            ("posts", f"{options.file}, at {pace}"),
            ("begins", f"{begin:%a %d %b %Y %H:%M} ({config.response.time_zone})"),
        ]
    lines = [
        ("watches", ", ".join(topic.name for topic in config.topics)),
        *posts,
        ("people", reach.told),
        ("store", f"{_shown(address)}, with the audit log"),
        ("stop", "Ctrl-C; nothing is lost"),
    ]
    greet(console, lines, on_call_at(config, directory, at), commands)


def _farewell(
    console: Console, options: UpOptions, address: str, kept: RedisStore, *, was_stopped: bool
) -> None:
    """Say why it is over, what is left open, and where to look."""
    commands = typed_commands(options.config_path, options.store)
    ended = "the stream has ended" if options.file is None else "the recording has ended"
    cases = list(readable_cases(kept.cases(open_only=False)))
    left = sum(case.incident.is_open for case in cases)
    console.print(
        f"{'stopped' if was_stopped else ended}: {len(cases)} incidents, {left} open, "
        f"kept in {_shown(address)}",
        markup=False,
        soft_wrap=True,
    )
    console.print(f"  {typed(commands, 'incidents', 'list', '--all')}", soft_wrap=True)
    console.print(f"  {typed(commands, 'audit', 'export')}", soft_wrap=True)


def _begins_at(config: Config, file: Path) -> datetime:
    """Return the time of a recording's first post.

    Raises:
        InputError: no line has one.
    """
    posts_reader = reader(config, SystemClock())
    with file.open("rb") as lines:
        for _, line in zip(range(FIRST_LINES), lines, strict=False):
            item = posts_reader.read(line)
            if isinstance(item, Post):
                return at_utc(item.posted_at_ms / 1000)
    raise InputError(
        f"{file}: none of the first {FIRST_LINES} lines is a post",
        "set [reading] format to the one that it has",
    )


def _shown(address: str) -> str:
    """Return a store's address as people may see it: without a password."""
    return connection_settings(address).address if is_remote(address) else address


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
