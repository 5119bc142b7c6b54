"""Who watches a flow at work: counters, not part of what it computes.

Called from the dataflow's own thread, once for a chunk, a batch or an epoch and never for
a post, so implementations must be brief and must not raise.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from flows.messages import Intake


class FlowObserver(Protocol):
    """See what passes through the steps of this process."""

    def on_poll(self) -> None:
        """See that the main loop moves: the source was asked for posts."""
        ...

    def on_canary(self) -> None:
        """See that a canary was sent on its way."""
        ...

    def on_intake(self, intake: Intake) -> None:
        """See what one chunk held, without posts of the canary."""
        ...

    def on_watched(self, shard: str, watermark_s: int | None, out: Sequence[object]) -> None:
        """See what a shard said of a batch, and the unix second that event time has come to."""
        ...

    def on_snapshot(self, shard: str, state: Any) -> None:
        """See a shard's state as it is saved; it must not be kept or changed."""
        ...

    def on_epoch(self) -> None:
        """See that an epoch has ended, so that a restart would go on from there."""
        ...


class NoObserver:
    """Nobody watches."""

    def on_poll(self) -> None:
        """Ignore it."""

    def on_canary(self) -> None:
        """Ignore it."""

    def on_intake(self, intake: Intake) -> None:
        """Ignore it."""

    def on_watched(self, shard: str, watermark_s: int | None, out: Sequence[object]) -> None:
        """Ignore it."""

    def on_snapshot(self, shard: str, state: Any) -> None:
        """Ignore it."""

    def on_epoch(self) -> None:
        """Ignore it."""


NOBODY = NoObserver()
