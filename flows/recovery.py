"""One folder that remembers how far a run has come.

    DIR/lock            held while a run uses the folder: two on one store ruin it
    DIR/fingerprint     what the state was made from: configuration and input
    DIR/store/          Bytewax's one recovery partition

A store that belongs to another configuration or input is refused, never mixed.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from bytewax.recovery import RecoveryConfig, init_db_dir

from crisiswatch.errors import StoreError

PARTITIONS = 1
"""Partition files of different ages must never be mixed; one file can not be."""


class RecoveryFolder:
    """Hold the lock on a recovery folder and know what its state belongs to."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._folder = folder
        self._fingerprint = fingerprint

    @property
    def resumes(self) -> bool:
        """Tell whether a run with this fingerprint left unfinished work here."""
        return self._fingerprint_file.is_file()

    @property
    def _fingerprint_file(self) -> Path:
        return self._folder / "fingerprint"

    @property
    def _store(self) -> Path:
        return self._folder / "store"

    @contextmanager
    def locked(self) -> Iterator["RecoveryFolder"]:
        """Own the folder for the time of a run.

        Raises:
            StoreError: another process holds it, or it belongs to another run.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(
                    f"{self._folder}: another run is using this recovery folder",
                    "wait for it, or give this run a folder of its own",
                ) from None
            self._refuse_foreign()
            yield self

    def _refuse_foreign(self) -> None:
        if not self.resumes:
            return
        found = self._fingerprint_file.read_text()
        if found != self._fingerprint:
            raise StoreError(
                f"{self._folder}: holds the state of another run ({found}), "
                f"not of this one ({self._fingerprint})",
                "give this run an empty recovery folder, or repeat the other run's command",
            )

    def config(self) -> RecoveryConfig:
        """Make the store if there is none, and return Bytewax's handle on it."""
        if not self.resumes:
            shutil.rmtree(self._store, ignore_errors=True)
            self._store.mkdir()
            init_db_dir(self._store, PARTITIONS)  # type: ignore[no-untyped-call]  # native
            _write_durably(self._fingerprint_file, self._fingerprint)
        return RecoveryConfig(self._store, timedelta(0))  # type: ignore[no-untyped-call]  # native

    def clear(self) -> None:
        """Forget the state of a run that has ended: the next one starts anew."""
        self._fingerprint_file.unlink(missing_ok=True)
        shutil.rmtree(self._store, ignore_errors=True)


def _write_durably(path: Path, text: str) -> None:
    """Write so that the file is there whole or not at all."""
    temporary = path.with_suffix(".new")
    with temporary.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
