"""Threads that do one thing again and again until they are asked to stop."""

import logging
import threading
import time
from collections.abc import Callable

from crisiswatch.errors import CrisiswatchError

IDLE_S = 0.1
"""With nothing to do, look again after this: a page waits no longer for that reason."""

LONGEST_BACKOFF_S = 2.0

log = logging.getLogger("crisiswatch")


class Loop(threading.Thread):
    """Call `step` until `stop` is set; it returns how much it did, and 0 lets it rest.

    What goes wrong is logged once, not at every try, and tried again with a growing
    pause: an outage of the store or a defect in one step must not end the response.
    `moved_at_s` is the monotonic second at which the last step ended, well or not.
    """

    def __init__(self, name: str, step: Callable[[], int], stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self._step = step
        self._stop_asked = stop
        self._faults = 0
        self._said = ""
        self.moved_at_s = time.monotonic()

    def run(self) -> None:
        """Go on until asked to stop."""
        wait_s = 0.0
        while not self._stop_asked.wait(wait_s):
            wait_s = self._once()
            self.moved_at_s = time.monotonic()

    def _once(self) -> float:
        """Do one step; return how long to rest."""
        try:
            done = self._step()
        except CrisiswatchError as error:
            self._say(str(error))
        except Exception as error:  # noqa: BLE001  # the outermost frame: logged, and the loop goes on
            self._say(f"{type(error).__name__}: {error}", with_traceback=True)
        else:
            if self._faults:
                log.warning("%s: works again", self.name)
            self._faults, self._said = 0, ""
            return 0.0 if done else IDLE_S
        self._faults += 1
        return min(IDLE_S * 2.0**self._faults, LONGEST_BACKOFF_S)

    def _say(self, what: str, *, with_traceback: bool = False) -> None:
        if what != self._said:
            log.error("%s: %s", self.name, what, exc_info=with_traceback)
        self._said = what
