import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.cells import cell_len

from crisiswatch.detection.signal import Severity
from crisiswatch.screen.backtest import BacktestView, Opening
from tests.report.recordings import HOSTILE, MIDNIGHT, at
from tests.screen.printed import coloured, printed, steering

VIEW = BacktestView(
    source="series.csv",
    first_at=MIDNIGHT,
    last_at=at(24),
    values=(*(10.0,) * 40, 80.0, 60.0, 30.0, *(10.0,) * 20, None),
    openings=(
        Opening(
            opened_at=at(15),
            closed_at=at(17, 30),
            severity=Severity.HIGH,
            reasons=("80 posts in 5 min where 10 were expected (8x)",),
        ),
        Opening(opened_at=at(23), closed_at=None, severity=Severity.LOW, reasons=()),
    ),
    elapsed_s=0.31,
    scores_path="s.csv",
)


def test_a_backtest_shows_the_series_and_where_and_why_incidents_open() -> None:
    assert (
        printed(VIEW, width=68)
        == """\
series.csv
64 values from 14 Mar 2026 00:00 UTC to 15 Mar 2026 00:00 UTC

80                                         █
                                           █
                                           ██
                                           ██
                                           ██
                                           ███
                                           ███
 0 ███████████████████████████████████████████████████████████████
                                           ◕                    ◔
   14 Mar  03:00   06:00   09:00   12:00   15:00   18:00   21:00

  1. ◕ high  14 Mar 2026 15:00 UTC, closed after 2 h 30 min
     80 posts in 5 min where 10 were expected (8x)
  2. ◔ low  14 Mar 2026 23:00 UTC, still open at the end
2 openings in 0.3 s; scores in s.csv"""
    )


def test_a_quiet_series_and_a_long_list_say_so() -> None:
    assert "No incident would open." in printed(replace(VIEW, openings=()))
    assert "and 10 more" in printed(replace(VIEW, openings=VIEW.openings * 20))


def test_a_series_without_values_still_prints() -> None:
    assert "0 values" in printed(replace(VIEW, values=(), openings=()))


def test_a_real_series_fits_the_terminal_and_keeps_its_highest_peak(shared_data: Path) -> None:
    with (shared_data / "nab" / "realTweets" / "Twitter_volume_AAPL.csv").open() as file:
        read = [
            (datetime.fromisoformat(line["timestamp"]).replace(tzinfo=UTC), float(line["value"]))
            for line in csv.DictReader(file)
        ]
    view = replace(
        VIEW,
        first_at=read[0][0],
        last_at=read[-1][0],
        values=tuple(value for _, value in read),
        openings=(),
    )
    text = printed(view, width=80)

    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "13,479" in text
    assert "█" in text.splitlines()[3]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_does_not_steer_the_terminal(text: str) -> None:
    def view(words: str) -> str:
        opening = replace(VIEW.openings[0], reasons=(words,))
        return coloured(replace(VIEW, source=words, openings=(opening,), scores_path=words))

    assert steering(view(text), view("harmless")) == set()
