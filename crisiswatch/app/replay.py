"""`replay`: recorded posts through the real pipeline, into a folder."""

import math
from dataclasses import dataclass
from pathlib import Path

from crisiswatch.app.pipeline import Job
from crisiswatch.app.wiring import reader, tally_step, watch_plan
from crisiswatch.clock import Clock
from crisiswatch.config import Config, config_hash
from crisiswatch.errors import InputError
from crisiswatch.reading.post import Post
from crisiswatch.reading.tally import Inspect
from flows.firehose import Sinks, firehose
from flows.recovery import RecoveryFolder
from flows.run import Flow, Stop
from flows.sources.paced_file import PacedFile
from flows.sources.recorded_file import RecordedFile, partition_names


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """What the command line says; `speed` is event seconds a second, infinite for `max`."""

    file: Path
    format_name: str | None = None
    inspect: Inspect = Inspect.EVERY_LINE
    speed: float = math.inf
    recovery_folder: Path | None = None


def replay_job(options: ReplayOptions, config: Config, *, clock: Clock, stop: Stop) -> Job:
    """Describe the replay of a file.

    Raises:
        InputError: there is no such file.
        ConfigError: the configuration names no topics, or the format needs a mapping.
    """
    if not options.file.is_file():
        raise InputError(f"{options.file}: no such file", "give a file of one post a line")
    posts_reader = reader(config, clock, format_name=options.format_name)
    step = tally_step(config.topics, posts_reader, inspect=options.inspect)
    names = partition_names(1)
    settings = config.detection
    plan = watch_plan(
        tuple(topic.name for topic in config.topics), settings, config=config, partitions=names
    )

    def time_ms_of(line: bytes) -> int | None:
        item = posts_reader.read(line)
        return item.posted_at_ms if isinstance(item, Post) else None

    def build(sinks: Sinks) -> Flow:
        source = (
            RecordedFile(options.file, stop=stop)
            if math.isinf(options.speed)
            else PacedFile(
                options.file,
                partition=names[0],
                speed=options.speed,
                time_ms_of=time_ms_of,
                clock=clock,
                stop=stop,
            )
        )
        return firehose(source=source, tally=step, plan=plan, sinks=sinks)

    recovery = (
        None
        if options.recovery_folder is None
        else RecoveryFolder(options.recovery_folder, _fingerprint(options, config))
    )
    return Job(
        source_name=str(options.file),
        build=build,
        config=config,
        bin_s=settings.bin_s,
        recovery=recovery,
    )


def _fingerprint(options: ReplayOptions, config: Config) -> str:
    """Name what a recovery folder's state was made from."""
    stat = options.file.stat()
    pace = "whole blocks" if math.isinf(options.speed) else "paced"
    return (
        f"{options.file.resolve()} of {stat.st_size} bytes, configuration {config_hash(config)}, "
        f"{options.inspect}, {pace}"
    )
