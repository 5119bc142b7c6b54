"""A live stream: posts dated now, so many a second, into Kafka; with crises on request.

    python -m tests.bench.live BROKER TOPIC --posts-per-s N --seconds S --pool FILE
                               [--crises FILE --groups N] [--history-s S]

Every partition gets its part of every tick, so that the event time of all of them goes on
together. `--history-s` first tells of so long a quiet past, a post a second and partition:
what is silent since long is known to be silent. The crises are `groups` equal parts of a
file of posts: part k is told evenly over the k-th whole minute of the stream.

Prints at the end, as a line of JSON, what it did and by how much it fell behind its clock.
SIGTERM and Ctrl-C end it early.
"""

import argparse
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from confluent_kafka.admin import AdminClient

from tests.bench.dated import PostPool
from tests.bench.kafka_load import Sender

TICK_S = 0.02
MINUTE_S = 60


@dataclass(slots=True, kw_only=True)
class Crises:
    """What is told in which minute, and how much of it was told."""

    pool: PostPool
    groups: int
    first_minute_s: int
    told: int = 0

    def due(self, now_s: float) -> tuple[int, int]:
        """Return the number of the next post to tell, and how many of them are due."""
        minutes = (now_s - self.first_minute_s) / MINUTE_S
        target = int(min(max(minutes, 0.0), self.groups) / self.groups * len(self.pool))
        start, self.told = self.told, max(self.told, target)
        return start, self.told - start


class Live:
    """The stream; `behind_s` is by how much it fell behind its clock at most."""

    def __init__(self, sender: Sender, pool: PostPool, partitions: int, posts_per_s: int) -> None:
        self._sender = sender
        self._pool = pool
        self._partitions = partitions
        self._posts_per_s = posts_per_s
        self.sent = self.paced = 0
        self.behind_s = 0.0
        self.asked_to_stop = False

    def tell_history(self, seconds: int) -> None:
        """Tell of a quiet past until now."""
        until_s = int(time.time())
        at_s = np.arange(until_s - seconds, until_s)
        for partition in range(self._partitions):
            self._sender.send(self._pool.block(self.sent, at_s, seconds), partition)
            self.sent += seconds
        self._sender.flush()

    def run(self, seconds: float, crises: Crises | None) -> None:
        """Tell for so long, at the pace of the clock."""
        began_s = time.monotonic()
        while not self.asked_to_stop:
            elapsed_s = time.monotonic() - began_s
            if elapsed_s >= seconds:
                return
            due = int(elapsed_s * self._posts_per_s) - self.paced
            self._tell(due, crises)
            self.paced += due
            took_s = time.monotonic() - began_s - elapsed_s
            self.behind_s = max(self.behind_s, took_s - TICK_S)
            time.sleep(max(0.0, TICK_S - took_s))  # the pace of a live stream is that of the clock

    def _tell(self, due: int, crises: Crises | None) -> None:
        now_s = time.time()
        share = -(-due // self._partitions)
        for partition in range(self._partitions):
            count = min(share, due - partition * share)
            if count > 0:
                rows = self._pool.block(self.sent, int(now_s), count)
                self._sender.send(rows, partition)
                self.sent += count
        if crises is not None:
            start, count = crises.due(now_s)
            if count:
                rows = crises.pool.block(start, int(now_s), count)
                self._sender.send(rows, start % self._partitions)
                self.sent += count


def main() -> int:
    """Tell the stream and print what was told."""
    options = argparse.ArgumentParser()
    options.add_argument("broker")
    options.add_argument("topic")
    options.add_argument("--posts-per-s", type=int, required=True)
    options.add_argument("--seconds", type=float, required=True)
    options.add_argument("--pool", type=Path, required=True)
    options.add_argument("--crises", type=Path)
    options.add_argument("--groups", type=int, default=1)
    options.add_argument("--history-s", type=int, default=0)
    chosen = options.parse_args()
    admin = AdminClient({"bootstrap.servers": chosen.broker})
    partitions = len(admin.list_topics(chosen.topic, timeout=30).topics[chosen.topic].partitions)
    sender = Sender(chosen.broker, chosen.topic, **{"linger.ms": 5})
    live = Live(sender, PostPool.load(chosen.pool), partitions, chosen.posts_per_s)

    def stop(*_: object) -> None:
        live.asked_to_stop = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if chosen.history_s:
        live.tell_history(chosen.history_s)
    crises = None
    if chosen.crises is not None:
        first_minute_s = (int(time.time()) // MINUTE_S + 1) * MINUTE_S
        crises = Crises(
            pool=PostPool.load(chosen.crises), groups=chosen.groups, first_minute_s=first_minute_s
        )
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    live.run(chosen.seconds, crises)
    sender.flush()
    seconds = time.monotonic() - began_s
    told = {
        "sent": live.sent,
        "paced": live.paced,
        "seconds": seconds,
        "behind_s": live.behind_s,
        "cpu_s": time.process_time() - began_cpu_s,
        "crisis_posts": 0 if crises is None else crises.told,
    }
    print(orjson.dumps(told).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
