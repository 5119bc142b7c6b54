"""How a service begins: from its store, else from a backup, else from its source anew.

    store here? --no--> backup? --no--> NEW
       |yes                |yes
    of this input? --no--> set aside --> REBUILD          (a changed input or bin)
       |yes
    readable? --no--> quarantine --> a good backup? --yes--> BACKUP
       |yes                              |no
     STORE                            REBUILD             from the source, by time

Nothing is ever deleted on this way but the oldest of the quarantined stores.
"""

import json
import logging
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from flows.backups import Backup, copied, name_for, newest_good, put_in_place
from flows.failures import no_room
from flows.recovery import RecoveryFolder, write_durably
from flows.snapshot_file import Check, UnreadableError, examine, standing_of

KEPT_QUARANTINES = 5
_QUARANTINE = "quarantine-"

LEAST_ROOM_BYTES = 4 << 20
"""With less than this a run would end at once of the full disk, and a healthy store look bad."""

log = logging.getLogger("crisiswatch")


class Origin(StrEnum):
    """What a run begins with."""

    NEW = "new"
    STORE = "store"
    BACKUP = "backup"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How a run begins; times are unix seconds.

    `rebuild_from` is where partitions without a state begin in a live source, None: as
    configured. Signals up to `told_until` had been told before a rebuild: they are told
    again, marked. `quarantined` is the reason why a store was put aside, None if none was.
    """

    origin: Origin
    rebuild_from: int | None = None
    told_until: int | None = None
    quarantined: str | None = None

    @classmethod
    def anew(cls) -> "Beginning":
        """Return the beginning of a run without a past."""
        return cls(origin=Origin.NEW)

    @property
    def in_words(self) -> str:
        """Return what a log says of it."""
        match self.origin:
            case Origin.NEW:
                return "anew, nothing was kept"
            case Origin.STORE:
                return "where the last run stood"
            case Origin.BACKUP:
                return "from a backup"
            case Origin.REBUILD:
                return "with what the source still holds"


def begin(recovery: RecoveryFolder, *, check: Check, now: datetime, memory_s: int) -> Beginning:
    """Make the folder ready for a run, which the caller has locked.

    `memory_s` is how far back a rebuild reads. `check` is asked about every state.

    Raises:
        NoRoomError: the disk is full.
        StoreError: the folder can not be read or written.
    """
    shutil.rmtree(recovery.folder / "store.new", ignore_errors=True)  # a copy cut short
    _refuse_full_disk(recovery.folder)
    found = recovery.found
    if found is None:
        return _from_backup(recovery, check, None) or _anew(recovery)
    if found != recovery.fingerprint:
        reason = f"holds the state of another input ({found}), not of this ({recovery.fingerprint})"
        put_aside(recovery, reason, now)
        return _rebuild(recovery, reason, now, memory_s)
    try:
        examine(recovery.snapshots, check)
    except UnreadableError as error:
        reason = error.problem
    else:
        return _going_on(recovery, Origin.STORE, None)
    put_aside(recovery, reason, now)
    return _from_backup(recovery, check, reason) or _rebuild(recovery, reason, now, memory_s)


def put_aside(
    recovery: RecoveryFolder, reason: str, now: datetime, *, with_backups: bool = False
) -> None:
    """Move the store out of the way, with the reason beside it; the newest few are kept.

    The fingerprint stays: a start that finds it without a store knows that there was one.
    """
    _move_aside(recovery, reason, now, with_backups=with_backups)
    _drop_old_quarantines(recovery.folder)


def restore(recovery: RecoveryFolder, snapshots: Path, reason: str, now: datetime) -> None:
    """Make a copied partition the store in place of the one that is put aside.

    It may be the oldest that was put aside, and the next to go: nothing goes before its copy is
    in place.

    Raises:
        StoreError: it can not be copied; nothing has changed.
    """
    fresh = copied(snapshots, recovery.store)
    _move_aside(recovery, reason, now, with_backups=False)
    recovery.vouch()
    put_in_place(fresh, recovery.store)
    _drop_old_quarantines(recovery.folder)


def _move_aside(
    recovery: RecoveryFolder, reason: str, now: datetime, *, with_backups: bool
) -> None:
    names = ("store", "begin.json", *(("backups",) if with_backups else ()))
    moved = [name for name in names if (recovery.folder / name).exists()]
    if not moved:
        return
    others = (one.name.removeprefix(_QUARANTINE) for one in quarantined_in(recovery.folder))
    aside = recovery.folder / f"{_QUARANTINE}{name_for(now, others)}"
    aside.mkdir()
    (aside / "reason").write_text(f"{reason}\n")
    (aside / "fingerprint").write_text(recovery.found or "")
    for name in moved:
        (recovery.folder / name).rename(aside / name)
    log.error("recovery: %s; the store was put aside in %s", reason, aside)


def _drop_old_quarantines(folder: Path) -> None:
    for old in quarantined_in(folder)[KEPT_QUARANTINES:]:
        shutil.rmtree(old, ignore_errors=True)


def quarantined_in(folder: Path) -> tuple[Path, ...]:
    """Return the stores that were put aside, the newest first."""
    return tuple(sorted(folder.glob(f"{_QUARANTINE}*"), reverse=True))


def take_up(recovery: RecoveryFolder, snapshots: Path) -> None:
    """Make a copied partition the store; what was told since then is told again, and known."""
    fresh = copied(snapshots, recovery.store)
    (recovery.folder / "begin.json").unlink(missing_ok=True)
    recovery.vouch()
    put_in_place(fresh, recovery.store)


def told_until(folder: Path) -> int | None:
    """Return up to which event time signals have been told, None where nobody knows."""
    try:
        return int((folder / "told").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _from_backup(recovery: RecoveryFolder, check: Check, reason: str | None) -> Beginning | None:
    for tried in newest_good(recovery.folder, recovery.fingerprint, check):
        if isinstance(tried, Backup):
            take_up(recovery, tried.snapshots)
            log.error("recovery: detection goes on from the backup of %s", tried.name)
            return _going_on(recovery, Origin.BACKUP, reason)
        log.error("recovery: a backup can not be used: %s", tried)
    return None


def _anew(recovery: RecoveryFolder) -> Beginning:
    (recovery.folder / "begin.json").unlink(missing_ok=True)
    return Beginning.anew()


def _rebuild(recovery: RecoveryFolder, reason: str, now: datetime, memory_s: int) -> Beginning:
    """Note where the source begins, for the starts to come as for this one."""
    told = told_until(recovery.folder)
    rebuild_from = int(now.timestamp()) - memory_s
    write_durably(
        recovery.folder / "begin.json",
        json.dumps({"rebuild_from": rebuild_from, "told_until": told}),
    )
    log.error(
        "recovery: what is normal is learned anew from the posts since %s",
        datetime.fromtimestamp(rebuild_from, UTC).isoformat(),
    )
    return _going_on(recovery, Origin.REBUILD, reason)


def _going_on(recovery: RecoveryFolder, origin: Origin, reason: str | None) -> Beginning:
    """Tell how the run begins. A store that died before its first snapshot has not begun yet."""
    noted = recovery.folder / "begin.json"
    begun = json.loads(noted.read_text()) if noted.is_file() else {}
    rebuild_from = begun.get("rebuild_from")
    has_begun = recovery.snapshots.is_file() and standing_of(recovery.snapshots).states > 0
    if has_begun:
        rebuild_from = None  # a partition without a state is a new one
    elif origin is Origin.STORE:
        origin = Origin.NEW if rebuild_from is None else Origin.REBUILD
    return Beginning(
        origin=origin,
        rebuild_from=rebuild_from,
        told_until=begun.get("told_until"),
        quarantined=reason,
    )


def _refuse_full_disk(folder: Path) -> None:
    if shutil.disk_usage(folder).free < LEAST_ROOM_BYTES:
        raise no_room(f"the recovery folder {folder}")


class Told:
    """Keep on the disk up to which event time signals have been told.

    `note` is called for every reading, so it writes only when a later bin has ended. What
    it says is a lower bound: `margin_s` is how far shards may lie apart.
    """

    def __init__(self, folder: Path, *, margin_s: int) -> None:
        self._file = folder / "told"
        self._margin_s = margin_s
        self._until = told_until(folder) or 0

    def note(self, bin_end: int) -> None:
        """Note that a bin has been judged."""
        until = bin_end - self._margin_s
        if until > self._until:
            self._until = until
            fresh = self._file.with_name("told.new")
            fresh.write_text(str(until))
            fresh.rename(self._file)
