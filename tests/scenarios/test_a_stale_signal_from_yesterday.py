"""A signal that lay somewhere for a day wakes nobody; a fresh word of the same crisis does.

yesterday 01:00 detection says: high          (26 hours before anybody hears of it)
today     03:00 the responder hears it: written down, nobody is paged, no room is opened
          03:30 the same episode gets worse, now: Per is paged at once, the room opens
"""

from datetime import timedelta

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import crisis_room, team


def test_yesterdays_signal_is_recorded_and_wakes_nobody(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH, age=timedelta(hours=26))
        room.passes(hours=2)

        assert room.slack.calls == []
        case = room.case()
        assert case.fresh_since is None
        assert f"{case.incident.opened_at:%d %H:%M}" == "09 01:00"
        (record,) = room.audit("signal")
        assert f"{record.at:%d %H:%M}" == "10 03:00"
        assert record.detail["paged"] is False
        assert record.detail["severity"] == "high"
        assert room.audit("intent") == []
        assert room.audit("draft") == []


def test_a_fresh_signal_of_the_same_episode_pages(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH, age=timedelta(hours=26))
        room.passes(minutes=30)
        room.signal("worse", Severity.CRITICAL)
        room.passes(minutes=1)

        assert room.pages() == [("03:30", "per")]
        assert [record.detail["paged"] for record in room.audit("signal")] == [False, True]
        assert {record.case_id for record in room.audit("signal")} == {room.case().id}
        assert room.slack.channel("crisis-air-0309-0100")["topic"]["value"].startswith("CRITICAL")
        (draft,) = room.audit("draft")
        assert f"{draft.at:%d %H:%M}" == "10 03:30"


def test_the_escalation_counts_from_when_it_was_heard(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH, age=timedelta(hours=26))
        room.passes(minutes=30)
        room.signal("worse", Severity.CRITICAL)
        room.passes(minutes=11)
        # five minutes to answer at critical
        assert room.pages() == [("03:30", "per"), ("03:35", "lea"), ("03:40", "per")]


def test_an_end_of_it_that_comes_late_too_leaves_nothing_open(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH, age=timedelta(hours=26))
        room.signal("closed", Severity.NONE, age=timedelta(hours=24))
        room.passes(hours=3)
        assert not room.case().incident.is_open
        assert room.slack.calls == []


def test_how_old_is_too_old_is_configured(make_store: MakeStore) -> None:
    lenient = team().replace("[response]\n", '[response]\nmax_age = "48h"\n')
    with crisis_room(make_store, config=lenient) as room:
        room.signal("opened", Severity.HIGH, age=timedelta(hours=26))
        room.passes(minutes=1)
        assert room.pages() == [("03:00", "per")]
