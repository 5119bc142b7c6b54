"""Posts from a pipe come as whole lines, and silence advances time only when live."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import pytest

from crisiswatch.testing import ManualClock
from flows.messages import Chunk
from flows.sources.live_lines import IDLE_S, LiveLines

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue  # the test closed it


def listen(descriptor: int, clock: ManualClock, *, live: bool) -> LiveLines:
    return LiveLines(descriptor, partition="a", clock=clock, live=live, stop=lambda: False)


def test_lines_come_whole_and_the_unfinished_one_waits(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    part = listen(reading, ManualClock(NOW), live=False).build_part("s", "a", None)
    assert part.next_batch() == []
    os.write(writing, b"one\ntwo\nthr")
    assert part.next_batch() == [Chunk(partition="a", data=b"one\ntwo\n")]
    os.write(writing, b"ee")
    assert part.next_batch() == []
    os.close(writing)
    assert part.next_batch() == [
        Chunk(partition="a", data=b"three"),
        Chunk(partition="a", last=True),
    ]
    with pytest.raises(StopIteration):
        part.next_batch()


def test_an_idle_live_pipe_vouches_for_the_wall_clock(pipe: tuple[int, int]) -> None:
    clock = ManualClock(NOW)
    part = listen(pipe[0], clock, live=True).build_part("s", "a", None)
    clock.advance(IDLE_S - 1)
    assert part.next_batch() == []
    clock.advance(1)
    wall_s = int(NOW.timestamp() + IDLE_S)
    assert part.next_batch() == [Chunk(partition="a", idle_clock_s=wall_s)]
    assert part.next_batch() == []


def test_an_idle_pipe_of_a_recording_does_not(pipe: tuple[int, int]) -> None:
    clock = ManualClock(NOW)
    part = listen(pipe[0], clock, live=False).build_part("s", "a", None)
    clock.advance(10 * IDLE_S)
    assert part.next_batch() == []


def test_a_pipe_looks_again_soon_instead_of_spinning(pipe: tuple[int, int]) -> None:
    part = listen(pipe[0], ManualClock(NOW), live=False).build_part("s", "a", None)
    awake_at = part.next_awake()
    assert awake_at is not None
    assert awake_at > NOW


def note(**more: object) -> bytes:
    return orjson.dumps({"crisiswatch_stream": "x", **more}) + b"\n"


def test_once_the_writer_tells_how_far_it_heard_the_wall_clock_is_not_taken_for_silence(
    pipe: tuple[int, int],
) -> None:
    clock = ManualClock(NOW)
    part = listen(pipe[0], clock, live=True).build_part("s", "a", None)
    os.write(pipe[1], note())
    assert part.next_batch() == []
    for _ in range(100):
        clock.advance(IDLE_S)
        assert part.next_batch() == []
    os.write(pipe[1], note(heard_at=1_767_225_600))
    assert part.next_batch() == [Chunk(partition="a", idle_clock_s=1_767_225_600)]


def test_notes_take_effect_between_the_posts_where_they_stand(pipe: tuple[int, int]) -> None:
    part = listen(pipe[0], ManualClock(NOW), live=True).build_part("s", "a", None)
    os.write(pipe[1], b"one\ntwo\n" + note(lost=[100, 700]) + b"three\n" + note(heard_at=9))
    assert part.next_batch() == [
        Chunk(partition="a", data=b"one\ntwo\n"),
        Chunk(partition="a", lost=(100, 700)),
        Chunk(partition="a", data=b"three\n"),
        Chunk(partition="a", idle_clock_s=9),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b'{"did":"a","record":{"crisiswatch_stream":"x","lost":[0,9]}}\n',
        b'{"crisiswatch_stream":3}\n',
        b'{"crisiswatch_stream":"x","lost":[9,0]}\n',
        b'{"crisiswatch_stream":"x",\n',
    ],
    ids=["inside-a-post", "of-another-shape", "that-ends-before-it-begins", "cut-off"],
)
def test_what_only_looks_like_a_note_is_handed_on_as_a_line(
    line: bytes, pipe: tuple[int, int]
) -> None:
    clock = ManualClock(NOW)
    part = listen(pipe[0], clock, live=True).build_part("s", "a", None)
    os.write(pipe[1], line)
    assert part.next_batch() == [Chunk(partition="a", data=line)]
    clock.advance(IDLE_S)
    assert len(list(part.next_batch())) == 1
