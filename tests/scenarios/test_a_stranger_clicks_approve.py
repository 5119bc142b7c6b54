"""People press what is not theirs to press.

03:00 the crisis opens at high; Ada may approve, reserve agents are asked to come
03:01 a stranger, Per and Lea press Approve; R2 answers for R1, Lex sets the severity
  |   each is told why not; the audit log says who, what and why; nothing goes out
03:03 Ada approves: now it goes out
"""

import pytest

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import PEOPLE, CrisisRoom, crisis_room, team


def refused(room: CrisisRoom) -> list[tuple[str, str, str]]:
    """Return what the audit log says of refusals: who, what and why."""
    return [(r.actor, r.detail["asked"], r.detail["why"]) for r in room.audit("refused")]


NOT_THEIRS = {
    "a stranger": (
        "zoe",
        "slack:U0ZOE",
        (
            "slack:U0ZOE is nobody known here; ask an admin to be listed in [[people]] "
            "before you approve"
        ),
    ),
    "known, without the role": (
        "per",
        "per",
        "Per may not approve: needs the role approver",
    ),
    "a lead": ("lea", "lea", "Lea may not approve: needs the role approver"),
    "an admin": ("ann", "ann", "Ann may not approve: needs the role approver"),
}


@pytest.mark.parametrize(("presses", "actor", "why"), NOT_THEIRS.values(), ids=[*NOT_THEIRS])
def test_nothing_goes_out_by_whom_it_is_not_up_to(
    make_store: MakeStore, presses: str, actor: str, why: str
) -> None:
    config = team(people={**PEOPLE, "ann": ("admin", "lead")})
    with crisis_room(make_store, config=config) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=1)
        (in_room,) = room.told(key="/ask-room")

        (answer,) = room.press(in_room, "approve", by=presses)
        assert (answer.ok, answer.text) == (False, why)
        room.slack.wait_until(lambda slack: why[-12:] in str(slack.responses))
        room.passes(minutes=2)
        assert refused(room) == [(actor, "Approve", why)]
        assert room.told(place="agents") == []
        assert room.audit("Approve") == []
        (record,) = room.audit("refused")
        message = room.case().message
        assert message is not None
        assert record.detail["sha256"] == message.sha256
        assert message.approvals == ()

        (answer,) = room.press(in_room, "approve", by="ada")
        assert answer.ok
        assert len(room.told(place="agents")) == 1


def test_an_approver_who_was_not_asked_may_approve(make_store: MakeStore) -> None:
    # "listed" is whoever's entry says approver; `ask` only says who is asked first
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        (in_room,) = room.told(key="/ask-room")
        assert room.told(place="U0BEN", key="/ask/") == []
        (answer,) = room.press(in_room, "approve", by="ben")
        assert answer.ok
        assert len(room.told(place="agents")) == 1


def test_an_offer_is_answered_by_whom_it_is_for(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        (offer,) = room.told(place="U0R1", key="/reserve/")
        for by, why in (
            ("r2", "R2 may not answer the offer: the offer is to r1, who answers themselves"),
            ("lea", "Lea may not answer the offer: the offer is to r1, who answers themselves"),
        ):
            (answer,) = room.press(offer, "accept", by=by)
            assert (answer.ok, answer.text) == (False, why)
        assert room.case().reserve.coming == ()
        assert [(who, what) for who, what, _ in refused(room)] == [
            ("r2", "AnswerOffer"),
            ("lea", "AnswerOffer"),
        ]

        (answer,) = room.press(offer, "accept", by="r1")
        assert answer.ok
        assert room.case().reserve.coming == ("r1",)


def test_what_leads_decide_is_refused_to_others(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=1)
        channel = room.slack.channel("#crisis-air-0310-0300")["id"]
        for typed, by, asked in (
            ("resolve it is over", "per", "Resolve"),
            ("severity low it is nothing", "lex", "SetSeverity"),
            ("note let me in", "zoe", "AddNote"),
            ("ack", "zoe", "Acknowledge"),
        ):
            (answer,) = room.slash(typed, by=by, channel=channel)
            assert not answer.ok, typed
            assert refused(room)[-1][1] == asked
        incident = room.case().incident
        assert (incident.state, incident.severity, incident.notes, incident.acks) == (
            "triggered",
            Severity.HIGH,
            (),
            (),
        )
        # nobody has answered, so the next step is called as if nothing had been pressed
        room.passes(minutes=14)
        assert room.pages() == [("03:00", "per"), ("03:15", "lea")]
