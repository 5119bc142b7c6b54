"""A shard takes up what it knew, whatever topics have come and gone meanwhile."""

from crisiswatch.app.wiring import watch_plan
from crisiswatch.config import Config
from crisiswatch.detection.step import BinReading
from crisiswatch.reading.count_table import CountTable
from crisiswatch.reading.counts import Counts
from flows.messages import Partial
from flows.watch_logic import Out, ShardLogic, WatchPlan, shard_of

START_S = 1_767_225_600
BIN_S = 300
NAMES = tuple(name for number in range(400) if shard_of(name := f"t{number}") == "shard-3")


def plan(*topics: str) -> WatchPlan:
    config = Config()
    return watch_plan(topics, config.detection, config=config, partitions=("p",))


def minute(of: WatchPlan, number: int, posts: dict[str, int]) -> Partial:
    at_s = START_S + 60 * number
    return Partial(
        shard="shard-3",
        partition="p",
        counts=CountTable.of(
            {(of.topics.index(name), at_s): Counts(posts=count) for name, count in posts.items()}
        ),
        recent_s=(at_s, at_s, at_s),
        idle_clock_s=None,
        covered=[(at_s, at_s + 59, 1)],
        lines=1,
        last=False,
    )


def run(logic: ShardLogic, of: WatchPlan, first: int, to: int, posts: dict[str, int]) -> list[Out]:
    out: list[Out] = []
    for number in range(first, to):
        said, _ = logic.on_batch([minute(of, number, posts)])
        out += said
    return out


def readings(out: list[Out]) -> dict[tuple[str, int], int]:
    return {
        (one.topic, (one.bin_start - START_S) // BIN_S): one.posts
        for one in out
        if isinstance(one, BinReading)
    }


def test_topics_keep_their_counts_and_their_past_when_others_come_and_go() -> None:
    old, kept, new = NAMES[0], NAMES[1], NAMES[2]
    before, after = plan(old, kept), plan(new, kept)
    first = ShardLogic(before, None)
    run(first, before, 0, 32, {old: 5, kept: 2})
    again = ShardLogic(after, first.snapshot())
    found = readings(run(again, after, 32, 60, {new: 7, kept: 2}))
    # the step that was open at the change goes to the right topic, and none to the new one
    assert found[kept, 6] == 10
    assert found[kept, 8] == 10
    assert not [key for key in found if key[0] == old]
    assert next(at for topic, at in found if topic == new) >= 6
    assert found[new, 8] == 35

    calm = ShardLogic(plan(kept), None)
    expected = readings(run(calm, plan(kept), 0, 60, {kept: 2}))
    assert {
        key: value for key, value in found.items() if key[0] == kept
    }.items() <= expected.items()


def test_a_shard_whose_topics_are_all_gone_stands_still() -> None:
    before, after = plan(NAMES[0]), plan("t-elsewhere")
    first = ShardLogic(before, None)
    run(first, before, 0, 20, {NAMES[0]: 5})
    ShardLogic(after, first.snapshot())
