"""Configuration to what Kafka's client is told; what the operator says wins over our defaults."""

from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaException

from crisiswatch.config.kafka import KafkaSettings
from crisiswatch.errors import ConfigError
from crisiswatch.secret import Secret

Settings = dict[str, Any]

QUEUED_KBYTES = 256 * 1024
"""So much is fetched ahead for all partitions together: seconds of a full firehose."""
LEAST_QUEUED_KBYTES = 2 * 1024
MOST_QUEUED_KBYTES = 64 * 1024

FETCH_BYTES = 1 << 20
"""Of one partition by one request; a larger message is fetched all the same."""

STATISTICS_EVERY_MS = 1_000
"""A quiet partition vouches for the time by them, and the lag is told."""

_EVERY_CLIENT: Settings = {
    "client.id": "crisiswatch",
    # What the client has to say reaches us by callbacks; its own lines repeat each failed try.
    "log_level": 2,
    "reconnect.backoff.ms": 100,
    "reconnect.backoff.max.ms": 2_000,
    "socket.keepalive.enable": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSecrets:
    """What the file must not hold: SASL's name and password, and that of the TLS key."""

    username: Secret | None = None
    password: Secret | None = None
    key_password: Secret | None = None


def client_settings(kafka: KafkaSettings, secrets: KafkaSecrets) -> Settings:
    """Return what every client is told: where the brokers are, and how to get in."""
    given = {
        "sasl.username": secrets.username,
        "sasl.password": secrets.password,
        "ssl.key.password": secrets.key_password,
    }
    return {
        **_EVERY_CLIENT,
        **kafka.settings,
        **{key: value.reveal() for key, value in given.items() if value is not None},
        "bootstrap.servers": ",".join(kafka.brokers),
    }


def consumer_settings(
    kafka: KafkaSettings, secrets: KafkaSecrets, *, partitions: int = 1
) -> Settings:
    """Return what the consumer of one partition is told, one of `partitions` in all."""
    queued_kbytes = QUEUED_KBYTES // max(partitions, 1)
    return {
        "queued.max.messages.kbytes": min(
            max(queued_kbytes, LEAST_QUEUED_KBYTES), MOST_QUEUED_KBYTES
        ),
        "fetch.message.max.bytes": FETCH_BYTES,
        # With a full queue the client would pause for a second, far longer than we need for it.
        "fetch.queue.backoff.ms": 10,
        **client_settings(kafka, secrets),
        "group.id": kafka.group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "statistics.interval.ms": STATISTICS_EVERY_MS,
    }


def producer_settings(kafka: KafkaSettings, secrets: KafkaSecrets) -> Settings:
    """Return what a producer is told that must lose nothing."""
    return {
        "linger.ms": 20,
        "compression.type": "lz4",
        **client_settings(kafka, secrets),
        "enable.idempotence": True,
    }


def refused_settings(error: KafkaException) -> ConfigError:
    """Return in our words that the client does not take its settings."""
    return ConfigError(
        f"kafka.settings: the Kafka client does not take them: {error.args[0].str()}",
        "write them as in librdkafka's CONFIGURATION.md",
    )
