"""The service on a live stream that is told beside it, for as long as the stream lasts."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.bench.broker import bench_broker
from tests.bench.contest import REPOSITORY
from tests.bench.live import MINUTE_S
from tests.bench.ports import free_ports
from tests.bench.service import Service
from tests.bench.workload import bench_pool, crisis_pool, topic_of_term
from tests.doubles.kafka_broker import KafkaBroker
from tests.doubles.redis_server import RedisServer

PARTITIONS = 4
MATCHING = 0.02
HISTORY_S = 40 * MINUTE_S
"""The topics of crises are known to be silent for so long: half an hour is the least."""
POSTS_A_TOPIC = 90
KEPT_BYTES = 256 << 20
"""Of a partition: a soak would fill the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What is told: background about `topics`, and crises of further topics, a group a minute."""

    posts_per_s: int
    seconds: float
    topics: int
    groups: int
    topics_a_group: int

    @property
    def all_topics(self) -> int:
        """Return how many topics are watched."""
        return self.topics + self.groups * self.topics_a_group


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What runs while the stream does."""

    service: Service
    redis: RedisServer
    broker: KafkaBroker
    live: subprocess.Popen[bytes]

    def follow(self, look: Callable[[], None], *, every_s: float) -> dict[str, Any]:
        """Call `look` every so often until the stream ends; return what the stream says of itself.

        Raises:
            RuntimeError: the stream or the service has failed.
        """
        next_s = time.monotonic()
        while self.live.poll() is None:
            self.service.read()  # raises if it has ended
            look()
            next_s += every_s
            time.sleep(
                max(0.0, next_s - time.monotonic())
            )  # a live stream lasts as long as it lasts
        if self.live.stdout is None or self.live.returncode:
            raise RuntimeError(f"the stream ended with code {self.live.returncode}")
        told: dict[str, Any] = orjson.loads(self.live.stdout.read())
        return told


@contextmanager
def watched(stream: Stream, folder: Path, *, processes: int) -> Iterator[Watched]:
    """Run broker, Redis, service and stream; end all of them afterwards."""
    pool, crises = folder / "pool.npz", folder / "crises.npz"
    bench_pool(MATCHING, stream.topics).save(pool)
    quiet = list(topic_of_term(stream.all_topics))[stream.topics :]
    crisis_pool(quiet, posts=POSTS_A_TOPIC, groups=stream.groups).save(crises)
    bounds = {"log_retention_bytes": str(KEPT_BYTES), "log_segment_bytes": str(KEPT_BYTES // 4)}
    with RedisServer() as redis, bench_broker(folder, **bounds) as broker:
        broker.make_topic("posts", PARTITIONS)
        with (
            Service(
                folder / "service",
                broker=broker.address,
                topic="posts",
                store=redis.url,
                topics=stream.all_topics,
                processes=processes,
                port=free_ports(1 + processes),
            ) as service,
            _live(stream, broker.address, pool, crises) as live,
        ):
            yield Watched(service=service, redis=redis, broker=broker, live=live)


@contextmanager
def _live(
    stream: Stream, broker: str, pool: Path, crises: Path
) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.bench.live", broker, "posts"]
    command += ["--posts-per-s", str(stream.posts_per_s), "--seconds", str(stream.seconds)]
    command += ["--pool", str(pool), "--crises", str(crises), "--groups", str(stream.groups)]
    command += ["--history-s", str(HISTORY_S)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as live:
        try:
            yield live
        finally:
            live.terminate()
