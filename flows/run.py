"""Run a dataflow in this process until its source ends or is asked to stop."""

from collections.abc import Callable
from datetime import timedelta

from bytewax.dataflow import Dataflow
from bytewax.run import cli_main

from flows.allocating import keep_freed_memory
from flows.collecting import rare_collections
from flows.failures import failure_of
from flows.recovery import NoPartition, RecoveryFolder
from flows.switching import rare_switches

Flow = Dataflow
"""A wired dataflow, for those who run one without knowing the engine."""


class Stop:
    """A flag that a signal handler raises and the sources ask before each batch.

    Bytewax's own answer to SIGTERM is sudden death; ending the source instead lets the
    last snapshot be written, and nothing has to be emitted again.
    """

    def __init__(self) -> None:
        self.asked = False
        self._on_ask: Callable[[], None] | None = None

    def ask(self) -> None:
        """Let the sources end at their next batch."""
        self.asked = True
        if self._on_ask is not None:
            self._on_ask()

    def on_ask(self, wake: Callable[[], None]) -> None:
        """Have `wake` called as well, for somebody who waits instead of asking."""
        self._on_ask = wake

    def __call__(self) -> bool:
        """Tell whether the sources should end."""
        return self.asked


def run_flow(
    flow: Dataflow,
    *,
    recovery: RecoveryFolder | NoPartition | None = None,
    interval_s: float = 5.0,
    process_id: int = 0,
    addresses: tuple[str, ...] = (),
) -> None:
    """Run the flow to its end; with `recovery`, from where the last run stood.

    With `addresses` (`host:port` of every process) this is one of a cluster, which
    starts once all are there and dies with any of them.

    Raises:
        NoRoomError: the disk is full.
        BrokenClusterError: another process of the cluster has died.
    """
    keep_freed_memory()
    try:
        with rare_collections(), rare_switches():
            cli_main(  # type: ignore[no-untyped-call]  # Bytewax's native functions carry no types
                flow,
                process_id=process_id if addresses else None,
                addresses=list(addresses) if addresses else None,
                epoch_interval=timedelta(seconds=interval_s),
                recovery_config=None if recovery is None else recovery.config(),
            )
    except BaseException as error:
        # A panic of the engine is no Exception.
        failure = failure_of(error)
        if failure is error:
            raise
        raise failure from error
