"""Recorded posts at the pace of their own clock, as many times faster as one likes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bytewax.inputs import StatefulSourcePartition

from crisiswatch.clock import Clock
from crisiswatch.errors import InputError
from flows.messages import Chunk
from flows.sources.one_partition import OnePartition

READ_BYTES = 1 << 19
LONGEST_WAIT = timedelta(seconds=1)
"""A request to stop is noticed within this."""

ROGUE_MS = 3_600_000
"""A line dated this far after the two that follow has a wrong date and holds nobody up."""

SHORTEST_WAIT = timedelta(milliseconds=50)
"""Posts due within this are sent together: nobody sees the difference."""


class PacedFile(OnePartition[Chunk, int]):
    """Emit lines when their event time has come; the state is the next byte.

    `time_ms_of` reads a line's time, None where it has none; such a line goes out with
    its neighbours. The pace is set against the first line read in this process, so a
    resumed run goes on at its place without catching up. `on_start` is told the event
    time, in milliseconds, at which that pace begins, and answers how many seconds ago it
    began: more than 0 where a process that died had begun, and this one catches up.
    """

    def __init__(
        self,
        path: Path,
        *,
        partition: str,
        speed: float,
        time_ms_of: Callable[[bytes], int | None],
        clock: Clock,
        stop: Callable[[], bool],
        on_start: Callable[[int], float] | None = None,
    ) -> None:
        if not path.is_file():
            raise InputError(f"{path}: no such file", "give a file of one post a line")
        super().__init__(
            partition,
            lambda position: _Paced(
                path,
                partition=partition,
                position=position or 0,
                speed=speed,
                time_ms_of=time_ms_of,
                clock=clock,
                stop=stop,
                on_start=on_start,
            ),
        )


class _Paced(StatefulSourcePartition[Chunk, int]):
    def __init__(
        self,
        path: Path,
        *,
        partition: str,
        position: int,
        speed: float,
        time_ms_of: Callable[[bytes], int | None],
        clock: Clock,
        stop: Callable[[], bool],
        on_start: Callable[[int], float] | None,
    ) -> None:
        self._on_start = on_start
        self._file = path.open("rb")
        self._partition = partition
        self._position = position
        self._speed = speed
        self._time_ms_of = time_ms_of
        self._clock = clock
        self._stop = stop
        self._lines: list[tuple[int, bytes]] = []
        self._started: tuple[float, int] | None = None
        self._newest_ms = 0
        if position >= 0:
            self._file.seek(position)

    def next_batch(self) -> list[Chunk]:
        if self._position < 0 or self._stop():
            raise StopIteration
        if not self._lines:
            self._read()
        if not self._lines:
            self._position = -1
            return [Chunk(partition=self._partition, last=True)]
        event_ms = self._event_ms()
        due = 0
        while due < len(self._lines) and self._lines[due][0] <= event_ms:
            due += 1
        data = b"".join(line for _, line in self._lines[:due])
        del self._lines[:due]
        self._position += len(data)
        return [Chunk(partition=self._partition, data=data)] if data else []

    def next_awake(self) -> datetime | None:
        if not self._lines or self._started is None:
            return None
        ahead_s = (self._lines[0][0] - self._event_ms()) / 1000 / self._speed
        wait = max(timedelta(seconds=min(ahead_s, LONGEST_WAIT.seconds)), SHORTEST_WAIT)
        return self._clock.now() + min(wait, LONGEST_WAIT)

    def _read(self) -> None:
        lines = self._file.readlines(READ_BYTES)
        times_ms = [self._time_ms_of(line) for line in lines]
        known_ms = [time_ms for time_ms in times_ms if time_ms is not None]
        place = 0
        for line, time_ms in zip(lines, times_ms, strict=True):
            if time_ms is not None:
                place += 1
                if time_ms <= min(known_ms[place : place + 2], default=time_ms) + ROGUE_MS:
                    self._newest_ms = max(self._newest_ms, time_ms)
            self._lines.append((self._newest_ms, line))
        if self._lines and self._started is None and self._newest_ms > 0:
            first_ms = next(time_ms for time_ms, _ in self._lines if time_ms > 0)
            began_ago_s = 0.0 if self._on_start is None else self._on_start(first_ms)
            self._started = (self._clock.monotonic_s() - began_ago_s, first_ms)

    def _event_ms(self) -> float:
        if self._started is None:
            return 0.0
        started_s, first_ms = self._started
        return first_ms + (self._clock.monotonic_s() - started_s) * 1000 * self._speed

    def snapshot(self) -> int:
        return self._position

    def close(self) -> None:
        self._file.close()
