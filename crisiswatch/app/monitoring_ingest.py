"""What a reader of a live stream tells the outside about itself."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from crisiswatch.app.monitoring import (
    Check,
    main_loop,
    new_registry,
    of_process,
    start_monitoring,
)
from crisiswatch.clock import Clock
from crisiswatch.config.monitoring import INGEST_ADDRESS, MonitoringSettings
from flows.metrics import StreamMetrics
from flows.streams.totals import IngestTotals

PLATFORMS = ("bluesky", "mastodon", "x")
"""Each has a port of its own, in this order, so that all can run on one machine."""

ALIVE_S = 60.0
"""A loop that has not come round for longer is stuck: nothing that it does takes seconds."""

LOOK_EVERY_S = 1.0


class IngestMonitoring:
    """Figures and health of one reader."""

    def __init__(
        self, settings: MonitoringSettings, totals: IngestTotals, *, stream: str, clock: Clock
    ) -> None:
        self._settings = settings
        self._totals = totals
        self._clock = clock
        self._moved_s = clock.monotonic_s()
        self._number = PLATFORMS.index(stream)
        self.registry = new_registry()
        StreamMetrics(self.registry, totals, stream=stream)

    @contextmanager
    def serving(self, address: str | None = None) -> Iterator[None]:
        """Listen for as long as the block lasts: at `address`, else where this platform's reader does."""
        configured = self._settings.ingest_listen
        if address is None and configured is not None:
            address = _above(configured, self._number)
        server = start_monitoring(
            address,
            _above(INGEST_ADDRESS, self._number),
            registry=self.registry,
            alive=self.alive,
            ready=self.ready,
        )
        try:
            yield
        finally:
            if server is not None:
                server.close()

    async def watch(self) -> None:
        """Note every second that the loop moves."""
        while True:
            self._moved_s = self._clock.monotonic_s()
            await asyncio.sleep(LOOK_EVERY_S)

    def alive(self) -> Iterator[Check]:
        """Yield whether the loop moves."""
        still_s = self._clock.monotonic_s() - self._moved_s
        yield main_loop(still_s, allowed_s=ALIVE_S)

    def ready(self) -> Iterator[Check]:
        """Yield whether the stream is heard."""
        yield from self.alive()
        connected, feeds = self._totals.connected, self._totals.feeds
        yield Check(
            name="stream", ok=connected == feeds, reason=f"{connected} of {feeds} are connected"
        )


def _above(address: str, number: int) -> str:
    """Return the address `number` ports above."""
    return address if number == 0 else of_process(address, number - 1)
