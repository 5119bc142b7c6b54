"""What the supervisor of a cluster tells the outside: its restarts, and whether all run."""

import time
from collections.abc import Callable, Iterator

from crisiswatch.app.clustering import Cluster
from crisiswatch.app.monitoring import Check, new_registry
from crisiswatch.app.monitoring_detection import CLOCK_SET_BACK
from crisiswatch.app.supervising import NO_ROOM
from flows.metrics import ClusterMetrics

ALIVE_S = 60.0
"""Ending what hangs takes a while; a supervisor that has not looked for longer is stuck."""


_REASONS = {NO_ROOM: "no-room", CLOCK_SET_BACK: "clock-step"}


class ClusterWatch:
    """Count a cluster's restarts, and know whether its processes run.

    What they do is told by each of them, at ports of their own.
    """

    def __init__(self, cluster: Cluster, *, free_bytes: Callable[[], float] | None = None) -> None:
        self._cluster = cluster
        self._looked_s = time.monotonic()
        self.registry = new_registry()
        self._metrics = ClusterMetrics(self.registry, free_bytes=free_bytes)

    def restarted(self, code: int) -> None:
        """Count a restart, by what ended the first of the processes."""
        reason = _REASONS.get(code, "signal" if code < 0 else "crash")
        self._metrics.on_restart(reason)

    def looked(self) -> None:
        """Note that the supervisor is not stuck."""
        self._looked_s = time.monotonic()

    def alive(self) -> Iterator[Check]:
        """Yield whether the supervisor moves."""
        still_s = time.monotonic() - self._looked_s
        yield Check(
            name="supervisor",
            ok=still_s <= ALIVE_S,
            reason=f"looked {still_s:.1f} s ago, {ALIVE_S:.0f} s are allowed",
        )

    def ready(self) -> Iterator[Check]:
        """Yield whether all processes run."""
        yield from self.alive()
        running = self._cluster.running()
        yield Check(
            name="processes",
            ok=running == self._cluster.processes,
            reason=f"{running} of {self._cluster.processes} run",
        )
