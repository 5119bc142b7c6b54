"""Copies of a recovery store, the newest few; each is whole or not there.

    backups/20260301T103000Z/part-0.sqlite3
    backups/20260301T103000Z/fingerprint
    backups/lock                            held while a copy is made

A backup is a crash that never happened: a run that goes on from it reads again what came
since, tells again what it told since, and the signal log drops what it has.
"""

import fcntl
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crisiswatch.errors import InputError, StoreError
from flows.snapshot_file import SNAPSHOT_FILE, Check, copy_snapshots, examine, sync

NAME = "%Y%m%dT%H%M%SZ"
"""Names of backups and of quarantined stores: the time in UTC, in the order of their making."""

UNFINISHED = ".new"
"""What is being copied has this behind its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A copy of a store: its folder, and what the state was made from."""

    folder: Path
    fingerprint: str

    @property
    def name(self) -> str:
        """Return the time at which it was made, as in file names."""
        return self.folder.name

    @property
    def snapshots(self) -> Path:
        """Return the copied recovery partition; that of a store put aside is one folder down."""
        direct = self.folder / SNAPSHOT_FILE
        return direct if direct.exists() else self.folder / "store" / SNAPSHOT_FILE


def backups_in(folder: Path) -> tuple[Backup, ...]:
    """Return the backups of a recovery folder, the newest first."""
    found = sorted((folder / "backups").glob("*Z"), reverse=True)
    return tuple(
        Backup(folder=one, fingerprint=(one / "fingerprint").read_text())
        for one in found
        if (one / "fingerprint").is_file() and (one / SNAPSHOT_FILE).is_file()
    )


def name_for(now: datetime, others: Iterable[str]) -> str:
    """Return the name of what is made `now`, later than those of the `others`.

    Of what is kept the newest go last: after a clock was set back that would be the oldest.
    """
    at = now.astimezone(UTC).replace(microsecond=0)
    for other in others:
        try:
            known = datetime.strptime(other, NAME).replace(tzinfo=UTC)
        except ValueError:
            continue  # somebody has named it by hand
        at = max(at, known + timedelta(seconds=1))
    return f"{at:{NAME}}"


def back_up(folder: Path, *, now: datetime, keep: int) -> Backup:
    """Copy the store as it is, in use or not; keep the newest `keep` copies.

    One that is made at the same time is waited for.

    Raises:
        InputError: there is no store.
        StoreError: it can not be copied; older backups stay.
    """
    fingerprint = folder / "fingerprint"
    if not fingerprint.is_file():
        raise InputError(f"{folder}: no store to back up", "give the folder of a run with recovery")
    backups = folder / "backups"
    backups.mkdir(exist_ok=True)
    with _alone_in(backups):
        vouched = fingerprint.read_text()
        name = name_for(now, (one.name for one in backups.iterdir()))
        with _new_folder(backups / name) as made:
            copy_snapshots(folder / "store" / SNAPSHOT_FILE, made / SNAPSHOT_FILE)
            # A copy that can not be used must not push out one that can.
            examine(made / SNAPSHOT_FILE, _anything)
            (made / "fingerprint").write_text(vouched)
            sync(made / "fingerprint")
        kept = backups_in(folder)
        for old in kept[keep:]:
            shutil.rmtree(old.folder, ignore_errors=True)
    return kept[0]


def newest_good(folder: Path, fingerprint: str, check: Check) -> Iterator[Backup | StoreError]:
    """Yield, newest first, why a backup of this run can not be used, and at last one that can."""
    for backup in backups_in(folder):
        if backup.fingerprint != fingerprint:
            yield StoreError(f"{backup.folder}: of another input ({backup.fingerprint})")
            continue
        try:
            examine(backup.snapshots, check)
        except StoreError as error:
            yield error
        else:
            yield backup
            return


def copied(source: Path, store: Path) -> Path:
    """Copy a partition to beside a store, in whose place `put_in_place` puts it."""
    fresh = store.with_name(store.name + UNFINISHED)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    copy_snapshots(source, fresh / SNAPSHOT_FILE)
    return fresh


def put_in_place(fresh: Path, store: Path) -> None:
    """Let a copy be the store, all or nothing."""
    shutil.rmtree(store, ignore_errors=True)
    fresh.rename(store)
    sync(store.parent)


@contextmanager
def _alone_in(backups: Path) -> Iterator[None]:
    """Be the only one who makes a copy, and clear away those that were cut short."""
    with (backups / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in backups.glob(f"*{UNFINISHED}"):
            shutil.rmtree(left, ignore_errors=True)
        yield


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """Yield a folder that gets its name once it is complete."""
    fresh = path.with_name(path.name + UNFINISHED)
    fresh.mkdir()
    try:
        yield fresh
        fresh.rename(path)
        sync(path.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _anything(_step: str, _state: object) -> None:
    """Take every state that can be unpickled."""
