"""A run begins from its store, else from a backup, else from its source; nothing is deleted."""

import json
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crisiswatch.errors import InputError, StoreError
from flows.backups import back_up, backups_in
from flows.recovery import RecoveryFolder
from flows.resuming import (
    KEPT_QUARANTINES,
    Beginning,
    Origin,
    Told,
    begin,
    put_aside,
    quarantined_in,
    restore,
    take_up,
    told_until,
)
from flows.snapshot_file import Check, UnreadableError, examine, standing_of
from tests.flows.kept_store import FINGERPRINT, accept, at_minute, kept, run_once, spoil

NOW = at_minute(30)
MEMORY_S = 3_600


def begun(recovery: RecoveryFolder, check: Check = accept) -> Beginning:
    with recovery.held():
        return begin(recovery, check=check, now=NOW, memory_s=MEMORY_S)


def test_nothing_kept_is_a_new_beginning(tmp_path: Path) -> None:
    assert begun(RecoveryFolder(tmp_path / "r", FINGERPRINT)) == Beginning.anew()


def test_a_run_goes_on_from_its_store(tmp_path: Path) -> None:
    recovery = kept(tmp_path, [1, 2])
    assert begun(recovery).origin is Origin.STORE
    assert run_once(recovery, [1, 2, 3])[-1] == ("sum", 6)


def test_a_store_that_died_before_its_first_snapshot_has_not_begun(tmp_path: Path) -> None:
    recovery = RecoveryFolder(tmp_path, FINGERPRINT)
    with recovery.held():
        recovery.config()
    assert begun(recovery) == Beginning.anew()


def test_a_damaged_store_is_put_aside_and_the_newest_good_backup_taken(tmp_path: Path) -> None:
    recovery = kept(tmp_path, [1])
    back_up(tmp_path, now=at_minute(1), keep=9)
    run_once(recovery, [1, 2])
    back_up(tmp_path, now=at_minute(2), keep=9)
    run_once(recovery, [1, 2, 3])
    back_up(tmp_path, now=at_minute(3), keep=9)
    spoil(backups_in(tmp_path)[0].snapshots)
    spoil(recovery.snapshots)
    found = begun(recovery)
    assert found.origin is Origin.BACKUP
    assert found.quarantined is not None
    (aside,) = quarantined_in(tmp_path)
    assert aside.name == "quarantine-20260301T103000Z"
    assert (aside / "reason").read_text().strip() == found.quarantined
    assert (aside / "store" / "part-0.sqlite3").is_file()
    assert run_once(recovery, [1, 2, 3])[-1] == ("sum", 6)


@pytest.mark.parametrize("how", ["spoilt", "empty", "no-database", "gone", "refused"])
def test_without_a_backup_the_source_is_read_again(how: str, tmp_path: Path) -> None:
    recovery = kept(tmp_path, [1])
    Told(tmp_path, margin_s=60).note(1_000)
    check: Check = accept
    match how:
        case "spoilt":
            spoil(recovery.snapshots)
        case "empty":
            recovery.snapshots.write_bytes(b"")
        case "no-database":
            recovery.snapshots.write_bytes(b"hello" * 1_000)
        case "gone":
            shutil.rmtree(recovery.store)
        case _:
            check = _refuse
    rebuilt = begun(recovery, check=check)
    assert rebuilt.origin is Origin.REBUILD
    assert rebuilt.rebuild_from == int(NOW.timestamp()) - MEMORY_S
    assert rebuilt.told_until == 940
    with recovery.held():
        recovery.config()
    # dying at once changes nothing of it, and once there are snapshots only the mark stays
    assert begun(recovery).rebuild_from == rebuilt.rebuild_from
    run_once(recovery, [1])
    later = begun(recovery)
    assert (later.origin, later.rebuild_from, later.told_until) == (Origin.STORE, None, 940)


def _refuse(step: str, state: object) -> None:
    raise ValueError(f"{step} of another version: {state}")


def test_the_state_of_another_input_is_put_aside_with_all_its_backups_unused(
    tmp_path: Path,
) -> None:
    kept(tmp_path, [1])
    back_up(tmp_path, now=at_minute(1), keep=2)
    other = RecoveryFolder(tmp_path, "other posts")
    found = begun(other)
    assert found.origin is Origin.REBUILD
    assert found.quarantined is not None
    assert FINGERPRINT in found.quarantined
    with other.held():
        other.config()
    assert begun(other).origin is Origin.REBUILD


def test_only_the_newest_quarantines_are_kept(tmp_path: Path) -> None:
    recovery = kept(tmp_path, [1])
    for minute in range(KEPT_QUARANTINES + 2):
        recovery.store.mkdir(exist_ok=True)
        put_aside(recovery, "a test", at_minute(minute))
    assert len(quarantined_in(tmp_path)) == KEPT_QUARANTINES
    assert quarantined_in(tmp_path)[0].name == "quarantine-20260301T100600Z"


def test_the_oldest_quarantine_can_be_restored(tmp_path: Path) -> None:
    recovery = kept(tmp_path, [1, 2])
    for minute in range(KEPT_QUARANTINES):
        if minute:
            recovery.config()
        put_aside(recovery, "a test", at_minute(minute))
    recovery.config()
    oldest = quarantined_in(tmp_path)[-1]
    with recovery.held():
        restore(recovery, oldest / "store" / "part-0.sqlite3", "asked for", NOW)
    assert run_once(recovery, [1, 2, 3])[-1] == ("sum", 6)
    assert len(quarantined_in(tmp_path)) == KEPT_QUARANTINES
    assert (quarantined_in(tmp_path)[0] / "reason").read_text() == "asked for\n"


def test_a_backup_that_can_not_be_copied_leaves_everything_as_it_was(tmp_path: Path) -> None:
    recovery = kept(tmp_path, [1, 2])
    other = RecoveryFolder(tmp_path, "other posts")
    with other.held(), pytest.raises(StoreError):
        restore(other, tmp_path / "no-such-file", "asked for", NOW)
    assert quarantined_in(tmp_path) == ()
    assert recovery.found == FINGERPRINT
    assert run_once(recovery, [1, 2, 3])[-1] == ("sum", 6)


def test_after_the_clock_was_set_back_the_newest_backup_is_still_the_last_one_made(
    tmp_path: Path,
) -> None:
    kept(tmp_path, [1])
    for minute in (30, 40, 10, 20):
        made = back_up(tmp_path, now=at_minute(minute), keep=2)
        assert backups_in(tmp_path)[0] == made
    assert [one.name for one in backups_in(tmp_path)] == ["20260301T104002Z", "20260301T104001Z"]


def test_after_the_clock_was_set_back_the_last_quarantine_is_not_the_first_to_go(
    tmp_path: Path,
) -> None:
    recovery = kept(tmp_path, [1])
    (tmp_path / "quarantine-by-hand").mkdir()
    for minute in range(30, 30 + KEPT_QUARANTINES):
        recovery.store.mkdir(exist_ok=True)
        put_aside(recovery, "before", at_minute(minute))
    recovery.store.mkdir()
    put_aside(recovery, "after", at_minute(1))
    newest = tmp_path / "quarantine-20260301T103401Z"
    assert newest in quarantined_in(tmp_path)
    assert (newest / "reason").read_text() == "after\n"


def test_copies_at_the_same_time_are_each_whole(tmp_path: Path) -> None:
    kept(tmp_path, [1])
    with ThreadPoolExecutor(4) as several:
        made = list(several.map(lambda _: back_up(tmp_path, now=NOW, keep=9), range(4)))
    assert {one.name for one in made} == {one.name for one in backups_in(tmp_path)}
    assert len(backups_in(tmp_path)) == 4
    for one in made:
        examine(one.snapshots, accept)


def test_what_a_copy_that_was_killed_has_left_goes_with_the_next_one(tmp_path: Path) -> None:
    kept(tmp_path, [1])
    left = tmp_path / "backups" / "20260301T100000Z.new"
    left.mkdir(parents=True)
    (left / "part-0.sqlite3").write_bytes(b"half of it")
    back_up(tmp_path, now=NOW, keep=1)
    assert not left.exists()


def test_a_backup_is_exact_while_the_store_is_written_to_and_old_ones_go(tmp_path: Path) -> None:
    recovery = kept(tmp_path, [1, 2])
    with sqlite3.connect(recovery.snapshots) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM snaps")
        made = back_up(tmp_path, now=at_minute(1), keep=2)
        other.rollback()
    other.close()
    assert standing_of(made.snapshots).states > 0
    for minute in (2, 3):
        back_up(tmp_path, now=at_minute(minute), keep=2)
    assert [one.name for one in backups_in(tmp_path)] == ["20260301T100300Z", "20260301T100200Z"]
    run_once(recovery, [1, 2, 3])
    with recovery.held():
        take_up(recovery, backups_in(tmp_path)[0].snapshots)
    assert run_once(recovery, [1, 2, 3])[-1] == ("sum", 6)


def test_a_backup_of_a_damaged_store_pushes_no_good_one_out(tmp_path: Path) -> None:
    recovery = kept(tmp_path, [1])
    back_up(tmp_path, now=at_minute(1), keep=1)
    spoil(recovery.snapshots)
    with pytest.raises(UnreadableError):
        back_up(tmp_path, now=at_minute(2), keep=1)
    assert [one.name for one in backups_in(tmp_path)] == ["20260301T100100Z"]
    assert not list((tmp_path / "backups").glob("*.new"))


def test_there_is_nothing_to_back_up_before_a_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no store to back up"):
        back_up(tmp_path, now=NOW, keep=1)


def test_a_file_that_may_not_be_read_is_no_damaged_one(tmp_path: Path) -> None:
    recovery = kept(tmp_path, [1])
    with sqlite3.connect(recovery.snapshots, isolation_level=None) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="can not be read now") as caught:
            examine(recovery.snapshots, accept)
        other.rollback()
    other.close()
    assert not isinstance(caught.value, UnreadableError)


def test_how_far_signals_were_told_is_a_lower_bound_that_never_goes_back(tmp_path: Path) -> None:
    told = Told(tmp_path, margin_s=60)
    for bin_end in (300, 600, 300):
        told.note(bin_end)
    assert told_until(tmp_path) == 540
    (tmp_path / "told").write_text("")
    assert told_until(tmp_path) is None


def test_a_note_of_an_older_release_is_no_reason_to_fail(tmp_path: Path) -> None:
    recovery = kept(tmp_path, [1])
    (tmp_path / "begin.json").write_text(json.dumps({"rebuild_from": 5, "told_until": 7}))
    assert begun(recovery).told_until == 7
