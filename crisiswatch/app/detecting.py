"""`detect`: which posts, one process or several; the command and what it refuses."""

import logging
import math
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from alerting.keeping import Store
from crisiswatch.app.clock import SystemClock
from crisiswatch.app.cluster_watch import ClusterWatch
from crisiswatch.app.clustering import (
    BROKEN,
    Cluster,
    program,
    run_cluster,
    warn_of_too_few_cores,
)
from crisiswatch.app.config_file import read_config
from crisiswatch.app.event_clock import Pace, keep_pace
from crisiswatch.app.logs import log_format, start_logging
from crisiswatch.app.membership import Member, member_of
from crisiswatch.app.monitoring import start_monitoring
from crisiswatch.app.monitoring_detection import CLOCK_SET_BACK, DetectionMonitoring
from crisiswatch.app.parent import end_with
from crisiswatch.app.pipeline import stopping_on_signals
from crisiswatch.app.posts import Posts, piped_posts, posts_of_kafka, recorded_posts
from crisiswatch.app.room import free_bytes
from crisiswatch.app.store_kind import claim
from crisiswatch.app.stores import connect, running, where
from crisiswatch.app.supervising import INTERRUPTED
from crisiswatch.app.watching import Place, detect_posts
from crisiswatch.app.wiring import beside
from crisiswatch.clock import at_utc
from crisiswatch.config import Config
from crisiswatch.config.monitoring import DETECT_ADDRESS
from crisiswatch.errors import ConfigError, InputError, StoreError
from flows.run import Stop

PIPE = "-"

log = logging.getLogger("crisiswatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectOptions:
    """What the command line says.

    `posts` is a file, `-` for standard input, or None for the Kafka of the configuration.
    With `processes` this is the supervisor of so many; with `process_id` and `addresses` one
    of a cluster that somebody else supervises. `parent` is the process that this one is a
    part of and does not outlive.
    """

    posts: str | None
    config_path: Path | None
    speed: float
    store: str | None
    out: Path
    processes: int | None = None
    process_id: str | None = None
    addresses: str | None = None
    metrics: str | None = None
    parent: int | None = None

    @property
    def is_recording(self) -> bool:
        """Tell whether the posts come from a file."""
        return self.posts not in {None, PIPE}


def run_detect(options: DetectOptions) -> int:
    """Detect until the posts end or somebody stops it; return the exit code.

    0: the posts have ended, or a live service was stopped; 130: a recording was, or a part of
    a service, which starts it again unless it is to stop itself; 75: the disk is full; 76:
    another process of the cluster died; 77: the wall clock was set back; 70: processes died
    again and again.
    """
    end_with(options.parent)
    config = read_config(options.config_path)
    start_logging(log_format(config.monitoring.log))
    member = member_of(options.process_id, options.addresses)
    _refuse_what_can_not_work(options, config, member)
    if options.processes is not None:
        return _run_supervisor(options, config, options.processes)
    kept = connect(running(where(config, options.config_path, options.store)))
    _claim(kept, options)
    is_supervised = options.parent is not None and options.process_id is not None
    recovery = _recovery_dir(options, config)
    stop = Stop()
    monitoring = DetectionMonitoring(
        config.monitoring,
        clock=SystemClock(),
        stop=stop,
        store=kept,
        interval_s=config.recovery.interval_s,
        is_live=not options.is_recording,
        address=options.metrics,
        process_id=member.number if is_supervised else None,
        # A supervised process leaves that to its supervisor, which is there when the disk is full.
        free_bytes=_room(recovery) if member.is_first and not is_supervised else None,
    )
    place = Place(
        kept=kept,
        out=options.out,
        recovery=recovery,
        member=member,
        monitoring=monitoring,
        reads=Path(options.posts) if options.posts is not None and options.is_recording else None,
    )
    try:
        code = detect_posts(_posts(options, config, place, stop), config, place, stop)
    finally:
        kept.close()
    if code == BROKEN:
        _leave_at_once(code)
    if monitoring.clock_was_set_back:
        return CLOCK_SET_BACK
    return _as_part(options, code, stop)


def _claim(kept: Store, options: DetectOptions) -> None:
    """Keep the store for what we read; a live service, or a part of one, begins without it."""
    try:
        claim(kept, for_recording=options.is_recording)
    except StoreError as error:
        if options.is_recording and options.parent is None:
            raise
        log.warning("whom the store serves is not known before it answers: %s", error)


def _as_part(options: DetectOptions, code: int, stop: Stop) -> int:
    """Let a part that was asked to stop say so: its parent would take 0 for the end of the posts."""
    return INTERRUPTED if code == 0 and stop.asked and options.parent is not None else code


def _leave_at_once(code: int) -> None:
    """End without waiting for threads that a panic of the engine has left behind.

    All processes of a cluster have to be gone before it can come back.
    """
    logging.shutdown()
    os._exit(code)


def _posts(options: DetectOptions, config: Config, place: Place, stop: Stop) -> Callable[[], Posts]:
    """Return what makes the stream of posts; a topic that is not there yet is waited for."""
    if options.posts is None:
        return lambda: posts_of_kafka(config, stop=stop, observer=place.monitoring.metrics)
    if not options.is_recording:
        return lambda: piped_posts(stop)
    file, kept = Path(options.posts), place.kept

    def on_start(first_ms: int) -> float:
        wall = kept.redis_now()
        begins = Pace(wall=wall, event=at_utc(first_ms / 1000), speed=options.speed)
        pace = keep_pace(kept, begins)
        place.monitoring.follow(pace)
        return (wall - pace.wall).total_seconds()

    return lambda: recorded_posts(file, config, speed=options.speed, on_start=on_start, stop=stop)


def _recovery_dir(options: DetectOptions, config: Config) -> Path | None:
    """Return where snapshots go; a live service always has some, a recording if it is told to."""
    if config.recovery.dir is not None:
        return beside(options.config_path, config.recovery.dir)
    return None if options.is_recording else options.out / "recovery"


def _room(folder: Path | None) -> Callable[[], float] | None:
    return None if folder is None else partial(free_bytes, folder)


def _refuse_what_can_not_work(options: DetectOptions, config: Config, member: Member) -> None:
    """Find before anything starts what would end a process again and again."""
    is_cluster = options.processes not in {None, 1} or bool(member.addresses)
    if options.processes is not None and options.process_id is not None:
        raise InputError(
            "--processes and --process-id are two ways to make a cluster",
            "give one: --processes runs all of it on this machine, --process-id is one of it",
        )
    if options.processes is not None and options.processes < 1:
        raise InputError(f"--processes {options.processes}", "give 1 or more")
    if not config.topics:
        raise ConfigError(
            "no topics to watch", "`crisiswatch init DIR` writes a configuration to start from"
        )
    if options.posts == PIPE and is_cluster:
        raise InputError(
            "standard input can not be shared by several processes",
            "write the posts to Kafka, or run one process",
        )
    if options.posts is None and not config.kafka.brokers:
        raise ConfigError(
            "no posts to read: no brokers are configured",
            'write brokers = ["host:9092"] under [kafka], or give a file of posts, or - for a pipe',
        )
    if not options.is_recording:
        return
    if is_cluster and not math.isinf(options.speed):
        raise InputError(
            f"a file at {options.speed:g} times its pace is read by one process",
            "give --speed max, or run one process",
        )
    if not Path(str(options.posts)).is_file():
        raise InputError(f"{options.posts}: no such file", "give a file of one post a line")


def _run_supervisor(options: DetectOptions, config: Config, processes: int) -> int:
    """Keep a cluster of our own processes alive."""
    warn_of_too_few_cores(processes)
    given = detect_arguments(options)

    def command(number: int, addresses: tuple[str, ...]) -> list[str]:
        own = ["--parent", str(os.getpid())]
        own += ["--process-id", str(number), "--addresses", ",".join(addresses)]
        return program("detect", *given, *own)

    cluster = Cluster("detection", command, processes, reads_input=options.posts == PIPE)
    watched = ClusterWatch(cluster, free_bytes=_room(_recovery_dir(options, config)))
    server = start_monitoring(
        options.metrics or config.monitoring.listen,
        DETECT_ADDRESS,
        registry=watched.registry,
        alive=watched.alive,
        ready=watched.ready,
    )
    stop, woken = Stop(), threading.Event()
    stop.on_ask(woken.set)
    try:
        with stopping_on_signals(stop):
            code = run_cluster(cluster, options.out, woken, watched)
    finally:
        if server is not None:
            server.close()
    if code == 0 and stop.asked and options.is_recording:
        return INTERRUPTED
    return _as_part(options, code, stop)


def detect_arguments(options: DetectOptions) -> list[str]:
    """Return what a process of a cluster is told as we were told it."""
    speed = "max" if math.isinf(options.speed) else str(options.speed)
    given = ["--out", str(options.out), "--speed", speed]
    if options.config_path is not None:
        given += ["--config", str(options.config_path)]
    if options.store is not None:
        given += ["--store", options.store]
    if options.metrics is not None:
        given += ["--metrics", options.metrics]
    return [*given, *([] if options.posts is None else [options.posts])]
