"""A shard tells its topics' watches of closed steps, and takes up its state by their names."""

import pickle
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from crisiswatch.app.wiring import watch_plan
from crisiswatch.config import Config
from crisiswatch.detection.signal import Change, Signal
from crisiswatch.detection.step import BinReading
from crisiswatch.errors import StoreError
from crisiswatch.reading.count_table import CountTable
from crisiswatch.reading.counts import Counts
from flows.messages import Partial
from flows.watch_logic import ShardLogic, WatchPlan, shard_of

START_AT = 1_700_006_400
SHARD = "shard-0"
NAMES = tuple(name for name in map("topic {}".format, range(100)) if shard_of(name) == SHARD)


def plan(*topics: str) -> WatchPlan:
    config = Config()
    return watch_plan(topics, config.detection, config=config, partitions=("a",))


def partial(at_s: int, posts: dict[int, int], *, last: bool = False) -> Partial:
    return Partial(
        shard=SHARD,
        partition="a",
        counts=CountTable.of(
            {(topic, at_s): Counts(posts=number) for topic, number in posts.items()}
        ),
        recent_s=(at_s,) * 3,
        idle_clock_s=None,
        covered=[(at_s, at_s, 3)],
        lines=100,
        last=last,
    )


def minutes(logic: ShardLogic, numbers: Iterable[int], posts: dict[int, int]) -> list[BinReading]:
    """Feed a chunk a minute; return the readings that came of them."""
    out: list[Any] = []
    for number in numbers:
        out += logic.on_batch([partial(START_AT + 60 * number, posts)])[0]
    return [item for item in out if isinstance(item, BinReading)]


def resumed(logic: ShardLogic, *topics: str) -> ShardLogic:
    state = pickle.loads(pickle.dumps(logic.snapshot()))  # noqa: S301  # our own bytes
    return ShardLogic(plan(*topics), state)


def posts_of(readings: list[BinReading], topic: str) -> dict[int, int]:
    """Return the posts of each of a topic's bins, by the minute in which it starts."""
    found = [reading for reading in readings if reading.topic == topic]
    return {(reading.bin_start - START_AT) // 60: reading.posts for reading in found}


def test_a_topic_keeps_what_it_learned_when_others_come_before_it() -> None:
    logic = ShardLogic(plan(NAMES[0], NAMES[1]), None)
    minutes(logic, range(23), {0: 3, 1: 5})
    went_on = minutes(resumed(logic, NAMES[0], NAMES[1]), range(23, 40), {0: 3, 1: 5})
    moved = minutes(resumed(logic, NAMES[2], NAMES[1]), range(23, 40), {1: 5})
    assert posts_of(went_on, NAMES[1]) == {20: 25, 25: 25, 30: 25}
    assert [reading for reading in moved if reading.topic == NAMES[1]] == [
        reading for reading in went_on if reading.topic == NAMES[1]
    ]


def test_posts_of_an_open_step_stay_with_their_topic_when_its_index_changes() -> None:
    logic = ShardLogic(plan(NAMES[0], NAMES[1]), None)
    minutes(logic, range(5), {0: 3, 1: 5})
    readings = minutes(resumed(logic, NAMES[1], NAMES[0]), range(5, 12), {})
    assert posts_of(readings, NAMES[0]) == {0: 15, 5: 0}
    assert posts_of(readings, NAMES[1]) == {0: 25, 5: 0}


def test_a_new_topic_begins_where_the_shard_stands() -> None:
    logic = ShardLogic(plan(NAMES[0]), None)
    minutes(logic, range(1_000), {0: 3})
    again = resumed(logic, NAMES[0], NAMES[1])
    readings = minutes(again, range(1_000, 1_010), {0: 3, 1: 7})
    assert posts_of(readings, NAMES[1]) == {1_000: 35}
    assert posts_of(readings, NAMES[0]) == {995: 15, 1_000: 15}


def test_a_topic_that_is_gone_says_nothing_more() -> None:
    logic = ShardLogic(plan(NAMES[0], NAMES[1]), None)
    minutes(logic, range(23), {0: 3, 1: 5})
    readings = minutes(resumed(logic, NAMES[0]), range(23, 40), {0: 3})
    assert posts_of(readings, NAMES[0]) == {20: 15, 25: 15, 30: 15}
    assert {reading.topic for reading in readings} == {NAMES[0]}


def test_a_shard_without_topics_keeps_its_peace() -> None:
    logic = ShardLogic(plan(NAMES[0]), None)
    minutes(logic, range(23), {0: 3})
    elsewhere = next(name for name in map("other {}".format, range(100)) if shard_of(name) != SHARD)
    assert resumed(logic, elsewhere).snapshot()[1] == SHARD


def test_state_of_another_version_is_refused() -> None:
    logic = ShardLogic(plan(NAMES[0]), None)
    minutes(logic, range(3), {0: 3})
    with pytest.raises(StoreError, match="version 1"):
        ShardLogic(plan(NAMES[0]), (1, *logic.snapshot()[1:]))


def idle(at_s: int) -> Partial:
    """Return what a live source that delivers nothing says of the time."""
    nothing = partial(at_s, {})
    return replace(nothing, recent_s=(), idle_clock_s=at_s, covered=[], lines=0)


def crowd(at_s: int, *, posts: int, negatives: int) -> Partial:
    """Return a minute in which every post is somebody else's."""
    authors = set(range(at_s, at_s + posts))
    counts = Counts(posts=posts, negatives=negatives, authors=authors)
    return replace(partial(at_s, {}), counts=CountTable.of({(0, at_s): counts}))


def test_a_topic_that_is_added_during_an_outage_learns_nothing_of_it() -> None:
    logic = ShardLogic(plan(NAMES[0]), None)
    minutes(logic, range(600), {0: 3})
    for number in range(600, 700):
        logic.on_batch([idle(START_AT + 60 * number)])
    again = resumed(logic, NAMES[0], NAMES[1])
    readings = minutes(again, range(3_600, 3_660), {0: 3, 1: 40})
    posts = posts_of(readings, NAMES[1])
    assert set(posts.values()) == {200}


def test_an_outage_ends_no_crisis_and_teaches_nothing() -> None:
    logic = ShardLogic(plan(NAMES[0]), None)
    for number in range(1_500):
        logic.on_batch([crowd(START_AT + 60 * number, posts=10, negatives=2)])
    out: list[Any] = []
    for number in range(1_500, 1_560):
        out += logic.on_batch([crowd(START_AT + 60 * number, posts=200, negatives=180)])[0]
    assert next(item.change for item in out if isinstance(item, Signal)) == Change.OPENED
    told: list[Any] = []
    for second in range(0, 24 * 3_600, 10):
        told += logic.on_batch([idle(START_AT + 60 * 1_560 + second)])[0]
    changes = [item.change for item in told if isinstance(item, Signal)]
    assert Change.CLOSED not in changes
    zeros = [item for item in told if isinstance(item, BinReading) and item.posts == 0]
    assert len(zeros) <= 7
