"""A shard, which lets quiet topics catch up by the bin, equals watches fed step by step."""

import pickle
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crisiswatch.app.wiring import watch_plan
from crisiswatch.config import Config
from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.signal import Signal
from crisiswatch.detection.step import BinReading
from crisiswatch.detection.watch import TopicWatch
from crisiswatch.detection.windows import Gap
from crisiswatch.reading.count_table import CountTable
from crisiswatch.reading.counts import Counts
from flows.messages import Partial
from flows.watch_logic import ShardLogic, WatchPlan, shard_of

START_AT = 1_700_006_400
SHARD = "shard-0"
TOPICS = tuple(name for name in map("topic {}".format, range(50)) if shard_of(name) == SHARD)[:3]
QUICK = WatchSettings(warmup_s=3_600, close_hold_s=3_600, better_hold_s=600, refresh_s=600)

stretches = st.tuples(
    st.integers(min_value=1, max_value=40),  # chunks
    st.sampled_from([20, 60, 60, 60, 150, 700]),  # seconds from one to the next
    st.tuples(*(st.sampled_from([0, 0, 0, 1, 12, 90]) for _ in TOPICS)),  # posts a chunk
    st.booleans(),  # the source fails for a while before it
    st.booleans(),  # a restart before it
)
streams = st.lists(stretches, min_size=1, max_size=8)


def new_plan() -> WatchPlan:
    return watch_plan(TOPICS, QUICK, config=Config(), partitions=("a",), fixed_gap_s=1_800)


def chunk(at_s: int, posts: tuple[int, ...]) -> Partial:
    counts = {
        (topic, at_s): Counts(
            posts=number,
            negatives=number * 2 // 3,
            authors={(at_s * 131 + one) * 2_654_435_761 % 2**32 for one in range(number)},
        )
        for topic, number in enumerate(posts)
        if number
    }
    return Partial(
        shard=SHARD,
        partition="a",
        counts=CountTable.of(counts),
        recent_s=(at_s,) * 3,
        idle_clock_s=None,
        covered=[(at_s, at_s, 3)],
        lines=100,
        last=False,
    )


def chunks_of(stream: list[Any]) -> list[tuple[Partial, bool]]:
    """Return the chunks, and whether there is a restart before each."""
    chunks, at_s = [], START_AT
    for number, every_s, posts, fails, restarts in stream:
        at_s += 7_200 if fails else 0
        for place in range(number):
            chunks.append((chunk(at_s, posts), restarts and place == 0))
            at_s += every_s
    return chunks


def told_by_shard(stream: list[Any]) -> list[BinReading | Signal]:
    logic = ShardLogic(new_plan(), None)
    told: list[BinReading | Signal] = []
    for partial, restarts in chunks_of(stream):
        if restarts:
            saved = pickle.loads(pickle.dumps(logic.snapshot()))  # noqa: S301  # our own bytes
            logic = ShardLogic(new_plan(), saved)
        told += [x for x in logic.on_batch([partial])[0] if isinstance(x, BinReading | Signal)]
    return told


def told_step_by_step(stream: list[Any]) -> list[BinReading | Signal]:
    """Feed every closed step to every watch, with zeros where a topic has no posts."""
    plan = new_plan()
    windows = plan.new_windows()
    watches = [plan.new_watch(topic) for topic in TOPICS]
    told: list[BinReading | Signal] = []
    for partial, _ in chunks_of(stream):
        windows.add(
            "a",
            counts=partial.counts,
            recent_s=partial.recent_s,
            covered=partial.covered,
            lines=partial.lines,
        )
        for closed in windows.closed():
            for index, watch in enumerate(watches):
                told += told_by_watch(watch, closed, index)
    return told


def told_by_watch(watch: TopicWatch, closed: Any, index: int) -> list[BinReading | Signal]:
    if isinstance(closed, Gap):
        seen = watch.gap(closed.from_at, closed.to_at)
    else:
        seen = watch.observe(closed.start_at, closed.counts.get(index, Counts()))
    return [*seen.readings, *seen.signals]


def by_name(told: list[BinReading | Signal]) -> list[BinReading | Signal]:
    """Sort by topic: a shard tells the topics of a step in another order."""
    return sorted(told, key=lambda item: (item.topic, repr(item)))


@settings(max_examples=60, deadline=None)
@given(streams)
def test_a_shard_tells_what_watches_tell_that_see_every_step(stream: list[Any]) -> None:
    assert by_name(told_by_shard(stream)) == by_name(told_step_by_step(stream))


def test_the_streams_of_this_law_do_open_incidents() -> None:
    stream = [(40, 150, (1, 0, 1), False, False)] * 4 + [(10, 60, (1, 90, 1), False, True)]
    told = told_by_shard(stream)
    assert [item.change for item in told if isinstance(item, Signal)][:1] == ["opened"]
    assert by_name(told) == by_name(told_step_by_step(stream))
