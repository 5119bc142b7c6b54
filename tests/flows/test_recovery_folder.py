"""A recovery folder has one owner and belongs to one run."""

from pathlib import Path

import pytest

from crisiswatch.errors import StoreError
from flows.recovery import RecoveryFolder


def test_a_folder_is_resumed_by_the_run_that_left_it(tmp_path: Path) -> None:
    folder = RecoveryFolder(tmp_path / "r", "run one")
    with folder.locked():
        assert not folder.resumes
        folder.config()
        assert folder.resumes
    with RecoveryFolder(tmp_path / "r", "run one").locked() as again:
        assert again.resumes


def test_another_run_is_refused_and_both_are_named(tmp_path: Path) -> None:
    with RecoveryFolder(tmp_path, "run one").locked() as folder:
        folder.config()
    with (
        pytest.raises(StoreError, match=r"run one.*run two"),
        RecoveryFolder(tmp_path, "run two").locked(),
    ):
        pass


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    with (
        RecoveryFolder(tmp_path, "run").locked(),
        pytest.raises(StoreError, match="another run is using"),
        RecoveryFolder(tmp_path, "run").locked(),
    ):
        pass


def test_a_finished_run_leaves_nothing_to_resume(tmp_path: Path) -> None:
    with RecoveryFolder(tmp_path, "run").locked() as folder:
        folder.config()
        folder.clear()
        assert not folder.resumes
    with RecoveryFolder(tmp_path, "another run").locked() as folder:
        assert not folder.resumes
