"""One partition of a topic, read by a consumer of its own.

    spare ----(appears)----> seeking ----(place found)----> reading --+
      ^                         ^                             |       |
      |                         +------(offset out of range)--|-------+
      +---(gone, the topic was made anew)---------------------+

An error event carries an offset that is no message's; nothing but a message moves the
position.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta

import orjson
from bytewax.inputs import StatefulSourcePartition
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from crisiswatch.clock import at_utc
from crisiswatch.errors import StoreError
from flows.kafka.folding import Folded, fold, joined_up
from flows.kafka.quiet import AWAY_S, Heard, end_offset, heard_from
from flows.kafka.reading import STATE_VERSION, Reading, Shared, State, partition_name
from flows.messages import Chunk
from flows.sources.notes import Notes

FEWEST, MOST = 100, 500
"""Messages that are taken at once: more of them cost more each (`docs/decisions`, 11)."""
TAKEN_BYTES = 1 << 20
"""So much is taken at once of large messages, of which `MOST` would be far more than a chunk."""

GATHER = timedelta(milliseconds=50)
"""So long what comes in is gathered when there is no backlog: small chunks cost as much as large."""
LOOK_AGAIN = timedelta(milliseconds=200)

LATEST_MS = 86_400_000
"""A message that is dated further ahead than this tells nothing of the time it was written at."""

RETRY_S = 5.0
"""The client itself waits for many seconds after a fault; we begin anew sooner."""

log = logging.getLogger("crisiswatch")


class KafkaPartition(StatefulSourcePartition[Chunk, State]):
    """Emit the messages of one partition from where `state` says; wait for what is not there."""

    def __init__(self, reading: Reading, shared: Shared, *, number: int, state: State) -> None:
        self._reading = reading
        self._shared = shared
        self._number = number
        self._name = partition_name(number)
        self._place = f"{reading.topic}/{number}"
        _, self._next, self._begin, newest_ms, streams = state
        self._newest_ms = self._dated(newest_ms)  # an earlier release believed every date
        self._has_read = self._next is not None
        self._consumer: Consumer | None = None
        self._client: object | None = None
        self._gone_since_s: float | None = None
        self._seeking: Future[int] | None = None
        self._bounds: Future[tuple[int, int]] | None = None
        self._take = FEWEST
        self._has_more = False
        self._at_end = False
        self._failed_s: float | None = None
        self._heard_s = shared.clock.monotonic_s()
        self._is_taken_up = self._has_read
        self._broker: Heard | None = None
        self._may_vouch_s = self._heard_s
        self._vouched_s = 0
        self._notes = Notes(streams)
        self._lost_from_ms: int | None = None
        self._covered: int | None = None
        self._committed: int | None = None
        self._is_committing = False
        shared.open(number)

    def next_batch(self) -> list[Chunk]:
        """Return a chunk, nothing, or the wall time of a quiet partition; never waits."""
        if self._shared.stop():
            raise StopIteration
        self._has_more = False
        if self._next is None:
            self._seek()
        elif self._is_gone():
            return self._forgotten()
        elif self._bounds is not None:
            self._is_there()
            self._go_on_after_loss(self._bounds, self._next)
        elif self._consumer is None:
            if self._is_there():
                self._consumer = self._opened(self._next)
        else:
            return self._read(self._consumer)
        return []

    def next_awake(self) -> datetime | None:
        """Return when to look again: at once while there is a backlog."""
        if self._has_more:
            return None
        is_reading = self._consumer is not None and self._bounds is None
        return self._shared.clock.now() + (GATHER if is_reading else LOOK_AGAIN)

    def _is_there(self) -> bool:
        """Tell whether the brokers know the partition, and note since when they do not."""
        is_there = self._shared.is_there(self._number)
        if is_there:
            self._gone_since_s = None
        elif self._gone_since_s is None:
            self._gone_since_s = self._shared.clock.monotonic_s()
        return is_there

    def _is_gone(self) -> bool:
        """Tell whether brokers have said for more than a moment that a partition is not there."""
        since_s = self._gone_since_s
        if since_s is None or self._shared.scout.answered_s - since_s < self._reading.gone_s:
            return False
        return not self._is_there()

    def _forgotten(self) -> list[Chunk]:
        """Wait for the partition as for a new one; until then event time does not wait for it."""
        self._shared.observer.error("partition-gone")
        log.error(
            "Kafka: %s is not there any more, the topic was made anew: from message %d on nothing "
            "was read; if there is one of its number again, it is read from its first message",
            self._place,
            self._next,
        )
        self._close_consumer()
        self._next, self._begin, self._newest_ms = None, "earliest", 0
        self._has_read, self._bounds, self._failed_s = False, None, None
        self._gone_since_s, self._lost_from_ms, self._covered = None, None, None
        self._notes = Notes({})
        return [Chunk(partition=self._name, last=True)]

    def _seek(self) -> None:
        """Find out where to begin, once the partition is there."""
        if self._seeking is None:
            if self._shared.is_there(self._number):
                self._seeking = self._shared.scout.find(self._number, self._begin)
            return
        if not self._seeking.done():
            return
        try:
            self._next = self._seeking.result()
        except KafkaException as error:
            self._fault(error.args[0])
        else:
            log.info("Kafka: %s is read from offset %d on", self._place, self._next)
        self._seeking = None

    def _opened(self, offset: int) -> Consumer:
        client = self._client = object()

        def while_open(hear: Callable[..., None]) -> Callable[..., None]:
            """Hear nothing of one that is closing, which says it in another thread."""

            def told(*words: object) -> None:
                if self._client is client:
                    hear(*words)

            return told

        consumer = Consumer(
            {
                **self._reading.settings,
                "stats_cb": while_open(self._on_statistics),
                "error_cb": while_open(self._fault),
                "on_commit": while_open(self._on_commit),
            }
        )
        self._assign(consumer, offset)
        return consumer

    def _assign(self, consumer: Consumer, offset: int) -> None:
        """Read on at `offset`; what was fetched ahead is fetched again."""
        consumer.assign([TopicPartition(self._reading.topic, self._number, offset)])
        self._heard_s = self._shared.clock.monotonic_s()
        self._at_end = False
        self._failed_s = None

    def _read(self, consumer: Consumer) -> list[Chunk]:
        """Return what there is, up to a chunk; takes it in parts, for large ones cost more."""
        taken: list[Folded] = []
        size, enough = 0, self._shared.chunk_bytes()
        while size < enough:
            messages = consumer.consume(self._take, 0)
            if not messages:
                break
            folded = fold(messages, place=self._place, max_line_bytes=self._reading.max_line_bytes)
            self._at_end = _is_end(messages[-1].error())
            self._has_more = len(messages) >= self._take
            taken.append(folded)
            size += len(folded.data)
            self._take = min(
                max(TAKEN_BYTES * len(messages) // (len(folded.data) + 1), FEWEST), MOST
            )
            if folded.events or not self._has_more:
                break
        if not taken:
            return self._quiet(consumer)
        for folded in taken:
            for event in folded.events:
                self._on_event(event)
        whole = joined_up([folded for folded in taken if folded.next_offset is not None])
        if whole is None:
            self._has_more = False
            return []
        lost = self._told_lost(whole)
        chunk = self._taken(whole)
        said = self._notes.taken_out(chunk, live=True) if whole.may_hold_notes else [chunk]
        return lost + said

    def _told_lost(self, folded: Folded) -> list[Chunk]:
        """Say of the first messages after a loss how long the time before them is that is lost."""
        from_ms = self._lost_from_ms
        if from_ms is None or not self._dated(folded.first_ms):
            return []
        assert folded.first_ms is not None  # noqa: S101  # it is dated
        self._lost_from_ms = None
        return [Chunk(partition=self._name, lost=(from_ms // 1000, folded.first_ms // 1000))]

    def _taken(self, folded: Folded) -> Chunk:
        assert folded.first_offset is not None and folded.next_offset is not None  # noqa: S101, PT018
        self._next = folded.next_offset
        self._newest_ms = max(self._newest_ms, self._dated(folded.newest_ms))
        self._has_read = True
        self._heard_s = self._shared.clock.monotonic_s()
        for rejected in folded.refused:
            self._shared.observer.refused(rejected.reason.value, 1)
        return Chunk(
            partition=self._name,
            data=folded.data,
            lines=folded.lines,
            refused=folded.refused,
            tombstones=folded.tombstones,
            where=f"{self._place}@{folded.first_offset}-{folded.next_offset - 1}",
        )

    def _dated(self, at_ms: int | None) -> int:
        """Return when a message was written, in unix milliseconds; 0 where its time can not be."""
        latest_ms = int(self._shared.clock.now().timestamp() * 1000) + LATEST_MS
        return at_ms if at_ms is not None and at_ms <= latest_ms else 0

    def _quiet(self, consumer: Consumer) -> list[Chunk]:
        """Vouch for the time at which the broker, asked again and again, had no more for us.

        A broker that can not be reached says nothing: then nobody knows what was posted.
        """
        assert self._next is not None  # noqa: S101  # it is being read
        now_s = self._shared.clock.monotonic_s()
        if self._failed_s is not None:
            if now_s - self._failed_s >= RETRY_S:
                self._assign(consumer, self._next)
            return []
        if self._notes.is_told or not self._at_end or now_s - self._heard_s < self._reading.idle_s:
            return []
        broker = self._broker
        if broker is None or not broker.is_end or now_s < self._may_vouch_s:
            return []
        if int(broker.at) <= self._vouched_s:
            return []
        self._vouched_s = int(broker.at)
        return [Chunk(partition=self._name, idle_clock_s=self._vouched_s)]

    def _on_event(self, event: KafkaError) -> None:
        if _is_end(event):
            return
        if event.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001  # the client's own name
            self._bounds = self._shared.scout.bounds(self._number)
        else:
            self._fault(event)
            self._failed_s = self._shared.clock.monotonic_s()

    def _go_on_after_loss(self, bounds: Future[tuple[int, int]], wanted: int) -> None:
        """Decide where to read on once it is known what the broker still has."""
        if not bounds.done():
            return
        try:
            first, end = bounds.result()
        except KafkaException as error:
            self._fault(error.args[0])
            self._bounds = self._shared.scout.bounds(self._number)
            return
        self._bounds = None
        if not self._has_read:
            self._next = None  # expired between finding the place and reading it: look again
        elif not first <= wanted <= end:
            self._next = self._after_loss(wanted, first, end)
        if self._consumer is not None and self._next is not None:
            self._assign(self._consumer, self._next)
        else:
            self._close_consumer()

    def _after_loss(self, wanted: int, first: int, end: int) -> int:
        """Report what is lost and return where to go on; raises StoreError where that is wished."""
        action = self._reading.expired
        goes_on_at = end if action == "latest" else first
        lost = max(goes_on_at - wanted, first - wanted) if wanted < first else None
        self._shared.observer.offset_expired(self._name, action, lost)
        told = (
            f"{self._place}: message {wanted} is gone, the broker has {first} to {end - 1}; "
            + ("an unknown number of" if lost is None else f"up to {lost}")
            + " posts were never read"
        )
        if self._newest_ms:
            told += f", from {at_utc(self._newest_ms / 1000):%Y-%m-%dT%H:%M:%SZ} on"
        if action == "stop":
            raise StoreError(
                told,
                "set expired = 'earliest' under [kafka] to go on with what is left, "
                "or begin anew with an empty recovery folder",
            )
        # What is lost was written after the newest message, which was read by now.
        now_ms = int(self._shared.clock.now().timestamp() * 1000)
        self._lost_from_ms = min(self._newest_ms, now_ms) or None
        log.error("Kafka: %s; goes on at the %s, %d", told, action, goes_on_at)
        return goes_on_at

    def _on_statistics(self, text: str) -> None:
        statistics = orjson.loads(text)
        self._is_there()
        broker = heard_from(statistics, topic=self._reading.topic, partition=self._number)
        if broker is not None:
            self._on_heard(broker)
        end = end_offset(statistics, topic=self._reading.topic, partition=self._number)
        if end is not None and self._next is not None:
            self._shared.observer.lag(self._name, max(end - self._next, 0))

    def _on_heard(self, broker: Heard) -> None:
        """Note when the broker was heard, and leave writers time where it or we had been away."""
        before, self._broker = self._broker, broker
        # Of a run that is taken up nobody knows whether the broker was away as well.
        was_away = self._is_taken_up if before is None else broker.ticks_s - before.ticks_s > AWAY_S
        if was_away:
            self._may_vouch_s = self._shared.clock.monotonic_s() + self._reading.back_s

    def _fault(self, fault: KafkaError) -> None:
        self._shared.reported.fault(fault.name(), f"{self._place}: {fault.str()}")

    def _on_commit(self, fault: KafkaError | None, offsets: list[TopicPartition]) -> None:
        self._is_committing = False
        if fault is None:
            self._committed = offsets[0].offset
        else:
            self._shared.reported.fault(
                "commit", f"{self._place}: the offset, which shows the lag: {fault.str()}"
            )

    def snapshot(self) -> State:
        """Return where the next message is; tell the group of what the snapshot before held."""
        covered = self._covered
        if (
            self._consumer is not None
            and not self._is_committing
            and covered is not None
            and covered != self._committed
        ):
            self._is_committing = True
            place = TopicPartition(self._reading.topic, self._number, covered)
            self._consumer.commit(offsets=[place], asynchronous=True)
        self._covered = self._next
        return (
            STATE_VERSION,
            self._next,
            self._begin,
            self._newest_ms,
            self._notes.heard_at,
        )

    def close(self) -> None:
        """Let go of the brokers; one that is away is not waited for."""
        consumer = self._taken_leave()
        if consumer is not None:
            self._shared.closing.leave(consumer.close)
        self._shared.close(self._number)

    def _close_consumer(self) -> None:
        consumer = self._taken_leave()
        if consumer is not None:
            self._shared.closing.let_go(consumer.close)

    def _taken_leave(self) -> Consumer | None:
        consumer, self._consumer, self._client = self._consumer, None, None
        self._is_committing = False
        return consumer


def _is_end(event: KafkaError | None) -> bool:
    return event is not None and event.code() == KafkaError._PARTITION_EOF  # noqa: SLF001  # its own name
