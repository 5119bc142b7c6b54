"""A real recovery store with a state in it, made by a run of the engine."""

from datetime import datetime
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.testing import TestingSink, TestingSource

from flows.recovery import RecoveryFolder
from flows.run import run_flow

FINGERPRINT = "posts of a test"


class _Sum(StatefulBatchLogic[int, int, int]):
    def __init__(self, state: int | None) -> None:
        self._sum = state or 0

    def on_batch(self, values: list[int]) -> tuple[list[int], bool]:
        self._sum += sum(values)
        return [self._sum], False

    def snapshot(self) -> int:
        return self._sum


def run_once(recovery: RecoveryFolder, numbers: list[int]) -> list[Any]:
    """Add the numbers that no run before has seen to a sum that is kept; return what was told."""
    flow = Dataflow("crisiswatch")
    told: list[Any] = []
    source: TestingSource[int] = TestingSource(numbers)
    keyed = op.key_on("one", op.input("numbers", flow, source), lambda _number: "sum")
    sums = op.stateful_batch("watch", keyed, _Sum)
    op.output("out", sums, TestingSink(told))
    run_flow(flow, recovery=recovery, interval_s=1.0)
    return told


def kept(folder: Path, numbers: list[int]) -> RecoveryFolder:
    """Return a folder in which a run has left its state."""
    recovery = RecoveryFolder(folder, FINGERPRINT)
    with recovery.held():
        run_once(recovery, numbers)
    return recovery


def spoil(file: Path) -> None:
    """Overwrite the middle of a file, as a failing disk does."""
    with file.open("r+b") as damaged:
        damaged.seek(file.stat().st_size // 2)
        damaged.write(b"\xff" * 4_096)


def accept(_step: str, _state: object) -> None:
    """Take every state."""


def at_minute(minute: int) -> datetime:
    """Return a time of one fixed hour."""
    return datetime.fromisoformat(f"2026-03-01T10:{minute:02}:00+00:00")
