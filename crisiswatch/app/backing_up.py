"""Copies of the recovery store while the service runs, by a process of their own.

The engine has the store open through an SQLite of its own, and two of those within one
process would take each other's locks away.
"""

import logging
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crisiswatch.app.clustering import program
from crisiswatch.config import RecoverySettings

LONGEST_S = 300.0

log = logging.getLogger("crisiswatch")


@contextmanager
def backing_up(folder: Path, settings: RecoverySettings) -> Iterator[None]:
    """Copy the store every so often until the block ends; a failure is logged and tried again."""
    over = threading.Event()

    def copy_again_and_again() -> None:
        while not over.wait(settings.backup_every):
            _copy(folder, settings.backups)

    thread = threading.Thread(target=copy_again_and_again, name="backups", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()


def _copy(folder: Path, keep: int) -> None:
    command = program("recovery", "backup", "--dir", str(folder), "--keep", str(keep))
    try:
        done = subprocess.run(  # noqa: S603  # our own program, no shell
            command, capture_output=True, check=False, text=True, timeout=LONGEST_S
        )
    except subprocess.TimeoutExpired:
        log.error("no backup of %s within %g s", folder, LONGEST_S)  # noqa: TRY400  # no traceback helps
        return
    if done.returncode:
        log.error("no backup of %s: %s", folder, done.stderr.strip())
