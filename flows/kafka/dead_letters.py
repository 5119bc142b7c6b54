"""Dead letters to a topic: the bytes as they came, with headers that say why."""

import logging
from dataclasses import dataclass
from typing import Any

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from crisiswatch import __version__
from crisiswatch.clock import Clock
from crisiswatch.reading.post import Rejected
from flows.kafka.reported import Reported
from flows.kafka.settings import Settings, refused_settings
from flows.sources.observing import SourceObserver

FLUSH_S = 1.0
"""So long a snapshot waits for the broker: detection does not hang on its dead letters."""

FAULT = "dead-letters"
"""The kind under which a letter that could not be written is counted."""

log = logging.getLogger("crisiswatch")

_LETTERS_AT_MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettersTopic(FixedPartitionedSink[Rejected, None]):
    """Write rejected posts to `topic`, each at least once while its broker can be reached.

    Before a snapshot all letters so far are delivered, or have been waited for `flush_s`. A
    letter that can not be written is counted and left to the file, which holds all of them.
    """

    topic: str
    settings: Settings
    clock: Clock
    observer: SourceObserver
    flush_s: float = FLUSH_S

    def list_parts(self) -> list[str]:
        """Return the one partition."""
        return [self.topic]

    def part_fn(self, item_key: str) -> int:  # noqa: ARG002  # the signature is Bytewax's
        """Send every item to the one partition."""
        return 0

    def build_part(
        self,
        step_id: str,  # noqa: ARG002  # the signature is Bytewax's
        for_part: str,  # noqa: ARG002  # as above
        resume_state: None,  # noqa: ARG002  # as above
    ) -> "_Letters":
        """Open the producer."""
        reported = Reported(self.clock, self.observer)
        return _Letters(self.topic, self.settings, reported, self.flush_s)


class _Letters(StatefulSinkPartition[Rejected, None]):
    def __init__(self, topic: str, settings: Settings, reported: Reported, flush_s: float) -> None:
        self._topic = topic
        self._flush_s = flush_s
        self._reported = reported
        try:
            self._producer = Producer(
                {"queue.buffering.max.messages": _LETTERS_AT_MOST, **settings}
            )
        except KafkaException as error:
            raise refused_settings(error) from error

    def write_batch(self, values: list[Rejected]) -> None:
        for rejected in values:
            try:
                self._producer.produce(
                    self._topic,
                    rejected.raw,
                    headers=headers_of(rejected),
                    on_delivery=self._on_delivery,
                )
            except BufferError:
                self._fault("too many wait for the broker")
            except KafkaException as error:
                self._fault(error.args[0].str())
            self._producer.poll(0)

    def _on_delivery(self, fault: KafkaError | None, _message: Message) -> None:
        if fault is not None:
            self._fault(fault.str())

    def _fault(self, words: str) -> None:
        self._reported.fault(
            FAULT, f"a dead letter is in the file only, not in topic {self._topic!r}: {words}"
        )

    def snapshot(self) -> None:
        self._producer.flush(self._flush_s)

    def close(self) -> None:
        waiting = self._producer.flush(self._flush_s)
        if waiting:
            log.warning(
                "Kafka: %d dead letters are in the file only, not in topic %r", waiting, self._topic
            )


def headers_of(rejected: Rejected) -> list[tuple[str, Any]]:
    """Return why a post was rejected and where it stood, `topic/partition@offset` or a range."""
    said = {
        "crisiswatch.reason": rejected.reason.value,
        "crisiswatch.detail": rejected.detail,
        "crisiswatch.where": rejected.where,
        "crisiswatch.version": __version__,
    }
    return [(name, value.encode("utf-8", "replace")) for name, value in said.items() if value]
