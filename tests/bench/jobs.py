"""One contestant of our own environment in a process of its own.

    python -m tests.bench.jobs {orjson,per-item,crisiswatch} FILE --posts N [--topics N]
    python -m tests.bench.jobs per-item-kafka BROKER/TOPIC --posts N

Prints what it did as a line of JSON. Setting up (compiling patterns, loading weights) is
not measured: the service runs for a year.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import orjson

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.pipeline import NoFollower, People, run
from crisiswatch.app.products import Products
from crisiswatch.app.replay import ReplayOptions, replay_job
from crisiswatch.config import Config
from crisiswatch.incidents.incident import Incident
from crisiswatch.reading.tally import Inspect
from flows.run import Stop, run_flow
from tests.bench.per_item import per_item_flow, per_item_kafka_flow
from tests.bench.stopwatch import Stopwatch
from tests.bench.workload import bench_topics, topic_of_term


class _Silent:
    """Nobody is told of incidents while speed is measured."""

    def notify(self, announcement: object) -> None:
        """Ignore it."""

    def __call__(self, incident: Incident, now: object) -> None:
        """Draft nothing."""


def _orjson(place: str, topics: int, watch: Stopwatch) -> int:
    del topics
    with Path(place).open("rb") as file:
        watch.start()
        for line in file:
            orjson.loads(line)
    return 1


def _per_item(place: str, topics: int, watch: Stopwatch) -> int:
    seen = [0]
    flow = per_item_flow(Path(place), topic_of_term(topics), seen)
    watch.start()
    run_flow(flow)
    return seen[0]


def _per_item_kafka(place: str, topics: int, watch: Stopwatch) -> int:
    seen = [0]
    broker, topic = place.split("/")
    flow = per_item_kafka_flow(broker, topic, topic_of_term(topics), seen, on_first=watch.start)
    run_flow(flow)
    return seen[0]


def _crisiswatch(place: str, topics: int, watch: Stopwatch) -> int:
    clock, stop, silent = SystemClock(), Stop(), _Silent()
    options = ReplayOptions(file=Path(place), inspect=Inspect.CANDIDATES)
    job = replay_job(options, Config(topics=bench_topics(topics)), clock=clock, stop=stop)
    people = People(notifier=silent, draft=silent)
    with tempfile.TemporaryDirectory(prefix="crisiswatch-bench-") as out:
        watch.start()
        finished = run(
            job,
            Products(Path(out)),
            clock=clock,
            people=people,
            follower=NoFollower(),
            stop=stop,
        )
    return finished.summary.posts_matched


CONTESTANTS: dict[str, Callable[[str, int, Stopwatch], int]] = {
    "orjson": _orjson,
    "per-item": _per_item,
    "per-item-kafka": _per_item_kafka,
    "crisiswatch": _crisiswatch,
}


def main() -> int:
    """Run one and print what was measured; return 1 if it counted nothing."""
    options = argparse.ArgumentParser()
    options.add_argument("contestant", choices=CONTESTANTS)
    options.add_argument("place", help="a file, or BROKER/TOPIC")
    options.add_argument("--posts", type=int, required=True)
    options.add_argument("--topics", type=int, default=100)
    chosen = options.parse_args()
    watch = Stopwatch()
    counted = CONTESTANTS[chosen.contestant](chosen.place, chosen.topics, watch)
    watch.stop()
    print(watch.report(chosen.posts, counted=counted))
    return int(counted == 0)


if __name__ == "__main__":
    sys.exit(main())
