"""The people and rotas of a configuration, with the calendars it names."""

from datetime import datetime, timedelta
from pathlib import Path

from alerting.calendars import read_calendar
from alerting.directory import Directory
from alerting.rota import Rota
from alerting.rota_check import DAYS_AHEAD, check_rotas
from alerting.rota_layers import Span
from crisiswatch.app.wiring import beside
from crisiswatch.check import located
from crisiswatch.config import Config, Finding
from crisiswatch.config.rotas import RotaSettings
from crisiswatch.errors import InputError

MOST_DAYS = 366
CALENDAR_AHEAD = timedelta(days=800)
"""How far a calendar's recurrences are worked out when it is read."""


def directory_of(
    config: Config, config_path: Path | None, now: datetime
) -> tuple[Directory, tuple[Finding, ...]]:
    """Return everyone and every rota, and what is wrong in the calendars.

    Calendars are read once, up to `CALENDAR_AHEAD` from `now`.

    Raises:
        InputError: a calendar can not be read.
        ConfigError: it is none.
    """
    findings: list[Finding] = []
    rotas = []
    for settings in config.rotas:
        spans, wrong = imported(settings, config, config_path, now)
        rotas.append(Rota(settings, spans))
        findings += wrong
    return Directory.of(config, rotas), tuple(findings)


def rota_findings(
    config: Config, config_path: Path | None, now: datetime, *, days: int = DAYS_AHEAD
) -> tuple[Finding, ...]:
    """Return what is wrong in calendars, and the gaps and double bookings of the coming days.

    Raises:
        InputError: a calendar can not be read, or `days` is no sensible number.
        ConfigError: a calendar is none.
    """
    if not 1 <= days <= MOST_DAYS:
        raise InputError(f"{days} days can not be checked", f"give 1 to {MOST_DAYS}")
    source, text = text_of(config_path)
    directory, wrong = directory_of(config, config_path, now)
    rotas = tuple(directory.rotas.values())
    gaps = check_rotas(rotas, now, days=days, source=source)
    return (*wrong, *located(gaps, text, source=source))


def text_of(config_path: Path | None) -> tuple[str, str]:
    """Return what a configuration that was read is called in findings, and its text."""
    if config_path is None:
        return "configuration", ""
    return str(config_path), config_path.read_text(encoding="utf-8")


def imported(
    settings: RotaSettings, config: Config, config_path: Path | None, now: datetime
) -> tuple[tuple[Span, ...], tuple[Finding, ...]]:
    """Return the shifts of a rota's calendar, none where it has no calendar, and what is wrong.

    Raises:
        InputError: the calendar can not be read.
        ConfigError: it is none.
    """
    if settings.ical is None:
        return (), ()
    path = beside(config_path, settings.ical)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        remedy = f"correct ical of the rota {settings.name!r}, a file beside the configuration"
        raise InputError(f"{path}: {why}", remedy) from error
    return read_calendar(
        text,
        source=str(path),
        duty=settings.name,
        duties={rota.name for rota in config.rotas},
        zone=settings.zone,
        people=config.people,
        until=now + CALENDAR_AHEAD,
    )
