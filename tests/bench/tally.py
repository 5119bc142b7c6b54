"""Measure the stages of the hot path, from raw chunk to counts, on one core.

    python -m tests.bench.tally [--rounds N] [--posts N]

Every stage is run by itself on what the stage before it gave, and the whole tally beside
it; `count` is what the whole takes beyond the other stages: adding up by topic and step,
samples and the clock. Times are of the processor, the best of some rounds, since the
machine is shared; the ratio to `orjson.loads` alone is of the same run. Every topic has
a keyword or more: 1,000 of them for up to 1,000 topics, 10,000 beyond.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import orjson

from crisiswatch.reading.matcher import TopicMatcher
from crisiswatch.reading.polarity import PolarityScorer
from crisiswatch.reading.post import Post
from crisiswatch.reading.prefilter import Prefilter
from crisiswatch.reading.privacy import mask_many
from crisiswatch.reading.reader import Reader
from crisiswatch.reading.tally import Tally
from flows.sources.recorded_file import BLOCK_BYTES
from tests.bench.workload import keywords, topics, write_posts

STAGES = ("filter", "decode", "match", "score", "count", "mask")
SHARES = (0.02, 0.40)
TOPICS = (100, 1_000, 10_000)
FEWEST_KEYWORDS = 1_000

T = TypeVar("T")


class _Stopwatch:
    """The best time of each thing measured, in seconds of the processor."""

    def __init__(self) -> None:
        self.best_s: dict[str, float] = {}

    def time(self, name: str, work: Callable[[], T]) -> T:
        started_s = time.process_time()
        result = work()
        took_s = time.process_time() - started_s
        self.best_s[name] = min(took_s, self.best_s.get(name, took_s))
        return result


class _Contestant:
    """The hot path for some number of topics, whole and in parts."""

    def __init__(self, topic_count: int, scorer: PolarityScorer) -> None:
        watched = topics(keywords(max(topic_count, FEWEST_KEYWORDS)), topic_count)
        self._reader = Reader()
        self._scorer = scorer
        self._tally = Tally(topics=watched, reader=self._reader, scorer=scorer)
        self._prefilter = Prefilter(watched)
        self._matcher = TopicMatcher(watched)

    def run(self, chunks: Sequence[bytes], watch: _Stopwatch) -> None:
        """Run the whole, then every stage, over all chunks."""
        watch.time("whole", lambda: [self._tally.tally(chunk).matched for chunk in chunks])
        filtered = watch.time("filter", lambda: [*map(self._prefilter.candidates, chunks)])
        decoded = watch.time("decode", lambda: [self._decoded(lines) for lines in filtered])
        said = [
            ([post.text for post in posts], [post.language for post in posts]) for posts in decoded
        ]
        pairs = watch.time("match", lambda: [self._matcher.match_many(*batch) for batch in said])
        matched = []
        for (texts, languages), found in zip(said, pairs, strict=True):
            rows = sorted({row for row, _ in found})
            matched.append(([texts[row] for row in rows], [languages[row] for row in rows]))
        watch.time("score", lambda: [self._scorer.score(*batch) for batch in matched])
        shown = [self._shown(chunk) for chunk in chunks]
        watch.time("mask", lambda: [mask_many(texts) for texts in shown])

    def _decoded(self, lines: Sequence[bytes]) -> list[Post]:
        return [item for item in self._reader.read_many(lines) if type(item) is Post]

    def _shown(self, chunk: bytes) -> list[str]:
        """Return the texts of a chunk's samples, each once."""
        counts = self._tally.tally(chunk).counts.by_key().values()
        return list(dict.fromkeys(sample.text for one in counts for sample in one.samples))


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--posts", type=int, default=90_000)
    chosen = options.parse_args()
    scorer = PolarityScorer.load()
    heads = "".join(f"{stage:>13}" for stage in STAGES)
    print(f"{'':<22}{'posts/s':>10}{'orjson':>8}{heads}   (us a post, share)")
    with tempfile.TemporaryDirectory(prefix="crisiswatch-bench-") as folder:
        for share in SHARES:
            for topic_count in TOPICS:
                path = Path(folder) / "posts.jsonl"
                words = keywords(max(topic_count, FEWEST_KEYWORDS))
                write_posts(path, posts=chosen.posts, matching=share, words=words)
                watch = _Stopwatch()
                contestant = _Contestant(topic_count, scorer)
                data = path.read_bytes()
                for _ in range(chosen.rounds):
                    watch.time("orjson", partial(_decode_all, data))
                    contestant.run(_chunks(data), watch)
                print(_row(f"{share:.0%}, {topic_count:,} topics", chosen.posts, watch.best_s))


def _decode_all(data: bytes) -> None:
    for line in data.splitlines():
        orjson.loads(line)


def _chunks(data: bytes) -> list[bytes]:
    """Cut into chunks as a recorded file is, at line breaks."""
    chunks = []
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + BLOCK_BYTES - 1) + 1 or len(data)
        chunks.append(data[start:end])
        start = end
    return chunks


def _row(name: str, posts: int, best_s: dict[str, float]) -> str:
    whole_s = best_s["whole"]
    parts_s = {stage: best_s[stage] for stage in STAGES if stage != "count"}
    parts_s["count"] = whole_s - sum(parts_s.values())
    cells = "".join(
        f"{parts_s[stage] / posts * 1e6:>8.2f}{parts_s[stage] / whole_s:>5.0%}" for stage in STAGES
    )
    return f"{name:<22}{posts / whole_s:>10,.0f}{best_s['orjson'] / whole_s:>7.2f}x{cells}"


if __name__ == "__main__":
    main()
