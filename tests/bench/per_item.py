"""The same job the plain way: one Bytewax item a post, built-in windows.

What a competent first version looks like, and what the batched pipeline is measured
against: decode each post, look its words up in a dictionary, score matches with a
word-weight model, count by topic in tumbling windows of event time.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
import orjson
from bytewax.connectors.files import FileSource
from bytewax.dataflow import Dataflow
from bytewax.operators import windowing as win
from bytewax.outputs import DynamicSink, StatelessSinkPartition

from crisiswatch.reading.topic import Topic

NEGATIVE_WORDS = ("worst", "awful", "refund", "cancelled", "broken", "never", "angry", "fail")


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


def per_item_flow(path: Path, topics: tuple[Topic, ...], seen: list[int]) -> Dataflow:
    """Return the flow; `seen[0]` counts what reached its sink."""
    topic_of = {term: topic.name for topic in topics for term in topic.terms}
    weights = dict.fromkeys(NEGATIVE_WORDS, 1.0)

    def match(post: dict[str, Any]) -> list[tuple[str, tuple[datetime, float]]]:
        data = post["data"]
        words = data["text"].lower().split()
        hits = {topic_of[word] for word in words if word in topic_of}
        if not hits:
            return []
        score = sum(weights.get(word, 0.0) for word in words)
        at = datetime.fromisoformat(data["created_at"])
        return [(topic, (at, score)) for topic in hits]

    def add(total: tuple[int, float], item: tuple[datetime, float]) -> tuple[int, float]:
        return total[0] + 1, total[1] + item[1]

    def merge(one: tuple[int, float], other: tuple[int, float]) -> tuple[int, float]:
        return one[0] + other[0], one[1] + other[1]

    flow = Dataflow("per_item")
    lines = op.input("lines", flow, FileSource(path, batch_size=1000))
    posts = op.map("decode", lines, orjson.loads)
    matches = op.flat_map("match", posts, match)
    clock: win.EventClock[tuple[datetime, float]] = win.EventClock(
        ts_getter=lambda item: item[0], wait_for_system_duration=timedelta(seconds=60)
    )
    windower = win.TumblingWindower(
        length=timedelta(seconds=60), align_to=datetime(2026, 1, 1, tzinfo=UTC)
    )
    windows = win.fold_window("count", matches, clock, windower, lambda: (0, 0.0), add, merge)
    op.output("out", windows.down, _CountingSink(seen))
    return flow
