"""Real weeks: the benchmark's brands, the recorded crises, the airlines."""

from pathlib import Path

import pytest

from tests.bench import research_detection as research


@pytest.fixture(scope="module")
def airline(shared_data: Path) -> list[research.Scored]:
    assert shared_data == research.DATA
    return research.load_airline(research.score_as_shipped)


def test_the_five_brands_of_the_benchmark_score_as_promised(shared_data: Path) -> None:
    assert shared_data == research.DATA
    found = [(series, research.openings(series)) for series in research.load_nab()]
    standard, low_fp, low_fn, _ = research.nab_score(found)
    assert standard >= 80.0
    assert low_fp >= 72.0
    assert low_fn >= 85.0


@pytest.mark.parametrize("step_s", [10, 30, 60])
def test_every_recorded_crisis_is_found_within_minutes(shared_data: Path, step_s: int) -> None:
    assert shared_data == research.DATA
    for name, curve in research.crisis_curves().items():
        opened = research.crisis_openings(name, curve, step_s)
        first_post = next(at for at in curve if at >= 0)
        assert opened, name
        assert opened[0] > 0, f"{name}: alarm before the event"
        assert opened[0] - first_post <= 15 * 60, name


@pytest.mark.parametrize("phase_s", [0, 120], ids=["bins-as-they-are", "bins-moved"])
@pytest.mark.parametrize("threshold", [0.45, 0.5])
def test_the_airline_week_holds_both_crises_and_lets_the_harmless_burst_pass(
    airline: list[research.Scored], threshold: float, phase_s: int
) -> None:
    signals = research.airline_signals(airline, threshold=threshold, phase_s=phase_s)
    us_airways, southwest, jetblue_passed, opened = research.check_airline(signals, phase_s)
    assert us_airways
    assert southwest
    assert jetblue_passed
    assert opened <= 8
