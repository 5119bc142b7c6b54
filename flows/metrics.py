"""What detection and the readers of live streams export to Prometheus; the only importer of its client in this shell.

Counters are those of this process since it started: what is read again after a crash is
counted again, as it costs again. Gauges tell what is so now. Label children are bound
once, so that a series that counts failures is there, at 0, before the first failure.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from crisiswatch.detection.signal import Change, Signal
from crisiswatch.detection.step import BinReading
from crisiswatch.reading.post import Reason
from flows.messages import Intake, LatePosts, SourceGap
from flows.streams.totals import IngestTotals

OTHER = "other"
"""The label of all topics that are not on the list."""

EXPIRED_ACTIONS = ("stop", "earliest", "latest")

STATE_MEASURED_EVERY_S = 60.0
"""To know how large a state is, it is pickled once more: a share of what saving it costs."""


class FlowMetrics:
    """Keep `FlowObserver` and `SourceObserver` as figures in a registry.

    `now_s` is event time's wall clock in unix seconds (that of a recording in a replay),
    `wall_s` real time, `monotonic_s` spaces out what is dear; `clock_step_s` is the last
    jump of the wall clock; `store_is_up` tells whether the signal log answers.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        topics: Sequence[str],
        now_s: Callable[[], float],
        wall_s: Callable[[], float],
        monotonic_s: Callable[[], float],
        clock_step_s: Callable[[], float],
        store_is_up: Callable[[], bool],
    ) -> None:
        self._now_s = now_s
        self._wall_s = wall_s
        self._monotonic_s = monotonic_s
        self._topics = frozenset(topics)
        self.polled_at_s: float | None = None
        self.epoch_at_s: float | None = None
        self._watermarks_s: dict[str, int] = {}
        self._states: dict[str, tuple[float, int]] = {}
        self._partitions: set[str] = set()
        self._gap_to_at: int | None = None
        self._others = _Others()
        self._make_counters(registry)
        self._make_gauges(registry)
        clock = Gauge(
            "crisiswatch_clock_step_seconds",
            "By how much the wall clock was set in the last quarter of an hour, 0 for not",
            registry=registry,
        )
        clock.set_function(clock_step_s)
        store = Gauge("crisiswatch_store_up", "1 while the store answers", registry=registry)
        store.set_function(lambda: float(store_is_up()))

    def _make_counters(self, registry: CollectorRegistry) -> None:
        def counter(name: str, words: str) -> Counter:
            return Counter(f"crisiswatch_{name}", words, registry=registry)

        self._read = counter("posts_read", "Posts read from the source")
        self._matched = counter("posts_matched", "Posts about a topic that is watched")
        self._late = counter("posts_late", "Matches that came after their window had closed")
        self._bytes = counter("read_bytes", "Bytes read from the source")
        self._gaps = counter("source_gaps", "Stretches of time for which the source was silent")
        self._canaries = counter("canaries_sent", "Canaries sent on their way")
        rejected = Counter(
            "crisiswatch_posts_rejected",
            "Input that is no post, by why",
            ["reason"],
            registry=registry,
        )
        self._rejected = {reason: rejected.labels(reason.value) for reason in Reason}
        signals = Counter(
            "crisiswatch_signals",
            "Signals stored that were not there before, by what changed",
            ["change"],
            registry=registry,
        )
        self._signals = {change: signals.labels(change.value) for change in Change}
        self._expired = Counter(
            "crisiswatch_source_offset_expired",
            "Times that posts were gone before they were read, by what was done",
            ["partition", "action"],
            registry=registry,
        )
        self._errors = Counter(
            "crisiswatch_source_errors",
            "Faults of the source, by kind",
            ["kind"],
            registry=registry,
        )
        self._lag = Gauge(
            "crisiswatch_source_lag_posts",
            "Posts that wait in the source and were not read yet",
            ["partition"],
            registry=registry,
        )

    def _make_gauges(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, words: str) -> Gauge:
            return Gauge(f"crisiswatch_{name}", words, registry=registry)

        gauge(
            "watermark_timestamp_seconds", "How far event time has come, 0 before it is known"
        ).set_function(lambda: self._watermark_s() or 0)
        gauge("watermark_delay_seconds", "How far event time is behind the clock").set_function(
            self._delay_s
        )
        gauge(
            "epoch_timestamp_seconds", "When the last epoch ended, 0 before the first"
        ).set_function(lambda: self.epoch_at_s or 0)
        gauge("state_bytes", "Size of what the watches of this process remember").set_function(
            lambda: sum(size for _, size in list(self._states.values()))
        )
        per_topic = {
            "topic_posts": "Posts about a topic in its newest bin",
            "topic_expected_posts": "Posts that its past lets expect for that bin",
            "topic_negatives": "Negative posts about a topic in its newest bin",
            "topic_expected_negatives": "Negative posts that its past lets expect for that bin",
        }
        self._per_topic = tuple(
            Gauge(f"crisiswatch_{name}", words, ["topic"], registry=registry)
            for name, words in per_topic.items()
        )

    def on_poll(self) -> None:
        """Note that the main loop moves."""
        self.polled_at_s = self._monotonic_s()

    def on_canary(self) -> None:
        """Count a canary that was sent."""
        self._canaries.inc()

    def on_epoch(self) -> None:
        """Note that an epoch has ended."""
        self.epoch_at_s = self._wall_s()

    def on_intake(self, intake: Intake) -> None:
        """Count one chunk."""
        self._read.inc(intake.lines)
        self._bytes.inc(intake.data_bytes)
        if intake.matched:
            self._matched.inc(intake.matched)
        for rejected in intake.rejected:
            self._rejected[rejected.reason].inc()

    def on_watched(self, shard: str, watermark_s: int | None, out: Sequence[object]) -> None:
        """Note how far a shard is, and what it says of its topics."""
        if watermark_s is not None:
            self._watermarks_s[shard] = watermark_s
        for said in out:
            if isinstance(said, BinReading):
                self._show(said)
            elif isinstance(said, LatePosts):
                self._late.inc(said.posts)
            elif isinstance(said, SourceGap):
                # a live source tells a long gap piece by piece
                if said.from_at != self._gap_to_at:
                    self._gaps.inc()
                self._gap_to_at = said.to_at

    def on_snapshot(self, shard: str, state: Any) -> None:
        """Measure a shard's state, now and then."""
        now_s = self._monotonic_s()
        measured = self._states.get(shard)
        if measured is None or now_s - measured[0] >= STATE_MEASURED_EVERY_S:
            self._states[shard] = (now_s, len(pickle.dumps(state, pickle.HIGHEST_PROTOCOL)))

    def on_stored(self, signal: Signal) -> None:
        """Count a signal that the log did not have yet."""
        self._signals[signal.change].inc()

    def lag(self, partition: str, posts: int) -> None:
        """Note how many posts wait in a partition."""
        if partition not in self._partitions:
            self._partitions.add(partition)
            for action in EXPIRED_ACTIONS:
                self._expired.labels(partition, action)
        self._lag.labels(partition).set(posts)

    def offset_expired(self, partition: str, action: str, lost: int | None) -> None:  # noqa: ARG002  # the signature is the protocol's
        """Count that posts were gone before they were read."""
        self._expired.labels(partition, action).inc()

    def error(self, kind: str) -> None:
        """Count a fault of the source."""
        self._errors.labels(kind).inc()

    def refused(self, reason: str, posts: int) -> None:
        """Leave posts that the source refused alone: they are among the rejected of a chunk."""

    def _show(self, reading: BinReading) -> None:
        figures = (
            reading.posts,
            reading.expected_posts,
            reading.negatives,
            reading.expected_negatives,
        )
        if reading.topic in self._topics:
            self._set(reading.topic, figures)
        elif (sums := self._others.add(reading.bin_start, figures)) is not None:
            self._set(OTHER, sums)

    def _set(self, topic: str, figures: Sequence[float | None]) -> None:
        for gauge, figure in zip(self._per_topic, figures, strict=True):
            if figure is not None:
                gauge.labels(topic).set(figure)

    def _watermark_s(self) -> int | None:
        return min(list(self._watermarks_s.values()), default=None)

    def _delay_s(self) -> float:
        watermark_s = self._watermark_s()
        return 0.0 if watermark_s is None else max(0.0, self._now_s() - watermark_s)


class _Others:
    """Sums over the topics without figures of their own, told once the next bin begins."""

    def __init__(self) -> None:
        self._bin_start: int | None = None
        self._sums = [0.0, 0.0, 0.0, 0.0]

    def add(self, bin_start: int, figures: Sequence[float | None]) -> tuple[float, ...] | None:
        """Add one topic's figures; return the sums of the bin before once it is over."""
        told = None
        if self._bin_start is None or bin_start > self._bin_start:
            told = None if self._bin_start is None else tuple(self._sums)
            self._bin_start, self._sums = bin_start, [0.0, 0.0, 0.0, 0.0]
        if bin_start == self._bin_start:
            self._sums = [
                known + (figure or 0.0) for known, figure in zip(self._sums, figures, strict=True)
            ]
        return told


class ClusterMetrics:
    """What the supervisor of a cluster exports: restarts, stores put aside, room for the next.

    `free_bytes` tells how much may still be written where the recovery store lies; without it
    there is none.
    """

    REASONS = ("crash", "signal", "clock-step", "no-room", "unresponsive")

    def __init__(
        self, registry: CollectorRegistry, *, free_bytes: Callable[[], float] | None = None
    ) -> None:
        if free_bytes is not None:
            room = Gauge(
                "crisiswatch_recovery_free_bytes",
                "Room that is left on the disk of the recovery store",
                registry=registry,
            )
            room.set_function(free_bytes)
        self._restarts = Counter(
            "crisiswatch_cluster_restarts",
            "Restarts of all processes of detection, by why",
            ["reason"],
            registry=registry,
        )
        for reason in self.REASONS:
            self._restarts.labels(reason)
        self._quarantined = Counter(
            "crisiswatch_recovery_quarantined",
            "Recovery stores that could not be read and were put aside",
            registry=registry,
        )

    def on_restart(self, reason: str) -> None:
        """Count a restart of the cluster."""
        self._restarts.labels(reason).inc()

    def on_quarantined(self) -> None:
        """Count a store that was put aside."""
        self._quarantined.inc()


class StreamMetrics:
    """Show the totals of one reader as figures, at the moment that somebody asks."""

    def __init__(self, registry: CollectorRegistry, totals: IngestTotals, *, stream: str) -> None:
        """Register; `stream` is the platform."""
        self._totals = totals
        self._stream = stream
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Yield a family for each figure."""
        totals = self._totals
        counted = (
            ("posts", "Posts of a live stream that were handed on", totals.posts),
            ("repeated", "Posts that a live stream sent twice", totals.repeated),
            ("disconnections", "Connections to a live stream that ended", totals.disconnections),
            ("gaps", "Stretches of a live stream that were missed for good", totals.gaps),
            ("lost_seconds", "Length of all those stretches", totals.lost_s),
        )
        for name, words, found in counted:
            counter = CounterMetricFamily(f"crisiswatch_stream_{name}", words, labels=["stream"])
            counter.add_metric([self._stream], found)
            yield counter
        gauges = (
            (
                "feeds_away",
                "Servers of a live stream that are not connected now",
                totals.feeds - totals.connected,
            ),
            (
                "newest_post_timestamp_seconds",
                "When the newest post of a live stream was written, 0 before the first",
                totals.newest_posted_s or 0.0,
            ),
        )
        for name, words, at in gauges:
            gauge = GaugeMetricFamily(f"crisiswatch_stream_{name}", words, labels=["stream"])
            gauge.add_metric([self._stream], at)
            yield gauge
