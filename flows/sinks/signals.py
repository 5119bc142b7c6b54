"""Signals into the signal log, at least once; the log drops those it already has."""

from collections.abc import Callable
from typing import Any

from bytewax.outputs import DynamicSink, StatelessSinkPartition

from crisiswatch.detection.signal import Signal


class SignalSink(DynamicSink[Signal]):
    """Hand each signal to `append`, which must ignore an id it already holds.

    After a crash Bytewax emits again whatever came after its last snapshot, so the
    log, not this sink, is where a signal becomes one.
    """

    def __init__(self, append: Callable[[Signal], object]) -> None:
        self._append = append

    def build(
        self,
        step_id: str,  # noqa: ARG002  # the signature is Bytewax's
        worker_index: int,  # noqa: ARG002  # as above
        worker_count: int,  # noqa: ARG002  # as above
    ) -> "_Signals":
        """Serve one worker."""
        return _Signals(self._append)


class _Signals(StatelessSinkPartition[Any]):
    def __init__(self, append: Callable[[Signal], object]) -> None:
        self._append = append

    def write_batch(self, items: list[Signal]) -> None:
        for signal in items:
            self._append(signal)
