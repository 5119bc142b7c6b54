"""Slack delivers a click until it is answered in time: the identical press may come thrice.

03:00 the crisis opens at critical
03:05 Per's acknowledgement arrives three times at once, then Ada's approval, R1's acceptance
03:10 and Ben's approval, the second one: it goes out once
"""

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import crisis_room, member

COUNTED_ALREADY = "That has been counted already."


def said(answers: list[str], first: str) -> bool:
    """Tell whether the press was carried out by one delivery, and known to the others."""
    return sorted(answers) == sorted([first, COUNTED_ALREADY, COUNTED_ALREADY])


def test_three_deliveries_count_once(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.CRITICAL)
        room.passes(minutes=4)

        (page,) = room.told(place="U0PER", key="/page/")
        answers = room.press(page, "acknowledge", by="per", times=3)
        assert all(answer.ok for answer in answers)
        assert [answer.text for answer in answers].count(COUNTED_ALREADY) == 2
        assert len(room.case().incident.acks) == 1

        answers = room.press(room.approval("ada"), "approve", by="ada", times=3)
        texts = [answer.text for answer in answers]
        assert said(texts, "Approved. 1 more must approve before it goes out.")
        message = room.case().message
        assert message is not None
        assert [approval.by for approval in message.approvals] == ["ada"]
        assert room.told(place="agents") == []

        (offer,) = room.told(place="U0R1", key="/reserve/")
        answers = room.press(offer, "accept", by="r1", times=3)
        assert said([answer.text for answer in answers], "Thank you. The room is yours.")
        assert room.case().reserve.coming == ("r1",)

        room.passes(minutes=6)
        answers = room.press(room.approval("ben"), "approve", by="ben", times=3)
        assert said([answer.text for answer in answers], "Approved. It goes out now.")
        room.passes(minutes=20, step_s=60)
        assert len(room.told(place="agents")) == 1

        counted = [
            (record.kind, record.actor)
            for record in room.audit()
            if record.actor not in {"crisiswatch", "detection"}
        ]
        assert counted == [
            ("Acknowledge", "per"),
            ("Approve", "ada"),
            ("AnswerOffer", "r1"),
            ("Approve", "ben"),
        ]
        assert room.slack.duplicates() == {}


def test_a_dialog_sent_three_times_edits_once(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        # the desk listens from its first press on
        room.press(room.approval("ada"), "approve", by="lex")
        room.slack.press(room.approval("ada").ts, "edit", user=member("ada"))
        room.slack.wait_until(lambda slack: slack.workspace.views)
        (view,) = room.slack.views
        answers = room.submit(view, {"wording-0": "One text."}, by="ada", times=3)
        assert said([a.text for a in answers], "Changed. It has to be approved anew.")
        (edit,) = room.audit("EditMessage")
        assert edit.actor == "ada"
