"""Questions to the brokers that are not about the next message, asked beside the dataflow.

The dataflow is one thread and must not wait for a broker that may be away. So one thread
of its own asks, with short timeouts, and whoever wants to know looks whether the answer
has come.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from crisiswatch.clock import Clock
from crisiswatch.errors import InputError
from flows.kafka.settings import Settings, refused_settings

ANSWER_WITHIN_S = 2.0
PAUSE_S = 0.5
LOOK_EVERY_S = 2.0
"""A new partition is found within this."""

Place = str | int
"""Where to begin: `earliest`, `latest`, or a unix time in milliseconds."""

_REFUSED = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED)


def worst_of(faults: Iterable[KafkaError], otherwise: KafkaError) -> KafkaError:
    """Return the fault that explains a silence: a login that was refused, or a failed handshake."""
    explains = (KafkaError._AUTHENTICATION, KafkaError._SSL)  # noqa: SLF001  # the client's own
    return next((fault for fault in faults if fault.code() in explains), otherwise)


class Scout:
    """Ask about one topic; every method but `close` may be called from one thread only.

    `answered_s`, on the clock that only goes on, is when brokers last told how many partitions
    there are.
    """

    def __init__(self, settings: Settings, topic: str, clock: Clock) -> None:
        self._topic = topic
        self._brokers = settings.get("bootstrap.servers", "")
        self._clock = clock
        self._faults: deque[KafkaError] = deque(maxlen=8)
        try:
            self._consumer = Consumer(
                {**settings, "statistics.interval.ms": 0, "error_cb": self._faults.append}
            )
        except KafkaException as error:
            raise refused_settings(error) from error
        self._thread = ThreadPoolExecutor(1, "kafka-scout")
        self._known = 0
        self._looking: Future[int] | None = None
        self._looked_s = self.answered_s = clock.monotonic_s()

    def wait_for_topic(
        self, *, stop: Callable[[], bool], on_fault: Callable[[str, str], None]
    ) -> int:
        """Wait until the topic is there and return how many partitions it has; 0 if stopped.

        `on_fault` is told, again and again, by kind and in words, what is waited for.

        Raises:
            InputError: reading it is not allowed, which waiting does not change.
        """
        while not stop():
            try:
                self._known = self._thread.submit(self._count).result()
            except KafkaException as error:
                fault = worst_of(self._faults, error.args[0])
                self._refuse(fault)
                words = f"waits for topic {self._topic!r} at {self._brokers}: {fault.str()}"
                on_fault(fault.name(), words)
            else:
                self._looked_s = self.answered_s = self._clock.monotonic_s()
                break
            time.sleep(PAUSE_S)
        return self._known

    def _count(self) -> int:
        self._faults.clear()
        try:
            found = self._consumer.list_topics(self._topic, timeout=ANSWER_WITHIN_S)
        finally:
            self._consumer.poll(0)  # hands over what the client has to say of its connections
        topic = found.topics[self._topic]
        if topic.error is not None:
            raise KafkaException(topic.error)
        return len(topic.partitions)

    def _refuse(self, fault: KafkaError) -> None:
        if fault.code() in _REFUSED:
            raise InputError(
                f"topic {self._topic!r}: {fault.str()}", "let this user read and describe it"
            )

    def partitions(self) -> int:
        """Return how many partitions the topic was last seen to have; asks anew in a while."""
        now_s = self._clock.monotonic_s()
        if self._looking is not None and self._looking.done():
            if self._looking.exception() is None:
                self._known, self.answered_s = self._looking.result(), now_s
            self._looking = None
        if self._looking is None and now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            self._looking = self._thread.submit(self._count)
        return self._known

    def find(self, partition: int, place: Place) -> Future[int]:
        """Ask for the offset of the next message at a place; raises KafkaException when asked."""
        return self._thread.submit(self._find, partition, place)

    def bounds(self, partition: int) -> Future[tuple[int, int]]:
        """Ask for the first offset that is left, and for the one after the last."""
        return self._thread.submit(self._bounds, partition)

    def _find(self, partition: int, place: Place) -> int:
        if isinstance(place, int):
            asked = TopicPartition(self._topic, partition, place)
            found = self._consumer.offsets_for_times([asked], timeout=ANSWER_WITHIN_S)[0]
            if found.error is not None:
                raise KafkaException(found.error)
            if found.offset >= 0:
                return found.offset
        first, end = self._bounds(partition)
        return first if place == "earliest" else end

    def _bounds(self, partition: int) -> tuple[int, int]:
        asked = TopicPartition(self._topic, partition)
        answer = self._consumer.get_watermark_offsets(asked, timeout=ANSWER_WITHIN_S)
        if answer is None:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))  # noqa: SLF001  # the client's
        return answer

    def close(self) -> None:
        """Ask nothing more, and let go of the brokers."""
        self._thread.shutdown(cancel_futures=True)
        self._consumer.close()
