"""The threads of the response: they go on whatever goes wrong, and say so once."""

import logging
import threading

import pytest

from crisiswatch.app.loops import Loop
from crisiswatch.errors import StoreError

OUTAGE = StoreError("the store can not be reached", "start it")
PATIENCE_S = 10.0


def run(*ends: int | Exception) -> list[int | Exception]:
    """Run a loop whose steps end like these, in order; return those that were made."""
    stop = threading.Event()
    left = list(ends)
    made: list[int | Exception] = []

    def step() -> int:
        end = left.pop(0)
        made.append(end)
        if not left:
            stop.set()
        if isinstance(end, Exception):
            raise end
        return end

    loop = Loop("urgent", step, stop)
    loop.start()
    loop.join(PATIENCE_S)
    assert not loop.is_alive()
    return made


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_a_loop_goes_on_until_asked_to_stop() -> None:
    assert run(1, 0, 3, 1) == [1, 0, 3, 1]


@pytest.mark.parametrize("error", [OUTAGE, ValueError("a defect")], ids=["outage", "defect"])
def test_what_goes_wrong_is_said_once_and_tried_again(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="crisiswatch"):
        assert run(error, error, 1) == [error, error, 1]

    first, second = said(caplog)
    assert str(error) in first
    assert second == "urgent: works again"


def test_another_fault_is_said_too(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="crisiswatch"):
        run(OUTAGE, ValueError("a defect"), OUTAGE)

    assert ["defect" in line for line in said(caplog)] == [False, True, False]


def test_a_defect_is_logged_with_where_it_is(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="crisiswatch"):
        run(ValueError("a defect"), OUTAGE)

    assert [bool(record.exc_info) for record in caplog.records] == [True, False]


def test_asked_to_stop_before_it_began_it_does_nothing() -> None:
    stop = threading.Event()
    stop.set()
    steps = [1, 2]
    loop = Loop("routine", steps.pop, stop)

    loop.start()
    loop.join(PATIENCE_S)

    assert steps == [1, 2]
