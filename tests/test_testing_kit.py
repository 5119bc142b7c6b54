"""The shipped test kit does what users' own tests rely on."""

from datetime import UTC, datetime

import pytest

from crisiswatch.clock import Clock
from crisiswatch.reading.platforms.canonical import encode
from crisiswatch.reading.reader import Reader
from crisiswatch.testing import ManualClock, make_post

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def test_a_manual_clock_moves_only_when_told() -> None:
    clock: Clock = ManualClock(NOON)
    assert (clock.now(), clock.monotonic_s()) == (NOON, 0.0)
    assert isinstance(clock, ManualClock)
    clock.advance(90)
    assert (clock.now().minute, clock.now().second, clock.monotonic_s()) == (1, 30, 90.0)


def test_time_never_runs_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        ManualClock(NOON).advance(-1)


def test_a_made_post_reads_back_as_itself() -> None:
    post = make_post("the lounge is closed", at=NOON, number=7, author="ann")
    assert Reader(format="canonical").read(encode(post)) == post
