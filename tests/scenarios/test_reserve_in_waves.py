"""Reserve agents are called up in waves, until enough of them come.

03:00 the crisis opens at high: eight are asked, each has ten minutes
03:02 R1 accepts, R2 declines: R9 is asked in R2's place, at once
03:10 the others have been silent: the next ones are asked
03:11 R10 accepts; Lea resolves the incident: those who came are thanked, the others' buttons are gone
"""

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import CrisisRoom, crisis_room


def asked(room: CrisisRoom) -> list[tuple[str, str]]:
    """Return who was asked to come, and when."""
    return [
        (f"{one.at:%H:%M}", one.place.removeprefix("U0").lower())
        for one in room.told(key="/reserve/")
        if one.key.endswith("/slack-dm")
    ]


def answer(room: CrisisRoom, person: str, action: str) -> tuple[bool, str]:
    """Let a person press a button of their offer; return what they are told."""
    (offer,) = room.told(place=f"U0{person.upper()}", key="/slack-dm", text="help answer")
    (said,) = room.press(offer, action, by=person)
    return said.ok, said.text


def test_accept_decline_silence_and_thanks(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        first_wave = [("03:00", f"r{number}") for number in range(1, 9)]
        assert asked(room) == first_wave

        room.passes(minutes=2)
        assert answer(room, "r1", "accept") == (True, "Thank you. The room is yours.")
        assert answer(room, "r2", "decline") == (True, "Noted. Somebody else is asked.")
        assert asked(room) == [*first_wave, ("03:02", "r9")]

        room.passes(minutes=8)
        assert asked(room)[9:] == [("03:10", "r10"), ("03:10", "r11"), ("03:10", "r12")]
        states = {o.person: o.state_in_words for o in room.case().reserve.offers}
        assert (states["r1"], states["r2"], states["r3"]) == (
            "accepted",
            "declined",
            "no answer in time",
        )

        room.passes(minutes=1)
        channel = room.slack.channel("#crisis-air-0310-0300")["id"]
        assert answer(room, "r10", "accept")[0]
        (over,) = room.slash("resolve flights are back", by="lea", channel=channel)
        assert over.ok
        room.passes(minutes=2)
        thanked = [one.place for one in room.told(key="/reserve/thanks/")]
        assert sorted(thanked) == ["U0R1", "U0R10"]
        states = {o.person: o.state_in_words for o in room.case().reserve.offers}
        assert states["r10"] == "stood down with thanks"
        assert states["r11"] == "withdrawn"
        for one in room.told(key="/reserve/"):
            elements = [
                e for b in room.slack.message(one.key)["blocks"] for e in b.get("elements", ())
            ]
            assert not {"accept", "decline"} & {e.get("action_id") for e in elements}, one.key
        answers = [(record.actor, record.detail["accepts"]) for record in room.audit("AnswerOffer")]
        assert answers == [("r1", True), ("r2", False), ("r10", True)]
        room.passes(minutes=30, step_s=60)
        assert len(asked(room)) == 12
