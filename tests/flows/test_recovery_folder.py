"""A recovery folder has one owner and belongs to one run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crisiswatch.errors import StoreError
from flows.recovery import NoPartition, RecoveryFolder


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


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Return an empty folder in the place of the system's for temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


def test_processes_without_a_partition_share_one_empty_folder_that_nobody_else_may_write_to(
    temporary: Path,
) -> None:
    for _ in range(3):
        NoPartition(temporary).config()
    (one,) = temporary.iterdir()
    assert one.stat().st_mode & 0o777 == 0o700


def _linked(place: Path) -> None:
    elsewhere = place.parent.parent / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    place.symlink_to(elsewhere)


def _open_to_others(place: Path) -> None:
    place.mkdir()
    place.chmod(0o777)


def _not_empty(place: Path) -> None:
    place.mkdir(mode=0o700)
    (place / "part-0.sqlite3").touch()


@pytest.mark.parametrize("planted", [_linked, _open_to_others, _not_empty, Path.touch])
def test_what_somebody_has_put_in_the_place_of_that_folder_is_not_used(
    planted: Callable[[Path], None], temporary: Path
) -> None:
    place = NoPartition(temporary).folder
    place.rmdir()
    planted(place)
    other = NoPartition(temporary)
    assert other.folder != place
    assert not other.folder.is_symlink()
    assert list(other.folder.iterdir()) == []
    assert other.folder.parent == temporary
