"""What every action log promises; a new one is one line in `LOGS`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alerting.action_log import FileActionLog, MemoryActionLog
from alerting.ports import ActionLog, Outcome, Status
from tests.made_signals import minute

LOGS: dict[str, Callable[[Path], ActionLog]] = {
    "file": lambda folder: FileActionLog(folder / "actions.jsonl"),
    "file-without-fsync": lambda folder: FileActionLog(folder / "actions.jsonl", fsync=False),
    "memory": lambda _: MemoryActionLog(),
}

INTENDED = Outcome(status=Status.INTENDED, at=minute(0), result="")
DONE = Outcome(status=Status.DONE, at=minute(1), result="We are sorry.\nMore at 14:30 🕝")


@pytest.fixture(params=LOGS)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> ActionLog:
    return LOGS[request.param](tmp_path)


def test_nothing_is_known_of_an_action_that_nobody_intended(log: ActionLog) -> None:
    log.record("air/opened", INTENDED)

    assert log.outcome("air/closed") is None


def test_the_newest_word_on_an_action_counts(log: ActionLog) -> None:
    log.record("air/opened", INTENDED)
    assert log.outcome("air/opened") == INTENDED

    log.record("air/opened", DONE)
    assert log.outcome("air/opened") == DONE


def test_actions_do_not_touch_each_other(log: ActionLog) -> None:
    log.record("air/opened", DONE)
    log.record("bus/opened", INTENDED)

    assert log.outcome("air/opened") == DONE
    assert log.outcome("bus/opened") == INTENDED
