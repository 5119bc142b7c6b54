"""Let the service read a backlog to its end.

    python -m tests.bench.drain BROKER/TOPIC --posts N --topics N --processes N [--core N]

Prints as a line of JSON how long the middle of it took: from the moment at which every process reads
and `EDGE` of the posts are read until only `EDGE` is left. What lies before and behind does not count:
what is measured is a service that runs, not one that meets ten thousand topics, nor one of which a process
has nothing left to read. Processor time is that of the processes that detect, and apart from it the broker's.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import orjson

from tests.bench.machine import cpu_s
from tests.bench.ports import free_ports
from tests.bench.service import Service
from tests.doubles.redis_server import RedisServer

EDGE = 0.15
LOOK_EVERY_S = 0.5
"""A look costs a process milliseconds: ten a second took 3 % of the processor time at 40 % matching."""
LOST_AFTER_S = 30.0


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser()
    options.add_argument("place", help="BROKER/TOPIC")
    options.add_argument("--posts", type=int, required=True)
    options.add_argument("--topics", type=int, default=100)
    options.add_argument("--processes", type=int, default=1)
    options.add_argument("--core", type=int)
    options.add_argument("--broker-pid", type=int)
    chosen = options.parse_args()
    broker, topic = chosen.place.split("/")
    with (
        tempfile.TemporaryDirectory(prefix="crisiswatch-bench-") as folder,
        RedisServer() as redis,
        Service(
            Path(folder),
            broker=broker,
            topic=topic,
            store=redis.url,
            topics=chosen.topics,
            processes=chosen.processes,
            core=chosen.core,
            port=free_ports(1 + chosen.processes),
        ) as service,
    ):
        print(orjson.dumps(drain(service, chosen.posts, chosen.broker_pid)).decode())
    return 0


def drain(service: Service, posts: int, broker_pid: int | None) -> dict[str, float]:
    """Wait until the service has read `posts`; return what the middle of them took."""
    service.wait_until_all_read()
    before, began_s = _until_read(service, EDGE * posts)
    broker = () if broker_pid is None else (broker_pid,)
    began_cpu_s, broker_cpu_s = cpu_s(service.pids), cpu_s(broker)
    read, ended_s = _until_read(service, (1 - EDGE) * posts)
    spent_s, broker_spent_s = cpu_s(service.pids) - began_cpu_s, cpu_s(broker) - broker_cpu_s
    counted, _ = _until_read(service, posts)
    return {
        "posts": read - before,
        "seconds": ended_s - began_s,
        "cpu_s": spent_s,
        "broker_cpu_s": broker_spent_s,
        "counted": counted,
    }


def _until_read(service: Service, posts: float) -> tuple[int, float]:
    """Wait until so many posts are read; return how many, and when that was seen first."""
    read, moved_s = sum(service.read()), time.monotonic()
    while read < posts:
        time.sleep(LOOK_EVERY_S)
        found = sum(service.read())
        if found > read:
            read, moved_s = found, time.monotonic()
        elif time.monotonic() - moved_s > LOST_AFTER_S:
            raise RuntimeError(
                f"detection stopped at {read:,} of {posts:,.0f}:\n{service.log[-2000:]}"
            )
    return read, moved_s


if __name__ == "__main__":
    sys.exit(main())
