"""Signals into the signal log, at least once; the log drops those it already has."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bytewax.outputs import DynamicSink, StatelessSinkPartition

from crisiswatch.detection.signal import Heartbeat, Signal
from crisiswatch.errors import StoreError


class SignalSink(DynamicSink[Signal | Heartbeat]):
    """Hand each signal to `append`, which must ignore an id it already holds.

    After a crash Bytewax emits again whatever came after its last snapshot, so the
    log, not this sink, is where a signal becomes one. The same holds for heartbeats
    and `beat`; but one that can not be stored is dropped: nobody waits for a canary, and
    that it is missed is what it is for.
    """

    def __init__(
        self,
        append: Callable[[Signal], object],
        beat: Callable[[Heartbeat], object] = lambda _: None,
    ) -> None:
        self._append = append
        self._beat = beat

    def build(
        self,
        step_id: str,  # noqa: ARG002  # the signature is Bytewax's
        worker_index: int,  # noqa: ARG002  # as above
        worker_count: int,  # noqa: ARG002  # as above
    ) -> "_Signals":
        """Serve one worker."""
        return _Signals(self._append, self._beat)


class _Signals(StatelessSinkPartition[Any]):
    def __init__(
        self, append: Callable[[Signal], object], beat: Callable[[Heartbeat], object]
    ) -> None:
        self._append = append
        self._beat = beat

    def write_batch(self, items: list[Signal | Heartbeat]) -> None:
        for item in items:
            if isinstance(item, Heartbeat):
                with suppress(StoreError):
                    self._beat(item)
            else:
                self._append(item)
