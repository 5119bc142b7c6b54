"""`replay`: recorded posts through the real pipeline, into a folder."""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crisiswatch import __version__
from crisiswatch.app.pipeline import Job
from crisiswatch.app.wiring import reader, tally_step, watch_plan
from crisiswatch.clock import Clock
from crisiswatch.config import Config, config_hash
from crisiswatch.errors import InputError
from crisiswatch.reading.post import Post
from crisiswatch.reading.tally import Inspect
from flows.firehose import Sinks, firehose
from flows.observing import NOBODY
from flows.recovery import RecoveryFolder
from flows.run import Flow, Stop
from flows.sources.live_lines import LiveLines
from flows.sources.observed import Observed, PartitionedPosts, Watched
from flows.sources.paced_file import PacedFile
from flows.sources.recorded_file import BLOCK_BYTES, RecordedFile, partition_names
from flows.watch_logic import STATE_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """What the command line says; `speed` is event seconds a second, infinite for `max`.

    `file` is None for standard input. `live` lets the wall clock stand in where a pipe
    is idle. `on_start` is told the event time at which a paced replay
    begins, and answers how many seconds ago that was. `watched` watches the flow at work.
    """

    file: Path | None
    format_name: str | None = None
    inspect: Inspect = Inspect.EVERY_LINE
    speed: float = math.inf
    recovery_folder: Path | None = None
    live: bool = False
    on_start: Callable[[int], float] | None = None
    watched: Watched | None = None


def replay_job(options: ReplayOptions, config: Config, *, clock: Clock, stop: Stop) -> Job:
    """Describe the replay of a file.

    Raises:
        InputError: there is no such file.
        ConfigError: the configuration names no topics, or the format needs a mapping.
    """
    _refuse_what_can_not_work(options)
    posts_reader = reader(config, clock, format_name=options.format_name)
    step = tally_step(
        config.topics,
        posts_reader,
        inspect=options.inspect,
        step_s=config.detection.step_s,
        live_clock=clock if options.live else None,
        observer=NOBODY if options.watched is None else options.watched.observer,
        canary=options.watched is not None and options.watched.canary_at_s is not None,
    )
    names = partition_names(1)
    settings = config.detection
    plan = watch_plan(
        tuple(topic.name for topic in config.topics),
        settings,
        config=config,
        partitions=names,
        observer=NOBODY if options.watched is None else options.watched.observer,
    )

    def time_ms_of(line: bytes) -> int | None:
        item = posts_reader.read(line)
        return item.posted_at_ms if isinstance(item, Post) else None

    def build(sinks: Sinks) -> Flow:
        source: PartitionedPosts
        if options.file is None:
            source = LiveLines(
                sys.stdin.fileno(), partition=names[0], clock=clock, live=options.live, stop=stop
            )
        elif math.isinf(options.speed):
            source = RecordedFile(options.file, stop=stop)
        else:
            source = PacedFile(
                options.file,
                partition=names[0],
                speed=options.speed,
                time_ms_of=time_ms_of,
                clock=clock,
                stop=stop,
                on_start=options.on_start,
            )
        if options.watched is not None:
            source = Observed(source, options.watched)
        return firehose(source=source, tally=step, plan=plan, sinks=sinks)

    recovery = None
    if options.recovery_folder is not None and options.file is not None:
        fingerprint = _fingerprint(options.file, options, config)
        recovery = RecoveryFolder(options.recovery_folder, fingerprint)
    return Job(
        source_name="standard input" if options.file is None else str(options.file),
        build=build,
        config=config,
        bin_s=settings.bin_s,
        recovery=recovery,
        is_paced=options.file is None or not math.isinf(options.speed),
    )


def _refuse_what_can_not_work(options: ReplayOptions) -> None:
    if options.file is not None:
        if options.file.exists() and not options.file.is_file():
            raise InputError(
                f"{options.file}: is no regular file", "give a file, or - to read a pipe"
            )
        if not options.file.is_file():
            raise InputError(f"{options.file}: no such file", "give a file of one post a line")
        if options.live:
            raise InputError(
                f"{options.file}: a recording is not live", "give - to read a live pipe"
            )
    elif options.recovery_folder is not None or not math.isinf(options.speed):
        raise InputError(
            "standard input can be neither resumed nor paced", "write it to a file first"
        )


def _fingerprint(file: Path, options: ReplayOptions, config: Config) -> str:
    """Name what a recovery folder's state was made from; another run must not take it up."""
    stat = file.stat()
    pace = f"blocks of {BLOCK_BYTES}" if math.isinf(options.speed) else "paced"
    return (
        f"{file.resolve()} of {stat.st_size} bytes changed at {stat.st_mtime_ns} ns, "
        f"configuration {config_hash(config)}, "
        f"format {options.format_name or config.reading.format}, {options.inspect}, {pace}, "
        f"state {STATE_VERSION}, crisiswatch {__version__}"
    )
