"""Posts into Kafka: a backlog as fast as it goes."""

from typing import Any

import numpy as np
from confluent_kafka import Producer

from tests.bench.dated import Bytes, PostPool, values
from tests.bench.workload import FIRST_AT_S, POSTS_PER_S

COMPRESSION = "lz4"
BLOCK = 2_000
FLUSH_WITHIN_S = 120.0

PRODUCER = {
    "compression.type": COMPRESSION,
    "linger.ms": 20,
    "batch.size": 1 << 20,
    "batch.num.messages": 10_000,
    "queue.buffering.max.messages": 1_000_000,
    "queue.buffering.max.kbytes": 1 << 20,
    "acks": 1,
}


class Sender:
    """A producer of blocks of posts; counts what the broker did not take."""

    def __init__(self, broker: str, topic: str, **settings: Any) -> None:
        self._producer = Producer({**PRODUCER, **settings, "bootstrap.servers": broker})
        self._topic = topic

    def send(self, rows: Bytes, partition: int) -> None:
        """Hand over a block; waits where the queue is full."""
        waiting: list[dict[str, Any]] = [{"value": value} for value in values(rows)]
        while waiting:
            self._producer.produce_batch(self._topic, waiting, partition=partition)
            waiting = [{"value": one["value"]} for one in waiting if "_error" in one]
            self._producer.poll(0.05 if waiting else 0)

    def flush(self) -> None:
        """Wait until the broker has everything.

        Raises:
            TimeoutError: it did not take it.
        """
        left = self._producer.flush(FLUSH_WITHIN_S)
        if left:
            raise TimeoutError(f"the broker has not taken {left} messages of {self._topic}")


def fill(broker: str, topic: str, *, partitions: int, pool: PostPool, posts: int) -> None:
    """Write a backlog of `posts`, at the event-time density of the bench, over all partitions."""
    sender = Sender(broker, topic)
    for start in range(0, posts, BLOCK):
        count = min(BLOCK, posts - start)
        at_s = FIRST_AT_S + np.arange(start, start + count) // POSTS_PER_S
        sender.send(pool.block(start, at_s, count), start // BLOCK % partitions)
    sender.flush()
