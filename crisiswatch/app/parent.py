"""Parts of `up`: they do not outlive it, however it ends."""

import os
import signal
import threading
import time

WATCH_S = 0.2
GRACE_S = 5.0
"""Long enough to finish what is under way, short enough to be gone when `up` comes again."""


def end_with(parent: int | None) -> None:
    """Ask this process to stop once its parent is gone, and end it if it does not.

    None: nothing is watched. A parent that is killed can not tell us, but a process whose
    parent has died is given another one.
    """
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)
