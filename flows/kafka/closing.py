"""Let go of clients beside the dataflow: a broker that is away can keep one for a minute."""

import threading
from collections.abc import Callable

from crisiswatch.clock import Clock

LEAVE_WITHIN_S = 2.0
"""A client that closes waits for what it has asked the broker; nothing of that is worth more."""


class Closing:
    """Close clients, each in a thread of its own that does not outlive the process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._over_s: float | None = None

    def let_go(self, close: Callable[[], None]) -> threading.Thread:
        """Close a client and do not wait for it."""
        thread = threading.Thread(target=close, name="kafka-close", daemon=True)
        thread.start()
        return thread

    def leave(self, close: Callable[[], None]) -> None:
        """Close a client, for which all together are given `LEAVE_WITHIN_S` from the first one on."""
        now_s = self._clock.monotonic_s()
        if self._over_s is None:
            self._over_s = now_s + LEAVE_WITHIN_S
        self.let_go(close).join(max(0.0, self._over_s - now_s))
