"""Whether the store answers: asked by a thread, so that nobody who wants to know has to wait."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crisiswatch.app.monitoring import Check
from crisiswatch.errors import StoreError

EVERY_S = 2.0

log = logging.getLogger("crisiswatch")


@contextmanager
def store_watch(ping: Callable[[], object]) -> Iterator["StoreWatch"]:
    """Watch a store for as long as the block lasts."""
    watch = StoreWatch(ping)
    try:
        yield watch
    finally:
        watch.close()


class StoreWatch:
    """Call `ping` every two seconds until closed, and know how it went last."""

    def __init__(self, ping: Callable[[], object]) -> None:
        self._ping = ping
        self._over = threading.Event()
        self._fault: str | None = "it was not asked yet"
        self._thread = threading.Thread(target=self._run, name="store-watch", daemon=True)
        self._thread.start()

    @property
    def is_up(self) -> bool:
        """Tell whether the store answered the last time."""
        return self._fault is None

    def check(self) -> Check:
        """Return how it went last, as a check."""
        fault = self._fault
        return Check(name="store", ok=fault is None, reason=fault or "it answers")

    def close(self) -> None:
        """Ask no more."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self._ping()
                self._fault = None
            except StoreError as error:
                self._fault = str(error)
            except Exception as error:  # the outermost frame of this thread
                log.exception("asking the store failed")
                self._fault = type(error).__name__
            if self._over.wait(EVERY_S):
                return
