"""Drives a KafkaSource as Bytewax would, against any broker, and remembers what it emitted."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol, Self

from confluent_kafka import KafkaError, Message, Producer, TopicPartition

from crisiswatch.app.clock import SystemClock
from crisiswatch.config import KafkaSettings
from flows.kafka.partition import KafkaPartition
from flows.kafka.reading import Reading, State
from flows.kafka.scout import Place, Scout
from flows.kafka.settings import KafkaSecrets, client_settings, consumer_settings
from flows.kafka.source import KafkaSource
from flows.messages import Chunk

TOPIC = "posts"
WITHIN_S = 30.0
MAX_LINE_BYTES = 4_096


class Broker(Protocol):
    """A Kafka of whatever kind."""

    @property
    def address(self) -> str:
        """Where clients find it."""
        ...

    def make_topic(self, topic: str, partitions: int) -> None:
        """Make a topic."""
        ...


@dataclass(slots=True)
class Heard:
    """An observer that remembers everything it was told."""

    lags: dict[str, int] = field(default_factory=dict)
    expired: list[tuple[str, str, int | None]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def lag(self, partition: str, posts: int) -> None:
        """Keep the latest."""
        self.lags[partition] = posts

    def offset_expired(self, partition: str, action: str, lost: int | None) -> None:
        """Keep all."""
        self.expired.append((partition, action, lost))

    def error(self, kind: str) -> None:
        """Keep all."""
        self.errors.append(kind)

    def refused(self, reason: str, posts: int) -> None:
        """Keep all."""
        self.refusals += [reason] * posts


class SourceRun:
    """One run of the source from `states`, what an earlier run's `snapshot` gave."""

    def __init__(
        self,
        address: str,
        *,
        topic: str = TOPIC,
        partitions: int = 1,
        start: Place = "earliest",
        expired: Literal["earliest", "latest", "stop"] = "earliest",
        states: dict[str, State] | None = None,
        idle_s: float = 0.2,
        back_s: float = 0.2,
        gone_s: float = 30.0,
    ) -> None:
        self.heard = Heard()
        self.chunks: list[Chunk] = []
        self.stopped = False
        settings = KafkaSettings(brokers=(address,), topic=topic)
        clock = SystemClock()
        client = client_settings(settings, KafkaSecrets())
        scout = Scout({**client, "group.id": settings.group}, topic, clock)
        scout.wait_for_topic(stop=lambda: False, on_fault=lambda _kind, _words: None)
        self.source = KafkaSource(
            Reading(
                topic=topic,
                settings=consumer_settings(settings, KafkaSecrets(), partitions=partitions),
                start=start,
                expired=expired,
                max_line_bytes=MAX_LINE_BYTES,
                idle_s=idle_s,
                back_s=back_s,
                gone_s=gone_s,
            ),
            partitions=partitions,
            scout=scout,
            clock=clock,
            stop=lambda: self.stopped,
            observer=self.heard,
        )
        states = states or {}
        self.parts: dict[str, KafkaPartition] = {
            name: self.source.build_part("posts", name, states.get(name))
            for name in self.source.list_parts()
        }

    def until(self, seen: Callable[[], bool], *, within_s: float = WITHIN_S) -> None:
        """Ask every partition in turn until `seen`, or fail when it takes too long."""
        over_at = time.monotonic() + within_s
        while not seen():
            assert time.monotonic() < over_at, f"not seen: {self.heard}, {self.chunks[-3:]}"
            for part in self.parts.values():
                self.chunks += part.next_batch()
            time.sleep(0.005)

    def read(self, lines: int) -> list[bytes]:
        """Read until there are so many lines in all, and return them sorted."""
        self.until(lambda: len(self.lines()) >= lines)
        return sorted(self.lines())

    def lines(self) -> list[bytes]:
        """Return the lines emitted so far."""
        return [line for chunk in self.chunks for line in chunk.data.splitlines()]

    def vouched(self) -> list[int]:
        """Return the times that quiet partitions vouched for."""
        return [each.idle_clock_s for each in self.chunks if each.idle_clock_s is not None]

    def snapshot(self) -> dict[str, State]:
        """Return what a later run begins with."""
        return {name: part.snapshot() for name, part in self.parts.items()}

    def close(self) -> None:
        """Let go of the brokers."""
        for part in self.parts.values():
            part.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def post(number: int) -> bytes:
    """Return a line that is a post, for whom it only matters that it is one."""
    return b'{"n":%d}' % number


def write(
    address: str,
    values: Iterable[bytes | None],
    *,
    topic: str = TOPIC,
    partition: int = 0,
    at_ms: int = 0,
    codec: str = "none",
) -> None:
    """Write messages and wait until they are there; `at_ms` is the time they carry, 0: now."""
    producer = Producer(
        {
            "bootstrap.servers": address,
            "log_level": 0,
            "linger.ms": 5,
            "compression.type": codec,
        }
    )
    faults: list[object] = []

    def on_delivery(fault: KafkaError | None, _message: Message) -> None:
        faults.extend([] if fault is None else [fault])

    for value in values:
        producer.produce(
            topic,
            value,
            partition=partition,
            timestamp=at_ms,
            on_delivery=on_delivery,
        )
    assert producer.flush(30) == 0, "not delivered"
    assert faults == []


def at(partition: int, offset: int, topic: str = TOPIC) -> TopicPartition:
    """Name a place."""
    return TopicPartition(topic, partition, offset)
