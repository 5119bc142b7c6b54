from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from alerting.rota import NOBODY, Rota
from alerting.rota_layers import Span
from crisiswatch.config.rotas import Layer, Override, RotaSettings

MONDAY = date(2015, 1, 5)


def layer(people: str, **more: Any) -> Layer:
    given: dict[str, Any] = {"people": tuple(people), "start": MONDAY}
    return Layer(**(given | more))


def rota(*layers: Layer, zone: str = "Europe/Berlin", **more: Any) -> Rota:
    return Rota(RotaSettings(name="duty", time_zone=zone, layers=layers, **more))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def drawn(rota: Rota, start: str, hours: int) -> str:
    """Draw one letter for each hour: the person, `*` for several, `.` for nobody."""
    letters = ""
    for hour in range(hours):
        persons = rota.persons_at(at(start) + timedelta(hours=hour, minutes=30))
        letters += "*" if len(persons) > 1 else (persons or (".",))[0]
    return letters


def test_people_take_turns_and_hand_over_at_the_local_time() -> None:
    weekly = rota(layer("ab"))
    assert weekly.at(at("2015-01-12T08:59:59+01:00")).persons == ("a",)
    duty = weekly.at(at("2015-01-12T09:00:00+01:00"))
    assert (duty.persons, duty.until, duty.why) == (
        ("b",),
        at("2015-01-19T09:00:00+01:00"),
        "its turn",
    )
    assert weekly.persons_at(at("2026-11-23T12:00:00+01:00")) == ("a",)


def test_the_handover_keeps_its_local_time_when_clocks_change() -> None:
    weekly = rota(layer("ab"))
    assert weekly.persons_at(at("2015-03-30T06:59:59+00:00")) == ("b",)
    assert weekly.persons_at(at("2015-03-30T07:00:00+00:00")) == ("a",)


def test_before_the_start_nobody_has_the_duty() -> None:
    duty = rota(layer("ab")).at(at("2015-01-05T08:59:00+01:00"))
    assert (duty.persons, duty.why, duty.until) == ((), NOBODY, at("2015-01-05T09:00:00+01:00"))


NIGHTS = {
    # Berlin, 29 March 2015: 02:00 is followed by 03:00. Handover at 02:30, which is no time.
    #   UTC       00:00   00:30   01:00   01:30   02:00
    #   local     01:00   01:30   03:00   03:30   04:00
    #   a, then b aaaaaaaa********************bbbbbbbbb
    "a-time-that-does-not-exist": ("2015-03-29T00:00+00:00", "2015-03-29T02:00+00:00", 30, 90),
    # Berlin, 25 October 2015: 03:00 is followed by 02:00. Handover at 02:30, which comes twice.
    #   UTC       00:00   00:30   01:00   01:30   02:00
    #   local     02:00   02:30   02:00   02:30   03:00
    "a-time-that-comes-twice": ("2015-10-25T00:00+00:00", "2015-10-25T02:00+00:00", 30, 90),
}


@pytest.mark.parametrize(("start", "end", "comes", "leaves"), NIGHTS.values(), ids=NIGHTS)
def test_around_a_clock_change_two_people_overlap_and_nobody_is_missing(
    start: str, end: str, comes: int, leaves: int
) -> None:
    night = at(start).date()
    first = night - timedelta(days=7)
    weekly = rota(layer("ab", start=first, handover=time(2, 30)))
    shifts = weekly.shifts(at(start), at(end))
    assert [(shift.persons, shift.start, shift.end) for shift in shifts] == [
        (("a",), at(start), at(start) + timedelta(minutes=comes)),
        (("a", "b"), at(start) + timedelta(minutes=comes), at(start) + timedelta(minutes=leaves)),
        (("b",), at(start) + timedelta(minutes=leaves), at(end)),
    ]


def test_a_later_layer_wins_where_it_covers_and_the_earlier_one_fills_the_rest() -> None:
    sun = rota(layer("a"), layer("e", from_time=time(9), until_time=time(21)))
    #                                            00       09          21
    assert drawn(sun, "2015-02-16T00:00+01:00", 24) == "aaaaaaaaaeeeeeeeeeeeeaaa"
    assert sun.at(at("2015-02-16T12:00+01:00")).why == "layer 2"


def test_hours_may_span_midnight_and_turns_change_within_them() -> None:
    nights = rota(layer("ab", from_time=time(21), until_time=time(3), handover=time(0), every=1))
    #                                               18  21  00  03
    assert drawn(nights, "2015-01-06T18:00+01:00", 12) == "...bbbaaa..."


def test_weekdays_leave_out_what_begins_on_other_days() -> None:
    weekdays = ("mon", "tue", "wed", "thu", "fri")
    office = rota(layer("a", weekdays=weekdays, handover=time(0)))
    #                                               Fri 20:00 to Sat 04:00, Sun 20:00 to Mon 04:00
    assert drawn(office, "2015-01-09T20:00+01:00", 8) == "aaaa...."
    assert drawn(office, "2015-01-11T20:00+01:00", 8) == "....aaaa"
    nights = rota(layer("a", weekdays=("fri",), from_time=time(22), until_time=time(2)))
    assert drawn(nights, "2015-01-09T20:00+01:00", 8) == "..aaaa.."


def test_an_override_wins_over_all_layers_and_the_last_one_written_over_the_others() -> None:
    def override(person: str, start: str, end: str) -> Override:
        return Override(person=person, start=at(start), end=at(end))

    covered = rota(
        layer("a"),
        overrides=(
            override("x", "2015-02-16T02:00", "2015-02-16T06:00"),
            override("y", "2015-02-16T04:00:00+01:00", "2015-02-16T08:00:00+01:00"),
        ),
    )
    assert drawn(covered, "2015-02-16T00:00+01:00", 10) == "aaxxyyyyaa"
    duty = covered.at(at("2015-02-16T03:00+01:00"))
    assert (duty.why, duty.until) == ("override", at("2015-02-16T04:00+01:00"))


def test_a_calendar_lies_above_the_layers_and_below_the_overrides() -> None:
    span = Span(
        start=at("2015-02-16T02:00+01:00").astimezone(UTC),
        end=at("2015-02-16T06:00+01:00").astimezone(UTC),
        person="c",
        why="calendar",
    )
    over = Override(person="x", start=at("2015-02-16T04:00"), end=at("2015-02-16T05:00"))
    settings = RotaSettings(
        name="duty", time_zone="Europe/Berlin", layers=(layer("a"),), overrides=(over,)
    )
    assert drawn(Rota(settings, [span]), "2015-02-16T00:00+01:00", 8) == "aaccxcaa"
    assert Rota(settings, [span]).people == ("a", "x", "c")


def test_always_means_all_of_them_at_all_times() -> None:
    duty = rota(always=("a", "b")).at(at("1999-02-16T00:00+01:00"))
    assert (duty.persons, duty.until, duty.why) == (("a", "b"), None, "always")


def test_shifts_that_differ_in_nothing_are_one() -> None:
    alone = rota(layer("a"))
    (shift,) = alone.shifts(at("2015-02-01T00:00+00:00"), at("2015-03-01T00:00+00:00"))
    assert (shift.persons, shift.end) == (("a",), at("2015-03-01T00:00+00:00"))


def test_no_change_for_more_than_a_year_has_no_end() -> None:
    assert rota(layer("a")).at(at("2015-02-01T00:00+00:00")).until is None


def test_a_gap_is_a_shift_of_nobody() -> None:
    days = rota(layer("a", from_time=time(9), until_time=time(21)), zone="UTC")
    shifts = days.shifts(at("2015-02-16T12:00+00:00"), at("2015-02-17T12:00+00:00"))
    assert [(shift.persons, shift.start.hour, shift.end.hour) for shift in shifts] == [
        (("a",), 12, 21),
        ((), 21, 9),
        (("a",), 9, 12),
    ]
