"""Ask a Kafka whether detection could read from it; `check --online` does."""

from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType

from crisiswatch.config.kafka import KafkaSettings
from flows.kafka.scout import worst_of
from flows.kafka.settings import (
    KafkaSecrets,
    Settings,
    client_settings,
    consumer_settings,
    refused_settings,
)

ANSWER_WITHIN_S = 5.0
LEAST_RETENTION_S = 86_400
"""A weekend's outage of detection should lose nothing; less than a day is worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaFinding:
    """What is wrong, or may be, and what to do."""

    is_error: bool
    problem: str
    remedy: str


def ask(kafka: KafkaSettings, secrets: KafkaSecrets) -> tuple[KafkaFinding, ...]:
    """Return what stands in the way of reading the topic; reads a message, changes nothing.

    Raises:
        ConfigError: the client does not take its settings.
    """
    faults: list[KafkaError] = []
    try:
        client = Consumer({**consumer_settings(kafka, secrets), "error_cb": faults.append})
    except KafkaException as error:
        raise refused_settings(error) from error
    try:
        return tuple(_findings(client, kafka, client_settings(kafka, secrets), faults))
    finally:
        client.close()


def _findings(
    client: Consumer, kafka: KafkaSettings, settings: Settings, faults: list[KafkaError]
) -> Iterator[KafkaFinding]:
    try:
        topics = client.list_topics(timeout=ANSWER_WITHIN_S).topics
    except KafkaException as error:
        client.poll(0)  # hands over what the client has to say of its connections
        fault = worst_of(faults, error.args[0])
        yield KafkaFinding(
            is_error=True,
            problem=f"no broker of {', '.join(kafka.brokers)} answers: {fault.str()}",
            remedy="check the addresses, that they can be reached, and TLS and SASL settings",
        )
        return
    for name, level in ((kafka.topic, True), (kafka.dead_letters, False)):
        if name is not None and name not in topics:
            yield KafkaFinding(
                is_error=level,
                problem=f"topic {name!r} is not there, or may not be seen",
                remedy="make it, or let this user describe it",
            )
    if kafka.topic not in topics:
        return
    yield from _may_not_be_read(client, kafka.topic)
    yield from _short_retention(settings, kafka.topic)


def _may_not_be_read(client: Consumer, topic: str) -> Iterator[KafkaFinding]:
    try:
        first = client.get_watermark_offsets(TopicPartition(topic, 0), timeout=ANSWER_WITHIN_S)
        assert first is not None  # noqa: S101  # it would have raised
        client.assign([TopicPartition(topic, 0, first[0])])
        answer = client.poll(ANSWER_WITHIN_S)
        fault = None if answer is None else answer.error()
    except KafkaException as error:
        fault = error.args[0]
    if fault is not None and fault.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001  # its name
        yield KafkaFinding(
            is_error=True,
            problem=f"topic {topic!r} can not be read: {fault.str()}",
            remedy="let this user read the topic",
        )


def _short_retention(settings: Settings, topic: str) -> Iterator[KafkaFinding]:
    resource = ConfigResource(ResourceType.TOPIC, topic)
    admin = AdminClient(settings)
    asked = admin.describe_configs([resource], request_timeout=ANSWER_WITHIN_S)
    try:
        found = asked[resource].result(ANSWER_WITHIN_S + 1)
    except (KafkaException, TimeoutError):
        return  # to describe its settings is not needed for reading
    kept_ms = int(found["retention.ms"].value)
    if 0 <= kept_ms < LEAST_RETENTION_S * 1000:
        yield KafkaFinding(
            is_error=False,
            problem=f"topic {topic!r} keeps posts for {kept_ms / 3_600_000:.1f} h only",
            remedy="raise its retention.ms: what expires while detection is away is lost",
        )
