"""The broker that the bench reads from, and where it runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.doubles.kafka_broker import VERSION, KafkaBroker

HEAP = "512m"
NAME = f"Apache Kafka {VERSION}, one node, heap {HEAP}, on this machine's cores"


@contextmanager
def bench_broker(folder: Path, **settings: str) -> Iterator[KafkaBroker]:
    """Run a broker of its own for a part of the bench."""
    named = {name.replace("_", "."): value for name, value in settings.items()}
    with KafkaBroker(folder / "kafka", settings=named, heap=HEAP) as broker:
        yield broker


def pin_all_threads(pid: int, cores: tuple[int, ...]) -> None:
    """Let every thread that a process has by now run on these cores only."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.sched_setaffinity(int(task.name), set(cores))
