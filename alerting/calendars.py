"""iCalendar in and out: the only importer of icalendar and recurring_ical_events.

An event stands for a shift. Its SUMMARY names the person, by id or by name, in any case;
a duty in brackets after it (`Ada Lindt (pr-on-call)`, as the export writes) keeps the
event to that duty, so that one file can hold several rotas.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo

import icalendar
import recurring_ical_events  # type: ignore[import-untyped]  # ships no types

from alerting.rota import OnCall
from alerting.rota_layers import Span
from crisiswatch.config.finding import Finding
from crisiswatch.config.people import Person
from crisiswatch.config.zones import earliest_reading, latest_reading
from crisiswatch.errors import ConfigError

FIRST_START = datetime(1970, 1, 1, tzinfo=UTC)
_CANCELLED = "CANCELLED"
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})


def read_calendar(
    text: str,
    *,
    source: str,
    duty: str,
    duties: Collection[str],
    zone: tzinfo,
    people: Sequence[Person],
    until: datetime,
) -> tuple[tuple[Span, ...], tuple[Finding, ...]]:
    """Return the shifts of a calendar that start before `until`, and what is wrong in it.

    Recurrences, exceptions and moved occurrences are worked out. Times without a zone and
    whole days are local in `zone`; around a clock change they overlap rather than leave a
    gap. `duties` are all that brackets can name. Raises ConfigError for what is no calendar.
    """
    try:
        calendar = icalendar.Calendar.from_ical(text)
        _refuse_endless(calendar, source)
        events = recurring_ical_events.of(calendar).between(FIRST_START, until)
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError, OSError) as error:
        # The libraries raise all of these, depending on where a file is damaged.
        remedy = "export it again as an .ics file (iCalendar, RFC 5545)"
        raise ConfigError(f"{source}: not a calendar: {error}", remedy) from error
    known = _names(people)
    spans: list[Span] = []
    findings: dict[str, Finding] = {}
    for event in events:
        summary = " ".join(str(event.get("SUMMARY", "")).split())
        if str(event.get("STATUS", "")).upper() == _CANCELLED:
            continue
        named, meant = _person_and_duty(summary, known, duties)
        if meant not in {None, duty}:
            continue
        start, end = _bounds(event.start, event.end, zone)
        if named is None:
            message = f"{summary!r} names nobody in [[people]]" + _maybe_shared(summary, people)
            remedy = "give the event an id or a name from [[people]] as its title"
            findings[summary] = _finding(text, source, summary, message, remedy)
        elif end <= start:
            message = f"an event of {summary!r} on {start:%Y-%m-%d} has no length"
            findings[message] = _finding(text, source, summary, message, "give it an end")
        else:
            spans.append(Span(start=start, end=end, person=named, why="calendar"))
    spans.sort(key=lambda span: (span.start, span.end, span.person))
    return tuple(spans), tuple(findings.values())


def write_calendar(
    shifts: Mapping[str, Iterable[OnCall]], people: Sequence[Person], *, stamped_at: datetime
) -> str:
    """Return a calendar with an event for every person's shift, by duty; gaps have none.

    Times are UTC, and a shift keeps its UID from one export to the next, so that a calendar
    that subscribes to the file moves events in place of doubling them.
    """
    titles = _titles(people)
    calendar = icalendar.Calendar()
    calendar.add("PRODID", "-//crisiswatch//rota//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", ", ".join(shifts))
    for duty, spans in shifts.items():
        for person, start, end in _shifts_of_each(spans):
            event = icalendar.Event()
            name = f"{duty}\n{person}\n{start.isoformat()}"
            event.add("UID", hashlib.sha256(name.encode()).hexdigest()[:32] + "@crisiswatch")
            event.add("DTSTAMP", stamped_at.astimezone(UTC))
            event.add("DTSTART", start)
            event.add("DTEND", end)
            event.add("SUMMARY", f"{titles.get(person, person)} ({duty})")
            calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written.decode()


def _refuse_endless(calendar: icalendar.Component, source: str) -> None:
    """Refuse rules that recur so often that working them out would never end."""
    for event in calendar.walk("VEVENT"):
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            for often in rule.get("FREQ", []):
                if str(often).upper() in _TOO_OFTEN:
                    raise ConfigError(
                        f"{source}: not a calendar of shifts: an event recurs {often}",
                        "let it recur daily or less often",
                    )


def _shifts_of_each(spans: Iterable[OnCall]) -> Iterator[tuple[str, datetime, datetime]]:
    """Yield person, start and end, with what goes on without a break joined, in order of end."""
    since: dict[str, datetime] = {}
    last: datetime | None = None
    for span in spans:
        for person in [one for one in since if one not in span.persons]:
            yield person, since.pop(person), span.start
        for person in span.persons:
            since.setdefault(person, span.start)
        last = span.end
    if last is not None:
        for person, start in since.items():
            yield person, start, last


def _names(people: Sequence[Person]) -> dict[str, str | None]:
    """Map each id, and each name, to an id; a name that two people share, to None."""
    names: dict[str, str | None] = {}
    for person in people:
        key = person.name.casefold()
        names[key] = None if key in names else person.id
    return names | {person.id: person.id for person in people}


def _titles(people: Sequence[Person]) -> dict[str, str]:
    """Map each id to what an event is called: the name, if it leads back to the id."""
    names = _names(people)
    return {
        person.id: person.name if names.get(_key(person.name)) == person.id else person.id
        for person in people
    }


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _person_and_duty(
    summary: str, known: Mapping[str, str | None], duties: Collection[str]
) -> tuple[str | None, str | None]:
    key = _key(summary)
    if key in known:
        return known[key], None
    name, bracket, rest = summary.rpartition("(")
    duty = rest.removesuffix(")")
    if not bracket or duty not in duties:
        return None, None
    return known.get(_key(name)), duty


def _maybe_shared(summary: str, people: Sequence[Person]) -> str:
    shared = [person.id for person in people if _key(person.name) == _key(summary)]
    return f" for certain: it may be {' or '.join(shared)}" if shared else ""


def _bounds(start: date, end: date, zone: tzinfo) -> tuple[datetime, datetime]:
    return earliest_reading(_moment(start), zone), latest_reading(_moment(end), zone)


def _moment(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time(0))


def _finding(text: str, source: str, summary: str, message: str, remedy: str) -> Finding:
    lines = (
        number
        for number, line in enumerate(text.splitlines(), 1)
        if line.upper().startswith("SUMMARY") and line.rstrip().endswith(summary)
    )
    return Finding(
        level="error",
        source=source,
        line=next(lines, None),
        path="",
        message=message,
        remedy=remedy,
    )
