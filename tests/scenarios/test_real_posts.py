"""Real recordings through the real pipeline find what truly happened in them."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from crisiswatch.incidents.record import RecordedIncident, read_incidents

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PROGRAM = "from crisiswatch.cli import main; main()"
WAKES = {"medium", "high", "critical"}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2015, 2, day, hour, minute, tzinfo=UTC)


@pytest.fixture(scope="module")
def airline_incidents(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RecordedIncident, ...]:
    out = tmp_path_factory.mktemp("airline")
    config = REPOSITORY / "deploy" / "examples" / "airline.toml"
    posts = shared_data / "airline" / "posts.jsonl"
    arguments = ["replay", str(posts), "--config", str(config), "--out", str(out), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], check=True, capture_output=True
    )
    assert orjson.loads(done.stdout)["rejected"] == {}
    return read_incidents(out / "incidents.jsonl")


def test_us_airways_crisis_of_22_february_opens_on_that_day(
    airline_incidents: tuple[RecordedIncident, ...],
) -> None:
    opened = [one.opened_at for one in airline_incidents if one.topic == "US Airways"]
    assert any(at(22, 0) <= one < at(23, 0) for one in opened)


def test_southwest_crisis_opens_on_21_or_22_february(
    airline_incidents: tuple[RecordedIncident, ...],
) -> None:
    opened = [one.opened_at for one in airline_incidents if one.topic == "Southwest"]
    assert any(at(21, 0) <= one < at(23, 0) for one in opened)


def test_jetblue_happy_burst_of_23_february_wakes_nobody(
    airline_incidents: tuple[RecordedIncident, ...],
) -> None:
    during = [
        one
        for one in airline_incidents
        if one.topic == "JetBlue"
        and one.severity in WAKES
        and one.opened_at < at(23, 22)
        and (one.closed_at is None or one.closed_at > at(23, 18))
    ]
    assert during == []


def test_few_incidents_open_in_a_week_of_six_airlines(
    airline_incidents: tuple[RecordedIncident, ...],
) -> None:
    assert len([one for one in airline_incidents if one.severity in WAKES]) <= 8


@pytest.mark.slow
def test_five_brands_score_on_the_numenta_benchmark(shared_data: Path, tmp_path: Path) -> None:
    for series in sorted((shared_data / "nab" / "realTweets").glob("*.csv")):
        arguments = ["backtest", str(series), "--scores", str(tmp_path / series.name), "--json"]
        subprocess.run([sys.executable, "-c", PROGRAM, *arguments], check=True, capture_output=True)
    scorer = shared_data.parent / "bench" / "nab_score.py"
    done = subprocess.run(
        [sys.executable, str(scorer), str(tmp_path), "--threshold", "1e-9", "--json"],
        check=True,
        capture_output=True,
    )
    scores = {name: result["score"] for name, result in orjson.loads(done.stdout).items()}
    assert scores["standard"] >= 80
    assert scores["reward_low_FP_rate"] >= 72
    assert scores["reward_low_FN_rate"] >= 85
