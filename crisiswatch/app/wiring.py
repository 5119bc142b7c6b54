"""Configuration to objects: everything that a run is made of."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from crisiswatch.clock import Clock
from crisiswatch.config import Config, config_hash
from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.watch import TopicWatch
from crisiswatch.detection.windows import Windows
from crisiswatch.errors import ConfigError
from crisiswatch.reading.polarity import PolarityScorer
from crisiswatch.reading.reader import Reader
from crisiswatch.reading.tally import Inspect, Tally
from crisiswatch.reading.topic import Topic
from flows.observing import NOBODY, FlowObserver
from flows.tally_step import TallyStep
from flows.watch_logic import WatchPlan, shards_of

FUTURE_ALLOWED = timedelta(minutes=10)
"""A live post dated further ahead of the wall clock than this has a wrong date."""


def beside(config_path: Path | None, folder: str) -> Path:
    """Return a folder that a configuration names, taken relative to its file."""
    return (Path() if config_path is None else config_path.parent) / folder


def reader(config: Config, clock: Clock, *, format_name: str | None = None) -> Reader:
    """Make the reader that the configuration describes; `format_name` overrides its format.

    It takes dates up to the end of next year: a bound that recordings do not notice, and
    that refuses the same all year round.
    """
    mapping = config.reading.mapping
    latest = datetime(clock.now().year + 2, 1, 1, tzinfo=UTC)
    return Reader(
        format=config.reading.format if format_name is None else format_name,
        mapping=None if mapping is None else mapping.paths(),
        latest_ms=int(latest.timestamp() * 1000) - 1,
        max_line_bytes=config.reading.max_line_bytes,
    )


def tally_step(
    topics: tuple[Topic, ...],
    posts_reader: Reader,
    *,
    inspect: Inspect,
    step_s: int,
    live_clock: Clock | None = None,
    observer: FlowObserver = NOBODY,
    canary: bool = False,
) -> TallyStep:
    """Make the hot path for some topics; with `live_clock` the future is refused as it comes.

    `step_s` is that of the detection behind it.

    Raises:
        ConfigError: there is no topic to watch.
    """
    if not topics:
        raise ConfigError(
            "no topics to watch",
            "name them in a configuration file ('crisiswatch init DIR' writes one) "
            "and give it with --config",
        )
    tally = Tally(
        topics=topics,
        reader=posts_reader,
        scorer=PolarityScorer.load(),
        inspect=inspect,
        canary=canary,
        step_s=step_s,
    )

    def admit_until_now() -> None:
        if live_clock is not None:
            posts_reader.latest_ms = int((live_clock.now() + FUTURE_ALLOWED).timestamp() * 1000)

    shards = shards_of([topic.name for topic in topics])
    before_each = None if live_clock is None else admit_until_now
    return TallyStep(tally, shards, before_each, observer)


def watch_plan(
    topics: tuple[str, ...],
    settings: WatchSettings,
    *,
    config: Config,
    partitions: tuple[str, ...],
    origin_s: int = 0,
    fixed_gap_s: int | None = None,
    lateness_s: int | None = None,
    observer: FlowObserver = NOBODY,
) -> WatchPlan:
    """Make the plan by which shards watch topics."""
    hash_of_config = config_hash(config)
    return WatchPlan(
        shards=shards_of(topics),
        topics=topics,
        new_windows=lambda: Windows(
            step_s=settings.step_s,
            bin_s=settings.bin_s,
            lateness_s=config.detection.lateness_s if lateness_s is None else lateness_s,
            partitions=partitions,
            origin_s=origin_s,
            fixed_gap_s=fixed_gap_s,
        ),
        new_watch=lambda topic: TopicWatch(topic, settings, hash_of_config),
        restore_watch=lambda topic, state: TopicWatch.from_state(
            state, topic=topic, settings=settings, config_hash=hash_of_config
        ),
        observer=observer,
    )
