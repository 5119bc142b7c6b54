"""Measure the whole pipeline beside its yardsticks, in one run, on one core.

    python -m tests.bench.pipeline [--rounds N] [--posts N]

The machine is noisy, so trust the ratios: every round runs all contestants one after
the other, and the table gives the median of the rounds. What is measured is the real
dataflow of `flows/firehose.py` from file to files, reading candidates as in production.
Setting up (a quarter of a second: compiling patterns, loading weights) is not: the
service runs for a year.
Per-item Bytewax gets a tenth of it, or the run would take all day.
"""

import argparse
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import orjson

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.pipeline import Job, NoFollower, People, run
from crisiswatch.app.products import Products
from crisiswatch.app.replay import ReplayOptions, replay_job
from crisiswatch.config import Config
from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.watch import TopicWatch
from crisiswatch.incidents.incident import Incident
from crisiswatch.reading.counts import Counts
from crisiswatch.reading.tally import Inspect
from flows.run import Stop, run_flow
from tests.bench.per_item import per_item_flow
from tests.bench.workload import POST_BYTES, keywords, topics, write_posts

KEYWORDS = 1_000
TOPICS = 100
STATE_TOPICS = 10_000
STATE_HISTORIES = 100
WARM_DAYS = 3
LEAST_AGAINST_ORJSON = 1.3
LEAST_AGAINST_PER_ITEM = 8.0
LEAST_IN_CRISIS = 100_000


class _Silent:
    """Nobody is told of incidents while speed is measured."""

    def notify(self, announcement: object) -> None:
        """Ignore it."""

    def __call__(self, incident: Incident, now: object) -> None:
        """Draft nothing."""


@dataclass(slots=True)
class _Figures:
    """Posts per second of one contestant, a figure a round."""

    name: str
    posts_per_s: list[float] = field(default_factory=list)


def main() -> int:
    """Print the table; return 1 where a bound does not hold."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--posts", type=int, default=2_000_000)
    chosen = options.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    words = keywords(KEYWORDS)
    config = Config(topics=topics(words, TOPICS))
    with tempfile.TemporaryDirectory(prefix="crisiswatch-bench-") as name:
        folder = Path(name)
        steady, crisis = folder / "steady.jsonl", folder / "crisis.jsonl"
        few_posts, crisis_posts = chosen.posts // 10, chosen.posts // 4
        _say(f"writing {chosen.posts:,} + {crisis_posts:,} posts of {POST_BYTES} bytes")
        write_posts(steady, posts=chosen.posts, matching=0.02, words=words)
        few = folder / "few.jsonl"
        write_posts(few, posts=few_posts, matching=0.02, words=words)
        write_posts(crisis, posts=crisis_posts, matching=0.40, words=words)
        contestants: list[tuple[_Figures, int, Callable[[], Callable[[], None]]]] = [
            (_Figures("orjson.loads alone"), chosen.posts, lambda: _orjson(steady)),
            (_Figures("per-item Bytewax, 2 %"), few_posts, lambda: _per_item(few, config)),
            (
                _Figures("crisiswatch, 2 % matching"),
                chosen.posts,
                lambda: _pipeline(steady, config, folder / "out"),
            ),
            (
                _Figures("crisiswatch, 40 % matching"),
                crisis_posts,
                lambda: _pipeline(crisis, config, folder / "out"),
            ),
        ]
        for number in range(chosen.rounds):
            for figures, posts, contestant in contestants:
                _say(f"round {number + 1} of {chosen.rounds}: {figures.name}")
                go = contestant()
                started_s = time.perf_counter()
                go()
                figures.posts_per_s.append(posts / (time.perf_counter() - started_s))
    return _report([figures for figures, _, _ in contestants])


def _orjson(path: Path) -> Callable[[], None]:
    def go() -> None:
        with path.open("rb") as file:
            for line in file:
                orjson.loads(line)

    return go


def _per_item(path: Path, config: Config) -> Callable[[], None]:
    seen = [0]
    flow = per_item_flow(path, config.topics, seen)

    def go() -> None:
        run_flow(flow)
        if seen[0] == 0:
            raise RuntimeError("per-item Bytewax counted nothing")

    return go


def _pipeline(path: Path, config: Config, out: Path) -> Callable[[], None]:
    clock, stop, silent = SystemClock(), Stop(), _Silent()
    job: Job = replay_job(
        ReplayOptions(file=path, inspect=Inspect.CANDIDATES), config, clock=clock, stop=stop
    )

    def go() -> None:
        finished = run(
            job,
            Products(out),
            clock=clock,
            people=People(notifier=silent, draft=silent),
            follower=NoFollower(),
            stop=stop,
        )
        if finished.summary.posts_matched == 0:
            raise RuntimeError("crisiswatch matched nothing")

    return go


def _state_bytes() -> float:
    """Return what a snapshot of `STATE_TOPICS` warm topics weighs, in bytes a topic.

    A hundred histories, each told to a hundred topics: warming takes long, pickling does not.
    """
    settings = WatchSettings()
    histories = []
    for number in range(STATE_HISTORIES):
        watch = TopicWatch(f"topic-{number}", settings, "bench")
        _warm(watch, settings, number)
        histories.append(pickle.dumps(watch.to_state(), protocol=pickle.HIGHEST_PROTOCOL))
    states = {
        f"topic-{number}": pickle.loads(histories[number % STATE_HISTORIES])  # noqa: S301  # ours
        for number in range(STATE_TOPICS)
    }
    return len(pickle.dumps(states, protocol=pickle.HIGHEST_PROTOCOL)) / STATE_TOPICS


def _warm(watch: TopicWatch, settings: WatchSettings, number: int) -> None:
    """Feed three days in which the topic has a few posts an hour, by distinct authors."""
    at = 0
    every_s = 600 + 60 * (number % 50)
    while at < WARM_DAYS * 86_400:
        posts = 1 + (at // every_s + number) % 4
        hashes = {(at * 2_654_435_761 + number * 97 + one) % (1 << 32) for one in range(posts)}
        watch.observe(at, Counts(posts=posts, negatives=posts // 3, authors=hashes))
        watch.skip_quiet(at + settings.step_s, at + every_s)
        at += every_s


def _report(contestants: list[_Figures]) -> int:
    alone, per_item, steady, crisis = contestants
    by_name = {one.name: one for one in contestants}
    print(f"\n{'':<30}{'posts/s':>12}{'against orjson':>18}{'against per-item':>18}")
    for one in by_name.values():
        print(
            f"{one.name:<30}{median(one.posts_per_s):>12,.0f}"
            f"{_ratio(one, alone):>17.2f}x{_ratio(one, per_item):>17.2f}x"
        )
    _say("warming 10,000 topics")
    print(f"\nstate: {_state_bytes():,.0f} bytes a topic at {STATE_TOPICS:,} topics\n")
    bounds = (
        ("2 % against orjson.loads alone", _ratio(steady, alone), LEAST_AGAINST_ORJSON),
        ("2 % against per-item Bytewax", _ratio(steady, per_item), LEAST_AGAINST_PER_ITEM),
        ("40 % in posts/s", median(crisis.posts_per_s), LEAST_IN_CRISIS),
    )
    for name, found, least in bounds:
        print(
            f"{'holds ' if found >= least else 'MISSED'}  {name}: {found:,.2f}, at least {least:,}"
        )
    return int(any(found < least for _, found, least in bounds))


def _ratio(one: _Figures, other: _Figures) -> float:
    """Return the median over the rounds of the ratio within each round."""
    return median(a / b for a, b in zip(one.posts_per_s, other.posts_per_s, strict=True))


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
