"""A wall clock that is set is noticed, and not believed for a while."""

import logging

import pytest

from crisiswatch.app.clock_guard import DOUBT_S, STEP_S, ClockGuard
from tests.app.made_clocks import Clocks

HOUR_S = 3_600.0


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def steps() -> list[float]:
    return []


@pytest.fixture
def guard(clocks: Clocks, steps: list[float]) -> ClockGuard:
    return ClockGuard(
        wall_s=lambda: clocks.wall_s, steady_s=lambda: clocks.steady_s, on_step=steps.append
    )


def test_time_that_goes_by_is_no_step(
    guard: ClockGuard, clocks: Clocks, steps: list[float]
) -> None:
    for _ in range(100):
        clocks.passes(HOUR_S)
        assert guard.is_trusted()
    assert steps == []


def test_a_clock_that_runs_a_little_fast_all_year_makes_no_step(
    guard: ClockGuard, clocks: Clocks
) -> None:
    for _ in range(1_000):
        clocks.passes(1)
        clocks.is_set_by(0.5)
        guard.check()
    assert guard.step_s() == 0


@pytest.mark.parametrize("by_s", [STEP_S, HOUR_S, -STEP_S, -HOUR_S])
def test_a_step_is_told_once_and_doubted_for_a_quarter_of_an_hour(
    guard: ClockGuard,
    clocks: Clocks,
    steps: list[float],
    by_s: float,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clocks.is_set_by(by_s)
    with caplog.at_level(logging.ERROR, logger="crisiswatch"):
        assert not guard.is_trusted()
    assert steps == [pytest.approx(by_s)]
    assert "the wall clock was set by" in caplog.text
    clocks.passes(DOUBT_S - 1)
    assert not guard.is_trusted()
    assert guard.step_s() == pytest.approx(by_s)
    clocks.passes(1)
    assert guard.is_trusted()
    assert guard.step_s() == 0
    assert len(steps) == 1


def test_a_process_that_begins_after_a_step_knows_of_it(guard: ClockGuard, clocks: Clocks) -> None:
    guard.remember(-HOUR_S, ago_s=100)

    assert guard.step_s() == -HOUR_S
    assert not guard.is_trusted()
    clocks.passes(DOUBT_S - 100)
    assert guard.is_trusted()
