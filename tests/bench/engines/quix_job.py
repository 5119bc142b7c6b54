"""The plain job on Quix Streams, from Kafka; run in Quix's own environment.

    python -m tests.bench.engines.quix_job TERMS.json BROKER TOPIC POSTS

Quix counts by message key, so that matches go through a topic of its own to get theirs
(`group_by`); only they do, as in any job of this kind.
"""

import logging
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from quixstreams import Application  # type: ignore[import-not-found]  # not in our environment

from tests.bench.plain_job import WINDOW_S, Matches
from tests.bench.stopwatch import Stopwatch


def main() -> None:
    """Count the topic's posts and print how long that took, as a line of JSON."""
    terms, broker, topic, posts = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    matches_of = Matches(orjson.loads(terms.read_bytes()))
    logging.getLogger("quixstreams").setLevel(logging.WARNING)
    watch = Stopwatch()
    decoded = counted = 0

    def match(raw: bytes) -> list[dict[str, Any]]:
        nonlocal decoded
        watch.start()
        decoded += 1
        if decoded == posts:
            watch.stop()
            app.stop()
        return [
            {
                "topic": topic,
                "at_ms": int(datetime.fromisoformat(at).timestamp() * 1000),
                "score": score,
            }
            for topic, at, score in matches_of(orjson.loads(raw))
        ]

    def add(total: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
        nonlocal counted
        counted += 1
        return {"posts": total["posts"] + 1, "score": total["score"] + value["score"]}

    with tempfile.TemporaryDirectory(prefix="crisiswatch-quix-") as state:
        app = Application(
            broker_address=broker,
            consumer_group=f"quix-{topic}-{time.time_ns()}",
            auto_offset_reset="earliest",
            state_dir=state,
            loglevel="WARNING",
        )
        source = app.topic(topic, value_deserializer="bytes")
        frame = app.dataframe(source).apply(match, expand=True)
        frame = frame.group_by("topic").set_timestamp(lambda value, *_: value["at_ms"])
        windows = frame.tumbling_window(duration_ms=WINDOW_S * 1000).reduce(
            initializer=lambda value: {"posts": 1, "score": value["score"]},
            reducer=add,
        )
        windows.final()
        app.run()
    print(watch.report(posts, counted=counted))


if __name__ == "__main__":
    main()
