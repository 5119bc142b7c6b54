"""`rota who`, `rota show` and `rota check`."""

import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import orjson
from rich.console import Console

from alerting.calendars import write_calendar
from alerting.directory import Directory
from alerting.rota import OnCall
from crisiswatch.app.clock import SystemClock
from crisiswatch.app.config_file import read_config
from crisiswatch.app.directory import directory_of, rota_findings, text_of
from crisiswatch.app.moments import moment_of
from crisiswatch.app.setting_up import FOUND_SOMETHING, OK, runbooks_of
from crisiswatch.check import located
from crisiswatch.check_people import check_people
from crisiswatch.config import Config
from crisiswatch.errors import InputError
from crisiswatch.report.shown_text import count
from crisiswatch.screen.rota import (
    RotaView,
    ShiftView,
    WhoView,
    rota_picture,
    who_table,
)

MOST_WEEKS = 52


def run_rota_who(config_path: Path | None, at: str | None, *, as_json: bool) -> int:
    """Print who has which duty at a time (None: now); return 1 if somebody is missing.

    Raises:
        InputError: `at` is no time.
    """
    config, directory = _loaded(config_path)
    when = SystemClock().now() if at is None else moment_of(at, config.response.zone)
    duties = [rota.at(when) for rota in directory.rotas.values()]
    console = Console(highlight=False, soft_wrap=True)
    if as_json:
        _print_json(console, [asdict(duty) for duty in duties])
    else:
        rows = [
            WhoView(
                duty=duty.name,
                names=tuple(_name(directory, person) for person in duty.persons),
                until=duty.until,
                why=duty.why,
            )
            for duty in duties
        ]
        zone, zone_name = config.response.zone, config.response.time_zone
        console.print(who_table(rows, when, zone, zone_name))
    return OK if all(duty.persons for duty in duties) else FOUND_SOMETHING


def run_rota_show(
    config_path: Path | None,
    weeks: int,
    *,
    as_json: bool,
    ics_out: Path | None = None,
    at: str | None = None,
) -> int:
    """Print a picture of weeks from this one on, or of the week of `at`; return 0.

    With `ics_out` the shifts from then on are written there as a calendar.

    Raises:
        InputError: `at` is no time, `weeks` is no sensible number, or the file can not be written.
    """
    config, directory = _loaded(config_path)
    now = SystemClock().now()
    zone = config.response.zone
    day = (now if at is None else moment_of(at, config.response.zone)).astimezone(zone).date()
    monday = day - timedelta(days=day.weekday())
    if not 1 <= weeks <= MOST_WEEKS:
        raise InputError(f"{weeks} weeks can not be shown", f"give 1 to {MOST_WEEKS}")
    ahead = timedelta(weeks=weeks)
    start = datetime.combine(monday, time(0), zone).astimezone(UTC)
    end = datetime.combine(monday + ahead, time(0), zone).astimezone(UTC)
    shifts = {rota.name: rota.shifts(start, end) for rota in directory.rotas.values()}
    console = Console(highlight=False, soft_wrap=as_json)
    if as_json:
        listed = [
            {"duty": duty, **asdict(shift)} for duty, spans in shifts.items() for shift in spans
        ]
        _print_json(console, listed)
    elif shifts:
        picture = rota_picture(
            [_view(duty, spans) for duty, spans in shifts.items()],
            {person.id: person.name for person in directory.people},
            monday=monday,
            weeks=weeks,
            zone=zone,
            zone_name=config.response.time_zone,
            width=console.width,
        )
        console.print(picture, crop=False)
    else:
        console.print("no rotas: add [[rotas]] to the configuration")
    if ics_out is not None:
        _write(ics_out, write_calendar(shifts, directory.people, stamped_at=now))
    return OK


def run_rota_check(config_path: Path | None, days: int, *, as_json: bool) -> int:
    """Print what the rotas of the coming days lack; return 1 if there is an error."""
    config = read_config(config_path)
    now = SystemClock().now()
    source, text = text_of(config_path)
    people = check_people(config, runbooks_of(config, config_path), source=source, now=now)
    findings = (
        *located(people, text, source=source),
        *rota_findings(config, config_path, now, days=days),
    )
    findings = tuple(sorted(findings, key=lambda finding: finding.level != "error"))
    errors = sum(finding.level == "error" for finding in findings)
    console = Console(highlight=False, soft_wrap=True)
    if as_json:
        _print_json(console, [asdict(finding) for finding in findings])
    else:
        for finding in findings:
            style = "bold red" if finding.level == "error" else "yellow"
            console.print(f"{finding.level}  ", style=style, end="")
            console.print(str(finding), markup=False)
        console.print(
            f"{len(config.rotas)} rotas, {len(config.people)} people, {days} days: "
            f"{count(errors, 'error')}, {count(len(findings) - errors, 'warning')}"
        )
    return FOUND_SOMETHING if errors else OK


def _loaded(config_path: Path | None) -> tuple[Config, Directory]:
    config = read_config(config_path)
    directory, findings = directory_of(config, config_path, SystemClock().now())
    stderr = Console(stderr=True, highlight=False, soft_wrap=True)
    for finding in findings:
        stderr.print(str(finding), markup=False, style="yellow")
    return config, directory


def _name(directory: Directory, person_id: str) -> str:
    person = directory.person(person_id)
    return person_id if person is None else person.name


def _view(duty: str, shifts: Iterable[OnCall]) -> RotaView:
    """Return the shifts as they are drawn: the picture shows persons, not reasons."""
    views: list[ShiftView] = []
    for persons, group in groupby(shifts, key=attrgetter("persons")):
        spans = list(group)
        views.append(ShiftView(start=spans[0].start, end=spans[-1].end, persons=persons))
    return RotaView(duty=duty, shifts=tuple(views))


def _print_json(console: Console, value: object) -> None:
    console.out(orjson.dumps(value).decode(), highlight=False)


def _write(path: Path, text: str) -> None:
    try:
        path.write_bytes(text.encode())
    except OSError as error:
        raise InputError(
            f"{path}: {os.strerror(error.errno or 0)}", "choose another place for the calendar"
        ) from error
