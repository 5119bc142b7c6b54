"""How often Python looks for reference cycles while a flow runs."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (100_000, 20, 50)
"""Python's own 700 start a search ten times in every chunk, each time over thousands of posts and
counts that die of themselves a moment later. Nothing in the flow makes cycles by the post."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Search for cycles rarely for the time of a run; as before afterwards."""
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
