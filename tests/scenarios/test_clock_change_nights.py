"""The two nights of the year on which the clock is changed.

Per hands over to Pia at a local time that does not exist (spring) or exists twice (autumn):

    minutes from the change   -60    -30     0     +30    +60
    Per                       ----------------------|
    Pia                              |---------------------------

Within the hour of doubt both have the duty and both are paged: one too many wakes up,
rather than nobody. Deadlines are elapsed time: 15 minutes stay 15 minutes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import TEAM, Told, crisis_room, team

SUNDAY = 6
DUTY_IN_UTC = """time_zone = "UTC"
[[rotas.layers]]
people = ["pia", "per"]
start = 2026-01-05
handover = "08:00"
"""
PROMISES_IN_UTC = 'languages = ["en"]\ntime_zone = "UTC"'
MINUTES = {
    -45: {"per"},
    -20: {"per", "pia"},
    0: {"per", "pia"},
    20: {"per", "pia"},
    45: {"pia"},
}
"""Who is paged when a crisis opens so many minutes from the change."""

STORIES = (
    "luggage lost in transit",
    "refund never arrived",
    "app crashes at login",
    "pilot strike tomorrow",
    "rude gate crew filmed",
)


def nth_sunday(month: int, number: int) -> date:
    """Return a month's first Sunday (0), second (1) or last (-1)."""
    days = [date(2026, month, 1) + timedelta(days=day) for day in range(31)]
    return [day for day in days if day.weekday() == SUNDAY and day.month == month][number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A clock change: where, when in UTC, and a local handover that it makes doubtful."""

    zone: str
    sunday: date
    hour_utc: int
    handover: str

    @property
    def change(self) -> datetime:
        """Return the moment of the change."""
        return datetime.combine(self.sunday, time(self.hour_utc), UTC)

    def after(self, minutes: int) -> datetime:
        """Return a moment so many minutes from the change."""
        return self.change + timedelta(minutes=minutes)

    def config(self) -> str:
        """Return the team, whose duty changes hands every day at that local time."""
        assert DUTY_IN_UTC in TEAM
        assert PROMISES_IN_UTC in TEAM
        duty = (
            f'time_zone = "{self.zone}"\n[[rotas.layers]]\npeople = ["per", "pia"]\n'
            f'start = {self.sunday - timedelta(days=1)}\nhandover = "{self.handover}"\n'
        )
        promises = f'languages = ["en"]\ntime_zone = "{self.zone}"'
        base = TEAM.replace(DUTY_IN_UTC, duty).replace(PROMISES_IN_UTC, promises)
        more = [f'[[topics]]\nname = "t{number}"\nterms = ["t{number}"]' for number in range(9)]
        return team("\n".join(more), base=base)


NIGHTS = {
    "Berlin, an hour is left out": Night(
        zone="Europe/Berlin", sunday=nth_sunday(3, -1), hour_utc=1, handover="02:30"
    ),
    "Berlin, an hour comes twice": Night(
        zone="Europe/Berlin", sunday=nth_sunday(10, -1), hour_utc=1, handover="02:30"
    ),
    "New York, an hour is left out": Night(
        zone="America/New_York", sunday=nth_sunday(3, 1), hour_utc=7, handover="02:30"
    ),
    "New York, an hour comes twice": Night(
        zone="America/New_York", sunday=nth_sunday(11, 0), hour_utc=6, handover="01:30"
    ),
}
every_night = pytest.mark.parametrize("night", NIGHTS.values(), ids=[*NIGHTS])


@every_night
def test_the_night_is_one_on_which_the_clock_is_changed(night: Night) -> None:
    zone = ZoneInfo(night.zone)
    offsets = [night.after(minutes).astimezone(zone).utcoffset() for minutes in (-1, 0)]
    assert offsets[0] != offsets[1]


@every_night
def test_whenever_it_opens_somebody_is_paged_at_once(make_store: MakeStore, night: Night) -> None:
    with crisis_room(make_store, config=night.config(), starts=night.after(-50)) as room:
        for number, (minutes, expected) in enumerate(MINUTES.items()):
            room.passes(seconds=(night.after(minutes) - room.clock.now()).total_seconds())
            # a story of its own: topics with one story share an incident
            room.signal("opened", Severity.MEDIUM, topic=f"t{number}", theme=STORIES[number])
            paged = room.pages(f"t{number}")
            at = f"{night.after(minutes):%H:%M}"
            assert sorted(paged) == sorted((at, person) for person in expected), minutes


@every_night
def test_deadlines_are_elapsed_time(make_store: MakeStore, night: Night) -> None:
    opens_at = night.after(-10)
    with crisis_room(make_store, config=night.config(), starts=opens_at) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=61, step_s=60)

        def minutes_after(told: list[Told]) -> list[float]:
            return [(one.at - opens_at).total_seconds() // 60 for one in told]

        assert minutes_after(room.told(key="/page/pr-on-call/", place="U0LEA")) == [15, 45]
        assert minutes_after(room.told(key="/page/pr-on-call/", place="U0PIA")) == [0, 30]
        assert minutes_after(room.told(key="/page/pr-on-call/", place="U0CEO")) == [60]
        assert minutes_after(room.told(key="/ask/", place="U0BEN")) == [10]
        assert minutes_after(room.told(key="/holding-overdue/")) == [60]
        (offer, *_) = room.case().reserve.offers
        assert offer.answer_by - offer.offered_at == timedelta(minutes=10)


PROMISES = {
    "Berlin, the hour that is left out lies between": (
        "Berlin, an hour is left out", -20, "03:40 (CEST)"
    ),
    "Berlin, the first of the two hours": ("Berlin, an hour comes twice", -80, "02:40 (CEST)"),
    "Berlin, the second of the two hours": ("Berlin, an hour comes twice", -40, "02:20 (CET)"),
    "New York, the first of the two hours": ("New York, an hour comes twice", -80, "01:40 (EDT)"),
    "New York, the second of the two hours": ("New York, an hour comes twice", -40, "01:20 (EST)"),
}  # fmt: skip


@pytest.mark.parametrize(("night", "minutes", "promised"), PROMISES.values(), ids=[*PROMISES])
def test_the_promised_time_says_which_of_the_two_hours_it_is_in(
    make_store: MakeStore, night: str, minutes: int, promised: str
) -> None:
    opens_at = NIGHTS[night].after(minutes)
    with crisis_room(make_store, config=NIGHTS[night].config(), starts=opens_at) as room:
        # at critical the next update is due in an hour
        room.signal("opened", Severity.CRITICAL)
        assert f"by {promised}" in " ".join(room.approval("ada").text.split())
        message = room.case().message
        assert message is not None
        assert message.promised_at == opens_at + timedelta(hours=1)
