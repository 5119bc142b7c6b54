"""A count series in CSV becomes steps for a watch."""

from itertools import pairwise
from pathlib import Path

import pytest

from crisiswatch.errors import InputError
from crisiswatch.reading.post import Reason
from flows.messages import Intake, Partial
from flows.sources.count_series import CountSeries, read_series


def series_file(tmp_path: Path, *rows: str, header: str = "timestamp,value") -> Path:
    path = tmp_path / "mentions.csv"
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def test_rows_are_read_with_their_spacing(tmp_path: Path) -> None:
    path = series_file(
        tmp_path, "2015-02-26 21:42:53,104", "2015-02-26 21:47:53,100", "2015-02-26T21:52:53Z,7"
    )
    series = read_series(path)
    assert [row.posts for row in series.rows] == [104, 100, 7]
    assert (series.name, series.spacing_s, series.polarity_known) == ("mentions", 300, False)
    assert series.rows[2].at - series.rows[0].at == 600


def test_jittered_rows_keep_their_own_steps(tmp_path: Path) -> None:
    rows = [f"{300 * number + (-1) ** number},{number}" for number in range(1, 20)]
    series = read_series(series_file(tmp_path, *rows))
    steps = [series.step_at(row) for row in series.rows]
    assert len(set(steps)) == len(steps)
    assert {after - before for before, after in pairwise(steps)} == {series.spacing_s}


def test_milliseconds_are_told_from_seconds(tmp_path: Path) -> None:
    series = read_series(series_file(tmp_path, "1767225600000,1", "1767225900000,2"))
    assert (series.rows[0].at, series.spacing_s) == (1_767_225_600, 300)


def test_a_negative_column_makes_polarity_known(tmp_path: Path) -> None:
    path = series_file(tmp_path, "0,5,2", "60,6,", header="timestamp,value,negative")
    series = read_series(path)
    assert series.polarity_known
    assert [row.negatives for row in series.rows] == [2, None]


@pytest.mark.parametrize(
    "row",
    ["yesterday,5", "120,many", "120,-3", "120,nan", "120,inf", "120,1e300", ",5"],
    ids=["no-time", "no-number", "negative", "nan", "infinite", "huge", "empty"],
)
def test_a_row_that_can_not_be_read_is_unknown_and_not_zero(tmp_path: Path, row: str) -> None:
    series = read_series(series_file(tmp_path, "0,5", "60,5", row, "180,5"))
    assert [one.at for one in series.rows] == [0, 60, 180]
    (rejected,) = series.rejected
    assert rejected.reason is Reason.WRONG_TYPE


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("time,count\n1,2\n", "columns are time, count"),
        ("timestamp,value\n1,2\n", "1 readable rows"),
        ("", "columns are missing"),
    ],
    ids=["columns", "one-row", "empty"],
)
def test_a_file_that_is_no_series_is_refused_with_the_remedy(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "s.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=problem):
        read_series(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv"):
        read_series(tmp_path / "none.csv")


def test_the_source_emits_all_rows_and_then_its_end(tmp_path: Path) -> None:
    series = read_series(series_file(tmp_path, "0,5", "60,6", "120,bad", "180,7"))
    source = CountSeries(series, shard="shard-0", partition="rows")
    part = source.build_part("rows", "rows", None)
    batches = []
    while True:
        try:
            batches.append(list(part.next_batch()))
        except StopIteration:
            break
    partials = [item for batch in batches for item in batch if isinstance(item, Partial)]
    posts = {
        at: counts.posts for one in partials for (_, at), counts in one.counts.by_key().items()
    }
    assert posts == {0: 5, 60: 6, 180: 7}
    assert [one.last for one in partials] == [False, True]
    intakes = [item for batch in batches for item in batch if isinstance(item, Intake)]
    assert sum(len(intake.rejected) for intake in intakes) == 1
    resumed = source.build_part("rows", "rows", part.snapshot())
    with pytest.raises(StopIteration):
        resumed.next_batch()
