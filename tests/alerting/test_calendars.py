from datetime import UTC, datetime, timedelta

import pytest

from alerting.calendars import read_calendar, write_calendar
from alerting.rota import OnCall
from crisiswatch.config.people import Person
from crisiswatch.config.zones import zone_of
from crisiswatch.errors import ConfigError

PEOPLE = (
    Person(id="ada", name="Ada Lindt"),
    Person(id="bo", name="Bo Berg"),
    Person(id="bo2", name="Bo Berg"),
    Person(id="cy", name="Cy (the night owl)"),
)
UNTIL = datetime(2015, 3, 1, tzinfo=UTC)


def calendar(*events: str) -> str:
    blocks = [f"BEGIN:VEVENT\nUID:{n}\n{event}\nEND:VEVENT" for n, event in enumerate(events)]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", *blocks, "END:VCALENDAR", ""]
    return "\n".join(lines).replace("\n", "\r\n")


def read(*events: str, zone: str = "Europe/Berlin") -> tuple[list[str], list[str]]:
    spans, findings = read_calendar(
        calendar(*events),
        source="r.ics",
        duty="pr-on-call",
        duties=("pr-on-call", "legal"),
        zone=zone_of(zone),
        people=PEOPLE,
        until=UNTIL,
    )
    shown = [f"{span.person} {span.start:%m-%d %H:%M} {span.end:%m-%d %H:%M}" for span in spans]
    return shown, [str(finding) for finding in findings]


EVENTS = {
    "local-time-is-in-the-zone-of-the-rota": (
        "DTSTART:20150105T090000\nDTEND:20150105T170000\nSUMMARY:ada",
        ["ada 01-05 08:00 01-05 16:00"],
    ),
    "a-zone-of-its-own": (
        "DTSTART;TZID=America/New_York:20150105T090000\nDURATION:PT8H\nSUMMARY:ada",
        ["ada 01-05 14:00 01-05 22:00"],
    ),
    "utc": (
        "DTSTART:20150105T090000Z\nDTEND:20150105T170000Z\nSUMMARY:ada",
        ["ada 01-05 09:00 01-05 17:00"],
    ),
    "whole-days": (
        "DTSTART;VALUE=DATE:20150105\nDTEND;VALUE=DATE:20150107\nSUMMARY:ada",
        ["ada 01-04 23:00 01-06 23:00"],
    ),
    "every-week-but-one": (
        (
            "DTSTART:20150105T090000\nDTEND:20150105T170000\nSUMMARY:ada\n"
            "RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20150112T090000"
        ),
        ["ada 01-05 08:00 01-05 16:00", "ada 01-19 08:00 01-19 16:00"],
    ),
    "without-an-end": (
        "DTSTART:20150216T090000Z\nDTEND:20150216T170000Z\nSUMMARY:ada\nRRULE:FREQ=WEEKLY",
        ["ada 02-16 09:00 02-16 17:00", "ada 02-23 09:00 02-23 17:00"],
    ),
    "by-name-in-any-case": (
        "DTSTART:20150105T090000Z\nDTEND:20150105T170000Z\nSUMMARY:ADA  lindt",
        ["ada 01-05 09:00 01-05 17:00"],
    ),
    "brackets-in-a-name": (
        "DTSTART:20150105T090000Z\nDTEND:20150105T170000Z\nSUMMARY:Cy (the night owl)",
        ["cy 01-05 09:00 01-05 17:00"],
    ),
    "this-duty-in-brackets": (
        "DTSTART:20150105T090000Z\nDTEND:20150105T170000Z\nSUMMARY:Ada Lindt (pr-on-call)",
        ["ada 01-05 09:00 01-05 17:00"],
    ),
    "another-duty": (
        "DTSTART:20150105T090000Z\nDTEND:20150105T170000Z\nSUMMARY:Ada Lindt (legal)",
        [],
    ),
    "cancelled": (
        "DTSTART:20150105T090000Z\nDTEND:20150105T170000Z\nSUMMARY:ada\nSTATUS:CANCELLED",
        [],
    ),
    "a-night-that-is-an-hour-short": (
        "DTSTART;VALUE=DATE:20140330\nDTEND;VALUE=DATE:20140331\nSUMMARY:ada",
        ["ada 03-29 23:00 03-30 22:00"],
    ),
}


@pytest.mark.parametrize(("event", "spans"), EVENTS.values(), ids=EVENTS)
def test_an_event_is_the_shift_of_whom_its_title_names(event: str, spans: list[str]) -> None:
    assert read(event) == (spans, [])


WRONG = {
    "nobody": (
        "DTSTART:20150105T090000Z\nDTEND:20150105T170000Z\nSUMMARY:Eve\nRRULE:FREQ=DAILY;COUNT=9",
        (
            "r.ics:8: 'Eve' names nobody in [[people]]; "
            "give the event an id or a name from [[people]] as its title"
        ),
    ),
    "one-of-two": (
        "DTSTART:20150105T090000Z\nDTEND:20150105T170000Z\nSUMMARY:Bo Berg",
        (
            "r.ics:8: 'Bo Berg' names nobody in [[people]] for certain: it may be bo or bo2; "
            "give the event an id or a name from [[people]] as its title"
        ),
    ),
    "an-unknown-duty": (
        "DTSTART:20150105T090000Z\nDTEND:20150105T170000Z\nSUMMARY:ada (pr-on-cal)",
        (
            "r.ics:8: 'ada (pr-on-cal)' names nobody in [[people]]; "
            "give the event an id or a name from [[people]] as its title"
        ),
    ),
    "no-title": (
        "DTSTART:20150105T090000Z\nDTEND:20150105T170000Z",
        (
            "r.ics: '' names nobody in [[people]]; "
            "give the event an id or a name from [[people]] as its title"
        ),
    ),
    "no-length": (
        "DTSTART:20150105T090000Z\nSUMMARY:ada",
        "r.ics:7: an event of 'ada' on 2015-01-05 has no length; give it an end",
    ),
}


@pytest.mark.parametrize(("event", "finding"), WRONG.values(), ids=WRONG)
def test_an_event_that_is_nobodys_shift_is_one_finding(event: str, finding: str) -> None:
    assert read(event) == ([], [finding])


@pytest.mark.parametrize(
    "text",
    ["garbage", "", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:2015\r\nEND:VEVENT\r\n"],
    ids=["no-calendar", "empty", "damaged"],
)
def test_what_is_no_calendar_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^r\.ics: not a calendar"):
        read_calendar(
            text,
            source="r.ics",
            duty="d",
            duties=(),
            zone=UTC,
            people=PEOPLE,
            until=UNTIL,
        )


def test_the_export_has_one_event_for_all_that_goes_on_and_none_for_a_gap() -> None:
    hours = [datetime(2015, 2, 22, hour, tzinfo=UTC) for hour in (0, 4, 8, 12, 16)]
    persons: list[tuple[str, ...]] = [("ada",), ("ada", "bo"), ("bo",), ()]
    shifts = [
        OnCall(start=start, end=start + timedelta(hours=4), persons=who, why="why")
        for start, who in zip(hours, persons, strict=False)
    ]
    text = write_calendar({"pr-on-call": shifts}, PEOPLE, stamped_at=hours[0])
    assert text.count("BEGIN:VEVENT") == 2
    assert (
        "SUMMARY:Ada Lindt (pr-on-call)\r\nDTSTART:20150222T000000Z\r\nDTEND:20150222T080000Z"
        in text
    )
    # Two people are called Bo Berg, so this one goes by the id.
    assert "SUMMARY:bo (pr-on-call)\r\nDTSTART:20150222T040000Z\r\nDTEND:20150222T120000Z" in text


def test_a_shift_keeps_its_uid_from_one_export_to_the_next() -> None:
    start = datetime(2015, 2, 22, tzinfo=UTC)
    shift = OnCall(start=start, end=start + timedelta(days=1), persons=("ada",), why="w")
    texts = [
        write_calendar({"d": [shift]}, PEOPLE, stamped_at=start + timedelta(days=day))
        for day in (0, 1)
    ]
    uids = [line for text in texts for line in text.splitlines() if line.startswith("UID:")]
    assert len(uids) == 2
    assert uids[0] == uids[1]
    assert texts[0] != texts[1]


@pytest.mark.parametrize("often", ["SECONDLY", "minutely", "HOURLY"])
def test_a_rule_that_would_never_be_worked_out_is_refused(often: str) -> None:
    event = f"DTSTART:20150105T090000Z\nDTEND:20150105T170000Z\nSUMMARY:ada\nRRULE:FREQ={often}"
    with pytest.raises(ConfigError, match="let it recur daily or less often"):
        read(event)
