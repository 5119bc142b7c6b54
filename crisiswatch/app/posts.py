"""Where detection's posts come from: Kafka, a recorded file, or standard input."""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.kafka_posts import (
    canaries,
    dead_letters_topic,
    kafka_posts,
    place_to_begin,
)
from crisiswatch.app.wiring import reader
from crisiswatch.clock import at_utc
from crisiswatch.config import Config
from crisiswatch.errors import InputError
from crisiswatch.reading.post import Post
from flows.kafka.dead_letters import DeadLettersTopic
from flows.resuming import Beginning, Origin
from flows.run import Stop
from flows.sources.live_lines import LiveLines
from flows.sources.observed import PartitionedPosts
from flows.sources.observing import SourceObserver
from flows.sources.paced_file import PacedFile
from flows.sources.recorded_file import RecordedFile, partition_names

FILE_PARTITIONS = 8
"""Into how many a file is divided: as many processes can share it, and their number may change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """A stream of posts. `name` tells it from any other, as long as the service lives.

    `source` is told how the run begins, once all processes of its cluster are there. A live stream has no end of its own making, and the wall clock is its clock;
    `resumes` tells that the source can be read again from where a snapshot stood;
    `dead_letters` is where what can not be read goes besides the file; `send_canary` takes a
    canary to where the posts come from, and says whether it could.
    """

    name: str
    partitions: tuple[str, ...]
    source: Callable[[Beginning], PartitionedPosts]
    is_live: bool
    resumes: bool
    dead_letters: DeadLettersTopic | None = None
    send_canary: Callable[[bytes], bool] = lambda _line: False


def piped_posts(stop: Stop) -> Posts:
    """Return the posts of standard input: what comes next is all there is."""
    clock = SystemClock()
    names = partition_names(1)
    return Posts(
        name="standard input",
        partitions=names,
        source=lambda _beginning: LiveLines(
            sys.stdin.fileno(), partition=names[0], clock=clock, live=True, stop=stop
        ),
        is_live=True,
        resumes=False,
    )


def posts_of_kafka(config: Config, *, stop: Stop, observer: SourceObserver) -> Posts:
    """Return the posts of the configured topic; waits until it is there, or `stop`.

    Raises:
        ConfigError: no brokers are configured, or the client does not take its settings.
        InputError: the topic may not be read.
    """
    clock = SystemClock()
    found = kafka_posts(config, clock=clock, stop=stop, observer=observer)

    def source(beginning: Beginning) -> PartitionedPosts:
        known = beginning.rebuild_from
        return found.source(
            place_to_begin(
                config,
                rebuild_from=None if known is None else at_utc(known),
                resumes=beginning.origin in {Origin.STORE, Origin.BACKUP},
            )
        )

    return Posts(
        name=found.name,
        partitions=found.partitions,
        source=source,
        is_live=True,
        resumes=True,
        dead_letters=dead_letters_topic(config, clock=clock, observer=observer),
        send_canary=canaries(config, clock=clock, observer=observer),
    )


def recorded_posts(
    file: Path, config: Config, *, speed: float, on_start: Callable[[int], float], stop: Stop
) -> Posts:
    """Return the posts of a file, at the pace of their clock or, infinitely fast, as they can be read.

    Raises:
        InputError: there is no such file.
    """
    if not file.is_file():
        raise InputError(f"{file}: no such file", "give a file of one post a line")
    is_paced = not math.isinf(speed)
    names = partition_names(1 if is_paced else FILE_PARTITIONS)

    def source(_beginning: Beginning) -> PartitionedPosts:
        if not is_paced:
            return RecordedFile(file, partitions=FILE_PARTITIONS, stop=stop)
        clock = SystemClock()
        posts_reader = reader(config, clock)

        def time_ms_of(line: bytes) -> int | None:
            item = posts_reader.read(line)
            return item.posted_at_ms if isinstance(item, Post) else None

        return PacedFile(
            file,
            partition=names[0],
            speed=speed,
            time_ms_of=time_ms_of,
            clock=clock,
            stop=stop,
            on_start=on_start,
        )

    stat = file.stat()
    return Posts(
        name=f"{file.resolve()} of {stat.st_size} bytes changed at {stat.st_mtime_ns} ns",
        partitions=names,
        source=source,
        is_live=False,
        resumes=not is_paced,
    )
