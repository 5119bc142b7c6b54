from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.report.buckets import bucket_length_s, gather
from tests.report.recordings import MIDNIGHT, at, row

DAY_S = 86_400


@pytest.mark.parametrize(
    ("length_s", "posts", "bucket_s"),
    [
        pytest.param(DAY_S, 100_000, 300, id="busy-day-keeps-its-bins"),
        pytest.param(7 * DAY_S, 100_000, 900, id="busy-week"),
        pytest.param(55 * DAY_S, 9_000_000, 7_200, id="busy-months"),
        pytest.param(DAY_S, 600, 1_200, id="quiet-day-is-coarser"),
        pytest.param(DAY_S, 3, 1_200, id="silent-day-keeps-sixty-buckets"),
        pytest.param(3_600, 3, 300, id="an-hour-can-not-be-coarser"),
        pytest.param(80 * 365 * DAY_S, 10**9, 3_604_200, id="longer-than-any-round-length"),
    ],
)
def test_buckets_fit_the_length_and_the_volume(length_s: int, posts: int, bucket_s: int) -> None:
    assert bucket_length_s(length_s, bin_s=300, posts=posts, most=700) == bucket_s


@given(st.lists(st.tuples(st.integers(0, 2_015), st.integers(0, 500)), max_size=60))
def test_no_post_is_lost_or_doubled_by_gathering(bins: list[tuple[int, int]]) -> None:
    readings = [
        row(MIDNIGHT + timedelta(minutes=5 * index), posts=posts, negatives=posts // 3)
        for index, posts in bins
    ]
    series = gather(
        readings, start_at=MIDNIGHT, end_at=MIDNIGHT + timedelta(days=7), bin_s=300, most=100
    )

    assert sum(value or 0 for value in series.posts) == sum(r.posts for r in readings)
    assert sum(value or 0 for value in series.negatives) == sum(r.negatives for r in readings)
    assert len(series.posts) <= 101


def test_a_gap_is_unknown_and_a_bin_without_a_row_is_no_posts() -> None:
    # rows:  0:00                              2:00
    # gap:                 1:00 - 1:30
    readings = [row(at(0), posts=60), row(at(2), posts=60)]
    series = gather(readings, start_at=at(0), end_at=at(2, 5), bin_s=300, gaps=[(at(1), at(1, 30))])

    assert series.bucket_s == 300
    assert series.posts[1] == 0
    assert series.posts[12:18] == (None,) * 6
    assert series.posts[11] == series.posts[18] == 0
    assert series.expected_posts[1] is None


def test_an_expectation_is_stretched_over_its_bucket_and_nonsense_is_left_out() -> None:
    readings = [
        row(at(0), posts=9_000, expected_posts=4.0, severity=1),
        row(at(0, 5), posts=9_000, expected_posts=float("nan"), severity=3),
        row(at(0, 10), posts=9_000, expected_posts=8.0),
    ]
    series = gather(readings, start_at=at(0), end_at=at(0) + timedelta(days=7), bin_s=300, most=700)

    assert series.bucket_s == 900
    assert series.expected_posts[0] == 18.0
    assert series.severity[0] == 3
    assert series.at(1) == at(0, 15)


def test_rows_outside_of_the_picture_do_not_count() -> None:
    series = gather([row(at(0)), row(at(5))], start_at=at(1), end_at=at(4), bin_s=300)

    assert sum(value or 0 for value in series.posts) == 0
