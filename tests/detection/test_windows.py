"""Steps close at the watermark, late posts are counted, gaps come out in their place."""

import pytest

from crisiswatch.detection.coverage import SHORTEST_GAP_S
from crisiswatch.detection.windows import Gap, Step, Windows
from crisiswatch.reading.count_table import CountTable
from crisiswatch.reading.counts import Counts

MINUTE_S = 60
HOUR_S = 3_600


def windows(partitions: tuple[str, ...] = ("a",), *, lateness_s: int = 60) -> Windows:
    return Windows(step_s=60, bin_s=300, lateness_s=lateness_s, partitions=partitions)


def feed(into: Windows, at_s: int, posts: int = 1, *, partition: str = "a") -> list[Step | Gap]:
    into.add(
        partition,
        counts=CountTable.of({(0, at_s): Counts(posts=posts)}),
        recent_s=(at_s,) * 3,
        covered=[(at_s, at_s, 1)],
        lines=posts,
    )
    return list(into.closed())


def closed_posts(steps: list[Step | Gap]) -> dict[int, int]:
    return {
        step.start_at: sum(counts.posts for counts in step.counts.values())
        for step in steps
        if isinstance(step, Step)
    }


def test_a_step_closes_once_the_clock_is_past_its_end_by_the_lateness() -> None:
    open_windows = windows()
    assert feed(open_windows, 10) == []
    assert feed(open_windows, 119) == []
    assert closed_posts(feed(open_windows, 120)) == {0: 1}


def test_steps_without_posts_close_too_so_that_time_has_no_holes() -> None:
    open_windows = windows()
    feed(open_windows, 10)
    assert closed_posts(feed(open_windows, 310)) == {0: 1, 60: 0, 120: 0, 180: 0}


def test_a_post_for_a_closed_step_is_late_and_not_merged() -> None:
    open_windows = windows()
    feed(open_windows, 10)
    feed(open_windows, 200)
    assert closed_posts(feed(open_windows, 20, posts=3)) == {}
    assert open_windows.late_posts == 3
    assert closed_posts(feed(open_windows, 320)) == {120: 0, 180: 1}


def test_a_post_out_of_order_within_the_lateness_is_merged() -> None:
    open_windows = windows(lateness_s=120)
    feed(open_windows, 130)
    feed(open_windows, 50, posts=2)
    assert closed_posts(feed(open_windows, 300)) == {0: 2, 60: 0, 120: 1}
    assert open_windows.late_posts == 0


def test_the_slowest_partition_holds_the_watermark() -> None:
    open_windows = windows(("a", "b"))
    assert feed(open_windows, 600) == []
    assert closed_posts(feed(open_windows, 130, partition="b")) == {}
    assert closed_posts(feed(open_windows, 240, partition="b")) == {120: 1}


def test_a_finished_partition_holds_nothing() -> None:
    open_windows = windows(("a", "b"))
    feed(open_windows, 10)
    feed(open_windows, 500)
    open_windows.finish("b")
    assert closed_posts(list(open_windows.closed()))[0] == 1


def test_the_end_of_the_stream_closes_the_last_bin_as_a_whole() -> None:
    open_windows = windows()
    feed(open_windows, 10)
    feed(open_windows, 70)
    open_windows.finish("a")
    assert closed_posts(list(open_windows.closed())) == {0: 1, 60: 1, 120: 0, 180: 0, 240: 0}
    assert list(open_windows.closed()) == []


def test_a_stream_that_ends_without_a_post_closes_nothing() -> None:
    open_windows = windows()
    open_windows.finish("a")
    assert list(open_windows.closed()) == []


def test_a_gap_of_the_source_comes_out_as_a_gap_and_not_as_zeros() -> None:
    open_windows = windows()
    steady = [(at, at, 1) for at in range(0, HOUR_S, 5)]
    open_windows.add(
        "a",
        counts=CountTable.of({(0, 0): Counts(posts=1)}),
        recent_s=(HOUR_S,) * 3,
        covered=steady,
        lines=7_200,
    )
    before = list(open_windows.closed())
    assert all(isinstance(step, Step) for step in before)
    resumed_s = 5 * HOUR_S
    open_windows.add(
        "a",
        counts=CountTable.of({(0, resumed_s): Counts(posts=1)}),
        recent_s=(resumed_s + 300,) * 3,
        covered=[(resumed_s, resumed_s + 300, 1)],
        lines=600,
    )
    after = list(open_windows.closed())
    gaps = [item for item in after if isinstance(item, Gap)]
    assert gaps == [Gap(from_at=HOUR_S, to_at=resumed_s)]
    assert closed_posts(after)[resumed_s] == 1
    starts = sorted(closed_posts(before + after))
    assert not any(HOUR_S <= start < resumed_s for start in starts)


def test_one_post_dated_years_ahead_moves_nothing_and_costs_no_time_at_the_end() -> None:
    open_windows = windows()
    years_s = 20 * 365 * 24 * HOUR_S
    open_windows.add(
        "a",
        counts=CountTable.of({(0, 10): Counts(posts=1), (0, years_s): Counts(posts=1)}),
        recent_s=(298, 299, 300, years_s),
        covered=[(10, 300, 1)],
        lines=400,
    )
    assert max(closed_posts(list(open_windows.closed()))) == 120
    open_windows.finish("a")
    assert max(closed_posts(list(open_windows.closed()))) == 540
    assert open_windows.late_posts == 1


def test_steps_are_shifted_to_the_origin_of_a_series() -> None:
    shifted = Windows(
        step_s=300, bin_s=300, lateness_s=0, partitions=("a",), origin_s=53, fixed_gap_s=300
    )
    feed(shifted, 53)
    assert closed_posts(feed(shifted, 353)) == {53: 1}


def test_a_stretch_that_is_told_as_lost_is_a_gap_however_short_it_is() -> None:
    #   posts |--0--|--1--|           |--6--|--7--|
    #   lost              (from 2:10 to 5:50)
    #   steps    0     1     2  gap 3,4   5     6
    open_windows = windows(lateness_s=0)
    steps = [item for at_s in (0, MINUTE_S, 2 * MINUTE_S) for item in feed(open_windows, at_s)]
    open_windows.lose(2 * MINUTE_S + 10, 5 * MINUTE_S + 50)
    steps += [item for at_s in (6 * MINUTE_S, 7 * MINUTE_S) for item in feed(open_windows, at_s)]
    gaps = [item for item in steps if isinstance(item, Gap)]
    assert gaps == [Gap(from_at=3 * MINUTE_S, to_at=5 * MINUTE_S)]
    assert closed_posts(steps) == {0: 1, 60: 1, 120: 1, 300: 0, 360: 1}


def test_posts_that_came_of_a_lost_stretch_are_counted_and_the_rest_stays_a_gap() -> None:
    open_windows = windows(lateness_s=0)
    steps = feed(open_windows, 0)
    open_windows.lose(0, 6 * MINUTE_S)
    steps += feed(open_windows, 3 * MINUTE_S)
    steps += feed(open_windows, 7 * MINUTE_S)
    gaps = [(item.from_at, item.to_at) for item in steps if isinstance(item, Gap)]
    assert gaps == [(60, 180), (240, 360)]
    assert closed_posts(steps) == {0: 1, 180: 1, 360: 0}


def test_a_lost_stretch_ends_no_step_before_the_watermark_does() -> None:
    open_windows = windows(lateness_s=0)
    assert feed(open_windows, 0) == []
    open_windows.lose(0, HOUR_S)
    assert feed(open_windows, 2 * MINUTE_S + 30)[1:] == [Gap(from_at=60, to_at=120)]
    restored = windows(lateness_s=0)
    restored.restore(open_windows.to_state())
    later = feed(restored, HOUR_S)
    assert [item for item in later if isinstance(item, Gap)] == [Gap(from_at=180, to_at=HOUR_S)]


def quiet(into: Windows, from_s: int, to_s: int, *, every_s: int) -> list[Step | Gap]:
    """Let a live source that delivers nothing vouch for the wall clock now and then."""
    said: list[Step | Gap] = []
    for at_s in range(from_s, to_s, every_s):
        into.vouch("a", at_s)
        said += into.closed()
    return said


@pytest.mark.parametrize("every_s", [1, 10, 60, 90, 600, 5 * HOUR_S])
def test_an_outage_is_a_gap_however_often_the_clock_is_told(every_s: int) -> None:
    open_windows = windows()
    for minute in range(600):
        feed(open_windows, 60 * minute, posts=60)
    begin_s = 600 * 60
    said = quiet(open_windows, begin_s, begin_s + 5 * HOUR_S, every_s=every_s)
    said += feed(open_windows, begin_s + 5 * HOUR_S)
    said += feed(open_windows, begin_s + 5 * HOUR_S + 300)
    silent_min = sum((gap.to_at - gap.from_at) // 60 for gap in said if isinstance(gap, Gap))
    zeros = sum(isinstance(step, Step) and not step.counts for step in said)
    # Until the pause is certain to be a gap, live windows close as if nobody had posted.
    assert silent_min >= 5 * 60 - SHORTEST_GAP_S // 60 - 2
    assert silent_min + zeros == 5 * 60 + 3


def test_a_gap_that_was_told_by_the_reader_is_not_hidden_by_an_earlier_one() -> None:
    open_windows = windows()
    feed(open_windows, 30)
    open_windows.lose(600, 720)
    open_windows.lose(300, 420)
    said = feed(open_windows, 1_000)
    assert [gap for gap in said if isinstance(gap, Gap)] == [
        Gap(from_at=360, to_at=420),
        Gap(from_at=660, to_at=720),
    ]


def test_a_pipe_that_ended_and_has_another_writer_counts_as_before() -> None:
    open_windows = windows()
    feed(open_windows, 30)
    open_windows.finish("a")
    list(open_windows.closed())
    again = windows()
    again.restore(open_windows.to_state())
    said = [step for second in range(300, 900, 20) for step in feed(again, second)]
    assert again.late_posts == 0
    assert sum(closed_posts(said).values()) == 24
    assert again.watermark_s == 880


def test_an_old_post_at_the_very_beginning_is_late_and_not_days_of_silence() -> None:
    open_windows = windows()
    days = 400
    said = feed(open_windows, 10)
    said += [
        step for second in range(120) for step in feed(open_windows, days * 24 * HOUR_S + second)
    ]
    said += feed(open_windows, days * 24 * HOUR_S + 200)
    assert closed_posts(said) == {days * 24 * HOUR_S: 60, days * 24 * HOUR_S + 60: 60}
    assert open_windows.late_posts == 1


def test_a_partition_that_is_gone_after_a_restart_holds_up_nothing() -> None:
    before = windows(("a", "b"))
    feed(before, 30, partition="b")
    feed(before, 600)
    assert before.watermark_s == 30
    after = windows(("a",))
    after.restore(before.to_state())
    assert after.watermark_s == 600
    assert closed_posts(feed(after, 720)) == {0: 1, **dict.fromkeys(range(60, 600, 60), 0), 600: 1}
