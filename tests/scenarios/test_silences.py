"""Work is planned on the airline's systems: nobody is to be woken for what that stirs up.

02:00 ----------- silence for `air` ----------- 04:00
         03:00 high: written down, the room opens, a draft waits; nobody is paged
                03:30 worse, critical: everybody is paged after all
                                                04:00 still open: Per is paged
"""

import pytest

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import crisis_room, team

SILENCE = """
[[silences]]
topics = ["air"]
owner = "olu"
reason = "the booking system moves"
start = 2026-03-10T02:00:00Z
end = 2026-03-10T04:00:00Z
"""


def test_nobody_is_paged_and_everything_is_recorded(make_store: MakeStore) -> None:
    with crisis_room(make_store, config=team(SILENCE)) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=59)

        assert room.told(key="/page/") == []
        assert [r for r in room.audit("intent") if "/page/" in r.detail["key"]] == []
        assert room.case().incident.severity is Severity.HIGH
        assert len(room.audit("signal")) == len(room.audit("draft")) == 1
        assert len(room.told(place="crisis-air-0310-0300", key="/status")) == 1


def test_pages_are_due_when_the_silence_ends_while_it_is_still_open(make_store: MakeStore) -> None:
    with crisis_room(make_store, config=team(SILENCE)) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=77)
        assert room.pages() == [("04:00", "per"), ("04:15", "lea")]
        assert room.pages(duty="legal") == [("04:00", "lex")]
        assert room.pages(duty="operations")[0] == ("04:00", "olu")


def test_what_is_over_when_the_silence_ends_pages_nobody(make_store: MakeStore) -> None:
    with crisis_room(make_store, config=team(SILENCE)) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=20)
        room.signal("closed", Severity.NONE)
        room.passes(hours=2)
        assert not room.case().incident.is_open
        assert room.told(key="/page/") == []


@pytest.mark.parametrize(
    ("minutes", "pages"),
    [
        pytest.param(0, [("03:00", "per"), ("03:05", "lea")], id="from-the-start"),
        pytest.param(30, [("03:30", "per"), ("03:35", "lea")], id="grown-under-the-silence"),
    ],
)
def test_critical_is_never_muted(
    make_store: MakeStore, minutes: int, pages: list[tuple[str, str]]
) -> None:
    with crisis_room(make_store, config=team(SILENCE)) as room:
        if minutes == 0:
            room.signal("opened", Severity.CRITICAL)
        else:
            room.signal("opened", Severity.HIGH)
            room.passes(minutes=minutes)
            assert room.pages() == []
            room.signal("worse", Severity.CRITICAL)
        room.passes(minutes=9)
        assert room.pages() == pages


def test_another_topic_pages_as_ever(make_store: MakeStore) -> None:
    with crisis_room(make_store, config=team(SILENCE)) as room:
        room.signal("opened", Severity.HIGH)
        room.signal("opened", Severity.HIGH, topic="sea", theme="the ferry left without half of us")
        room.passes(minutes=5)
        assert room.pages("sea") == [("03:00", "per")]
        assert room.pages("air") == []


def test_a_silence_that_begins_under_way_stops_the_calling(make_store: MakeStore) -> None:
    later = SILENCE.replace("T02:00", "T03:10")
    with crisis_room(make_store, config=team(later)) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=59)
        assert room.pages() == [("03:00", "per")]
        room.passes(minutes=2)
        assert room.pages() == [("03:00", "per"), ("04:00", "lea")]
