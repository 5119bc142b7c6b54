"""Posts from Kafka into the dataflow: configuration and secrets to a job."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from crisiswatch.app.secrets import secret
from crisiswatch.clock import Clock
from crisiswatch.config import Config
from crisiswatch.errors import ConfigError
from flows.kafka.canaries import Canaries
from flows.kafka.dead_letters import DeadLettersTopic
from flows.kafka.reading import STATE_VERSION as POSITION_VERSION
from flows.kafka.reading import Reading, partition_name
from flows.kafka.reported import Reported
from flows.kafka.scout import Place, Scout
from flows.kafka.settings import KafkaSecrets, client_settings, consumer_settings, producer_settings
from flows.kafka.source import KafkaSource
from flows.run import Stop
from flows.sources.observing import SourceObserver

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


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaPosts:
    """The posts of the configured topic, which has the `partitions` that windows wait for.

    `name` tells the stream from any other, as long as the service lives. Call `source` once.
    """

    name: str
    partitions: tuple[str, ...]
    source: Callable[[Place], KafkaSource]


def kafka_posts(
    config: Config, *, clock: Clock, stop: Stop, observer: SourceObserver
) -> KafkaPosts:
    """Wait until the topic is there, or `stop`, and return its posts.

    `source` is told where partitions begin of which no snapshot tells: see `place_to_begin`.
    Spare partitions are not waited for before they have brought something.

    Raises:
        ConfigError: no brokers are configured, or the client does not take its settings.
        InputError: the topic may not be read.
    """
    kafka = config.kafka
    if not kafka.brokers:
        raise ConfigError(
            "no posts to read: no brokers are configured",
            'write brokers = ["host:9092"] under [kafka], or give a file of posts',
        )
    secrets = kafka_secrets()
    scout = Scout({**client_settings(kafka, secrets), "group.id": kafka.group}, kafka.topic, clock)
    partitions = scout.wait_for_topic(stop=stop, on_fault=Reported(clock, observer).fault)

    def source(begin: Place) -> KafkaSource:
        reading = Reading(
            topic=kafka.topic,
            settings=consumer_settings(kafka, secrets, partitions=partitions),
            start=begin,
            expired=kafka.expired,
            max_line_bytes=config.reading.max_line_bytes,
        )
        return KafkaSource(
            reading, partitions=partitions, scout=scout, clock=clock, stop=stop, observer=observer
        )

    return KafkaPosts(
        name=f"Kafka topic {kafka.topic} for group {kafka.group}, position {POSITION_VERSION}",
        partitions=tuple(partition_name(number) for number in range(partitions)),
        source=source,
    )


def place_to_begin(config: Config, *, rebuild_from: datetime | None, resumes: bool) -> Place:
    """Return where a partition begins that no snapshot tells of.

    In a run that `resumes` such a partition is new, and read from its first message. With
    `rebuild_from`, for a store that was lost, all partitions begin at the messages of that time.
    """
    if rebuild_from is not None:
        return int(rebuild_from.timestamp() * 1000)
    if resumes:
        return "earliest"
    start_ms = config.kafka.start_ms
    return str(config.kafka.start) if start_ms is None else start_ms


def dead_letters_topic(
    config: Config, *, clock: Clock, observer: SourceObserver
) -> DeadLettersTopic | None:
    """Return the sink for the configured topic of dead letters, if there is one."""
    kafka = config.kafka
    if not kafka.brokers or kafka.dead_letters is None:
        return None
    return DeadLettersTopic(
        topic=kafka.dead_letters,
        settings=producer_settings(kafka, kafka_secrets()),
        clock=clock,
        observer=observer,
    )


def canaries(config: Config, *, clock: Clock, observer: SourceObserver) -> Canaries:
    """Return what writes canaries to the topic that is read."""
    kafka = config.kafka
    settings = producer_settings(kafka, kafka_secrets())
    return Canaries(settings, kafka.topic, clock=clock, observer=observer)
