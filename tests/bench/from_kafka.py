"""From Kafka, one core for the consumer: crisiswatch beside others that read Kafka.

The broker has the machine's other cores. Everybody reads the same backlog, produced before
with lz4, in two partitions; crisiswatch is the real program with a snapshot every 5 s.
"""

from pathlib import Path

import orjson

from tests.bench.broker import NAME, bench_broker, pin_all_threads
from tests.bench.contest import Contestant, compete, say
from tests.bench.engines.environment import Engines
from tests.bench.kafka_load import fill
from tests.bench.machine import cores
from tests.bench.table import Bound, print_figures, ratio
from tests.bench.workload import bench_pool, topic_of_term

PARTITIONS = 2
TOPICS = 100
SLOW_SHARE = 20
"""The slow get a twentieth of the posts, or the run would take all day."""

LEAST_AGAINST_PER_ITEM = 6.0
LEAST_AGAINST_QUIX = 6.0


def from_kafka(folder: Path, engines: Engines, *, rounds: int, posts: int) -> list[Bound]:
    """Measure, print the table and return the bounds."""
    terms = folder / "terms.json"
    terms.write_bytes(orjson.dumps(topic_of_term(TOPICS)))
    pool = bench_pool(0.02, TOPICS)
    few = posts // SLOW_SHARE
    with bench_broker(folder) as broker:
        for name, count in (("all", posts), ("few", few)):
            say(f"writing {count:,} posts to Kafka")
            broker.make_topic(name, PARTITIONS)
            fill(broker.address, name, partitions=PARTITIONS, pool=pool, posts=count)
        core = cores()[-1]
        pin_all_threads(broker.pid, cores()[:-1] or cores())
        rows = compete(
            [
                Contestant(
                    name="per-item Bytewax, its KafkaSource",
                    module="tests.bench.jobs",
                    arguments=(
                        "per-item-kafka",
                        f"{broker.address}/few",
                        "--posts",
                        str(few),
                    ),
                ),
                Contestant(
                    name="Quix Streams",
                    module="tests.bench.engines.quix_job",
                    arguments=(str(terms), broker.address, "few", str(few)),
                    python=engines.python,
                    missing=engines.missing.get("quixstreams", ""),
                ),
                Contestant(
                    name="crisiswatch detect",
                    module="tests.bench.drain",
                    arguments=(
                        f"{broker.address}/all",
                        *("--posts", str(posts), "--core", str(core)),
                    ),
                    is_pinned=False,
                ),
            ],
            rounds=rounds,
        )
    per_item, quix, ours = rows
    title = "from Kafka, one core for the consumer, 2 %"
    print_figures(title, rows, rows[:2])
    print(f"broker: {NAME}, not the consumer's")
    return [
        Bound(
            name="Kafka, one core, 2 %: times per-item Bytewax",
            found=ratio(ours, per_item),
            bound=LEAST_AGAINST_PER_ITEM,
        ),
        Bound(
            name="Kafka, one core, 2 %: times Quix Streams",
            found=ratio(ours, quix),
            bound=LEAST_AGAINST_QUIX,
        ),
    ]
