"""How fast the service is when the broker shares its cores: `detect` on a backlog.

The backlog stands in Kafka before anything is measured (lz4, batches of up to a megabyte).
Counted is the middle of it (all but `drain.EDGE` at either end), with a snapshot every 5 s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.broker import NAME, bench_broker
from tests.bench.contest import Contestant, run_pinned, say
from tests.bench.kafka_load import COMPRESSION, fill
from tests.bench.machine import cores
from tests.bench.table import Bound, Figures, print_figures, rate
from tests.bench.workload import bench_pool
from tests.doubles.kafka_broker import KafkaBroker

PARTITIONS = 4
FEW_TOPICS, MANY_TOPICS = 100, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One line of the table: what is read, by how many processes, and what it must reach.

    `share` is the part of the bench's posts that it gets: the slow get fewer. Of ten thousand
    topics the middle is to hold bins that end, which is every 1.7 million posts.
    """

    name: str
    matching: float
    topics: int
    processes: int
    bound: float
    moonshot: float | None = None
    share: float = 1.0


LOADS = (
    Load(
        name="2 % matching, 2 processes",
        matching=0.02,
        topics=FEW_TOPICS,
        processes=2,
        bound=500_000,
        moonshot=1_000_000,
    ),
    Load(
        name="40 % matching, 2 processes",
        matching=0.40,
        topics=FEW_TOPICS,
        processes=2,
        bound=200_000,
        moonshot=400_000,
        share=0.4,
    ),
    Load(
        name="2 % matching, 10,000 topics, 2 processes",
        matching=0.02,
        topics=MANY_TOPICS,
        processes=2,
        bound=250_000,
        moonshot=500_000,
        share=0.5,
    ),
    Load(
        name="40 % matching, 10,000 topics, 2 processes",
        matching=0.40,
        topics=MANY_TOPICS,
        processes=2,
        bound=100_000,
        moonshot=200_000,
        share=0.4,
    ),
    Load(
        name="2 % matching, 1 process, 1 core",
        matching=0.02,
        topics=FEW_TOPICS,
        processes=1,
        bound=143_199,
        share=0.5,
    ),
    Load(
        name="2 % matching, 10,000 topics, 1 process, 1 core",
        matching=0.02,
        topics=MANY_TOPICS,
        processes=1,
        bound=143_199 / 2,
        share=0.3,
    ),
)


def steady(folder: Path, *, rounds: int, posts: int, loads: Sequence[Load] = LOADS) -> list[Bound]:
    """Measure, print the table and return the bounds."""
    rows = [Figures(name=load.name) for load in loads]
    for number, (load, row) in enumerate(zip(loads, rows, strict=True)):
        # A broker for each, for what it keeps in memory of the one before is not this one's.
        with bench_broker(folder / str(number)) as broker:
            count = int(posts * load.share)
            say(f"{load.name}: writing {count:,} posts to Kafka")
            _fill(broker, load, count)
            for _ in range(rounds):
                _measure(broker, load, count, row)
    print_figures("from Kafka, broker on the same cores", rows, [])
    print(f"broker: {NAME}; {COMPRESSION}, {PARTITIONS} partitions, recovery every 5 s")
    return [
        Bound(
            name=f"Kafka, {load.name}: posts/s",
            found=rate(row),
            bound=load.bound,
            moonshot=load.moonshot,
        )
        for load, row in zip(loads, rows, strict=True)
    ]


def _fill(broker: KafkaBroker, load: Load, posts: int) -> None:
    pool = bench_pool(load.matching, load.topics)
    broker.make_topic("posts", PARTITIONS)
    fill(broker.address, "posts", partitions=PARTITIONS, pool=pool, posts=posts)


def _measure(broker: KafkaBroker, load: Load, posts: int, row: Figures) -> None:
    core = ("--core", str(cores()[-1])) if load.processes == 1 else ()
    contestant = Contestant(
        name=load.name,
        module="tests.bench.drain",
        arguments=(
            f"{broker.address}/posts",
            *("--posts", str(posts), "--topics", str(load.topics)),
            *("--processes", str(load.processes), "--broker-pid", str(broker.pid)),
            *core,
        ),
        is_pinned=False,
    )
    measured: dict[str, Any] | str = run_pinned(contestant, cores()[-1])
    if isinstance(measured, str):
        row.missing = measured
        return
    row.posts_per_s.append(measured["posts"] / measured["seconds"])
    row.posts_per_cpu_s.append(measured["posts"] / measured["cpu_s"])
    share = measured["broker_cpu_s"] / measured["seconds"]
    row.note = f"{measured['seconds']:.1f} s; broker {share:.2f} of a core"
