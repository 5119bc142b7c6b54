"""The directory of a responder, which must start whatever has become of a calendar.

A sync job that was cut short leaves half a file. What a responder has read of each calendar it
keeps in the store, as shifts: ids and times, nothing else that stands in a calendar. One that
starts where the file is damaged goes by these, else by the rota's layers.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from alerting.directory import Directory
from alerting.keeping import Store
from alerting.rota import Rota
from alerting.rota_layers import Span
from crisiswatch.app.directory import imported
from crisiswatch.app.wiring import beside
from crisiswatch.config import Config, Finding
from crisiswatch.config.rotas import RotaSettings
from crisiswatch.errors import CrisiswatchError, InputError

CALENDAR_DOCUMENT = "calendar/"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptShifts:
    """The shifts of a calendar as they were read at a time."""

    read_at: datetime
    spans: tuple[Span, ...]


def standing_directory(
    config: Config, config_path: Path | None, now: datetime, store: Store, *, keeps: bool
) -> tuple[Directory, tuple[Finding, ...]]:
    """Return everyone and every rota, and which calendars can not be read.

    Those stand as they were when a responder last read them, else are left out. With `keeps`
    the ones that can be read are kept in the store. What is wrong inside of a calendar is for
    `check` to tell.

    Raises:
        StoreError: the store can not be reached.
    """
    rotas: list[Rota] = []
    damaged: list[Finding] = []
    for settings in config.rotas:
        try:
            spans, _ = imported(settings, config, config_path, now)
        except CrisiswatchError as error:
            kept = _kept(store, settings)
            rotas.append(Rota(settings, () if kept is None else kept.spans))
            source = str(beside(config_path, settings.ical or ""))
            damaged.append(_finding(settings, source, error, kept))
            continue
        rotas.append(Rota(settings, spans))
        if keeps and settings.ical is not None:
            body = msgspec.json.encode(KeptShifts(read_at=now, spans=spans))
            store.keep(CALENDAR_DOCUMENT + settings.name, body)
    return Directory.of(config, rotas), tuple(damaged)


def _kept(store: Store, settings: RotaSettings) -> KeptShifts | None:
    body = store.kept(CALENDAR_DOCUMENT + settings.name)
    if body is None:
        return None
    try:
        return msgspec.json.decode(body, type=KeptShifts)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # of another release, or damaged: layers are better than no responder


def _finding(
    settings: RotaSettings, source: str, error: CrisiswatchError, kept: KeptShifts | None
) -> Finding:
    # This is logged: the words of the library quote the damaged place, and that may be a name.
    is_read = not isinstance(error, InputError)
    fault = "not a calendar" if is_read else error.problem.removeprefix(f"{source}: ")
    if kept is not None:
        goes_by = f"the shifts that were read from it at {kept.read_at:%Y-%m-%d %H:%M} UTC"
    elif settings.layers or settings.always:
        goes_by = "its layers and overrides alone"
    else:
        goes_by = "its overrides alone: at all other times nobody has the duty"
    return Finding(
        level="error",
        source=source,
        line=None,
        path="",
        message=f"{fault}; the rota {settings.name!r} goes by {goes_by}",
        remedy="mend the file and start the responders again; `crisiswatch check` tells more",
    )
