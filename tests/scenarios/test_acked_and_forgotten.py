"""Somebody acknowledges, and then nothing more is heard.

03:00 the crisis opens at high: Per (PR), Olu (operations) and Lex (legal) are called
03:04 Olu and Lex answer, 03:05 Per: "You are on it."
  |   an hour without a trace of anybody
04:05 the acknowledgement has expired: Per again, 04:20 Lea, 04:35 Per, 04:50 Lea, 05:05 the CEO

A note, or anything else done about the crisis, starts the hour anew.
"""

from datetime import datetime

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import CrisisRoom, crisis_room, team

ROOM = "#crisis-air-0310-0300"


def everybody_answers(room: CrisisRoom) -> None:
    """Open the crisis at 03:00 and let all three duties answer by 03:05."""
    room.signal("opened", Severity.HIGH)
    room.passes(minutes=4)
    for person, duty in (("olu", "operations"), ("lex", "legal")):
        (page,) = room.told(key=f"/page/{duty}/")
        (answer,) = room.press(page, "acknowledge", by=person)
        assert answer.ok
    room.passes(minutes=1)
    (page,) = room.told(key="/page/pr-on-call/")
    (answer,) = room.press(page, "acknowledge", by="per")
    assert answer.ok


def expiries(room: CrisisRoom) -> list[tuple[str, str]]:
    """Return when the audit log says that nobody was on it any more, and why."""
    return [
        (f"{record.at:%H:%M}", record.detail["reason"])
        for record in room.audit("state")
        if record.detail["state"] == "triggered"
    ]


def test_a_forgotten_acknowledgement_expires_and_calls_from_the_first_step(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        everybody_answers(room)
        room.passes(minutes=59, step_s=60)
        assert room.pages() == [("03:00", "per")]
        assert room.case().incident.state == "acknowledged"

        room.passes(minutes=66, step_s=60)
        assert room.pages() == [
            ("03:00", "per"),
            ("04:05", "per"),
            ("04:20", "lea"),
            ("04:35", "per"),
            ("04:50", "lea"),
            ("05:05", "ceo"),
        ]
        # who has answered for operations and legal, has answered
        assert room.pages(duty="operations") == [("03:00", "olu")]
        assert room.pages(duty="legal") == [("03:00", "lex")]
        ((at, why),) = expiries(room)
        assert at == "04:05"
        assert why == "acknowledged by per at 03:05 UTC and nothing since"
        told_at = [f"{one.at:%H:%M}" for one in room.told(place=ROOM[1:], text="*triggered*")]
        assert told_at == ["04:05"]

        (page, *_) = room.told(place="U0CEO", key="/page/")
        (answer,) = room.press(page, "acknowledge", by="per")
        assert answer.ok
        room.passes(minutes=45, step_s=60)
        assert len(room.pages()) == 6


def test_whatever_somebody_does_starts_the_hour_anew(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        everybody_answers(room)
        channel = room.slack.channel(ROOM)["id"]

        room.passes(minutes=45, step_s=60)
        (noted,) = room.slash("note operations look at the gate", by="per", channel=channel)
        assert (noted.ok, noted.text) == (True, "Noted.")
        room.passes(minutes=40, step_s=60)
        # 04:30, an hour and a half after the acknowledgement
        assert room.pages() == [("03:00", "per")]

        (approved,) = room.press(room.approval("ada"), "approve", by="ada")
        assert approved.ok
        room.passes(minutes=59, step_s=60)
        assert room.pages() == [("03:00", "per")]
        room.passes(minutes=1)
        assert room.pages() == [("03:00", "per"), ("05:30", "per")]
        assert [at for at, _ in expiries(room)] == ["05:30"]
        assert [record.actor for record in room.audit("AddNote")] == ["per"]
        assert [record.detail["text"] for record in room.audit("AddNote")] == [
            "operations look at the gate"
        ]


def test_a_refused_press_is_no_trace_of_anybody(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        everybody_answers(room)
        room.passes(minutes=45, step_s=60)
        channel = room.slack.channel(ROOM)["id"]
        (refused,) = room.slash("resolve it is over", by="per", channel=channel)
        assert not refused.ok
        room.passes(minutes=15)
        assert room.pages() == [("03:00", "per"), ("04:05", "per")]


def test_the_configuration_says_how_long_an_acknowledgement_lasts(make_store: MakeStore) -> None:
    config = team().replace("[response]", '[response]\nack_expires = "20m"')
    with crisis_room(make_store, config=config) as room:
        everybody_answers(room)
        room.passes(minutes=20, step_s=60)
        assert room.pages() == [("03:00", "per"), ("03:25", "per")]
        expired = room.case().incident.states[-1]
        assert expired.at == datetime.fromisoformat("2026-03-10T03:25:00+00:00")
