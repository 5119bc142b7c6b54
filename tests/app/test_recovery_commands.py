"""What an operator does with a recovery folder while detection is stopped."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crisiswatch.app.recovery_commands import run_backup, run_rebuild, run_restore
from crisiswatch.errors import InputError
from flows.resuming import KEPT_QUARANTINES, put_aside, quarantined_in
from tests.flows.kept_store import at_minute, kept, run_once


def test_the_oldest_of_the_stores_that_were_put_aside_comes_back_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recovery = kept(tmp_path, [1, 2])
    for minute in range(KEPT_QUARANTINES):
        put_aside(recovery, "a test", at_minute(minute))
        recovery.config()
    name = quarantined_in(tmp_path)[-1].name
    assert run_restore(tmp_path, name) == 0
    assert capsys.readouterr().out.startswith(f"detection goes on from {name}")
    assert run_once(recovery, [1, 2, 3])[-1] == ("sum", 6)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_who_could_leave_files_that_detection_can_not_write_to_is_refused(tmp_path: Path) -> None:
    kept(tmp_path, [1, 2])
    run_backup(tmp_path, keep=1)
    os.chown(tmp_path, os.geteuid() + 4_321, -1)
    commands: tuple[Callable[[], int], ...] = (
        lambda: run_backup(tmp_path, keep=1),
        lambda: run_restore(tmp_path, None),
        lambda: run_rebuild(tmp_path),
    )
    for command in commands:
        with pytest.raises(InputError, match=r"belongs to user \d+") as refused:
            command()
        assert "sudo -u" in refused.value.remedy
