"""The plain job as one Bytewax item a post, with Bytewax's own windows and sources.

What a competent first version looks like, and what the batched pipeline is measured
against: decode each post, look its words up in a dictionary, score matches with a
word-weight model, count by topic in tumbling windows of event time.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
import orjson
from bytewax.connectors.files import FileSource
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow, Stream
from bytewax.operators import windowing as win
from bytewax.outputs import DynamicSink, StatelessSinkPartition

from tests.bench.plain_job import WINDOW_S, Matches

BATCH = 1_000
Match = tuple[str, tuple[datetime, float]]


class _CountingPartition(StatelessSinkPartition[Any]):
    def __init__(self, seen: list[int]) -> None:
        self._seen = seen

    def write_batch(self, items: list[Any]) -> None:
        self._seen[0] += len(items)


class _CountingSink(DynamicSink[Any]):
    def __init__(self, seen: list[int]) -> None:
        self._seen = seen

    def build(self, step_id: str, worker_index: int, worker_count: int) -> _CountingPartition:
        del step_id, worker_index, worker_count
        return _CountingPartition(self._seen)


def per_item_flow(path: Path, topic_of: dict[str, str], seen: list[int]) -> Dataflow:
    """Return the flow from a file of lines; `seen[0]` counts what reached its sink."""
    flow = Dataflow("per_item")
    lines = op.input("lines", flow, FileSource(path, batch_size=BATCH))
    _count(op.map("decode", lines, orjson.loads), topic_of, seen)
    return flow


def per_item_kafka_flow(
    broker: str,
    topic: str,
    topic_of: dict[str, str],
    seen: list[int],
    on_first: Callable[[], None],
) -> Dataflow:
    """Return the flow from a Kafka topic's beginning to its present end.

    `on_first` is called before each post is decoded, the first one among them.
    """

    def decoded(message: Any) -> dict[str, Any]:
        if not isinstance(message, KafkaSourceMessage):
            raise TypeError(f"Bytewax's KafkaSource delivered {message!r}")
        on_first()
        post: dict[str, Any] = orjson.loads(message.value)
        return post

    flow = Dataflow("per_item_kafka")
    source = KafkaSource([broker], [topic], tail=False, batch_size=BATCH)
    _count(op.map("decode", op.input("messages", flow, source), decoded), topic_of, seen)
    return flow


def _count(posts: Stream[dict[str, Any]], topic_of: dict[str, str], seen: list[int]) -> None:
    matches_of = Matches(topic_of)

    def match(post: dict[str, Any]) -> list[Match]:
        return [
            (topic, (datetime.fromisoformat(at), score)) for topic, at, score in matches_of(post)
        ]

    def add(total: tuple[int, float], item: tuple[datetime, float]) -> tuple[int, float]:
        return total[0] + 1, total[1] + item[1]

    def merge(one: tuple[int, float], other: tuple[int, float]) -> tuple[int, float]:
        return one[0] + other[0], one[1] + other[1]

    clock: win.EventClock[tuple[datetime, float]] = win.EventClock(
        ts_getter=lambda item: item[0], wait_for_system_duration=timedelta(seconds=WINDOW_S)
    )
    windower = win.TumblingWindower(
        length=timedelta(seconds=WINDOW_S), align_to=datetime(2026, 1, 1, tzinfo=UTC)
    )
    matches = op.flat_map("match", posts, match)
    windows = win.fold_window("count", matches, clock, windower, lambda: (0, 0.0), add, merge)
    op.output("out", windows.down, _CountingSink(seen))
