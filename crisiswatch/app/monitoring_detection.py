"""What detection tells the outside about itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from crisiswatch.app.event_clock import Pace
from crisiswatch.app.monitoring import Check, new_registry, of_process, start_monitoring
from crisiswatch.app.store_watch import StoreWatch
from crisiswatch.clock import Clock
from crisiswatch.config.monitoring import DETECT_ADDRESS, MonitoringSettings
from flows.metrics import FlowMetrics

ALIVE_S = 120.0
"""A main loop that has not moved for longer is stuck; taking up a large state takes half a minute."""

EPOCHS_MISSED = 6
YOUNG_EPOCH_S = 30.0
"""An epoch ends every few seconds; one that is older than this, and than some of them, is late."""


class DetectionMonitoring:
    """Figures and health of one process of detection.

    `metrics` is to be given to the flow. A `process_id` is that of a process of a cluster.
    """

    def __init__(
        self,
        settings: MonitoringSettings,
        *,
        clock: Clock,
        interval_s: float,
        address: str | None = None,
        process_id: int | None = None,
    ) -> None:
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self._epoch_s = max(YOUNG_EPOCH_S, EPOCHS_MISSED * interval_s)
        self._configured = settings.listen if address is None else address
        self._process_id = process_id
        self._store: StoreWatch | None = None
        self._pace: Pace | None = None
        self.registry = new_registry()
        self.metrics = FlowMetrics(
            self.registry,
            topics=settings.topics,
            now_s=self.event_now_s,
            wall_s=lambda: clock.now().timestamp(),
            monotonic_s=clock.monotonic_s,
        )

    def follow(self, pace: Pace) -> None:
        """Measure delays by a recording's clock."""
        self._pace = pace

    def event_now_s(self) -> float:
        """Return the time that posts should be of by now, unix seconds."""
        wall = self._clock.now()
        return (wall if self._pace is None else self._pace.at(wall)).timestamp()

    @contextmanager
    def serving(self, store: StoreWatch) -> Iterator[Self]:
        """Listen for as long as the block lasts."""
        self._store = store
        configured, default = self._configured, DETECT_ADDRESS
        if self._process_id is not None:
            default = of_process(default, self._process_id)
            configured = configured and of_process(configured, self._process_id)
        server = start_monitoring(
            configured, default, registry=self.registry, alive=self.alive, ready=self.ready
        )
        try:
            yield self
        finally:
            if server is not None:
                server.close()

    def alive(self) -> Iterator[Check]:
        """Yield whether the main loop moves."""
        polled_at_s = self.metrics.polled_at_s
        still_s = self._clock.monotonic_s() - (polled_at_s or self._started_s)
        yield Check(
            name="main-loop",
            ok=still_s <= ALIVE_S,
            reason=f"moved {still_s:.1f} s ago, {ALIVE_S:.0f} s are allowed",
        )

    def ready(self) -> Iterator[Check]:
        """Yield whether posts can become signals that are stored."""
        yield from self.alive()
        yield Check(
            name="source",
            ok=self.metrics.polled_at_s is not None,
            reason="not open yet" if self.metrics.polled_at_s is None else "it is read",
        )
        yield self._epoch()
        if self._store is not None:
            yield self._store.check()

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
