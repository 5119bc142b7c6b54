"""Whether the wall clock can be believed: it must not jump while we look.

A clock that counts on through everything (suspension too) is set beside the wall clock.
Where their difference jumps, somebody has set the wall clock, and nobody can tell which
of the two times was right:

- For `DOUBT_S` the wall clock does not stand in for event time: only posts themselves move
  it, no step closes because a clock says so, so baselines learn nothing from it.
- Set back, the process must end: Bytewax waits for times of the old clock, its epochs and
  with them its snapshots would stop until those have come.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STEP_S = 2.0
"""Time servers correct less than this by letting the clock run a little faster or slower."""

DOUBT_S = 900.0
EVERY_S = 1.0

log = logging.getLogger("crisiswatch")


def boot_s() -> float:
    """Return seconds that never jump and go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class ClockGuard:
    """Compare both clocks whenever asked, and remember the last jump.

    `on_step` is called with how many seconds a jump was, less than 0 for back; in the thread
    that noticed it.
    """

    def __init__(
        self,
        *,
        wall_s: Callable[[], float] = time.time,
        steady_s: Callable[[], float] = boot_s,
        on_step: Callable[[float], None],
    ) -> None:
        self._wall_s = wall_s
        self._steady_s = steady_s
        self._on_step = on_step
        self._lock = threading.Lock()
        self._apart_s = wall_s() - steady_s()
        self._step_s = 0.0
        self._stepped_at_s: float | None = None

    def check(self) -> None:
        """Look at both clocks."""
        with self._lock:
            apart_s = self._wall_s() - self._steady_s()
            step_s = apart_s - self._apart_s
            # always from here on: a slow drift is no jump, however far it comes in a year
            self._apart_s = apart_s
            if abs(step_s) < STEP_S:
                return
            self._step_s, self._stepped_at_s = step_s, self._steady_s()
        log.error("the wall clock was set by %+.1f s; it is not believed for a while", step_s)
        self._on_step(step_s)

    def remember(self, step_s: float, ago_s: float) -> None:
        """Know of a jump that a process before this one saw."""
        self._step_s, self._stepped_at_s = step_s, self._steady_s() - ago_s

    def is_trusted(self) -> bool:
        """Tell whether the wall clock may stand in for event time."""
        self.check()
        return self.step_s() == 0

    def step_s(self) -> float:
        """Return by how much the clock was set within the last quarter of an hour, 0 for not."""
        at_s = self._stepped_at_s
        return 0.0 if at_s is None or self._steady_s() - at_s >= DOUBT_S else self._step_s

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Check every second for as long as the block lasts."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(EVERY_S):
                self.check()

        thread = threading.Thread(target=look, name="clock-guard", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
