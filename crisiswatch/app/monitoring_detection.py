"""What detection tells the outside about itself."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

import msgspec

from crisiswatch.app.clock_guard import DOUBT_S, ClockGuard
from crisiswatch.app.event_clock import Pace
from crisiswatch.app.monitoring import (
    Check,
    main_loop,
    new_registry,
    of_process,
    start_monitoring,
)
from crisiswatch.app.store_watch import StoreWatch, store_watch
from crisiswatch.clock import Clock
from crisiswatch.config.monitoring import DETECT_ADDRESS, MonitoringSettings
from crisiswatch.errors import StoreError
from flows.metrics import ClusterMetrics, FlowMetrics
from flows.run import Stop
from flows.sources.observed import Watched

ALIVE_S = 120.0
"""A main loop that has not moved for longer is stuck; taking up a large state takes half a minute."""

EPOCHS_MISSED = 6
YOUNG_EPOCH_S = 30.0
"""An epoch ends every few seconds; one that is older than this, and than some of them, is late."""

CLOCK_SET_BACK = 77
"""The exit code of a process that ended because its wall clock was set back."""

END_S = 10.0
"""A flow that was asked to stop has ended by then, or never will."""

STEP_DOCUMENT = "clock-step"

log = logging.getLogger("crisiswatch")


class Store(Protocol):
    """What is asked of the store, and told to it."""

    def ping(self) -> None:
        """Raise StoreError where it does not answer."""
        ...

    def keep(self, name: str, body: bytes) -> None:
        """Store a document under a name."""
        ...

    def kept(self, name: str) -> bytes | None:
        """Return a document, or None."""
        ...


class DetectionMonitoring:
    """Figures and health of one process of detection.

    `watched` is for the flow's source, `metrics` for its steps, `cluster` counts what the process goes
    through. A `process_id` is that of a
    process of a cluster. `stop` is asked where the wall clock was set back; the process
    then has `CLOCK_SET_BACK` as its exit code, so that whoever supervises it starts it again.
    """

    def __init__(
        self,
        settings: MonitoringSettings,
        *,
        clock: Clock,
        stop: Stop,
        store: Store,
        interval_s: float,
        is_live: bool,
        address: str | None = None,
        process_id: int | None = None,
        free_bytes: Callable[[], float] | None = None,
        make_guard: Callable[..., ClockGuard] = ClockGuard,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self._epoch_s = max(YOUNG_EPOCH_S, EPOCHS_MISSED * interval_s)
        self._configured = settings.listen if address is None else address
        self._process_id = process_id
        self._stop = stop
        self._store = store
        self._store_watch: StoreWatch | None = None
        self._is_live = is_live
        self._pace: Pace | None = None
        self._guard = make_guard(on_step=self._on_step)
        self._end = end
        self._last_resort: threading.Timer | None = None
        self.clock_was_set_back = False
        self.registry = new_registry()
        self.metrics = FlowMetrics(
            self.registry,
            topics=settings.topics,
            now_s=self.event_now_s,
            wall_s=lambda: clock.now().timestamp(),
            monotonic_s=clock.monotonic_s,
            clock_step_s=self._guard.step_s,
            store_is_up=lambda: self._store_watch is not None and self._store_watch.is_up,
        )
        self.watched = Watched(
            observer=self.metrics,
            clock=clock,
            canary_at_s=self._canary_at_s if settings.canary else None,
            is_clock_trusted=self._guard.is_trusted,
        )
        self.cluster = ClusterMetrics(self.registry, free_bytes=free_bytes)

    def follow(self, pace: Pace) -> None:
        """Measure delays by a recording's clock."""
        self._pace = pace

    def event_now_s(self) -> float:
        """Return the time that posts should be of by now, unix seconds."""
        wall = self._clock.now()
        return (wall if self._pace is None else self._pace.at(wall)).timestamp()

    def _canary_at_s(self) -> float | None:
        """Return the time for a canary of now; nobody knows that of a recording that has not begun."""
        return self.event_now_s() if self._is_live or self._pace is not None else None

    @contextmanager
    def serving(self) -> Iterator[Self]:
        """Listen, and watch the store and the clock, for as long as the block lasts."""
        configured, default = self._configured, DETECT_ADDRESS
        if self._process_id is not None:
            default = of_process(default, self._process_id)
            configured = configured and of_process(configured, self._process_id)
        server = start_monitoring(
            configured, default, registry=self.registry, alive=self.alive, ready=self.ready
        )
        try:
            with store_watch(self._store.ping) as self._store_watch, self._guard.watching():
                self._recall()
                yield self
        finally:
            if self._last_resort is not None:
                self._last_resort.cancel()
            if server is not None:
                server.close()

    def alive(self) -> Iterator[Check]:
        """Yield whether the main loop moves.

        Before it begins, the others of a cluster, a broker or a topic may be waited for, however
        long that takes: a new start would only wait anew. Readiness says that it is not there yet.
        """
        polled_at_s = self.metrics.polled_at_s
        if polled_at_s is None:
            waited_s = self._clock.monotonic_s() - self._started_s
            reason = (
                f"has not begun for {waited_s:.0f} s: waits for its source, state or the others"
            )
            yield Check(name="main-loop", ok=True, reason=reason)
            return
        yield main_loop(self._clock.monotonic_s() - polled_at_s, allowed_s=ALIVE_S)

    def ready(self) -> Iterator[Check]:
        """Yield whether posts can become signals that are stored."""
        yield from self.alive()
        yield Check(
            name="source",
            ok=self.metrics.polled_at_s is not None,
            reason="not open yet" if self.metrics.polled_at_s is None else "it is read",
        )
        yield self._epoch()
        if self._store_watch is not None:
            yield self._store_watch.check()

    def _epoch(self) -> Check:
        epoch_at_s = self.metrics.epoch_at_s
        if epoch_at_s is None:
            return Check(name="epoch", ok=False, reason="none has ended yet")
        age_s = self._clock.now().timestamp() - epoch_at_s
        return Check(
            name="epoch",
            ok=age_s <= self._epoch_s,
            reason=f"the last one ended {age_s:.1f} s ago, {self._epoch_s:.0f} s are allowed",
        )

    def _on_step(self, step_s: float) -> None:
        """Tell the next process of it; end this one where its engine would stand still."""
        told = _Step(step_s=step_s, at=self._clock.now())
        try:
            self._store.keep(STEP_DOCUMENT, msgspec.json.encode(told))
        except StoreError as error:
            log.warning("the next start will not know that the clock was set: %s", error)
        if step_s < 0 and self._is_live:
            self.clock_was_set_back = True
            self._stop.ask()
            # The engine may wait for a time of the old clock and never look at `stop`: then
            # the process ends as if killed, which its snapshots are made for.
            self._last_resort = threading.Timer(END_S, self._end, (CLOCK_SET_BACK,))
            self._last_resort.daemon = True
            self._last_resort.start()

    def _recall(self) -> None:
        """Learn of a jump that ended the process before this one."""
        try:
            kept = self._store.kept(STEP_DOCUMENT)
        except StoreError:
            return  # readiness tells of it
        if kept is not None:
            told = msgspec.json.decode(kept, type=_Step)
            ago_s = (self._clock.now() - told.at).total_seconds()
            if 0 <= ago_s < DOUBT_S:
                self._guard.remember(told.step_s, ago_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    step_s: float
    at: datetime
