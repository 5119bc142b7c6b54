"""Rotas as people see them in a terminal: who has what now, and a picture of the coming weeks.

Europe/Berlin        Mon 16 Feb   Tue 17 Feb   ...
pr-on-call           maya |anna  |maya|anna    a block for each shift, a colour for each person
                           07     19  07       the hours of handover
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from crisiswatch.report.shown_text import tame
from crisiswatch.screen.words import foreign

NOBODY = "nobody"
DAYS_IN_A_WEEK = 7
LEAST_DAY_WIDTH, MOST_DAY_WIDTH = 6, 16
NAME_LIMIT = 20
LEAST_NAME = 3
LEGEND_ID, LEGEND_NAME = 10, 20

_GAP_STYLE = "bold white on red"
_COLOURS = (
    "black on #8ecae6",
    "black on #ffb703",
    "black on #b5e48c",
    "black on #cdb4db",
    "black on #f4a261",
    "black on #94d2bd",
    "black on #ffc8dd",
    "black on #e9d8a6",
    "white on #457b9d",
    "white on #6a4c93",
    "white on #2d6a4f",
    "white on #7f5539",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftView:
    """The ids of who has a duty from `start` up to `end`; nobody is a gap."""

    start: datetime
    end: datetime
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaView:
    """A duty and its shifts, without a break, over at least the time that is drawn."""

    duty: str
    shifts: tuple[ShiftView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoView:
    """Who has a duty now: names, until when (None: for long), and why."""

    duty: str
    names: tuple[str, ...]
    until: datetime | None
    why: str


def who_table(
    rows: Iterable[WhoView], at: datetime, zone: tzinfo, zone_name: str
) -> RenderableType:
    """Return a table of who has which duty at a time."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for header in ("duty", "who", "until", "why"):
        table.add_column(header, overflow="fold")
    for row in rows:
        until = "" if row.until is None else f"{row.until.astimezone(zone):%a %d %b %H:%M}"
        table.add_row(
            foreign(row.duty),
            foreign(", ".join(row.names)) if row.names else Text(NOBODY, style=_GAP_STYLE),
            Text(until),
            foreign(row.why, "dim"),
        )
    local = at.astimezone(zone)
    return Group(Text(f"{local:%a %d %b %Y %H:%M} ({zone_name})", style="bold"), table)


def rota_picture(
    rotas: Sequence[RotaView],
    names: Mapping[str, str],
    *,
    monday: date,
    weeks: int,
    zone: tzinfo,
    zone_name: str,
    width: int,
) -> RenderableType:
    """Draw weeks from `monday` on: a row for each duty, coloured by person, gaps in red.

    `names` maps ids to names for the legend. Days are those of `zone`; a day on which clocks
    change is as wide as any other.
    """
    margin = min(NAME_LIMIT, max(len(text) for text in (zone_name, *(r.duty for r in rotas)))) + 2
    day_width = (width - margin) // DAYS_IN_A_WEEK
    day_width = max(LEAST_DAY_WIDTH, min(MOST_DAY_WIDTH, day_width))
    styles = _styles(rotas)
    parts: list[RenderableType] = []
    for week in range(weeks):
        first = monday + timedelta(days=DAYS_IN_A_WEEK * week)
        slots = _slots(first, zone, day_width)
        parts.append(_header(first, zone_name, margin, day_width))
        for rota in rotas:
            label = _fitted(tame(rota.duty, NAME_LIMIT), margin, "")
            parts.append(Text.assemble(label, _blocks(rota, slots, styles), no_wrap=True))
            marks = _handovers(rota, slots, zone)
            if marks.strip():
                parts.append(Text(" " * margin + marks.rstrip(), style="dim", no_wrap=True))
        parts.append(Text())
    parts.append(_legend(styles, names, width))
    if any(not shift.persons for rota in rotas for shift in rota.shifts):
        parts.append(Text.assemble((" !!! ", _GAP_STYLE), " nobody has it"))
    return Group(*parts)


def _styles(rotas: Sequence[RotaView]) -> dict[str, str]:
    people = dict.fromkeys(
        person for rota in rotas for shift in rota.shifts for person in shift.persons
    )
    return {person: _COLOURS[place % len(_COLOURS)] for place, person in enumerate(people)}


def _slots(first: date, zone: tzinfo, day_width: int) -> list[datetime]:
    """Return when each character of a week begins, and when the last one ends."""
    midnights = [
        datetime.combine(first + timedelta(days=day), time(0), zone).timestamp()
        for day in range(DAYS_IN_A_WEEK + 1)
    ]
    stamps = [
        begins + (ends - begins) * place / day_width
        for begins, ends in pairwise(midnights)
        for place in range(day_width)
    ]
    return [datetime.fromtimestamp(stamp, zone) for stamp in (*stamps, midnights[-1])]


def _header(first: date, zone_name: str, margin: int, day_width: int) -> Text:
    line = Text(f"{zone_name[: margin - 2]:<{margin}}", style="dim", no_wrap=True)
    for number in range(DAYS_IN_A_WEEK):
        day = first + timedelta(days=number)
        title = f"{day:%a %d %b}" if day_width > len("Mon 16 Feb") else f"{day:%a %d}"
        line.append(f"{title:<{day_width}}", style="bold not dim")
    return line


def _blocks(rota: RotaView, slots: list[datetime], styles: Mapping[str, str]) -> Text:
    line = Text()
    for shift, begins, ends in _drawn(rota, slots):
        room = ends - begins
        if not shift.persons:
            line.append("!" * room, style=_GAP_STYLE)
            continue
        mark = "│" if shift.start > slots[0] else " "
        style = styles[shift.persons[0]]
        line.append_text(_fitted(f"{mark}{_told(shift) if room > LEAST_NAME else ''}", room, style))
    return line


def _told(shift: ShiftView) -> str:
    more = f"+{len(shift.persons) - 1}" if len(shift.persons) > 1 else ""
    return f"{tame(shift.persons[0], NAME_LIMIT)}{more}"


def _fitted(text: str, cells: int, style: str) -> Text:
    """Return a text cut or filled to so many cells."""
    line = Text(text, style=style)
    line.truncate(cells, overflow="ellipsis", pad=True)
    return line


def _handovers(rota: RotaView, slots: list[datetime], zone: tzinfo) -> str:
    """Return the hours at which somebody else comes on, where there is room to write them."""
    line = ""
    for shift, begins, _ in _drawn(rota, slots):
        local = shift.start.astimezone(zone)
        told = f"{local:%H}" if local.minute == 0 else f"{local:%H:%M}"
        if shift.start > slots[0] and (not line or len(line) < begins):
            line = f"{line:<{begins}}{told}"
    return line


def _drawn(rota: RotaView, slots: list[datetime]) -> Iterator[tuple[ShiftView, int, int]]:
    """Yield each shift with the first character that it fills and the one after its last.

    A shift too short for a character of its own is not drawn, except a gap, which takes one.
    """
    place = 0
    last = len(slots) - 1
    for shift in rota.shifts:
        ends = sum(slot < shift.end for slot in slots[:last])
        if shift.end > slots[0] and not shift.persons and ends == place < last:
            ends += 1
        if ends > place and shift.start < slots[last]:
            yield shift, place, ends
            place = ends


def _legend(styles: Mapping[str, str], names: Mapping[str, str], width: int) -> Table:
    """Return who is meant by which colour, in columns."""
    entries = [
        Text.assemble(
            _fitted(f" {tame(person, NAME_LIMIT)}", LEGEND_ID, style),
            _fitted(f" {tame(names.get(person, person), 2 * NAME_LIMIT)}", LEGEND_NAME, ""),
        )
        for person, style in styles.items()
    ]
    columns = max(1, width // (LEGEND_ID + LEGEND_NAME))
    table = Table.grid()
    for first in range(0, len(entries), columns):
        table.add_row(*entries[first : first + columns])
    return table
