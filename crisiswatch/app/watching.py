"""One process of detection: from posts to signals, readings and dead letters, and on again after a death."""

import json
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from alerting.store.redis_store import RedisStore
from crisiswatch.app.backing_up import backing_up
from crisiswatch.app.clock import SystemClock
from crisiswatch.app.clustering import BROKEN
from crisiswatch.app.membership import Member, leaving_in_time
from crisiswatch.app.monitoring_detection import DetectionMonitoring
from crisiswatch.app.pipeline import stopping_on_signals
from crisiswatch.app.posts import Posts
from crisiswatch.app.products import (
    READINGS_HEADER,
    Products,
    encode_reading,
    encode_rejected,
    sort_readings,
)
from crisiswatch.app.room import free_bytes
from crisiswatch.app.supervising import INTERRUPTED, NO_ROOM
from crisiswatch.app.wiring import reader, tally_step, watch_plan
from crisiswatch.config import Config
from crisiswatch.detection.signal import Signal
from crisiswatch.detection.step import BinReading
from crisiswatch.errors import StoreError
from crisiswatch.reading.tally import Inspect
from flows.failures import BrokenClusterError, NoRoomError, no_room
from flows.firehose import Sinks, firehose
from flows.recovery import NoPartition, RecoveryFolder
from flows.resuming import Beginning, Told, begin
from flows.run import Stop, run_flow
from flows.sinks.lines import LinesFile
from flows.sinks.segments import Segments
from flows.sinks.signals import SignalSink
from flows.sinks.statistics import RunTotals, Statistics
from flows.sources.later import Later
from flows.sources.observed import Observed
from flows.watch_logic import ShardLogic, WatchPlan

PAUSE_S = 0.5

TOLD_AGAIN = 3
"""With more than one of so many late, posts were probably piped in a second time."""

MEGABYTE = 1 << 20
DAY_S = 86_400

LEAST_FREE_BYTES = MEGABYTE
"""With less a snapshot can not be written."""

BEGINNING = "detection-beginning"
"""Under this name the first process of a cluster tells the others how the run begins."""

WATCH_STEP = "crisiswatch.watch"
"""The step whose state is ours to check; those of sources and sinks are numbers and names."""

T = TypeVar("T")

log = logging.getLogger("crisiswatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one process of detection keeps and tells what it finds.

    `recovery` is the folder of snapshots, None for none; `reads` the file that the posts come
    from, which must not be written to.
    """

    kept: RedisStore
    out: Path
    recovery: Path | None
    member: Member
    monitoring: DetectionMonitoring
    reads: Path | None = None


def detect_posts(make_posts: Callable[[], Posts], config: Config, place: Place, stop: Stop) -> int:
    """Run one process of detection on a stream of posts; return its exit code."""
    is_first = place.member.is_first
    with ExitStack() as held:
        held.enter_context(stopping_on_signals(stop))
        held.enter_context(leaving_in_time(stop, place.member))
        held.enter_context(place.monitoring.serving())
        try:
            if is_first:
                held.enter_context(Products(place.out).held(reads=place.reads))
            posts = make_posts()
            if stop.asked:
                return 0 if posts.is_live else INTERRUPTED
            folder = None
            if place.recovery is not None and (posts.resumes or posts.is_live):
                folder = RecoveryFolder(place.recovery, _fingerprint(posts, config))
                if is_first:
                    # A recording never puts the state of a service aside: it ends, and clears up.
                    held.enter_context(folder.held() if posts.is_live else folder.locked())
            return _Detection(posts, config, place, folder, stop).run()
        except NoRoomError as error:
            log.error("detection: %s", error)  # noqa: TRY400  # its words say it all
            return NO_ROOM
        except BrokenClusterError as error:
            if place.member.is_first and _is_full(place.recovery):
                # The engine's links panic before its store can say why.
                log.error("detection: %s", no_room(str(place.recovery)))  # noqa: TRY400  # as above
                return NO_ROOM
            log.warning("detection, process %d: %s", place.member.number, error)
            return BROKEN


def _is_full(folder: Path | None) -> bool:
    return folder is not None and free_bytes(folder) < LEAST_FREE_BYTES


class _Detection:
    def __init__(
        self,
        posts: Posts,
        config: Config,
        place: Place,
        folder: RecoveryFolder | None,
        stop: Stop,
    ) -> None:
        self._posts = posts
        self._config = config
        self._place = place
        self._products = Products(place.out)
        self._folder = folder
        self._stop = stop
        self._clock = SystemClock()
        self._totals = RunTotals()
        self._beginning: Beginning | None = None

    def run(self) -> int:
        """Begin where the last run stood, and go on to the end of the posts."""
        config, posts, member = self._config, self._posts, self._place.member
        monitoring = self._place.monitoring
        metrics = monitoring.metrics
        step = tally_step(
            config.topics,
            reader(config, self._clock),
            inspect=Inspect(config.reading.inspect),
            step_s=config.detection.step_s,
            live_clock=self._clock if posts.is_live else None,
            observer=metrics,
            canary=monitoring.watched.canary_at_s is not None,
        )
        plan = watch_plan(
            tuple(topic.name for topic in config.topics),
            config.detection,
            config=config,
            partitions=posts.partitions,
            observer=metrics,
        )
        if member.is_first:
            self._begin(plan)
        flow = firehose(
            source=Observed(
                Later(lambda: posts.source(self._begun())),
                replace(monitoring.watched, send=posts.send_canary),
            ),
            tally=step,
            plan=plan,
            sinks=self._sinks(),
        )
        backups: AbstractContextManager[None] = nullcontext()
        recovery: RecoveryFolder | NoPartition | None = None
        if self._folder is not None:
            recovery = self._folder if member.is_first else NoPartition()
            if member.is_first and posts.is_live and config.recovery.backups:
                backups = backing_up(self._folder.folder, config.recovery)
        with backups:
            run_flow(
                flow,
                recovery=recovery,
                interval_s=config.recovery.interval_s,
                process_id=member.number,
                addresses=member.addresses,
            )
        if member.is_first:
            self._finish()
        return INTERRUPTED if self._stop.asked and not posts.is_live else 0

    def _begin(self, plan: WatchPlan) -> None:
        """Find out where to go on from, and tell the other processes."""
        if self._folder is None:
            self._beginning = Beginning.anew()
        else:
            self._beginning = begin(
                self._folder,
                check=_check(plan),
                now=self._clock.now(),
                memory_s=self._config.recovery.rebuild,
            )
            log.info("detection begins: %s", self._beginning.in_words)
            if self._beginning.quarantined is not None:
                self._place.monitoring.cluster.on_quarantined()
        if self._place.member.addresses:
            told = json.dumps(asdict(self._beginning)).encode()
            self._patiently(lambda: self._place.kept.keep(BEGINNING, told))

    def _begun(self) -> Beginning:
        """Return how the run begins; asked once all processes are there."""
        if self._beginning is None:
            told = self._patiently(lambda: self._place.kept.kept(BEGINNING))
            self._beginning = Beginning.anew() if told is None else Beginning(**json.loads(told))
        return self._beginning

    def _sinks(self) -> Sinks:
        here, products = self._place.member.is_first, self._products
        signals = SignalSink(self._append, self._place.kept.append_heartbeat)
        statistics = Statistics(self._note, here=here)
        if not self._posts.is_live:
            if here:
                products.prepare(resumes=self._folder is not None and self._folder.resumes)
            return Sinks(
                readings=LinesFile(
                    products.readings, encode=encode_reading, header=READINGS_HEADER, here=here
                ),
                signals=signals,
                dead_letters=LinesFile(products.dead_letters, encode=encode_rejected, here=here),
                statistics=statistics,
            )
        bounds = self._config.files
        told = None
        if here and self._folder is not None:
            watch = self._config.detection
            margin_s = watch.bin_s + self._config.detection.lateness_s
            told = Told(self._folder.folder, margin_s=margin_s)

        def segments(
            stem: str, suffix: str, encode: Callable[[Any], bytes], **more: Any
        ) -> Segments[Any]:
            return Segments(
                products.folder,
                stem,
                suffix,
                encode=encode,
                clock=self._clock,
                most_bytes=bounds.file_mb * MEGABYTE,
                keep_s=bounds.keep_days * DAY_S,
                keep_bytes=bounds.keep_mb * MEGABYTE,
                here=here,
                **more,
            )

        def on_reading(reading: BinReading) -> None:
            if told is not None:
                told.note(reading.bin_start + self._config.detection.bin_s)

        return Sinks(
            readings=segments(
                "readings", ".csv", encode_reading, header=READINGS_HEADER, on_item=on_reading
            ),
            signals=signals,
            dead_letters=segments("deadletters", ".jsonl", encode_rejected),
            statistics=statistics,
            dead_letter_topic=self._posts.dead_letters,
        )

    def _note(self, totals: RunTotals) -> None:
        self._totals = totals

    def _append(self, signal: Signal) -> None:
        """Store a signal, marked where an earlier run had told of its time already."""
        told_until = self._begun().told_until
        is_old = told_until is not None and signal.at <= told_until
        one = signal.as_told_before() if is_old else signal
        if self._patiently(lambda: self._place.kept.append(one)):
            self._place.monitoring.metrics.on_stored(one)

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Wait out an outage of the store: no signal may be lost, and none comes meanwhile.

        Raises:
            StoreError: the store was away, and somebody asked us to stop. What could not be
                stored comes again after the next start.
        """
        is_told = False
        while True:
            try:
                return ask()
            except StoreError as error:
                if self._stop.asked:
                    raise
                if not is_told:
                    log.warning("detection waits for the store: %s", error)
                    is_told = True
                self._place.monitoring.metrics.on_poll()  # the main loop waits, and is not stuck
                time.sleep(PAUSE_S)

    def _finish(self) -> None:
        totals = self._totals
        log.info("detection read %d posts, %d matched", totals.lines, totals.matched)
        if self._stop.asked:
            return
        if self._posts.is_live:
            # Whoever pipes posts in comes again: what is normal was learned over days.
            if TOLD_AGAIN * totals.late_posts > totals.matched > 0:
                log.warning(
                    "%d posts about topics were older than what this folder has seen, and did not "
                    "count; posts that are piped in again need an --out of their own",
                    totals.late_posts,
                )
            return
        if self._folder is not None:
            self._folder.clear()
        sort_readings(self._products.readings)


def _fingerprint(posts: Posts, config: Config) -> str:
    """Name what a store's state was made from, as far as another state could not go on from it.

    Topics may come and go, and every threshold may change: a watch goes on with what it has
    learned. What cuts time into steps and bins can not.
    """
    watch = config.detection
    return f"{posts.name}, steps of {watch.step_s} s in bins of {watch.bin_s} s"


def _check(plan: WatchPlan) -> Callable[[str, Any], None]:
    def check(step: str, state: Any) -> None:
        if step == WATCH_STEP:
            ShardLogic(plan, state)

    return check
