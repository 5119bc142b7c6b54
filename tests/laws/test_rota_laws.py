"""What holds of every rota: no gap in full cover, one answer however it is asked."""

import itertools
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.calendars import read_calendar, write_calendar
from alerting.rota import Rota
from crisiswatch.config.people import Person
from crisiswatch.config.rotas import Layer, Override, RotaSettings
from crisiswatch.config.toml_times import WEEKDAYS
from crisiswatch.config.zones import zone_of
from crisiswatch.errors import ConfigError

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
CHANGES = {
    "Europe/Berlin": (datetime(2015, 3, 29, 1, tzinfo=UTC), datetime(2015, 10, 25, 1, tzinfo=UTC)),
    "America/New_York": (
        datetime(2015, 3, 8, 7, tzinfo=UTC),
        datetime(2015, 11, 1, 6, tzinfo=UTC),
    ),
    "Australia/Lord_Howe": (
        datetime(2015, 4, 4, 15, tzinfo=UTC),
        datetime(2015, 10, 3, 15, 30, tzinfo=UTC),
    ),
    "Asia/Kolkata": (datetime(2015, 3, 29, 1, tzinfo=UTC),),
    "UTC": (datetime(2015, 3, 29, 1, tzinfo=UTC),),
}
PEOPLE = ("ada", "bo", "cy", "dee")
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
NIGHTS = st.sampled_from([(zone, change) for zone in ZONES for change in CHANGES[zone]])


@st.composite
def layers(draw: st.DrawFn, *, whole: bool = False) -> Layer:
    hours = None if whole else draw(st.none() | st.tuples(TIMES, TIMES))
    from_time, until_time = (None, None) if hours is None else hours
    return Layer(
        people=tuple(draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4))),
        start=date(2015, 1, 1) + timedelta(days=draw(st.integers(0, 30))),
        handover=draw(TIMES),
        every=draw(st.integers(1, 15)),
        from_time=from_time,
        until_time=until_time,
        weekdays=() if whole else tuple(draw(st.sets(st.sampled_from(WEEKDAYS)))),
    )


@st.composite
def overrides(draw: st.DrawFn, around: datetime) -> Override:
    start = around + timedelta(minutes=draw(st.integers(-2_000, 2_000)))
    minutes = draw(st.integers(1, 600))
    return Override(person="over", start=start, end=start + timedelta(minutes=minutes))


@st.composite
def rotas_at_night(draw: st.DrawFn) -> tuple[Rota, datetime]:
    zone, change = draw(NIGHTS)
    settings = RotaSettings(
        name="duty",
        time_zone=zone,
        layers=tuple(draw(st.lists(layers(), min_size=1, max_size=3))),
        overrides=tuple(draw(st.lists(overrides(change), max_size=2))),
    )
    return Rota(settings), change


@given(night=NIGHTS, layer=layers(whole=True), more=st.lists(layers(), max_size=2))
def test_a_rotation_that_covers_every_hour_has_no_gap_in_nights_when_clocks_change(
    night: tuple[str, datetime], layer: Layer, more: list[Layer]
) -> None:
    zone, change = night
    rota = Rota(RotaSettings(name="duty", time_zone=zone, layers=(layer, *more)))
    shifts = rota.shifts(change - timedelta(days=2), change + timedelta(days=2))
    assert all(shift.persons for shift in shifts)


@given(night=NIGHTS, first=TIMES, second=TIMES)
def test_two_halves_of_a_day_leave_no_gap_wherever_they_meet(
    night: tuple[str, datetime], first: time, second: time
) -> None:
    zone, change = night
    halves = tuple(
        Layer(people=(person,), start=date(2015, 1, 1), from_time=opens, until_time=closes)
        for person, opens, closes in (("ada", first, second), ("bo", second, first))
    )
    rota = Rota(RotaSettings(name="duty", time_zone=zone, layers=halves))
    shifts = rota.shifts(change - timedelta(days=2), change + timedelta(days=2))
    assert all(shift.persons for shift in shifts)


@given(rotas_at_night(), st.lists(st.integers(-2_880, 2_879), min_size=1, max_size=4))
def test_who_has_it_at_a_time_is_who_has_the_shift_around_it(
    made: tuple[Rota, datetime], minutes: list[int]
) -> None:
    rota, change = made
    shifts = rota.shifts(change - timedelta(days=2), change + timedelta(days=2))
    assert shifts[0].start == change - timedelta(days=2)
    assert shifts[-1].end == change + timedelta(days=2)
    assert all(one.end == two.start for one, two in itertools.pairwise(shifts))
    for minute in minutes:
        moment = change + timedelta(minutes=minute)
        (shift,) = (shift for shift in shifts if shift.start <= moment < shift.end)
        duty = rota.at(moment)
        assert (duty.persons, duty.why) == (shift.persons, shift.why)
        assert rota.persons_at(moment) == duty.persons
        if duty.until is not None and shift.end < change + timedelta(days=2):
            assert duty.until == shift.end


@given(rotas_at_night())
def test_an_override_has_the_duty_for_all_of_its_time_and_alone(
    made: tuple[Rota, datetime],
) -> None:
    rota, _ = made
    for override in rota.settings.overrides:
        for shift in rota.shifts(override.start, override.end):
            assert (shift.persons, shift.why) == (("over",), "override")


@given(rotas_at_night())
def test_shifts_written_as_a_calendar_and_read_back_are_the_same(
    made: tuple[Rota, datetime],
) -> None:
    rota, change = made
    start, end = change - timedelta(days=3), change + timedelta(days=3)
    people = [Person(id=one, name=f"{one} of the team") for one in (*PEOPLE, "over")]
    shifts = rota.shifts(start, end)
    text = write_calendar({"duty": shifts, "other": shifts}, people, stamped_at=change)
    spans, findings = read_calendar(
        text,
        source="x.ics",
        duty="duty",
        duties=("duty", "other"),
        zone=zone_of("Asia/Tokyo"),
        people=people,
        until=end,
    )
    assert not findings
    again = Rota(RotaSettings(name="duty", ical="x.ics"), spans).shifts(start, end)
    seconds = timedelta(seconds=1)
    for moment in (start + seconds * step for step in range(0, 6 * 86_400, 3_599)):
        (before,) = (shift for shift in shifts if shift.start <= moment < shift.end)
        (after,) = (shift for shift in again if shift.start <= moment < shift.end)
        assert set(before.persons) == set(after.persons)


EVENT = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Berlin:20150105T090000
DTEND;TZID=Europe/Berlin:20150105T170000
RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20150301T000000Z
EXDATE;TZID=Europe/Berlin:20150112T090000
SUMMARY:ada
END:VEVENT
END:VCALENDAR
"""


@settings(deadline=None)  # a damaged rule may recur much more often than was meant
@given(
    start=st.integers(0, len(EVENT)),
    length=st.integers(0, 30),
    put=st.text(max_size=8)
    | st.sampled_from(["\n", ":", ";", "DAILY", "20159999", "END:VEVENT\n"]),
)
def test_a_calendar_that_was_damaged_is_read_or_refused_with_its_name(
    start: int, length: int, put: str
) -> None:
    text = EVENT[:start] + put + EVENT[start + length :]
    try:
        spans, findings = read_calendar(
            text,
            source="x.ics",
            duty="duty",
            duties=("duty",),
            zone=zone_of("Europe/Berlin"),
            people=[Person(id="ada", name="Ada")],
            until=datetime(2015, 3, 1, tzinfo=UTC),
        )
    except ConfigError as error:
        assert str(error).startswith("x.ics: not a calendar")  # noqa: PT017 - one of two ways out
        return
    assert all(span.start < span.end for span in spans)
    assert all(finding.source == "x.ics" for finding in findings)
