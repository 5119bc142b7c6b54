"""The adapter between Bytewax and the topics' watches; no domain logic."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from bytewax.operators import StatefulBatchLogic

from crisiswatch.detection.signal import Heartbeat, Signal
from crisiswatch.detection.step import BinReading, WatchStep
from crisiswatch.detection.watch import TopicWatch
from crisiswatch.detection.windows import Gap, Step, Windows
from crisiswatch.errors import StoreError
from flows.messages import LatePosts, Partial, SourceGap
from flows.observing import NOBODY, FlowObserver

SHARDS = 8
"""Keys of the dataflow: few, because every key is told of every chunk, but enough to
spread over the processes of one machine."""

STATE_VERSION = 5

Out = BinReading | Signal | Heartbeat | SourceGap | LatePosts


def shard_of(topic: str) -> str:
    """Return the key of the shard that watches `topic`, the same in every process."""
    return f"shard-{crc32(topic.encode()) % SHARDS}"


def shards_of(topics: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Group topic indexes by shard; only shards that own a topic appear."""
    owned: dict[str, list[int]] = {}
    for index, name in enumerate(topics):
        owned.setdefault(shard_of(name), []).append(index)
    return {shard: tuple(indexes) for shard, indexes in sorted(owned.items())}


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPlan:
    """Which shard watches which topics, and how their windows and watches are made.

    `observer` sees what the shards of this process say.
    """

    shards: dict[str, tuple[int, ...]]
    topics: tuple[str, ...]
    new_windows: Callable[[], Windows]
    new_watch: Callable[[str], TopicWatch]
    restore_watch: Callable[[str, Any], TopicWatch]
    observer: FlowObserver = NOBODY

    @property
    def reporter(self) -> str:
        """Return the one shard that reports what concerns the source as a whole."""
        return next(iter(self.shards))


class ShardLogic(StatefulBatchLogic[Partial, Out, Any]):
    """Close windows for one shard's topics and let each topic's watch see them.

    `on_eof` stays silent: it fires on every resumed run. The end of the stream is
    told by the partitions' last chunks, which are part of the data.
    """

    def __init__(self, plan: WatchPlan, state: Any) -> None:
        self._plan = plan
        self._windows = plan.new_windows()
        self._shard: str | None = None
        self._since_at: int | None = None
        self._watches: dict[int, TopicWatch] = {}
        # Not saved: a canary that is lost in a restart is followed by the next one.
        self._canaries: set[int] = set()
        self._due_at = 0
        if state is not None:
            self._restore(state)

    def _restore(self, state: Any) -> None:
        """Take up what this shard knew, by the topics' names: some may be new, others gone."""
        if state[0] != STATE_VERSION:
            raise StoreError(
                f"the recovery store holds state of version {state[0]}, not {STATE_VERSION}",
                "start with an empty recovery folder",
            )
        shard, since_at, names, windows, watches = state[1:]
        self._shard = shard
        owned = {self._plan.topics[index]: index for index in self._plan.shards.get(shard, ())}
        self._windows.restore(
            windows, {index: owned[name] for index, name in names if name in owned}
        )
        # A topic that is new here begins where the shard stands, not where it once began.
        closed_until = self._windows.closed_until
        self._since_at = since_at if closed_until is None else closed_until
        for name, index in owned.items():
            if name in watches:
                self._watches[index] = self._plan.restore_watch(name, watches[name])
            else:
                self._watches[index] = self._plan.new_watch(name)

    def _settle(self, shard: str) -> None:
        """Take up the shard that the first message names."""
        self._shard = shard
        for index in self._plan.shards[shard]:
            self._watches[index] = self._plan.new_watch(self._plan.topics[index])

    def on_batch(self, values: list[Partial]) -> tuple[Iterable[Out], bool]:
        """Merge partial counts and answer with what the watches say of the closed steps."""
        if self._shard is None:
            self._settle(values[0].shard)
        out: list[Out] = []
        late_before = self._windows.late_posts
        for partial in values:
            self._windows.add(
                partial.partition,
                counts=partial.counts,
                recent_s=partial.recent_s,
                covered=partial.covered,
                lines=partial.lines,
            )
            if partial.idle_clock_s is not None:
                self._windows.vouch(partial.partition, partial.idle_clock_s)
            if partial.lost is not None:
                self._windows.lose(*partial.lost)
            self._canaries.update(partial.canaries)
            if partial.last:
                self._windows.finish(partial.partition)
            for closed in self._windows.closed():
                self._observe(closed, out)
        closed_until = self._windows.closed_until
        if closed_until is not None and closed_until >= self._due_at:
            self._catch_up_all(closed_until, out)
        out += self._heartbeats()
        late_posts = self._windows.late_posts - late_before
        if late_posts:
            out.append(LatePosts(posts=late_posts))
        self._plan.observer.on_watched(values[0].shard, self._windows.watermark_s, out)
        return out, StatefulBatchLogic.RETAIN

    def _heartbeats(self) -> list[Heartbeat]:
        """Return a sign of life for each canary whose step is closed by now."""
        closed_until = self._windows.closed_until
        if not self._canaries or closed_until is None:
            return []
        closed = sorted(second for second in self._canaries if second < closed_until)
        self._canaries.difference_update(closed)
        return [Heartbeat.of(posted_at=second) for second in closed]

    def _observe(self, closed: Step | Gap, out: list[Out]) -> None:
        if self._since_at is None:
            self._since_at = closed.to_at if isinstance(closed, Gap) else closed.start_at
        if isinstance(closed, Gap):
            if self._shard == self._plan.reporter:
                out.append(SourceGap(from_at=closed.from_at, to_at=closed.to_at))
            for watch in self._watches.values():
                self._catch_up(watch, closed.from_at, out)
                _say(watch.gap(closed.from_at, closed.to_at), out)
            self._due_at = 0
            # Whoever has seen nothing yet begins after it: a gap is nothing to catch up with.
            self._since_at = closed.to_at
            return
        for index, counts in closed.counts.items():
            watch = self._watches[index]
            self._catch_up(watch, closed.start_at, out)
            _say(watch.observe(closed.start_at, counts), out)

    def _catch_up_all(self, until_at: int, out: list[Out]) -> None:
        """Let every topic come to `until_at`, and note when the first bin ends after that.

        Within a bin a step without posts tells a watch nothing, so until then only the
        topics with posts are called, and the others catch up when their bin is over.
        """
        for watch in self._watches.values():
            self._catch_up(watch, until_at, out)
        self._due_at = min((watch.bin_ends_at for watch in self._watches.values()), default=0)

    def _catch_up(self, watch: TopicWatch, until_at: int, out: list[Out]) -> None:
        """Let a topic see the steps without posts up to `until_at`, many at once."""
        from_at = self._since_at if watch.next_at is None else watch.next_at
        if from_at is not None and from_at < until_at:
            _say(watch.skip_quiet(from_at, until_at), out)

    def snapshot(self) -> Any:
        """Return versioned builtins: pickles of classes would break on a rename."""
        state = (
            STATE_VERSION,
            self._shard,
            self._since_at,
            tuple((index, self._plan.topics[index]) for index in self._watches),
            self._windows.to_state(),
            {self._plan.topics[index]: watch.to_state() for index, watch in self._watches.items()},
        )
        if self._shard is not None:
            self._plan.observer.on_snapshot(self._shard, state)
        return state


def _say(seen: WatchStep, out: list[Out]) -> None:
    out += seen.readings
    out += seen.signals
