"""Posts of live streams into a Kafka topic, each once as far as the brokers can tell.

The producer is idempotent: its own repetitions are dropped by the broker. A broker that is
away slows us down and loses nothing, because a message never times out; `write` returns
only when every record of its batch is acknowledged by all replicas in sync, but for those
that are too large for this client or the topic: they are left out, and the log says so.
"""

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from crisiswatch.errors import StoreError
from flows.kafka.settings import refused_settings
from flows.streams.ports import Record

POLL_S = 0.1
OUTAGE_TOLD_S = 5.0
OUTAGE_TOLD_EVERY_S = 60.0
"""Brokers that do not answer for so long are worth a word in the log, and then one now and then."""

OWN = {
    "enable.idempotence": True,
    "message.timeout.ms": 0,
    "queue.buffering.max.messages": 10_000,
    "queue.buffering.max.kbytes": 64 * 1024,
}
"""On these rests what is promised; they go before what is configured."""

_HEADER = "crisiswatch-stream"

log = logging.getLogger("crisiswatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """What is written: a post under its `key`, or a note, without one, to one `partition`."""

    line: bytes
    key: bytes | None
    partition: int = -1


class KafkaWriter:
    """Write records to a topic, keyed by post, so that a post always has the same partition.

    Notes go to every partition, without a key and with the header `crisiswatch-stream`: each
    is read by itself, and each has to know how far the stream was heard.
    """

    def __init__(self, settings: Mapping[str, Any], topic: str) -> None:
        """Take a producer's settings as librdkafka knows them.

        Raises:
            ConfigError: the client does not take them.
        """
        try:
            self._producer = Producer({**settings, **OWN})
        except KafkaException as error:
            raise refused_settings(error) from None
        self._topic = topic
        self._given_up = threading.Event()
        self._partitions: tuple[int, ...] = ()
        self._failed: KafkaError | None = None
        self._too_large: list[_Message] = []
        self._brokers = settings.get("bootstrap.servers", "")
        self._away_s, self._told_at_s = 0.0, OUTAGE_TOLD_S

    async def write(self, records: Sequence[Record]) -> None:
        """Return once the brokers have every record; wait for as long as they are away.

        Raises:
            StoreError: they will never take it: no such topic, no access.
        """
        await asyncio.to_thread(self._write, records)

    async def close(self) -> None:
        """Stop waiting for brokers that are away."""
        self._given_up.set()
        self._producer.purge()

    def _write(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.note is None:
                self._produce(_Message(line=record.line, key=record.key.encode()))
            else:
                for partition in self._all_partitions():
                    self._produce(_Message(line=record.line, key=None, partition=partition))
        self._flush()
        # Brokers refuse a batch of the client's as a whole: which one it was shows when alone.
        refused, self._too_large = self._too_large, []
        for message in refused:
            self._produce(message)
            self._flush()
            if self._too_large:
                self._too_large.clear()
                _leave_out(message)

    def _flush(self) -> None:
        """Wait until the brokers have answered to everything."""
        while self._producer.flush(POLL_S) and not self._given_up.is_set():
            self._note_away(POLL_S)
        self._away_s, self._told_at_s = 0.0, OUTAGE_TOLD_S
        self._raise_failed()

    def _note_away(self, waited_s: float) -> None:
        """Say now and then that the brokers do not answer."""
        self._away_s += waited_s
        if self._away_s >= self._told_at_s:
            self._told_at_s = self._away_s + OUTAGE_TOLD_EVERY_S
            log.warning(
                "Kafka does not answer at %s; the stream waits for it: is it running, and are the "
                "brokers under [kafka] the right ones?",
                self._brokers,
            )

    def _produce(self, message: _Message) -> None:
        def delivered(error: KafkaError | None, _message: Message) -> None:
            if error is None or self._given_up.is_set():
                return
            if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
                self._too_large.append(message)
            else:
                self._failed = error

        while not self._given_up.is_set():
            try:
                self._producer.produce(
                    self._topic,
                    message.line,
                    message.key,
                    message.partition,
                    on_delivery=delivered,
                    headers=None if message.key is not None else [(_HEADER, b"note")],
                )
            except BufferError:
                self._producer.poll(POLL_S)
            except KafkaException as error:
                if error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                    _leave_out(message)
                    return
                self._failed = error.args[0]
                self._raise_failed()
            else:
                return

    def _all_partitions(self) -> tuple[int, ...]:
        """Return the topic's partitions, as they were when first asked for."""
        while not self._partitions and not self._given_up.is_set():
            try:
                listed = self._producer.list_topics(self._topic, timeout=OUTAGE_TOLD_S)
            except KafkaException:
                self._note_away(OUTAGE_TOLD_S)
                continue
            topic = listed.topics[self._topic]
            if topic.error is not None:
                self._failed = topic.error
                self._raise_failed()
            self._partitions = tuple(sorted(topic.partitions))
        return self._partitions

    def _raise_failed(self) -> None:
        if self._failed is not None:
            raise StoreError(
                f"Kafka does not take posts for the topic {self._topic!r}: {self._failed.str()}",
                "see that the topic exists and that this user may write to it",
            )


def _leave_out(message: _Message) -> None:
    """Say which record is not written; its text is nobody's business in a log."""
    log.error(
        "Kafka: %s, %d bytes, is larger than this client or the topic takes, and is left out; "
        "see message.max.bytes under [kafka.settings], and max.message.bytes of the topic",
        "a note" if message.key is None else repr(message.key.decode()),
        len(message.line),
    )
