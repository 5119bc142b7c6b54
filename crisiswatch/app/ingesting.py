"""`ingest`: a live public stream of a platform, onto standard output or into Kafka."""

import asyncio
import logging
import os
import signal as os_signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Literal
from urllib.parse import urlsplit

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.config_file import read_config
from crisiswatch.app.logs import log_format, start_logging
from crisiswatch.app.monitoring_ingest import IngestMonitoring
from crisiswatch.app.parent import end_with
from crisiswatch.app.secrets import required_secret, secret
from crisiswatch.clock import Clock
from crisiswatch.config import Config
from crisiswatch.errors import ConfigError, InputError, StoreError
from crisiswatch.reading.stream_note import StreamNote, encode_note
from crisiswatch.secret import Secret
from flows.streams.bluesky import BlueskyFeed
from flows.streams.cursor_file import CursorFile
from flows.streams.ingest import Ingest
from flows.streams.lines_writer import LinesWriter
from flows.streams.mastodon import MastodonFeed
from flows.streams.ports import Feed, Place, Record, Writer
from flows.streams.totals import IngestTotals
from flows.streams.x import XFeed
from flows.streams.x_rules import RulesApi, changes, rules_of

Platform = Literal["bluesky", "mastodon", "x"]

MASTODON_TOKEN = "CRISISWATCH_MASTODON_TOKEN"  # noqa: S105  # the name of a variable
X_TOKEN = "CRISISWATCH_X_TOKEN"  # noqa: S105  # as above

PROGRESS_S = 1.0

log = logging.getLogger("crisiswatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOptions:
    """What the command line says; `to` is `-` for standard output, or `kafka`.

    `metrics` is the address of figures and health; else a reader into Kafka, or one that is a part of
    the process `parent`, has the configured one.
    """

    platform: Platform
    config_path: Path | None
    to: str = "-"
    cursor: Path | None = None
    since: datetime | None = None
    metrics: str | None = None
    parent: int | None = None


def run_ingest(options: IngestOptions) -> int:
    """Read the stream until somebody stops it, or nobody reads any more; return the exit code."""
    end_with(options.parent)
    config = read_config(options.config_path)
    start_logging(log_format(config.monitoring.log))
    clock = SystemClock()
    if options.cursor is not None:
        options.cursor.parent.mkdir(parents=True, exist_ok=True)
    ingest = Ingest(
        feeds_of(options.platform, config, clock),
        _writer(options.to, config),
        CursorFile(options.cursor, stream=options.platform),
        stream=options.platform,
        clock=clock,
        chance=Random(),  # noqa: S311  # spreads attempts, guards nothing
        since=_since(options, clock),
    )
    monitoring = IngestMonitoring(
        config.monitoring, ingest.totals, stream=options.platform, clock=clock
    )
    is_service = options.to == "kafka" or options.parent is not None
    is_watched = options.metrics is not None or is_service
    serving: AbstractContextManager[None] = (
        monitoring.serving(options.metrics) if is_watched else nullcontext()
    )
    try:
        with serving:
            asyncio.run(_until_stopped(ingest, monitoring, clock, shows=_has_reader(options)))
    except BrokenPipeError:
        _forget_standard_output()
    totals = ingest.totals
    log.info(
        "%s: %d posts handed on, %d came twice, %d disconnections, %d gaps",
        options.platform,
        totals.posts,
        totals.repeated,
        totals.disconnections,
        totals.gaps,
    )
    return 0


def feeds_of(platform: Platform, config: Config, clock: Clock) -> Sequence[Feed]:
    """Make the feeds that the configuration and the environment's tokens describe.

    Raises:
        ConfigError: a token is missing.
    """
    settings = config.ingest
    match platform:
        case "bluesky":
            return (BlueskyFeed(settings.bluesky.hosts),)
        case "mastodon":
            instances = settings.mastodon.instances
            return tuple(
                MastodonFeed(instance, _mastodon_token(instance, len(instances)), clock=clock)
                for instance in instances
            )
        case "x":
            return (
                XFeed(
                    settings.x.url,
                    required_secret(X_TOKEN),
                    clock=clock,
                    backfill_minutes=settings.x.backfill_minutes,
                ),
            )


def _mastodon_token(instance: str, instances: int) -> Secret | None:
    """Return an instance's own token; the plain variable holds only for a single instance.

    A token must never be shown to another instance than its own.
    """
    name = urlsplit(instance).netloc.upper()
    own = f"{MASTODON_TOKEN}_{''.join(c if c.isalnum() else '_' for c in name)}"
    found = secret(own)
    return secret(MASTODON_TOKEN) if found is None and instances == 1 else found


def run_rules(*, config_path: Path | None, action: str) -> int:
    """Show the rules of X's stream, or make them those that the topics need."""
    config = read_config(config_path)
    if action not in {"show", "sync"}:
        raise InputError(f"--rules {action}: is neither show nor sync", "give one of them")
    if not config.topics:
        raise ConfigError("no topics to make rules from", "give a configuration with --config")
    settings = config.ingest.x
    api = RulesApi(settings.url, required_secret(X_TOKEN), clock=SystemClock())
    wanted = rules_of(config.topics, settings.rule_characters)

    async def ask() -> int:
        found = changes(wanted, present := await api.present())
        for mark, rules in (("+", found.add), ("-", found.remove), ("=", found.keep)):
            for rule in rules:
                print(f"{mark} {rule.tag}  {rule.value}")  # noqa: T201  # what was asked for
        others = sum(not rule.is_ours for rule in present)
        if action == "sync":
            await api.apply(found)
            print(f"{len(found.add)} added, {len(found.remove)} removed, {others} of others kept")  # noqa: T201
            return 0
        print(f"{len(found.add)} to add, {len(found.remove)} to remove, {others} of others")  # noqa: T201
        return 1 if found.add or found.remove else 0

    return asyncio.run(ask())


def run_retire(platform: Platform, *, config_path: Path | None, to: str) -> None:
    """Tell detection, by way of Kafka, that nobody reads a platform's stream any more."""
    config = read_config(config_path)
    if to != "kafka":
        raise InputError(
            "--retire without --to kafka: only who reads a topic remembers its streams",
            "give --to kafka, and with --config the file that names the topic",
        )
    start_logging(log_format(config.monitoring.log))
    note = StreamNote(stream=platform, retired=True)
    writer = _writer(to, config)

    async def tell() -> None:
        stop = asyncio.Event()
        with _stopping(stop):
            told = asyncio.create_task(
                writer.write([Record(line=encode_note(note), key="", note=note)])
            )
            asked = asyncio.create_task(stop.wait())
            await asyncio.wait({told, asked}, return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            is_told = told.done()
            await writer.close()
            await told
        if not is_told:
            raise StoreError(
                f"{platform} is not retired: stopped before Kafka had the word",
                "give the command again once Kafka answers",
            )

    asyncio.run(tell())
    print(f"{platform} is retired: detection on topic {config.kafka.topic!r} waits for it no more")  # noqa: T201  # what was asked for


async def _until_stopped(
    ingest: Ingest, monitoring: IngestMonitoring, clock: Clock, *, shows: bool
) -> None:
    stop = asyncio.Event()
    besides = [asyncio.create_task(monitoring.watch())]
    if shows:
        besides.append(asyncio.create_task(_show(ingest.totals, clock)))
    with _stopping(stop):
        try:
            await ingest.run(stop)
        finally:
            for task in besides:
                task.cancel()


@contextmanager
def _stopping(stop: asyncio.Event) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM set `stop`; a second one acts at once."""
    loop = asyncio.get_running_loop()
    handled = (os_signal.SIGINT, os_signal.SIGTERM)

    def ask() -> None:
        stop.set()
        for number in handled:
            loop.remove_signal_handler(number)

    for number in handled:
        loop.add_signal_handler(number, ask)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


async def _show(totals: IngestTotals, clock: Clock) -> None:
    """Keep one line of progress on the terminal."""
    posts = 0
    while True:
        await asyncio.sleep(PROGRESS_S)
        rate = (totals.posts - posts) / PROGRESS_S
        posts = totals.posts
        newest_s = totals.newest_posted_s
        lag = "-" if newest_s is None else f"{clock.now().timestamp() - newest_s:.1f} s"
        state = "" if totals.connected else "  not connected"
        line = f"{rate:,.0f} posts/s  lag {lag}  {posts:,} posts  {totals.gaps} gaps{state}"
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


def _since(options: IngestOptions, clock: Clock) -> Place | None:
    if options.since is None:
        return None
    if options.platform != "bluesky":
        raise InputError(
            f"{options.platform} can not be asked for its past",
            "leave --since out, or read bluesky",
        )
    if options.since > (now := clock.now()):
        raise InputError(
            f"--since {options.since:%Y-%m-%dT%H:%M:%S} lies in the future: it is read as UTC, where "
            f"it is {now:%Y-%m-%dT%H:%M:%S} now",
            "give a time that is past",
        )
    at_s = options.since.timestamp()
    return Place(cursor=str(int(at_s * 1_000_000)), heard_at=at_s)


def _has_reader(options: IngestOptions) -> bool:
    """Tell whether a person watches the progress, and not the posts themselves."""
    return sys.stderr.isatty() and not (options.to == "-" and sys.stdout.isatty())


def _writer(to: str, config: Config) -> Writer:
    if to == "-":
        return LinesWriter(sys.stdout.fileno())
    if to == "kafka":
        if not config.kafka.brokers:
            raise ConfigError(
                "no brokers to write to are configured",
                'write brokers = ["host:9092"] under [kafka] and give the file with --config',
            )
        # these take seconds to load, and most streams go into a pipe
        from crisiswatch.app.kafka_posts import kafka_secrets  # noqa: PLC0415
        from flows.kafka.settings import producer_settings  # noqa: PLC0415
        from flows.kafka.writer import KafkaWriter  # noqa: PLC0415

        return KafkaWriter(producer_settings(config.kafka, kafka_secrets()), config.kafka.topic)
    raise InputError(f"--to {to}: is neither - nor kafka", "give one of them")


def _forget_standard_output() -> None:
    """Keep the interpreter from flushing into a pipe that nobody reads."""
    sys.stderr.flush()
    with open("/dev/null", "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
