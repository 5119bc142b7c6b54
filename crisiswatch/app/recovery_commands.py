"""`recovery`: what is kept, copies of it, and a new beginning."""

import logging
import os
import pwd
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import typer

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.config_file import read_config
from crisiswatch.app.wiring import beside
from crisiswatch.errors import InputError, StoreError
from flows.backups import Backup, back_up, backups_in
from flows.recovery import RecoveryFolder
from flows.resuming import put_aside, quarantined_in, restore, told_until
from flows.snapshot_file import SNAPSHOT_FILE, UnreadableError, standing_of

DEFAULT = Path("out/recovery")
DAMAGED = 1

log = logging.getLogger("crisiswatch")


def folder_of(config_path: Path | None, folder: Path | None) -> Path:
    """Return the recovery folder that is meant: option, configuration, default.

    Raises:
        InputError: there is no such folder.
    """
    found = folder
    if found is None:
        named = read_config(config_path).recovery.dir
        found = DEFAULT if named is None else beside(config_path, named)
    if not found.is_dir():
        raise InputError(f"{found}: no recovery folder", "name it with --dir, or with --config")
    return found


def run_show(folder: Path, *, as_json: bool) -> int:
    """Print what is kept; 1 where the store can not be read."""
    kept = _kept(folder)
    if as_json:
        typer.echo(orjson.dumps(kept, option=orjson.OPT_INDENT_2).decode())
    else:
        for line in _lines(folder, kept):
            typer.echo(line)
    return DAMAGED if "damaged" in kept["store"] else 0


def run_backup(folder: Path, *, keep: int) -> int:
    """Copy the store."""
    _refuse_other_users(folder)
    made = back_up(folder, now=SystemClock().now(), keep=keep)
    typer.echo(f"{made.folder}: {made.snapshots.stat().st_size} bytes")
    return 0


def run_restore(folder: Path, name: str | None) -> int:
    """Make a backup, or a store that was put aside, the store."""
    chosen = _chosen(folder, name)
    standing_of(chosen.snapshots)  # refuse a damaged one before anything is moved
    recovery = RecoveryFolder(folder, chosen.fingerprint)
    _refuse_other_users(folder)
    with recovery.held():
        restore(recovery, chosen.snapshots, f"replaced by {chosen.name}", SystemClock().now())
    typer.echo(f"detection goes on from {chosen.name}; what came after it is read and told again")
    return 0


def run_rebuild(folder: Path) -> int:
    """Put store and backups aside, so that the next start begins with its source."""
    recovery = RecoveryFolder(folder, "")
    _refuse_other_users(folder)
    with recovery.held():
        if recovery.found is None:
            raise InputError(f"{folder}: nothing is kept here", "the next start begins anew anyway")
        put_aside(
            recovery, "asked for by `recovery rebuild`", SystemClock().now(), with_backups=True
        )
    typer.echo("the next start reads its source again, from as far back as [recovery] rebuild says")
    return 0


def _refuse_other_users(folder: Path) -> None:
    """Write nothing that detection, as whoever it runs, could not write to afterwards."""
    owner, own = folder.stat().st_uid, os.geteuid()
    if owner != own:
        raise InputError(
            f"{folder}: belongs to {_user(owner)}, and this is {_user(own)}: detection could not "
            "write to what is put there now",
            f"run the same as {_user(owner)}, with sudo -u or in detection's own container",
        )


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _chosen(folder: Path, name: str | None) -> Backup:
    backups = backups_in(folder)
    if name is None:
        if not backups:
            raise InputError(f"{folder}: no backups", "name a store that was put aside, if any")
        return backups[0]
    for backup in backups:
        if backup.name == name:
            return backup
    aside = folder / name
    if aside in quarantined_in(folder) and (aside / "store" / SNAPSHOT_FILE).is_file():
        return Backup(folder=aside, fingerprint=(aside / "fingerprint").read_text())
    known = [one.name for one in (*quarantined_in(folder), *(backup.folder for backup in backups))]
    raise InputError(
        f"{name}: no such backup in {folder}", f"there are: {', '.join(known) or 'none'}"
    )


def _kept(folder: Path) -> dict[str, Any]:
    recovery = RecoveryFolder(folder, "")
    store: dict[str, Any] = {"of": recovery.found}
    if recovery.snapshots.is_file():
        stat = recovery.snapshots.stat()
        store |= {"bytes": stat.st_size, "changed_at": _iso(stat.st_mtime)}
        try:
            store |= asdict(standing_of(recovery.snapshots))
        except UnreadableError as error:
            store["damaged"] = error.problem
        except StoreError as error:
            store["unknown"] = error.problem
    told = told_until(folder)
    return {
        "folder": str(folder),
        "store": store,
        "told_until": None if told is None else _iso(told),
        "backups": [
            {"name": one.name, "of": one.fingerprint, "bytes": one.snapshots.stat().st_size}
            for one in backups_in(folder)
        ],
        "quarantined": [
            {"name": one.name, "reason": (one / "reason").read_text().strip()}
            for one in quarantined_in(folder)
        ],
    }


def _lines(folder: Path, kept: dict[str, Any]) -> list[str]:
    store = kept["store"]
    lines = [f"{folder}: {store['of'] or 'nothing is kept'}"]
    if "states" in store:
        lines.append(
            f"  store: epoch {store['epoch']} of run {store['runs']}, {store['states']} states, "
            f"{store['state_bytes']} bytes of them, written {store['changed_at']}"
        )
    lines += [f"  store: {store[fault]}" for fault in ("damaged", "unknown") if fault in store]
    if kept["told_until"] is not None:
        lines.append(f"  signals have been told up to {kept['told_until']}")
    lines += [f"  backup {one['name']}: {one['bytes']} bytes" for one in kept["backups"]]
    lines += [f"  {one['name']}: {one['reason']}" for one in kept["quarantined"]]
    return lines


def _iso(unix_s: float) -> str:
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%dT%H:%M:%SZ}"
