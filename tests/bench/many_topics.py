"""Measure what follows the tally, topic by topic: merging, closing steps and bins, saving.

    python -m tests.bench.many_topics [--topics N] [--bins N] [--matching SHARE...]

The shards are driven without the engine, with partial counts as the tally makes them of
4 MB chunks of 465-byte posts at 5,700 posts per second of event time. Saved is every five
seconds of it, as live. CPU seconds are counted, not wall time: of merging and closing the least of several bins, of saving the mean.
"""

import argparse
import os
import pickle
import random
import sys
import time
from collections.abc import Iterator
from statistics import mean

from crisiswatch.app.wiring import watch_plan
from crisiswatch.config import Config
from crisiswatch.detection.step import BinReading
from crisiswatch.reading.count_table import CountTable
from crisiswatch.reading.counts import Counts, Sample
from flows.messages import Partial
from flows.watch_logic import ShardLogic, WatchPlan
from tests.bench.workload import FIRST_AT_S, POST_BYTES, POSTS_PER_S

CHUNK_POSTS = (1 << 22) // POST_BYTES
BIN_S = 300
SAVED_EVERY = 3
"""Chunks, which are five seconds of event time."""
TEXT = "the flight was cancelled again and nobody at the counter knows anything about it, " * 3


def main() -> int:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--topics", type=int, default=10_000)
    options.add_argument("--bins", type=int, default=4)
    options.add_argument("--matching", type=float, nargs="+", default=(0.02, 0.40))
    chosen = options.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(
        f"{'':<28}{'us a match':>12}{'s a bin':>10}{'worst chunk':>13}"
        f"{'us a post':>11}{'to save':>10}{'bytes':>14}"
    )
    for matching in chosen.matching:
        for topics in sorted({100, chosen.topics}):
            _measure(topics, matching, chosen.bins)
    return 0


def _measure(topics: int, matching: float, bins: int) -> None:
    names = tuple(f"topic-{number}" for number in range(topics))
    config = Config()
    plan = watch_plan(names, config.detection, config=config, partitions=("part-0",))
    logics = {shard: ShardLogic(plan, None) for shard in plan.shards}
    matches = round(CHUNK_POSTS * matching)
    chunks_a_bin = BIN_S * POSTS_PER_S // CHUNK_POSTS
    merging, closing, worst, saving, sizes = [], [], [], [], []
    stream = _chunks(plan, matches, config.detection.step_s)
    for number in range(bins + 1):
        merged = closed = most = 0.0
        for place in range(chunks_a_bin):
            partials = next(stream)
            began_s = time.process_time()
            said = [logics[one.shard].on_batch([one])[0] for one in partials]
            spent_s = time.process_time() - began_s
            if any(isinstance(item, BinReading) for out in said for item in out):
                closed += spent_s
            else:
                merged += spent_s
            most = max(most, spent_s)
            if number and place % SAVED_EVERY == 0:
                began_s = time.process_time()
                saved = pickle.dumps([logic.snapshot() for logic in logics.values()], 5)
                saving.append(time.process_time() - began_s)
                sizes.append(len(saved))
        if number:
            merging.append(merged / (matches * chunks_a_bin) * 1e6)
            closing.append(closed)
            worst.append(most)
    posts = CHUNK_POSTS * chunks_a_bin
    a_post = (min(merging) * matches * chunks_a_bin + min(closing) * 1e6) / posts
    name = f"{topics:,} topics, {matching:.0%} matching"
    print(
        f"{name:<28}{min(merging):>12.1f}{min(closing):>10.3f}{min(worst):>12.3f}s"
        f"{a_post:>11.2f}{mean(saving):>9.3f}s{mean(sizes):>14,.0f}",
        flush=True,
    )


def _chunks(plan: WatchPlan, matches: int, step_s: int) -> Iterator[list[Partial]]:
    """Yield what the tally makes of one chunk after another, for all shards."""
    rng = random.Random(1)
    shard_of = {index: shard for shard, indexes in plan.shards.items() for index in indexes}
    length_s = CHUNK_POSTS / POSTS_PER_S
    at_s, number = float(FIRST_AT_S - FIRST_AT_S % BIN_S), 0
    while True:
        counts: dict[str, dict[tuple[int, int], Counts]] = {shard: {} for shard in plan.shards}
        for _ in range(matches):
            number += 1
            topic, second = rng.randrange(len(plan.topics)), int(at_s + rng.random() * length_s)
            step = second - second % step_s
            mine = counts[shard_of[topic]]
            hashed, is_negative = rng.getrandbits(32), rng.random() < 0.25
            counted = Counts(
                posts=1,
                negatives=int(is_negative),
                negative_milli=500,
                reach=100,
                authors={hashed},
                samples=[
                    Sample(
                        not is_negative,
                        hashed,
                        str(number),
                        f"author-{hashed % 500_000}",
                        f"{TEXT} {number}",
                        second * 1_000,
                        100,
                        500,
                        100,
                    )
                ],
            )
            if (topic, step) in mine:
                mine[topic, step] += counted
            else:
                mine[topic, step] = counted
        start_s, at_s = at_s, at_s + length_s
        yield [
            Partial(
                shard=shard,
                partition="part-0",
                counts=CountTable.of(counts[shard]),
                recent_s=(int(at_s) - 1,) * 3,
                idle_clock_s=None,
                covered=[(int(start_s), int(at_s) - 1, 16)],
                lines=CHUNK_POSTS,
                last=False,
            )
            for shard in plan.shards
        ]


if __name__ == "__main__":
    sys.exit(main())
