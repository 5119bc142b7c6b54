"""Listen to the feeds of one platform, hand on what comes, and say what was missed.

    feed --+--> queue (bounded) --> pump --> writer --> cursor file
    feed --+                         |
                                     +--> notes: how far it was heard, what was lost

Order of work for every batch: what came before is dropped; the rest is handed on; only
then are the places saved. So a kill loses nothing, and hands on a second time no more than
the one batch that was under way. A slow receiver fills the queue, a full queue stops the
reading, and the platform's server feels that on its connection.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from random import Random

import aiohttp

from crisiswatch.clock import Clock, at_utc
from crisiswatch.reading.stream_note import PREFIX, StreamNote, encode_note
from flows.streams.backoff import delay_s
from flows.streams.cursor_file import CursorFile, Kept
from flows.streams.http import in_words
from flows.streams.memory import Memory
from flows.streams.ports import (
    LONGEST_EVENT_BYTES,
    Alive,
    DisconnectedError,
    Feed,
    Heard,
    Lost,
    Message,
    Place,
    Record,
    RefusedError,
    Writer,
)
from flows.streams.totals import IngestTotals

WAITING_MESSAGES = 2_000
"""So many messages wait at most for a slow receiver: a few megabytes."""

BATCH_MESSAGES = 500
STEADY_S = 10.0
"""A connection that held so long was a good one: the next failure is the first of its kind."""

GAP_S = 5.0
"""What was missed for less than this is not worth a word."""

NOTE_EVERY_S = 5.0
"""After so long without anything to hand on the receiver is told that quiet is not silence: it may
have been started again, and know of nothing that was told before."""

SAVE_EVERY_S = 1.0
"""So often is saved how far a stream was heard that brings no posts."""

DRAIN_S = 5.0
"""So long may the last posts take to be handed on once somebody asked us to stop."""

Pause = Callable[[float], Awaitable[None]]

log = logging.getLogger("crisiswatch")


class Ingest:
    """Follow the feeds of one stream until it is asked to stop."""

    def __init__(
        self,
        feeds: Sequence[Feed],
        writer: Writer,
        cursors: CursorFile,
        *,
        stream: str,
        clock: Clock,
        chance: Random,
        pause: Pause = asyncio.sleep,
        since: Place | None = None,
        note_every_s: float = NOTE_EVERY_S,
    ) -> None:
        """Take up what `cursors` kept; without anything kept every feed begins at `since`."""
        self._feeds = tuple(feeds)
        self._writer = writer
        self._cursors = cursors
        self._stream = stream
        self._clock = clock
        self._chance = chance
        self._pause = pause
        self._note_every_s = note_every_s
        kept: Kept = cursors.load()
        self._memory = Memory(kept.seen)
        begin = Place() if since is None else since
        self._ahead = {feed.name: kept.places.get(feed.name, begin) for feed in feeds}
        self._places = dict(self._ahead)
        self._heard_s: dict[str, float] = {}
        self._connected_s: dict[str, float] = {}
        self._noted_s = self._saved_s = float("-inf")
        self._cannot_save = False
        self._listening = {feed.name for feed in feeds}
        self.totals = IngestTotals(feeds=len(self._feeds))
        self._queue: asyncio.Queue[tuple[str, Message]] = asyncio.Queue(WAITING_MESSAGES)

    @property
    def waiting(self) -> int:
        """Return how many messages wait for the receiver."""
        return self._queue.qsize()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set; then hand on what has come, and return.

        Raises:
            RefusedError: every feed refuses us.
            BrokenPipeError, StoreError: as the writer does.
        """
        pump = asyncio.create_task(self._pump())
        followers = {asyncio.create_task(self._follow(feed)) for feed in self._feeds}
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stopping.done():
                await asyncio.wait(
                    {pump, stopping, *followers}, return_when=asyncio.FIRST_COMPLETED
                )
                if pump.done():
                    pump.result()
                for ended in [follower for follower in followers if follower.done()]:
                    followers.discard(ended)
                    refused = ended.exception()
                    if refused is not None and (not followers or not _is_refusal(refused)):
                        raise refused
                    log.error("%s", refused)
        finally:
            await _cancel(stopping, *followers)
            is_drained = False
            if not pump.done():
                is_drained = await _within(DRAIN_S, self._queue.join())
            await _cancel(pump)
            await self._writer.close()
            if is_drained:
                self._save()
            self._cursors.close()

    async def _follow(self, feed: Feed) -> None:
        """Listen to one feed, again and again; ends only by being refused or cancelled."""
        tries = 0
        try:
            while True:
                self._connected_s.pop(feed.name, None)
                reason, retry_after_s = await self._hear(feed)
                now_s = self._clock.monotonic_s()
                if now_s - self._connected_s.get(feed.name, now_s) >= STEADY_S:
                    tries = 0
                wait_s = delay_s(tries, self._chance, retry_after_s)
                tries += 1
                self.totals.disconnections += 1
                log.warning(
                    "%s: disconnected: %s; trying again in %.1f s", feed.name, reason, wait_s
                )
                await self._pause(wait_s)
        finally:
            self._listening.discard(feed.name)

    async def _hear(self, feed: Feed) -> tuple[str, float | None]:
        """Hear one connection to its end; return why it ended, and when it may be tried again."""
        is_connected = False
        try:
            async with aclosing(feed.listen(self._ahead[feed.name])) as messages:
                while True:
                    async with asyncio.timeout(feed.stall_s):
                        message = await anext(messages)
                    if not is_connected:
                        is_connected = True
                        self._connected_s[feed.name] = self._clock.monotonic_s()
                        self.totals.connected += 1
                        log.info("%s: connected", feed.name)
                    await self._queue.put((feed.name, message))
                    self._ahead[feed.name] = self._after(message, self._ahead[feed.name])
        except StopAsyncIteration:
            return "the server ended the stream", None
        except DisconnectedError as error:
            return str(error), error.retry_after_s
        except TimeoutError:
            return f"nothing came for {feed.stall_s:g} s", None
        except (aiohttp.ClientError, OSError) as error:
            return in_words(error), None
        finally:
            self.totals.connected -= is_connected

    @staticmethod
    def _after(message: Message, place: Place) -> Place:
        """Return the place after a message: what is lost lies behind us, too."""
        match message:
            case Lost():
                return Place(cursor=place.cursor, heard_at=message.to_s)
            case Heard() | Alive():
                return Place(
                    cursor=place.cursor if message.cursor is None else message.cursor,
                    heard_at=place.heard_at if message.at_s is None else message.at_s,
                )

    async def _pump(self) -> None:
        """Hand on what comes, in batches as large as the receiver is slow."""
        queue = self._queue
        quiet = _note(StreamNote(stream=self._stream))
        await self._writer.write([quiet])
        told_s = self._clock.monotonic_s()
        while True:
            batch = await self._batch()
            records = [record for name, message in batch for record in self._told(name, message)]
            is_due = not batch or self._clock.monotonic_s() >= told_s + self._note_every_s
            if not records and is_due:
                records = [quiet]
            if records:
                await self._writer.write(records)
                told_s = self._clock.monotonic_s()
            self._save_when_due(has_posts=any(record.note is None for record in records))
            for _ in batch:
                queue.task_done()

    async def _batch(self) -> list[tuple[str, Message]]:
        """Return what waits, and nothing where nothing comes for a while."""
        queue = self._queue
        try:
            async with asyncio.timeout(self._note_every_s):
                batch = [await queue.get()]
        except TimeoutError:
            return []
        while len(batch) < BATCH_MESSAGES and not queue.empty():
            batch.append(queue.get_nowait())
        return batch

    def _told(self, name: str, message: Message) -> Sequence[Record]:
        """Return what is to be handed on of a message, and note how far it brings us."""
        self._places[name] = self._after(message, self._places[name])
        match message:
            case Heard():
                if message.at_s is not None:
                    self._heard_s[name] = message.at_s
                return self._new(message)
            case Alive():
                self._heard_s[name] = message.at_s
                return self._alive()
            case Lost():
                return self._lost(name, message)

    def _new(self, heard: Heard) -> Sequence[Record]:
        if not self._memory.is_new(heard.key):
            self.totals.repeated += 1
            return ()
        line = heard.line[:LONGEST_EVENT_BYTES].replace(b"\n", b" ")
        if len(line) < len(heard.line):
            log.warning("%s: an event of %d bytes is cut", heard.key, len(heard.line))
        if line.lstrip().startswith(PREFIX):
            log.warning("%s: an event that looks like one of our own notes is left out", heard.key)
            return ()
        self.totals.posts += 1
        if heard.posted_s is not None:
            newest_s = self.totals.newest_posted_s
            self.totals.newest_posted_s = max(heard.posted_s, newest_s or heard.posted_s)
        return (Record(line=line, key=heard.key),)

    def _alive(self) -> Sequence[Record]:
        """Vouch for the time until which every feed was heard, now and then."""
        listening = [self._heard_s.get(name) for name in self._listening]
        known = [at_s for at_s in listening if at_s is not None]
        if not known or len(known) < len(listening) or min(known) < self._noted_s + NOTE_EVERY_S:
            return ()
        self._noted_s = min(known)
        return (_note(StreamNote(stream=self._stream, heard_at=int(self._noted_s))),)

    def _lost(self, name: str, lost: Lost) -> Sequence[Record]:
        length_s = lost.to_s - lost.from_s
        if length_s < GAP_S:
            return ()
        self.totals.gaps += 1
        self.totals.lost_s += length_s
        log.error(
            "%s: gap: posts from %s to %s were missed (%.0f s)",
            name,
            at_utc(lost.from_s).isoformat(timespec="seconds"),
            at_utc(lost.to_s).isoformat(timespec="seconds"),
            length_s,
        )
        span = (int(lost.from_s), int(lost.to_s))
        return (_note(StreamNote(stream=self._stream, lost=span)),)

    def _save_when_due(self, *, has_posts: bool) -> None:
        if has_posts or self._clock.monotonic_s() >= self._saved_s + SAVE_EVERY_S:
            self._save()

    def _save(self) -> None:
        """Save the places. Where that fails later on, go on: it costs doubles after a restart only.

        Raises:
            OSError: the file can not be written the first time: it is the wrong one.
        """
        is_first, self._saved_s = self._saved_s == float("-inf"), self._clock.monotonic_s()
        try:
            self._cursors.save(self._places, self._memory)
        except OSError as error:
            if is_first:
                raise
            if not self._cannot_save:
                log.warning(
                    "how far the stream was heard can not be saved (%s); it goes on, and what "
                    "comes meanwhile comes again after a restart",
                    error.strerror or error,
                )
            self._cannot_save = True
        else:
            if self._cannot_save:
                log.info("how far the stream was heard is saved again")
            self._cannot_save = False


def _note(note: StreamNote) -> Record:
    return Record(line=encode_note(note), key="", note=note)


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, RefusedError)


async def _cancel(*tasks: asyncio.Task[None] | asyncio.Task[bool]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _within(seconds: float, what: Awaitable[None]) -> bool:
    """Wait for something, but not for ever; say whether it came."""
    try:
        async with asyncio.timeout(seconds):
            await what
    except TimeoutError:
        log.warning("the last posts could not be handed on within %.0f s", seconds)
        return False
    return True
