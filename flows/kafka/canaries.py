"""Canaries into the topic that detection reads, so that they come the way that posts come."""

import logging
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from crisiswatch.clock import Clock
from flows.kafka.reported import Reported
from flows.kafka.settings import Settings, refused_settings
from flows.sources.observing import SourceObserver

FAULT = "canary"
"""The kind under which a canary that could not be written is counted."""

_NOT_OURS = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)

# A canary that comes late is worth nothing, and one that comes twice does no harm.
_OWN: dict[str, Any] = {"enable.idempotence": False, "message.timeout.ms": 30_000, "linger.ms": 0}

log = logging.getLogger("crisiswatch")


class Canaries:
    """Write canaries to a topic; never waits.

    Where this user may only read, nothing can be written: then the answer is False from the
    second one on, and the canary has to be let in behind Kafka.
    """

    def __init__(
        self, settings: Settings, topic: str, *, clock: Clock, observer: SourceObserver
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._reported = Reported(clock, observer)
        self._producer: Producer | None = None
        self._may_write = True

    def __call__(self, line: bytes) -> bool:
        """Write a canary; return False where it must go another way.

        Raises:
            ConfigError: the client does not take its settings.
        """
        try:
            if self._producer is None:
                self._producer = Producer({**self._settings, **_OWN})
            self._producer.poll(0)  # hears what became of those before
            if self._may_write:
                line = line.removesuffix(b"\n")
                self._producer.produce(self._topic, line, on_delivery=self._on_delivery)
        except BufferError:
            self._reported.fault(FAULT, "canaries wait for the broker")
        except KafkaException as error:
            raise refused_settings(error) from error
        return self._may_write

    def _on_delivery(self, fault: KafkaError | None, _message: Message) -> None:
        if fault is None:
            return
        if fault.code() in _NOT_OURS:
            self._may_write = False
            log.warning(
                "Kafka: canaries begin behind it, for this user may not write to %r: %s",
                self._topic,
                fault.str(),
            )
        else:
            self._reported.fault(FAULT, f"a canary was not written: {fault.str()}")
