"""One folder that remembers how far a run has come.

    DIR/lock                held while a run uses the folder: two on one store ruin it
    DIR/fingerprint         what the state was made from: the input, and how time is cut
    DIR/store/              Bytewax's one recovery partition
    DIR/begin.json          of a rebuilt store: where its source began, what had been told by then
    DIR/told                up to which event time (unix seconds) signals have been told
    DIR/backups/TIME/       copies of the store, with their fingerprint
    DIR/quarantine-TIME/    stores that could not be used, each with its reason

A store that belongs to another input is never mixed with this one.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from bytewax.recovery import RecoveryConfig, init_db_dir

from crisiswatch.errors import StoreError
from flows.snapshot_file import SNAPSHOT_FILE, sync

PARTITIONS = 1
"""Partition files of different ages must never be mixed; one file can not be."""

_NO_PARTITION = "crisiswatch-no-partition-"


class RecoveryFolder:
    """Hold the lock on a recovery folder and know what its state belongs to."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self.fingerprint = fingerprint

    @property
    def resumes(self) -> bool:
        """Tell whether a run left unfinished work here."""
        return self.found is not None

    @property
    def found(self) -> str | None:
        """Return the fingerprint of the state that is here, None where there is none."""
        return self._fingerprint_file.read_text() if self._fingerprint_file.is_file() else None

    @property
    def store(self) -> Path:
        """Return the folder of the recovery partition."""
        return self.folder / "store"

    @property
    def snapshots(self) -> Path:
        """Return the file of the recovery partition."""
        return self.store / SNAPSHOT_FILE

    @property
    def _fingerprint_file(self) -> Path:
        return self.folder / "fingerprint"

    @contextmanager
    def locked(self) -> Iterator["RecoveryFolder"]:
        """Own the folder for the time of a run.

        Raises:
            StoreError: another process holds it, or it belongs to another run.
        """
        with self.held():
            self._refuse_foreign()
            yield self

    @contextmanager
    def held(self) -> Iterator["RecoveryFolder"]:
        """Own the folder, whatever run its state is of.

        Raises:
            StoreError: another process holds it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(
                    f"{self.folder}: another run is using this recovery folder",
                    "wait for it, or give this run a folder of its own",
                ) from None
            yield self

    def _refuse_foreign(self) -> None:
        found = self.found
        if found is not None and found != self.fingerprint:
            raise StoreError(
                f"{self.folder}: holds the state of another run ({found}), "
                f"not of this one ({self.fingerprint})",
                "give this run an empty recovery folder, or repeat the other run's command",
            )

    def config(self) -> RecoveryConfig:
        """Make the store if there is none, and return Bytewax's handle on it."""
        if not self.resumes or not self.snapshots.is_file():
            shutil.rmtree(self.store, ignore_errors=True)
            self.store.mkdir()
            init_db_dir(self.store, PARTITIONS)  # type: ignore[no-untyped-call]  # native
        self.vouch()
        return RecoveryConfig(self.store, timedelta(0))  # type: ignore[no-untyped-call]  # native

    def vouch(self) -> None:
        """Say that the state here is of this run."""
        if self.found != self.fingerprint:
            write_durably(self._fingerprint_file, self.fingerprint)

    def clear(self) -> None:
        """Forget the state of a run that has ended: the next one starts anew."""
        self._fingerprint_file.unlink(missing_ok=True)
        for name in ("begin.json", "told"):
            (self.folder / name).unlink(missing_ok=True)
        for name in ("store", "backups"):
            shutil.rmtree(self.folder / name, ignore_errors=True)


class NoPartition:
    """The recovery of a cluster's other processes: the engine hands their state to the first.

    A process needs no access to the partition, only a folder to look for one in: `folder`, which
    is empty. All of a user's processes share it, for many of them end without a chance to clear up.
    It lies in `within`, else where the system has temporary files.
    """

    def __init__(self, within: Path | None = None) -> None:
        within = Path(tempfile.gettempdir()) if within is None else within
        self.folder = within / f"{_NO_PARTITION}{os.getuid()}"
        with suppress(FileExistsError):
            self.folder.mkdir(mode=0o700)
        if not _is_ours_and_empty(self.folder):
            # Others may write where temporary files are: what they put there is not read.
            self._own = tempfile.TemporaryDirectory(prefix=_NO_PARTITION, dir=within)
            self.folder = Path(self._own.name)

    def config(self) -> RecoveryConfig:
        """Return Bytewax's handle on a folder without a partition."""
        return RecoveryConfig(self.folder, timedelta(0))  # type: ignore[no-untyped-call]  # native


def _is_ours_and_empty(folder: Path) -> bool:
    """Tell whether this is a folder, no link to one, that only we can write to and nobody has."""
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return is_ours and not found.st_mode & 0o077 and not any(folder.iterdir())


def write_durably(path: Path, text: str) -> None:
    """Write so that the file is there whole or not at all, also after a power cut."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    sync(path.parent)
