"""Whatever the source: polls and epochs are seen, canaries come in, doubtful clocks stay out."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition

from crisiswatch.reading.canary import canary_line
from crisiswatch.testing import ManualClock
from flows.messages import Chunk
from flows.observing import NoObserver
from flows.sources.observed import CANARY_EVERY_S, Observed, Watched

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
POST = Chunk(partition="a", data=b"{}\n")
IDLE = Chunk(partition="a", idle_clock_s=NOW_S)


class Counting(NoObserver):
    """Counts polls and epochs."""

    def __init__(self) -> None:
        self.polls = 0
        self.epochs = 0

    def on_poll(self) -> None:
        """Count it."""
        self.polls += 1

    def on_epoch(self) -> None:
        """Count it."""
        self.epochs += 1


class Scripted(StatefulSourcePartition[Chunk, int]):
    """Emits the same each time, and wants to be asked again in an hour."""

    def __init__(self, chunks: list[Chunk]) -> None:
        self._chunks = chunks

    def next_batch(self) -> Iterable[Chunk]:
        """Return the script."""
        return self._chunks

    def next_awake(self) -> datetime | None:
        """Return an hour from the start."""
        return NOW + timedelta(hours=1)

    def snapshot(self) -> int:
        """Return a state."""
        return 7


class ScriptedSource(FixedPartitionedSource[Chunk, int]):
    """Two partitions of that kind."""

    def __init__(self, *chunks: Chunk) -> None:
        self._chunks = list(chunks)

    def list_parts(self) -> list[str]:
        """Return both names."""
        return ["b", "a"]

    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> Scripted:
        """Open one."""
        assert (step_id, for_part in self.list_parts(), resume_state) == ("s", True, None)
        return Scripted(self._chunks)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


def open_part(
    clock: ManualClock,
    *chunks: Chunk,
    name: str = "a",
    observer: NoObserver | None = None,
    canary_at_s: Callable[[], float | None] | None = None,
    is_trusted: bool = True,
) -> StatefulSourcePartition[Chunk, int]:
    watched = Watched(
        observer=observer or NoObserver(),
        clock=clock,
        canary_at_s=canary_at_s,
        is_clock_trusted=lambda: is_trusted,
    )
    return Observed(ScriptedSource(*chunks), watched).build_part("s", name, None)


def test_the_source_is_passed_on_and_watched(clock: ManualClock) -> None:
    observer = Counting()
    part = open_part(clock, POST, observer=observer)

    assert list(part.next_batch()) == [POST]
    assert part.next_awake() == NOW + timedelta(hours=1)
    assert part.snapshot() == 7
    assert (observer.polls, observer.epochs) == (1, 1)


def test_a_canary_comes_once_a_minute_with_the_time_that_posts_have(clock: ManualClock) -> None:
    part = open_part(clock, POST, canary_at_s=lambda: 42.5)
    canary = Chunk(partition="a", data=canary_line(42_500))

    assert list(part.next_batch()) == [canary, POST]
    clock.advance(CANARY_EVERY_S - 1)
    assert list(part.next_batch()) == [POST]
    assert part.next_awake() == clock.now() + timedelta(seconds=1)
    clock.advance(1)
    assert list(part.next_batch()) == [canary, POST]


def test_one_partition_has_the_canaries_of_all(clock: ManualClock) -> None:
    assert list(open_part(clock, name="b", canary_at_s=lambda: 42.5).next_batch()) == []


def test_there_is_none_before_a_recording_has_a_time(clock: ManualClock) -> None:
    times: list[float | None] = [None, 42.5]
    part = open_part(clock, canary_at_s=lambda: times.pop(0))

    assert list(part.next_batch()) == []
    assert len(list(part.next_batch())) == 1


def test_a_clock_that_was_set_stands_in_for_no_posts(clock: ManualClock) -> None:
    assert list(open_part(clock, IDLE, POST).next_batch()) == [IDLE, POST]
    assert list(open_part(clock, IDLE, POST, is_trusted=False).next_batch()) == [POST]


def test_a_canary_that_the_source_brings_does_not_come_twice(clock: ManualClock) -> None:
    sent: list[bytes] = []

    def send(line: bytes) -> bool:
        sent.append(line)
        return True

    watched = Watched(
        observer=NoObserver(),
        clock=clock,
        canary_at_s=lambda: 42.5,
        send=send,
    )
    part = Observed(ScriptedSource(POST), watched).build_part("s", "a", None)

    assert list(part.next_batch()) == [POST]
    assert sent == [canary_line(42_500)]
