"""How long after the last post that decides a signal stands in the log, on a live firehose.

         a crisis begins            step ends       a minute later
    -----|--- posts ----------------|---------------|--> signal in the log
         |<--- up to 60 s, a step ->|<- lateness -->|<- measured ->|
                                         60 s

A step of event time is judged once every partition has brought a post dated a whole
lateness after its end: that post decides. What is measured is from the second with which it
is dated, on the producer's clock, to the time that Redis gave the signal, the same machine's
clock; so the producer's tick, its linger, the broker, reading, counting, judging and storing
are in it. Dates have whole seconds, so a delay is never told shorter than it was.

Posts come at Twitter's highest rate, and none of the background is negative. Groups of
topics that nobody had posted about for 40 minutes get a burst of outrage, a group a minute,
a minute long. All topics of a group trip in the same step: their signals queue behind each
other, which is in the figures, too.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alerting.ports import START
from alerting.store.connection import connection_settings
from alerting.store.redis_store import RedisStore
from crisiswatch.detection.signal import Change
from tests.bench.broker import NAME
from tests.bench.contest import say
from tests.bench.live import MINUTE_S
from tests.bench.table import Bound
from tests.bench.watched_stream import Stream, watched
from tests.bench.workload import TWITTERS_HIGHEST

TOPICS = 1_000
GROUPS = 4
TOPICS_A_GROUP = 10
STEP_S = 60
LATENESS_S = 60
TAIL_S = 20
LEAST_SIGNALS = 30
MOST_P99_S = 2.0
KEPT_PACE = 0.99
"""A stream that told less than this part of what it should was not the one to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Sorted delays, and what the producer did."""

    delays_s: tuple[float, ...]
    told: dict[str, Any]

    def at_share(self, share: float) -> float:
        """Return the delay that this share of them does not exceed."""
        return self.delays_s[min(int(share * len(self.delays_s)), len(self.delays_s) - 1)]


def latency(
    folder: Path, *, processes: int, posts_per_s: int = TWITTERS_HIGHEST, groups: int = GROUPS
) -> list[Bound]:
    """Measure, print and return the bound."""
    found = measure(folder, processes=processes, posts_per_s=posts_per_s, groups=groups)
    told, seconds = found.told, found.told["seconds"]
    rate = told["paced"] / seconds
    print(f"\nfrom the last post that decides to the signal in the log, {rate:,.0f} posts/s live")
    figures = [found.at_share(share) for share in (0.5, 0.99, 1.0)] if found.delays_s else []
    print(f"{'n':>6}{'p50':>9}{'p99':>9}{'max':>9}")
    print(f"{len(found.delays_s):>6}" + "".join(f"{figure:>7.2f} s" for figure in figures))
    print(
        f"{processes} processes, {TOPICS:,} topics; the producer took "
        f"{told['cpu_s'] / seconds:.2f} of a core and fell behind by {told['behind_s']:.2f} s at "
        f"most; a step of {STEP_S} s and a lateness of {LATENESS_S} s come before"
    )
    print(f"broker: {NAME}")
    enough = len(found.delays_s) >= LEAST_SIGNALS and rate >= KEPT_PACE * posts_per_s
    return [
        Bound(
            name=f"delay at {posts_per_s:,} posts/s: p99 in s",
            found=figures[1] if enough else None,
            bound=MOST_P99_S,
            is_most=True,
        )
    ]


def measure(folder: Path, *, processes: int, posts_per_s: int, groups: int) -> Delays:
    """Run the stream and the service; return the delays of the signals that opened."""
    stream = Stream(
        posts_per_s=posts_per_s,
        seconds=MINUTE_S + groups * MINUTE_S + STEP_S + LATENESS_S + TAIL_S,
        topics=TOPICS,
        groups=groups,
        topics_a_group=TOPICS_A_GROUP,
    )
    say(f"a live stream for {stream.seconds / MINUTE_S:.0f} minutes")
    with watched(stream, folder, processes=processes) as running:
        told = running.follow(lambda: None, every_s=1.0)
        store = RedisStore(connection_settings(running.redis.url))
        delays = opening_delays(store)
        store.close()
    return Delays(delays_s=delays, told=told)


def opening_delays(store: RedisStore) -> tuple[float, ...]:
    """Return how long after its step was decided each opening signal stood in the log."""
    found = []
    position = START
    while entries := store.read(position):
        for entry in entries:
            if entry.signal.change is Change.OPENED:
                stored_s = int(entry.position.partition("-")[0]) / 1_000
                found.append(stored_s - (entry.signal.at + LATENESS_S))
        position = entries[-1].position
    return tuple(sorted(found))
