"""How long the thread that works may keep the interpreter to itself."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

INTERVAL_S = 0.1
"""After so long a thread that waits for the interpreter gets it.

Bytewax's main thread asks for it a thousand times a second, to see whether a signal has come. With
Python's own 5 ms the thread that works has to give way two hundred times a second, and stands
still until the other has had its turn: behind whatever else wants that core. Probes and figures
are answered by threads, too; a tenth of a second is nothing to them.
"""


@contextmanager
def rare_switches() -> Iterator[None]:
    """Let the thread that works give way rarely for the time of a run; as before afterwards."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
