"""An ingest that runs beside a test: real feeds and a real loop, a moved clock and no waiting.

with Listening(feed) as heard:
    server.say("hello")
    heard.wait_for("hello")
"""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Self

from crisiswatch.reading.post import Post
from crisiswatch.reading.reader import Reader
from crisiswatch.reading.stream_note import StreamNote
from crisiswatch.testing import ManualClock
from flows.streams.cursor_file import CursorFile
from flows.streams.ingest import NOTE_EVERY_S, Ingest
from flows.streams.ports import Feed, Place, Record
from tests.doubles.up_process import until

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PATIENCE_S = 20.0


class ListWriter:
    """Keep what is handed on; while `holds` nothing is taken."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.holds = False

    async def write(self, records: Sequence[Record]) -> None:
        """Take the records, once nothing is held."""
        while self.holds:  # noqa: ASYNC110  # set by another thread
            await asyncio.sleep(0.001)
        self.records += records

    async def close(self) -> None:
        """Do nothing."""


class Listening:
    """Run an ingest in a thread; pauses between attempts are noted and move the clock."""

    def __init__(
        self,
        *feeds: Feed,
        clock: ManualClock | None = None,
        cursor: Path | None = None,
        since: Place | None = None,
        stream: str = "test",
        note_every_s: float = NOTE_EVERY_S,
    ) -> None:
        self.clock = ManualClock(NOW) if clock is None else clock
        self.writer = ListWriter()
        self.waits_s: list[float] = []
        self.error: BaseException | None = None
        self.ingest = Ingest(
            feeds,
            self.writer,
            CursorFile(cursor, stream=stream),
            stream=stream,
            clock=self.clock,
            chance=Random(1),
            pause=self._pause,
            since=since,
            note_every_s=note_every_s,
        )
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.passes = True
        """While this does not hold, a pause does not end."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.writer.holds = False
        self.stop()
        if kind is None and self.error is not None:
            raise self.error

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C does, and wait until it has."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    @property
    def texts(self) -> list[str]:
        """Return the texts of the posts that were handed on, read as detection reads them."""
        read = [self._reader.read(record.line) for record in self._events()]
        return [post.text for post in read if isinstance(post, Post)]

    @property
    def kinds(self) -> list[str]:
        """Return what each event was read as."""
        return [type(self._reader.read(record.line)).__name__ for record in self._events()]

    @property
    def notes(self) -> list[StreamNote]:
        """Return the notes between the posts, the greeting left out."""
        notes = [record.note for record in self.writer.records if record.note is not None]
        return [note for note in notes if note.heard_at is not None or note.lost is not None]

    @property
    def lost(self) -> list[tuple[int, int]]:
        """Return the stretches that were told as lost."""
        return [note.lost for note in self.notes if note.lost is not None]

    def wait_for(self, *texts: str) -> None:
        """Wait until these were handed on."""
        until(lambda: set(texts) <= set(self.texts), f"{texts} in {self.texts}", PATIENCE_S)

    def wait_until_ended(self) -> BaseException | None:
        """Wait until it ended by itself; return why."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "it goes on"
        error, self.error = self.error, None
        return error

    _reader = Reader()

    def _events(self) -> list[Record]:
        return [record for record in self.writer.records if record.note is None]

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self.ingest.run(self._stop))
        except BaseException as error:  # noqa: BLE001  # told to the test
            self.error = error
        finally:
            self._loop.close()

    async def _pause(self, seconds: float) -> None:
        self.waits_s.append(seconds)
        self.clock.advance(seconds)
        await asyncio.sleep(0)
        while not self.passes:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.001)
