"""How a topic is read, and what the partitions of one process have in common."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from crisiswatch.clock import Clock
from flows.kafka.closing import Closing
from flows.kafka.reported import Reported
from flows.kafka.scout import Place, Scout
from flows.kafka.settings import Settings
from flows.sources.observing import SourceObserver

STATE_VERSION = 1

State = tuple[int, int | None, Place, int, dict[str, int | None]]
"""Version, offset of the next message (None before it is known), where to begin, the broker's
time of the newest message in unix milliseconds (0 before there is one), and how far the
streams that write to the partition were heard."""

IDLE_S = 5.0
"""A partition that was read to its end and brought nothing for so long vouches for the time."""

BACK_S = 30.0
"""For so long after the broker is back, or we are, no partition vouches. Whoever writes kept what
was posted meanwhile and tries again with pauses, in librdkafka of ten seconds: vouched for too
soon, all of that would be late."""

GONE_S = 10.0
"""A partition that was read and of which the brokers have not known for so long is gone. One of
them may be behind for a moment, and what is forgotten is read from its first message."""

CHUNK_BYTES = 24 << 20
"""So much of a backlog makes one chunk: every step of the flow costs something for each chunk however
small it is, and of ten thousand topics a larger one meets more of them twice (`docs/decisions`, 16)."""
CHUNKS_BYTES = 1 << 27
"""So much together: every partition of a process gives a chunk before the first one is tallied."""
LEAST_CHUNK_BYTES = 1 << 22

_PREFIX = "kafka-"


def partition_name(number: int) -> str:
    """Return the name under which a partition reports."""
    return f"{_PREFIX}{number}"


def partition_number(name: str) -> int:
    """Return the number of the partition that reports under a name."""
    return int(name.removeprefix(_PREFIX))


def chunk_bytes(partitions: int) -> int:
    """Return how much of a partition's backlog makes one chunk, where one process has so many."""
    return min(max(CHUNKS_BYTES // max(partitions, 1), LEAST_CHUNK_BYTES), CHUNK_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a topic is read.

    `start` is where a partition begins of which nothing is known, `expired` what happens
    where the next messages are gone. `settings` are the consumers'.
    """

    topic: str
    settings: Settings
    start: Place
    expired: Literal["earliest", "latest", "stop"]
    max_line_bytes: int
    idle_s: float = IDLE_S
    back_s: float = BACK_S
    gone_s: float = GONE_S


@dataclass(slots=True, kw_only=True)
class Shared:
    """What the partitions of one process share; `most` partitions are read, spares among them."""

    scout: Scout
    clock: Clock
    stop: Callable[[], bool]
    observer: SourceObserver
    reported: Reported
    most: int
    closing: Closing
    _open: set[int] = field(default_factory=set)

    def is_there(self, number: int) -> bool:
        """Tell whether a partition is there; say so where there are more than can be read."""
        known = self.scout.partitions()
        if known > self.most:
            self.reported.fault(
                "too-many-partitions",
                f"the topic has {known} partitions by now, of which {self.most} are read: restart "
                "detection, which then reads them all",
                is_error=True,
            )
        return number < known

    def chunk_bytes(self) -> int:
        """Return how much of a partition's backlog makes one chunk here; spares take none."""
        known = self.scout.partitions()
        return chunk_bytes(sum(number < known for number in self._open))

    def open(self, number: int) -> None:
        """Note that a partition is open."""
        self._open.add(number)

    def close(self, number: int) -> None:
        """Note that a partition is closed; the last one closes the scout."""
        self._open.discard(number)
        if not self._open:
            self.closing.leave(self.scout.close)
