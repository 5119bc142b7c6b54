"""The file in which Bytewax keeps snapshots: whether it can be read, and exact copies of it.

Nothing here may run while this process has the store open through Bytewax: it carries an
SQLite of its own, and two of those in one process take each other's locks away. Another
process may, at any time.
"""

import os
import pickle
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crisiswatch.errors import StoreError
from flows.failures import no_room

SNAPSHOT_FILE = "part-0.sqlite3"
"""Bytewax's name for the first of one partitions."""

Check = Callable[[str, Any], None]
"""Takes a step's id and a state of it, and raises where it could not take the state up."""

_FULL = 13
_SURROUNDINGS = {3, 5, 6, 8, 10, 14}
"""Rights, locks, faults of the device: what keeps one from reading a file that may well be whole."""

_PRIMARY = 0xFF
"""The low byte of SQLite's error codes says which kind it is."""

_NEWEST = """
    SELECT step_id, state_key, MAX(snap_epoch), ser_change FROM snaps GROUP BY step_id, state_key
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a store has come: runs so far, the epoch to resume at, states and their size."""

    runs: int
    epoch: int
    states: int
    state_bytes: int


class UnreadableError(StoreError):
    """A snapshot file from which no run can go on."""


def standing_of(file: Path) -> Standing:
    """Return how far a store has come.

    Raises:
        UnreadableError: it is damaged.
    """
    with _reading(file) as connection:
        (runs,) = connection.execute("SELECT COUNT(*) FROM exs").fetchone()
        (epoch,) = connection.execute("SELECT MAX(worker_frontier) FROM fronts").fetchone()
        states, state_bytes = connection.execute(
            f"SELECT COUNT(*), SUM(LENGTH(ser_change)) FROM ({_NEWEST})"  # noqa: S608  # a constant
        ).fetchone()
    return Standing(runs=runs, epoch=epoch or 0, states=states, state_bytes=state_bytes or 0)


def examine(file: Path, check: Check) -> None:
    """Make sure that a run can go on from this file: whole, and every state can be taken up.

    Raises:
        UnreadableError: it can not, with the reason.
        NoRoomError: the disk is too full to say.
        StoreError: the file may not be read.
    """
    if not file.is_file():
        raise UnreadableError(f"{file}: no such file")
    with _reading(file) as connection:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise UnreadableError(f"{file}: damaged ({said})")
        for step, key, _, body in connection.execute(_NEWEST):
            if body is not None:
                _examine_state(file, step, key, body, check)


def _examine_state(file: Path, step: str, key: str, body: bytes, check: Check) -> None:
    try:
        # Our own file, in a folder that only we write to; the engine unpickles it next.
        check(step, pickle.loads(body))  # noqa: S301
    except Exception as error:  # whatever a state raises, the run would die of it
        raise UnreadableError(f"{file}: state {key!r} of {step}: {error!r}") from error


def copy_snapshots(file: Path, to: Path) -> None:
    """Write an exact copy, also of a store in use: what it held at one moment, on the disk.

    Raises:
        UnreadableError: the store is damaged.
        NoRoomError: the disk is full.
    """
    with _reading(file) as source, _named(to), closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
        # One file without a journal beside it, that can be moved and opened anywhere.
        copy.execute("PRAGMA journal_mode = DELETE")
    sync(to)
    sync(to.parent)


def sync(path: Path) -> None:
    """Let a file's content, or a folder's entries, reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    with (
        _named(file),
        closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        yield connection


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Tell damage, which a backup mends, from a full disk and from a lack of rights, which it does not."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
        if code == _FULL:
            raise no_room(str(file)) from error
        if code in _SURROUNDINGS:
            raise StoreError(
                f"{file}: can not be read now ({error})",
                "see that it may be read and written, and that the disk works",
            ) from error
        raise UnreadableError(f"{file}: damaged ({error})") from error
