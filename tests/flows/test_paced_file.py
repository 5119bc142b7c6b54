"""Recorded posts come at the pace of their own clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crisiswatch.errors import InputError
from crisiswatch.testing import ManualClock
from flows.messages import Chunk
from flows.sources.paced_file import PacedFile

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def never() -> bool:
    return False


def time_ms_of(line: bytes) -> int | None:
    return int(line) * 1000 if line.strip().isdigit() else None


def paced(path: Path, clock: ManualClock, speed: float = 10.0) -> PacedFile:
    return PacedFile(
        path, partition="a", speed=speed, time_ms_of=time_ms_of, clock=clock, stop=never
    )


def test_lines_come_when_their_time_has_come_at_ten_times_the_speed(tmp_path: Path) -> None:
    #   event time   100   105       130
    #   real time      0   0.5 s       3 s
    path = tmp_path / "posts"
    path.write_bytes(b"100\n105\nno time\n130\n")
    clock = ManualClock(NOW)
    part = paced(path, clock).build_part("posts", "a", None)
    assert part.next_batch() == [Chunk(partition="a", data=b"100\n")]
    assert part.next_batch() == []
    assert part.next_awake() == NOW + timedelta(seconds=0.5)
    clock.advance(0.5)
    assert part.next_batch() == [Chunk(partition="a", data=b"105\nno time\n")]
    clock.advance(2.5)
    assert part.next_batch() == [Chunk(partition="a", data=b"130\n")]
    assert part.next_batch() == [Chunk(partition="a", last=True)]
    with pytest.raises(StopIteration):
        part.next_batch()


def test_a_resumed_file_goes_on_at_its_place_without_catching_up(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_bytes(b"100\n105\n130\n")
    clock = ManualClock(NOW)
    source = paced(path, clock)
    part = source.build_part("posts", "a", None)
    part.next_batch()
    resumed = source.build_part("posts", "a", part.snapshot())
    assert resumed.next_batch() == [Chunk(partition="a", data=b"105\n")]
    assert resumed.next_batch() == []
    clock.advance(2.5)
    assert resumed.next_batch() == [Chunk(partition="a", data=b"130\n")]


def test_a_line_dated_months_ahead_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_bytes(b"100\n99000000\n101\n102\n")
    clock = ManualClock(NOW)
    part = paced(path, clock).build_part("posts", "a", None)
    first = part.next_batch()
    clock.advance(1)
    lines = b"".join(chunk.data for chunk in [*first, *part.next_batch()])
    assert lines == b"100\n99000000\n101\n102\n"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        paced(tmp_path / "none", ManualClock(NOW))
