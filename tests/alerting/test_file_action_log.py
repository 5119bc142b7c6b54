"""What the action log in a file promises beyond the contract of all action logs."""

from pathlib import Path

import pytest

from alerting.action_log import FileActionLog
from alerting.ports import Outcome, Status
from crisiswatch.errors import StoreError
from tests.made_signals import minute

INTENDED = Outcome(status=Status.INTENDED, at=minute(0), result="")
DONE = Outcome(status=Status.DONE, at=minute(1), result="text")


def test_the_next_process_knows_the_newest_words(tmp_path: Path) -> None:
    path = tmp_path / "actions.jsonl"
    with FileActionLog(path) as log:
        log.record("one", INTENDED)
        log.record("one", DONE)
        log.record("two", INTENDED)

    with FileActionLog(path) as log:
        assert log.outcome("one") == DONE
        assert log.outcome("two") == INTENDED


def test_an_outcome_torn_by_a_kill_leaves_the_intent(tmp_path: Path) -> None:
    path = tmp_path / "actions.jsonl"
    with FileActionLog(path) as log:
        log.record("one", INTENDED)
        log.record("one", DONE)
    path.write_bytes(path.read_bytes()[:-5])

    with FileActionLog(path) as log:
        assert log.outcome("one") == INTENDED


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with (
        FileActionLog(tmp_path / "actions.jsonl"),
        pytest.raises(StoreError, match="another crisiswatch writes to it"),
    ):
        FileActionLog(tmp_path / "actions.jsonl")


def test_a_broken_line_is_named_and_the_lock_given_back(tmp_path: Path) -> None:
    path = tmp_path / "actions.jsonl"
    path.write_bytes(b"{}\n")

    for _ in range(2):
        with pytest.raises(StoreError, match="line ending at byte 3: no outcome of an action"):
            FileActionLog(path)
