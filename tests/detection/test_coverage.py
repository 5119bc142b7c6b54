"""A silent source is told from a silent public."""

import pytest

from crisiswatch.detection.coverage import PAUSES_TO_GAP, SHORTEST_GAP_S, Coverage
from crisiswatch.reading import chunk_clock

HOUR_S = 3_600


def steady(until_s: int, *, every_s: int = 1) -> Coverage:
    coverage = Coverage()
    coverage.add([(0, until_s, 1)], lines=until_s // every_s)
    coverage.advance(until_s)
    return coverage


def test_a_pause_within_a_steady_stream_is_a_gap() -> None:
    coverage = steady(10 * HOUR_S)
    coverage.add([(12 * HOUR_S, 13 * HOUR_S, 1)], lines=HOUR_S)
    assert coverage.advance(13 * HOUR_S) == [(10 * HOUR_S, 12 * HOUR_S)]


def test_a_short_pause_is_none() -> None:
    coverage = steady(10 * HOUR_S)
    resumed_s = 10 * HOUR_S + SHORTEST_GAP_S - 1
    coverage.add([(resumed_s, resumed_s + 60, 1)], lines=60)
    assert coverage.advance(resumed_s + 60) == []


def test_a_thin_stream_may_pause_for_long() -> None:
    every_s = 600
    coverage = steady(100 * HOUR_S, every_s=every_s)
    pause_s = PAUSES_TO_GAP * every_s
    resumed_s = 100 * HOUR_S + pause_s - HOUR_S
    coverage.add([(resumed_s, resumed_s, 1)], lines=1)
    assert coverage.advance(resumed_s) == []


def test_a_stream_that_always_pauses_so_long_has_no_gap() -> None:
    coverage = Coverage()
    for number in range(500):
        coverage.add([(2_000 * number, 2_000 * number, 1)], lines=1)
    assert coverage.advance(1_000_000) == []


def test_the_answer_does_not_depend_on_how_the_stream_was_cut() -> None:
    times = [*range(0, 200_000, 100), *range(260_000, 300_000, 100)]
    answers = set()
    for size in (1, 10, 1_000, 10_000):
        coverage = Coverage()
        for at in range(0, len(times), size):
            cut = times[at : at + size]
            coverage.add(chunk_clock.covered([1_000 * time for time in cut]), lines=len(cut))
        answers.add(tuple(coverage.advance(300_000)))
    assert answers == {((199_900, 260_000),)}


def test_stretches_of_several_partitions_cover_each_other() -> None:
    #   part 0   |----a----|         |----c----|
    #   part 1             |----b----|
    coverage = Coverage()
    coverage.add([(0, 4 * HOUR_S, 1)], lines=10_000)
    coverage.add([(8 * HOUR_S, 12 * HOUR_S, 1)], lines=10_000)
    coverage.add([(4 * HOUR_S, 8 * HOUR_S, 1)], lines=10_000)
    assert coverage.advance(12 * HOUR_S) == []


def test_a_series_knows_its_own_spacing() -> None:
    coverage = Coverage(fixed_gap_s=300)
    coverage.add([(0, 299, 1), (300, 599, 1), (1200, 1499, 1)], lines=3)
    assert coverage.advance(1500) == [(599, 1200)]


def test_a_live_source_that_stays_silent_is_a_growing_gap_until_it_speaks() -> None:
    coverage = steady(10 * HOUR_S)
    at_s = 10 * HOUR_S
    assert coverage.advance(at_s + SHORTEST_GAP_S - 1) == []
    first = coverage.advance(at_s + SHORTEST_GAP_S)
    assert first == [(at_s, at_s + SHORTEST_GAP_S)]
    more = coverage.advance(at_s + SHORTEST_GAP_S + 60)
    assert more == [(at_s, at_s + SHORTEST_GAP_S + 60)]
    spoke_s = at_s + SHORTEST_GAP_S + 90
    coverage.add([(spoke_s, spoke_s + 600, 1)], lines=600)
    assert coverage.advance(spoke_s + 600) == [(at_s, spoke_s)]
    assert coverage.advance(spoke_s + 660) == []


@pytest.mark.parametrize(
    ("strays", "days"), [(1, 2), (4, 900), (4, 2)], ids=["one", "years-old", "several"]
)
def test_a_few_posts_of_long_before_are_not_the_beginning(strays: int, days: int) -> None:
    coverage = Coverage()
    day_s = 24 * HOUR_S
    for number in range(strays):
        coverage.add([(number * 2 * day_s, number * 2 * day_s, 1)], lines=1)
    begin_s = 2 * strays * day_s + days * day_s
    coverage.add([(begin_s, begin_s + 60, 96)], lines=96)
    assert coverage.begin(begin_s) is None
    assert coverage.begin(begin_s + 60) == begin_s
    assert coverage.advance(begin_s + 60) == []


def test_more_of_them_are_the_beginning_and_so_are_posts_of_the_same_day() -> None:
    for posts, before_s in ((6, 48 * HOUR_S), (1, 23 * HOUR_S)):
        coverage = Coverage()
        coverage.add([(0, 0, 1)], lines=posts)
        coverage.add([(before_s, before_s + 60, 94)], lines=94)
        assert coverage.begin(before_s + 60) == 0


def test_a_wrong_date_far_ahead_is_not_waited_for() -> None:
    coverage = Coverage()
    coverage.add([(0, 60, 3)], lines=3)
    coverage.add([(240 * HOUR_S, 240 * HOUR_S, 1)], lines=1)
    assert coverage.begin(60) == 0


def test_a_source_that_delivered_nothing_has_no_beginning() -> None:
    assert Coverage().begin(60) is None


def test_a_thin_recording_begins_with_its_first_post() -> None:
    coverage = Coverage()
    for day in range(0, 30, 2):
        coverage.add([(day * 24 * HOUR_S, day * 24 * HOUR_S, 1)], lines=1)
    assert coverage.begin(30 * 24 * HOUR_S) == 0


def test_what_is_silent_is_known_before_the_first_posts_after_it_can_be_closed() -> None:
    coverage = steady(10 * HOUR_S)
    at_s = 15 * HOUR_S
    coverage.add([(at_s, at_s, 1)], lines=1)
    assert coverage.advance(at_s - 60) == [(10 * HOUR_S, at_s - 60)]
    assert coverage.advance(at_s + 60) == [(10 * HOUR_S, at_s)]


@pytest.mark.parametrize("fixed_gap_s", [None, 300], ids=["stream", "series"])
def test_state_gives_the_same_memory_back(fixed_gap_s: int | None) -> None:
    coverage = Coverage(fixed_gap_s)
    coverage.add([(0, 5 * HOUR_S, 9), (9 * HOUR_S, 9 * HOUR_S, 1)], lines=20_000)
    coverage.advance(HOUR_S)
    again = Coverage.from_state(coverage.to_state())
    assert again.to_state() == coverage.to_state()
    assert again.advance(9 * HOUR_S) == coverage.advance(9 * HOUR_S) == [(5 * HOUR_S, 9 * HOUR_S)]
