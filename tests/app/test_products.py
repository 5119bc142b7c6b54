import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crisiswatch.app.products import READINGS_HEADER, Products, claim, read_readings, sort_readings
from crisiswatch.errors import InputError, StoreError

ROW = "0,0,0,0,0,1.00,,none\r\n"


def test_only_one_run_writes_into_a_folder(tmp_path: Path) -> None:
    first, second = Products(tmp_path / "out"), Products(tmp_path / "out")
    with first.held():
        first.prepare(resumes=False)
        with pytest.raises(StoreError, match="another run is writing there"), second.held():
            second.prepare(resumes=False)
    with second.held():
        assert second.readings.read_bytes() == READINGS_HEADER


def test_a_run_does_not_remove_what_it_reads(tmp_path: Path) -> None:
    products = Products(tmp_path)
    products.dead_letters.write_text("{}\n")
    link = tmp_path / "link.jsonl"
    link.symlink_to(products.dead_letters)
    for path in (products.dead_letters, link):
        with pytest.raises(InputError, match="overwrite what it reads"), products.held(reads=path):
            products.prepare(resumes=False)
    assert products.dead_letters.read_text() == "{}\n"


def test_a_run_may_read_what_only_lies_beside_its_products(tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    posts.touch()
    products = Products(tmp_path)
    with products.held(reads=posts):
        products.prepare(resumes=False)
    assert posts.exists()


def test_readings_are_sorted_by_time_then_topic_whatever_the_topics_are_called(
    tmp_path: Path,
) -> None:
    path = tmp_path / "readings.csv"
    late, early = "2026-01-01T00:05:00Z", "2026-01-01T00:00:00Z"
    rows = [f'"b ""x"", y",{late},{ROW}', f'"a\nb",{late},{ROW}', f"b,{early},{ROW}"]
    path.write_bytes(READINGS_HEADER + "".join(rows).encode())
    sort_readings(path)
    assert [(row.topic, row.bin_start.minute) for row in read_readings(path)] == [
        ("b", 0),
        ("a\nb", 5),
        ('b "x", y', 5),
    ]
    assert path.read_bytes() == READINGS_HEADER + "".join(rows[::-1]).encode()
    with path.open(newline="") as file:
        assert len(list(csv.reader(file))) == 4
    assert next(read_readings(path)).bin_start == datetime(2026, 1, 1, tzinfo=UTC)


def test_an_answer_is_never_written_over_the_input(tmp_path: Path) -> None:
    path = tmp_path / "series.csv"
    path.write_text("timestamp,value\n")
    with pytest.raises(InputError, match="overwrite what it reads"):
        claim(path, reads=path)
    with pytest.raises(FileNotFoundError):
        claim(tmp_path / "none" / "scores.csv", reads=path)
    claim(tmp_path / "scores.csv", reads=path)
    assert path.read_text() == "timestamp,value\n"
