"""Posts from Kafka into the dataflow: configuration and secrets to a job."""

import os
from collections.abc import Mapping
from datetime import datetime

from crisiswatch import __version__
from crisiswatch.app.pipeline import Job
from crisiswatch.app.secrets import secret
from crisiswatch.app.wiring import reader, tally_step, watch_plan
from crisiswatch.clock import Clock
from crisiswatch.config import Config, config_hash
from crisiswatch.errors import ConfigError
from crisiswatch.reading.tally import Inspect
from flows.firehose import Sinks, firehose
from flows.kafka.reading import STATE_VERSION as POSITION_VERSION
from flows.kafka.reading import Reading, partition_name
from flows.kafka.reported import Reported
from flows.kafka.scout import Place, Scout
from flows.kafka.settings import KafkaSecrets, client_settings, consumer_settings
from flows.kafka.source import KafkaSource
from flows.recovery import RecoveryFolder
from flows.run import Flow, Stop
from flows.sources.observing import SourceObserver
from flows.watch_logic import STATE_VERSION

USERNAME = "CRISISWATCH_KAFKA_USERNAME"
PASSWORD = "CRISISWATCH_KAFKA_PASSWORD"  # noqa: S105  # the variable's name
KEY_PASSWORD = "CRISISWATCH_KAFKA_KEY_PASSWORD"  # noqa: S105  # as above


def kafka_secrets(environment: Mapping[str, str] = os.environ) -> KafkaSecrets:
    """Return what the environment, or files that it names, say of the way into Kafka."""
    return KafkaSecrets(
        username=secret(USERNAME, environment),
        password=secret(PASSWORD, environment),
        key_password=secret(KEY_PASSWORD, environment),
    )


def kafka_fingerprint(config: Config) -> str:
    """Name what a recovery folder's state was made from; another run must not take it up.

    Brokers may move and be renamed; the topic is what they are asked for.
    """
    kafka = config.kafka
    return (
        f"Kafka topic {kafka.topic} for group {kafka.group}, "
        f"configuration {config_hash(config)}, format {config.reading.format}, "
        f"{config.reading.inspect}, state {STATE_VERSION}, position {POSITION_VERSION}, "
        f"crisiswatch {__version__}"
    )


def kafka_job(
    config: Config,
    *,
    clock: Clock,
    stop: Stop,
    observer: SourceObserver,
    rebuild_from: datetime | None = None,
    recovery: RecoveryFolder | None = None,
) -> Job:
    """Describe a run that reads Kafka; waits until the topic is there, or `stop`.

    A run that `recovery` resumes goes on where its snapshot says; a partition that it does
    not know is new, and read from its first message. With `rebuild_from`, for a store that
    was lost, all partitions begin at the messages of that time.

    Raises:
        ConfigError: no brokers or topics are configured, or the client refuses its settings.
        InputError: the topic may not be read.
    """
    kafka = config.kafka
    if not kafka.brokers:
        raise ConfigError(
            "no posts to read: no brokers are configured",
            'write brokers = ["host:9092"] under [kafka], or give a file of posts',
        )
    step = tally_step(
        config.topics,
        reader(config, clock),
        inspect=Inspect(config.reading.inspect),
        live_clock=clock,
    )
    secrets = kafka_secrets()
    scout = Scout({**client_settings(kafka, secrets), "group.id": kafka.group}, kafka.topic, clock)
    waiting = Reported(clock, observer)
    partitions = scout.wait_for_topic(stop=stop, on_fault=waiting.fault)
    resumes = recovery is not None and recovery.resumes
    reading = Reading(
        topic=kafka.topic,
        settings=consumer_settings(kafka, secrets, partitions=partitions),
        start=_start(config, rebuild_from, resumes=resumes),
        expired=kafka.expired,
        max_line_bytes=config.reading.max_line_bytes,
    )
    source = KafkaSource(
        reading, partitions=partitions, scout=scout, clock=clock, stop=stop, observer=observer
    )
    plan = watch_plan(
        tuple(topic.name for topic in config.topics),
        config.detection,
        config=config,
        # Spares are waited for once they have brought something: what is not there is not late.
        partitions=tuple(partition_name(number) for number in range(partitions)),
    )

    def build(sinks: Sinks) -> Flow:
        return firehose(source=source, tally=step, plan=plan, sinks=sinks)

    return Job(
        source_name=f"Kafka topic {kafka.topic}",
        build=build,
        config=config,
        bin_s=config.detection.bin_s,
        recovery=recovery,
        is_paced=True,
    )


def _start(config: Config, rebuild_from: datetime | None, *, resumes: bool) -> Place:
    if rebuild_from is not None:
        return int(rebuild_from.timestamp() * 1000)
    if resumes:
        return "earliest"
    start_ms = config.kafka.start_ms
    return str(config.kafka.start) if start_ms is None else start_ms
