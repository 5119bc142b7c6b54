"""The plain job on Pathway, from a file of lines; run in Pathway's own environment.

    python -m tests.bench.engines.pathway_job TERMS.json POSTS.jsonl POSTS

Pathway takes the lines as they are and gets back tuples: of the ways tried it is the fastest.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pathway as pw  # type: ignore[import-not-found]  # not in our environment

from tests.bench.plain_job import WINDOW_S, Matches
from tests.bench.stopwatch import Stopwatch


def main() -> None:
    """Count the file and print how long that took, as a line of JSON."""
    terms, path, posts = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    matches_of = Matches(orjson.loads(terms.read_bytes()))
    watch = Stopwatch()
    counted = 0

    @pw.udf(deterministic=True)  # type: ignore[untyped-decorator]  # Pathway is not typed here
    def match(line: str) -> list[tuple[str, pw.DateTimeUtc, float]]:
        watch.start()
        return [
            (topic, datetime.fromisoformat(at), score)
            for topic, at, score in matches_of(orjson.loads(line))
        ]

    def on_window(**_: Any) -> None:
        nonlocal counted
        counted += 1

    lines = pw.io.plaintext.read(path, mode="static")
    matches = lines.select(found=match(pw.this.data)).flatten(pw.this.found)
    matches = matches.select(
        topic=pw.this.found.get(0), at=pw.this.found.get(1), score=pw.this.found.get(2)
    )
    windows = matches.windowby(
        pw.this.at,
        window=pw.temporal.tumbling(duration=timedelta(seconds=WINDOW_S)),
        instance=pw.this.topic,
    ).reduce(
        topic=pw.this._pw_instance,  # noqa: SLF001  # Pathway's own name for the key
        start=pw.this._pw_window_start,  # noqa: SLF001  # as above
        posts=pw.reducers.count(),
        score=pw.reducers.sum(pw.this.score),
    )
    pw.io.subscribe(windows, on_change=on_window)
    pw.run(monitoring_level=pw.MonitoringLevel.NONE)
    watch.stop()
    print(watch.report(posts, counted=counted))


if __name__ == "__main__":
    main()
