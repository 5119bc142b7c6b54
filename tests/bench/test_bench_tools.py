"""What the bench measures with: a yardstick that is wrong measures nothing."""

from pathlib import Path

import numpy as np
import orjson
import pytest

from tests.bench.dated import FIRST_ID, PostPool, rows_of, values
from tests.bench.live import Crises
from tests.bench.plain_job import Matches
from tests.bench.soak import flatness
from tests.bench.table import Bound, Figures, ratio
from tests.bench.workload import POST_BYTES, crisis_pool, topic_of_term

WORDS = ("xbravo", "xkilo", "xlima", "xmike")


@pytest.fixture(scope="module")
def pool() -> PostPool:
    return crisis_pool(WORDS, posts=3, groups=2)


def test_a_pool_gives_every_post_its_own_date_and_id_and_keeps_its_length(pool: PostPool) -> None:
    at_s = np.array([1_772_000_000, 1_772_000_000, 1_772_000_059])
    lines = values(pool.block(25_000, at_s, 3))

    posts = [orjson.loads(line)["data"] for line in lines]
    assert [post["created_at"][11:] for post in posts] == [
        "06:13:20.000Z",
        "06:13:20.000Z",
        "06:14:19.000Z",
    ]
    assert [int(post["id"]) - FIRST_ID for post in posts] == [25_000, 25_001, 25_002]
    assert all(post["edit_history_tweet_ids"] == [post["id"]] for post in posts)
    assert {len(line) for line in lines} == {POST_BYTES - 1}


def test_a_pool_begins_anew_after_its_end_and_survives_a_file(
    pool: PostPool, tmp_path: Path
) -> None:
    pool.save(tmp_path / "pool.npz")
    again = PostPool.load(tmp_path / "pool.npz")

    texts = [orjson.loads(line)["data"]["text"] for line in values(again.block(0, 0, 24))]
    assert len(again) == 12
    assert texts[:12] == texts[12:]


def test_a_pool_refuses_lines_whose_dates_stand_in_different_columns() -> None:
    one = b'{"edit_history_tweet_ids":["1"],"id":"1","created_at":"2026-01-01T00:00:00.000Z"}  \n'
    other = b'{"edit_history_tweet_ids":["11"],"id":"11","created_at":"2026-01-01T00:00:00.000Z"}\n'

    with pytest.raises(ValueError, match="different columns"):
        PostPool(rows_of([one, other]), np.arange(2))


def test_crises_are_told_group_after_group_by_an_author_a_post(pool: PostPool) -> None:
    posts = [orjson.loads(line)["data"] for line in values(pool.block(0, 0, len(pool)))]

    words = [post["text"].split()[0] for post in posts]
    assert words == ["xbravo", "xkilo"] * 3 + ["xlima", "xmike"] * 3
    assert len({post["author_id"] for post in posts}) == len(posts)


def test_a_group_of_crises_is_told_in_its_minute_and_not_before(pool: PostPool) -> None:
    #      600       660       720
    #       |--- 0 ---|--- 1 ---|
    crises = Crises(pool=pool, groups=2, first_minute_s=600)

    assert crises.due(599.0) == (0, 0)
    assert crises.due(630.0) == (0, 3)
    assert crises.due(660.0) == (3, 3)
    assert crises.due(9_999.0) == (6, 6)
    assert crises.due(9_999.0) == (12, 0)


def test_the_words_of_more_topics_begin_with_those_of_fewer() -> None:
    assert list(topic_of_term(1_040))[:1_000] == list(topic_of_term(1_000))


def test_the_plain_job_counts_a_post_once_for_each_topic_that_it_names() -> None:
    matches = Matches({"xbravo": "b", "xkilo": "k", "xmike": "k"})
    post = {"data": {"text": "Xkilo xmike awful refund", "created_at": "2026-01-01T00:00:00Z"}}

    assert matches(post) == [("k", "2026-01-01T00:00:00Z", 2.0)]


@pytest.mark.parametrize(
    ("later", "rise", "swing"),
    [
        pytest.param([100] * 10, 0.0, 0.0, id="flat"),
        pytest.param([100 + minute for minute in range(10)], 0.1, 0.09, id="creeping"),
        pytest.param([100] * 5 + [120] + [100] * 4, 0.0, 0.2, id="hump"),
    ],
)
def test_memory_is_judged_after_the_warm_up_only(
    later: list[int], rise: float, swing: float
) -> None:
    warming = [(float(at_s), 10) for at_s in range(0, 180, 5)]
    samples = [
        (180.0 + 60 * minute + at_s, size)
        for minute, size in enumerate(later)
        for at_s in range(0, 60, 5)
    ]

    found = flatness(warming + samples, warm_up_s=180)

    assert found is not None
    assert found.rise == pytest.approx(rise, abs=0.02)
    assert found.swing == pytest.approx(swing, abs=0.001)


@pytest.mark.parametrize(
    ("found", "is_most", "verdict"),
    [
        (None, False, "NOT MEASURED"),
        (9.9, False, "MISSED"),
        (10.0, False, "holds"),
        (20.0, False, "holds, and the moonshot"),
        (10.1, True, "MISSED"),
        (10.0, True, "holds"),
    ],
)
def test_a_bound_that_was_not_measured_does_not_hold(
    *, found: float | None, is_most: bool, verdict: str
) -> None:
    bound = Bound(
        name="", found=found, bound=10.0, moonshot=None if is_most else 20.0, is_most=is_most
    )

    assert bound.verdict == verdict
    assert bound.holds is verdict.startswith("holds")


def test_ratios_are_taken_round_by_round() -> None:
    ours = Figures(name="ours", posts_per_s=[100.0, 10.0, 60.0])
    theirs = Figures(name="theirs", posts_per_s=[50.0, 5.0, 20.0])

    assert ratio(ours, theirs) == 2.0
    assert ratio(ours, Figures(name="none", missing="not installed")) is None
