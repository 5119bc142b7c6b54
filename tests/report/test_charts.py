import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.detection.signal import Severity
from crisiswatch.report.axes import time_ticks, value_ticks
from crisiswatch.report.buckets import Series
from crisiswatch.report.charts import HEIGHT, chart
from tests.report.recordings import MIDNIGHT, TRUTH, at, incident

HOUR_S = 3_600


def series(
    posts: tuple[int | None, ...],
    expected: tuple[float | None, ...] | None = None,
    severity: tuple[int, ...] | None = None,
) -> Series:
    unknown = (None,) * len(posts)
    return Series(
        start_at=MIDNIGHT,
        bucket_s=HOUR_S,
        posts=posts,
        negatives=posts,
        expected_posts=unknown if expected is None else expected,
        expected_negatives=unknown,
        severity=(0,) * len(posts) if severity is None else severity,
    )


def points(path: str) -> list[tuple[int, int]]:
    """Follow a path of relative lines to absolute points."""
    found = []
    for part in re.findall(r"M(\d+) (\d+)l([-\d ]*)", path):
        x, y = int(part[0]), int(part[1])
        found.append((x, y))
        numbers = [int(number) for number in part[2].split()]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x, y))
    return found


def test_a_line_goes_through_the_middle_of_each_bucket() -> None:
    volume = chart("Meridian Air", series((0, 50, 100)), ()).panels[0]
    top = 106

    assert points(volume.line) == [
        (0, HEIGHT),
        (1, HEIGHT),
        (3, round(HEIGHT - HEIGHT * 50 / top)),
        (5, round(HEIGHT - HEIGHT * 100 / top)),
        (6, round(HEIGHT - HEIGHT * 100 / top)),
    ]


def test_a_gap_breaks_the_line_and_unknown_expectations_draw_nothing() -> None:
    volume = chart("Meridian Air", series((5, None, None, 5)), ()).panels[0]

    assert volume.line.count("M") == volume.area.count("Z") == 2
    assert volume.expected == volume.above == ""


@given(st.lists(st.none() | st.integers(0, 10**7), min_size=1, max_size=80))
def test_nothing_is_drawn_outside_of_the_picture(posts: list[int | None]) -> None:
    drawn = chart("Meridian Air", series(tuple(posts)), ())

    for panel in drawn.panels:
        for x, y in points(panel.line):
            assert 0 <= x <= 2 * drawn.width
            assert 0 <= y <= HEIGHT


def test_a_chart_says_in_words_what_it_shows() -> None:
    drawn = chart("Meridian Air", series((3, 90, 4), (5.0, 6.0, 5.0), (0, Severity.HIGH, 0)), ())

    assert drawn.panels[0].title == "All posts about Meridian Air"
    assert drawn.panels[0].unit == "posts per hour"
    assert drawn.panels[0].description == (
        "All posts: 97, from 14 Mar 2026 00:00 UTC to 14 Mar 2026 03:00 UTC. "
        "Highest: 90 posts per hour at 14 Mar 01:00 UTC, where 6 were expected."
    )
    assert drawn.severity_words == (
        "Severity: high from 14 Mar 01:00 to 14 Mar 02:00 UTC; otherwise normal."
    )
    assert chart("Meridian Air", series((None, None)), ()).panels[0].description == "No data."


def test_severities_of_the_same_height_are_one_block() -> None:
    drawn = chart("Meridian Air", series((1,) * 6, severity=(0, 1, 1, 3, 0, 0)), ())

    assert [(block.severity, block.start, block.width) for block in drawn.severities] == [
        (1, 1, 2),
        (3, 3, 1),
    ]


def test_incidents_gaps_and_onsets_stand_where_they_happened() -> None:
    drawn = chart(
        "Meridian Air",
        series((1,) * 24),
        [(7, incident(opened_at=at(12), closed_at=at(18)))],
        gaps=[(at(6), at(9))],
        episodes=TRUTH[:1],
    )

    (mark,), (gap,), (onset,) = drawn.incidents, drawn.gaps, drawn.onsets
    assert (mark.percent, mark.width_percent, mark.label) == (50.0, 25.0, "7")
    assert mark.words == "Incident 7 opened 14 Mar 12:00, reached high"
    assert (gap.percent, gap.width_percent) == (25.0, 12.5)
    assert onset.percent == pytest.approx(61.94, abs=0.01)


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        pytest.param(timedelta(hours=2), ["14 Mar", "00:15", "00:30", "00:45", "01:00", "01:15",
                                          "01:30", "01:45", "02:00"], id="two-hours"),
        pytest.param(timedelta(days=1), ["14 Mar", "03:00", "06:00", "09:00", "12:00", "15:00",
                                         "18:00", "21:00", "15 Mar"], id="a-day"),
        pytest.param(timedelta(days=3), ["14 Mar", "12:00", "15 Mar", "12:00", "16 Mar", "12:00",
                                         "17 Mar"], id="three-days"),
    ],
)  # fmt: skip
def test_times_stand_at_round_hours_and_midnights_carry_the_date(
    length: timedelta, labels: list[str]
) -> None:
    assert [tick.label for tick in time_ticks(MIDNIGHT, MIDNIGHT + length)] == labels


def test_an_axis_without_midnight_names_the_day_once() -> None:
    assert [tick.label for tick in time_ticks(at(9), at(13))] == [
        "14 Mar 09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30", "13:00",
    ]  # fmt: skip


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001  # made aware below
    st.integers(60, 86_400 * 3_000),
)
def test_any_stretch_of_time_gets_a_few_ticks_within_it(start: datetime, length_s: int) -> None:
    start = start.replace(tzinfo=MIDNIGHT.tzinfo)
    ticks = time_ticks(start, start + timedelta(seconds=length_s))

    assert len(ticks) <= 9
    assert all(0 <= tick.percent <= 100 for tick in ticks)
    assert sum(tick.narrow for tick in ticks) <= 5


@given(st.floats(0, 1e12))
def test_values_get_two_or_three_ticks_and_fit_below_the_top(largest: float) -> None:
    top, ticks = value_ticks(largest)

    assert top >= largest
    assert 2 <= len(ticks) <= 3
    assert ticks[0].label == "0"
    assert all(0 <= tick.percent <= 100 for tick in ticks)
