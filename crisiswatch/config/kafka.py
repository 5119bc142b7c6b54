"""Where posts are read from Kafka, and what may be said to its client."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from crisiswatch.config.fault_words import OWN_CHECK, SECRETS_GO
from crisiswatch.config.responding import Text
from crisiswatch.config.toml_marks import is_marked
from crisiswatch.config.toml_times import read_moment
from crisiswatch.errors import ConfigError

_BROKER = re.compile(r"(?:[^\s,/@:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")

_OURS = {
    "bootstrap.servers": "write them as brokers under [kafka]",
    "metadata.broker.list": "write them as brokers under [kafka]",
    "group.id": "write it as group under [kafka]",
    "auto.offset.reset": "start and expired under [kafka] say where reading begins",
    "enable.auto.commit": "how far a run has come stands in its snapshots",
    "auto.commit.enable": "how far a run has come stands in its snapshots",
    "auto.commit.interval.ms": "how far a run has come stands in its snapshots",
    "enable.auto.offset.store": "how far a run has come stands in its snapshots",
    "offset.store.method": "how far a run has come stands in its snapshots",
    "enable.partition.eof": "by it a quiet topic is told from a silent broker",
    "fetch.wait.max.ms": "by it a quiet topic is told from a silent broker",
    "statistics.interval.ms": "by it a quiet topic is told from a silent broker",
    "isolation.level": "posts of a transaction that failed must not be counted",
    "group.protocol": "partitions are given out by crisiswatch, not by the group",
    "group.instance.id": "partitions are given out by crisiswatch, not by the group",
    "partition.assignment.strategy": "partitions are given out by crisiswatch, not by the group",
    "acks": "what is written must survive a broker",
    "request.required.acks": "what is written must survive a broker",
    "enable.idempotence": "what is written must be written once",
    "transactional.id": "two writers with one id would shut each other out",
}
"""Keys of the client on which a promise rests, and what to do, or why they are ours."""

_SECRET_KEYS = {
    "sasl.username": "CRISISWATCH_KAFKA_USERNAME",
    "sasl.password": "CRISISWATCH_KAFKA_PASSWORD",
    "ssl.key.password": "CRISISWATCH_KAFKA_KEY_PASSWORD",
}
_SECRET_WORDS = ("password", "secret", "key.pem", "jaas")


def _read_start(value: Any) -> Any:
    """Take `earliest`, `latest`, or a moment."""
    if is_marked(value):
        return read_moment(value)
    if value in {"earliest", "latest"} or isinstance(value, datetime):
        return value
    context = {
        "problem": f"{value!r} is no place to start"[:80],
        "remedy": 'use "earliest", "latest", or a time as in 2026-01-05T09:00:00Z',
    }
    raise PydanticCustomError(OWN_CHECK, "{problem}", context)


def _read_settings(value: Any) -> Any:
    """Flatten tables (`a.b = 1` is a table in TOML) and write every value as text."""
    return dict(_flat(value, "")) if isinstance(value, dict) else value


def _flat(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, bool):
            yield key, str(value).lower()
        elif isinstance(value, str | int | float):
            yield key, str(value)
        elif isinstance(value, dict) and not is_marked(value):
            yield from _flat(value, f"{key}.")
        else:
            context = {
                "problem": f"{key} is neither text nor number nor true or false",
                "remedy": 'write it as in "ssl.ca.location" = "/etc/ssl/ca.pem"',
            }
            raise PydanticCustomError(OWN_CHECK, "{problem}", context)


Start = Annotated[str | datetime, BeforeValidator(_read_start)]


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """Which topic of which brokers is read; without brokers, none.

    `start` is where a run without snapshots begins; a time without an offset is in UTC.
    `expired` says what happens where the posts that come next are gone from the broker:
    go on at the `earliest` that is left, at the `latest`, or `stop`. What can not be read
    as a post is written to the topic `dead_letters` as well as to the file. `settings` go
    to the client (librdkafka) as they are, but for those on which a promise rests, and
    secrets.
    """

    brokers: tuple[Text, ...] = ()
    topic: Text = "posts"
    group: Text = "crisiswatch"
    start: Start = "latest"
    expired: Literal["earliest", "latest", "stop"] = "earliest"
    dead_letters: Text | None = None
    settings: Annotated[dict[str, str], BeforeValidator(_read_settings), Field()] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        """Refuse addresses and names that can not be, and settings that break promises."""
        for broker in self.brokers:
            if not _BROKER.fullmatch(broker):
                raise ConfigError(
                    "one of the brokers is no address (not shown)", "write it as in kafka-1:9092"
                )
        for topic in (self.topic, self.dead_letters):
            if topic is not None and not _TOPIC.fullmatch(topic):
                raise ConfigError(
                    f"{topic[:60]!r} can be no topic's name",
                    "use at most 249 letters, digits, '.', '_' and '-'",
                )
        if self.dead_letters == self.topic:
            raise ConfigError(
                f"dead letters would go to {self.topic!r}, from which posts are read",
                "give dead_letters a topic of its own",
            )
        for key in self.settings:
            _refuse(key)

    @property
    def start_ms(self) -> int | None:
        """Return the time to start from in unix milliseconds, None where it is no time."""
        if isinstance(self.start, str):
            return None
        at = self.start if self.start.tzinfo is not None else self.start.replace(tzinfo=UTC)
        return int(at.timestamp() * 1000)


def _refuse(key: str) -> None:
    """Refuse a setting that is not the operator's to make; its value is never shown."""
    if key in _SECRET_KEYS:
        variable = _SECRET_KEYS[key]
        raise ConfigError(
            f"settings: {key} does not belong into this file",
            f"set {variable}, or name a file that holds it in {variable}_FILE",
        )
    if any(word in key for word in _SECRET_WORDS):
        raise ConfigError(f"settings: {key} is a secret (not shown)", SECRETS_GO)
    if key in _OURS:
        raise ConfigError(f"settings: {key} can not be set", _OURS[key])
