"""Numbered files hold each line once, end with the day and the size, and go when they are old."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.sinks.segments import Segments
from tests.still_clock import StillClock

DAY = timedelta(days=1)
HEADER = b"n\n"


def made(
    folder: Path,
    clock: StillClock,
    *,
    most_bytes: int = 1_000,
    keep_s: int = 30 * 86_400,
    keep_bytes: int = 10_000,
) -> Segments[int]:
    return Segments(
        folder,
        "numbers",
        ".txt",
        encode=lambda number: b"%d\n" % number,
        header=HEADER,
        clock=clock,
        most_bytes=most_bytes,
        keep_s=keep_s,
        keep_bytes=keep_bytes,
    )


@pytest.fixture
def clock() -> StillClock:
    return StillClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("numbers-*"))}


def test_a_new_day_begins_a_new_file(tmp_path: Path, clock: StillClock) -> None:
    part = made(tmp_path, clock).build_part("s", "numbers", None)
    part.write_batch([1, 2])
    clock.move(DAY)
    part.write_batch([3])
    part.close()
    assert files(tmp_path) == {
        "numbers-000001-2026-03-01.txt": b"n\n1\n2\n",
        "numbers-000002-2026-03-02.txt": b"n\n3\n",
    }


def test_a_full_file_is_followed_by_another(tmp_path: Path, clock: StillClock) -> None:
    part = made(tmp_path, clock, most_bytes=6).build_part("s", "numbers", None)
    for number in range(4):
        part.write_batch([number])
    assert list(files(tmp_path).values()) == [b"n\n0\n1\n", b"n\n2\n3\n"]


def test_a_resumed_run_cuts_back_and_removes_what_came_later(
    tmp_path: Path, clock: StillClock
) -> None:
    sink = made(tmp_path, clock, most_bytes=6)
    part = sink.build_part("s", "numbers", None)
    part.write_batch([1])
    certain = part.snapshot()
    for number in (2, 3, 4, 5):
        part.write_batch([number])
    assert len(files(tmp_path)) == 3
    again = sink.build_part("s", "numbers", certain)
    again.write_batch([2])
    assert files(tmp_path) == {"numbers-000001-2026-03-01.txt": b"n\n1\n2\n"}


def test_a_start_that_left_no_snapshot_leaves_no_lines(tmp_path: Path, clock: StillClock) -> None:
    sink = made(tmp_path, clock, most_bytes=6)
    earlier = sink.build_part("s", "numbers", None)
    earlier.write_batch([1])
    for _ in range(3):
        earlier.snapshot()
    for dead in (2, 3):
        part = sink.build_part("s", "numbers", None)
        for _ in range(dead):
            part.write_batch([dead])
    again = sink.build_part("s", "numbers", None)
    again.write_batch([4])
    assert list(files(tmp_path).values()) == [b"n\n1\n", b"n\n4\n"]


def test_a_new_beginning_leaves_the_files_of_the_past_alone(
    tmp_path: Path, clock: StillClock
) -> None:
    first = made(tmp_path, clock).build_part("s", "numbers", None)
    first.write_batch([1])
    second = made(tmp_path, clock).build_part("s", "numbers", first.snapshot())
    second.write_batch([2])
    third = made(tmp_path, clock).build_part("s", "numbers", None)
    third.write_batch([3])
    assert list(files(tmp_path).values()) == [b"n\n1\n2\n", b"n\n3\n"]


def test_files_go_when_they_are_old(tmp_path: Path, clock: StillClock) -> None:
    part = made(tmp_path, clock, keep_s=2 * 86_400).build_part("s", "numbers", None)
    for number in range(6):
        part.write_batch([number])
        for _ in range(3):
            part.snapshot()
        for path in tmp_path.glob("numbers-*"):
            day = datetime.fromisoformat(path.stem[-10:]).replace(tzinfo=UTC)
            os.utime(path, (day.timestamp(), day.timestamp()))
        clock.move(DAY)
    kept = list(files(tmp_path))
    assert kept[0] == "numbers-000005-2026-03-05.txt"
    assert len(kept) == 2


def test_a_flood_is_bounded_but_never_takes_a_file_that_a_resume_needs(
    tmp_path: Path, clock: StillClock
) -> None:
    sink = made(tmp_path, clock, most_bytes=6, keep_bytes=12)
    part = sink.build_part("s", "numbers", None)
    part.write_batch([0])
    certain = part.snapshot()
    for number in range(1, 9):
        part.write_batch([number])
    assert len(files(tmp_path)) == 5  # all since the snapshot
    resumed = sink.build_part("s", "numbers", certain)
    for number in range(1, 9):
        resumed.write_batch([number])
        for _ in range(3):
            resumed.snapshot()
    assert list(files(tmp_path).values()) == [b"n\n4\n5\n", b"n\n6\n7\n", b"n\n8\n"]


def test_a_file_that_is_gone_or_cut_short_does_not_stop_a_service(
    tmp_path: Path, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    sink = made(tmp_path, clock)
    part = sink.build_part("s", "numbers", None)
    part.write_batch([1, 2, 3])
    certain = part.snapshot()
    path = tmp_path / certain[1]
    path.write_bytes(b"n\n1\n")
    sink.build_part("s", "numbers", certain).write_batch([4])
    assert path.read_bytes() == b"n\n1\n4\n"
    path.unlink()
    sink.build_part("s", "numbers", certain).write_batch([5])
    assert list(files(tmp_path).values()) == [b"n\n5\n"]
    assert "shorter than" in caplog.text
    assert "is gone" in caplog.text


def test_only_one_process_of_a_cluster_writes(tmp_path: Path, clock: StillClock) -> None:
    sink = made(tmp_path, clock)
    assert sink.list_parts() == ["numbers"]
    assert sink.part_fn("anything") == 0
    elsewhere = Segments(
        tmp_path,
        "numbers",
        ".txt",
        encode=bytes,
        clock=clock,
        most_bytes=1,
        keep_s=1,
        keep_bytes=1,
        here=False,
    )
    assert elsewhere.list_parts() == []
