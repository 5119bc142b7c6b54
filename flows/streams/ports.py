"""The ports of live streams: a feed to listen to, a writer to hand on to."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from crisiswatch.errors import CrisiswatchError
from crisiswatch.reading.stream_note import StreamNote

LONGEST_EVENT_BYTES = 900_000
"""The longest event that is handed on whole: with key and headers it fits what a Kafka broker takes
by default. No post of a platform comes near it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a feed was heard: the platform's own `cursor`, and when that was (unix seconds)."""

    cursor: str | None = None
    heard_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One event as it came, on one line without its end.

    `key` names it wherever and however often it comes again. `posted_s` is when it was
    posted, None where that is not known; `at_s` until when everything has come by now, None
    where that can not be said. Both are unix seconds. `cursor`, if any, is the place after it.
    """

    line: bytes
    key: str
    posted_s: float | None = None
    at_s: float | None = None
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """The stream has nothing to tell, and says so; everything until `at_s` has come."""

    at_s: float
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What was posted from `from_s` to `to_s` (unix seconds) was missed and will not come."""

    from_s: float
    to_s: float


Message = Heard | Alive | Lost


class Feed(Protocol):
    """One endpoint of a platform, or several that tell the same."""

    @property
    def name(self) -> str:
        """Return the name by which logs and the cursor file know it: a host, without secrets."""
        ...

    @property
    def stall_s(self) -> float:
        """Return how long the stream may be silent altogether before it counts as dead."""
        ...

    def listen(self, place: Place) -> AsyncGenerator[Message, None]:
        """Connect, go on from `place`, and yield what comes until the stream ends.

        Raises:
            DisconnectedError: the server sent us away for now.
            RefusedError: it will never let us in as things stand.
        """
        ...


class DisconnectedError(Exception):
    """A stream that is over for now; not to be tried again before `retry_after_s` are over."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class RefusedError(CrisiswatchError):
    """A stream that trying again will not open: a wrong token, a wrong address, no access."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is handed on: an event under its key, or a note of how far the stream was heard."""

    line: bytes
    key: str
    note: StreamNote | None = None


class Writer(Protocol):
    """Where events go."""

    async def write(self, records: Sequence[Record]) -> None:
        """Hand records on, in order; return when they can not be lost any more.

        A slow receiver makes this slow, and with it the stream. Cancelled, some of the
        records may have been handed on.

        Raises:
            BrokenPipeError: nobody reads any more.
            StoreError: the receiver can not take them, now or later.
        """
        ...

    async def close(self) -> None:
        """Let go of the receiver."""
        ...
