"""A text is changed after somebody has approved it.

03:00 the crisis opens at critical: Ada is asked to approve, two different people must
03:02 Ada approves; 03:10 Ben is asked too
03:12 Ben edits: Ada's approval is void, both are asked about the new text
03:13 Ada presses the button of the old text: refused
03:14 Ada approves the new text, and once more: she stays one person
03:16 Ben approves: it goes out, once, in his words
"""

from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.packet import packet_sha256
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import CrisisRoom, Told, crisis_room

EDITED = "We know about the delays at gate 4. The next update will be here by 03:55 (UTC)."


def opened(room: CrisisRoom, severity: Severity = Severity.CRITICAL) -> Told:
    """Open the crisis at 03:00; return what Ada is asked."""
    room.signal("opened", severity)
    return room.approval("ada")


def published(room: CrisisRoom) -> list[Told]:
    """Return what agents were given to use."""
    return room.told(place="agents")


def has_button(room: CrisisRoom, told: Told, action: str) -> bool:
    """Tell whether a message still shows a button."""
    shown = room.slack.message(told.key)["blocks"]
    return action in {
        e["action_id"] for block in shown for e in block.get("elements", ()) if "value" in e
    }


def check_audit(room: CrisisRoom, before: str, after: str) -> None:
    """Check what the log says of the hour: who approved which text, and which one went out."""
    counted = [(record.actor, record.detail["sha256"]) for record in room.audit("Approve")]
    assert counted == [("ada", before), ("ada", after), ("ben", after)]
    refused_to = [record.actor for record in room.audit("refused")]
    assert refused_to == ["ada", "ben", "ada"]
    (edit,) = room.audit("EditMessage")
    assert edit.actor == "ben"
    assert ["en", "public", EDITED] in edit.detail["texts"]
    sent = [
        record.detail["sha256"]
        for record in room.audit("outcome")
        if record.detail["key"].endswith("/publish/agents")
    ]
    assert sent == [after]


def test_an_edit_voids_what_was_approved_and_both_approve_the_new_text(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        old_ada = opened(room)
        room.passes(minutes=2)
        (answer,) = room.press(old_ada, "approve", by="ada")
        assert answer.text == "Approved. 1 more must approve before it goes out."
        room.passes(minutes=10)

        old_ben = room.approval("ben")
        assert f"{old_ben.at:%H:%M}" == "03:10"
        before = room.case().message
        # Slack shows the old copies a minute longer, with their buttons
        room.slack.fault("error", "chat.update", error="internal_error")
        (edited,) = room.dialog(old_ben, "edit", {"wording-0": EDITED}, by="ben")
        assert (edited.ok, edited.text) == (True, "Changed. It has to be approved anew.")
        after = room.case().message
        assert before is not None
        assert after is not None
        assert (after.id, after.approvals) == (before.id, ())
        assert after.sha256 == packet_sha256(after.texts) != before.sha256

        room.passes(minutes=1)
        for old, by in ((old_ada, "ada"), (old_ben, "ben")):
            (refused,) = room.press(old, "approve", by=by)
            assert not refused.ok
            assert "the text has changed since you saw it" in refused.text
        room.slack.heal()
        room.passes(minutes=5)
        assert not has_button(room, old_ada, "approve")
        assert not has_button(room, old_ben, "approve")

        new_ada, new_ben = room.approval("ada"), room.approval("ben")
        assert EDITED in new_ada.text
        assert EDITED in new_ben.text
        (first,) = room.press(new_ada, "approve", by="ada")
        assert first.text == "Approved. 1 more must approve before it goes out."
        (again,) = room.press(new_ada, "approve", by="ada")
        assert not again.ok
        assert "another person must, too" in again.text
        room.passes(minutes=1)
        assert published(room) == []

        (second,) = room.press(new_ben, "approve", by="ben")
        assert second.text == "Approved. It goes out now."
        room.passes(minutes=30, step_s=60)
        (out,) = published(room)
        assert EDITED in out.text
        assert after.sha256[:12] in out.text
        assert "Ada" in out.text
        assert "Ben" in out.text

        check_audit(room, before.sha256, after.sha256)


def test_whoever_edits_can_not_be_both_approvers(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        opened(room)
        room.dialog(room.approval("ada"), "edit", {"wording-0": EDITED}, by="ada")
        for answer in ("1 more must approve", "another person must, too"):
            (said,) = room.press(room.approval("ada"), "approve", by="ada")
            assert answer in said.text
        room.passes(minutes=20, step_s=60)
        assert published(room) == []


def test_a_text_shown_at_high_needs_two_people_once_it_is_critical(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        opened(room, Severity.HIGH)
        room.dialog(room.approval("ada"), "edit", {"wording-0": EDITED}, by="ada")
        asked_at_high = room.approval("ada")
        room.passes(minutes=5)
        room.signal("worse", Severity.CRITICAL)

        (first,) = room.press(asked_at_high, "approve", by="ada")
        assert first.text == "Approved. 1 more must approve before it goes out."
        room.passes(minutes=10)
        assert published(room) == []
        (second,) = room.press(room.approval("ben"), "approve", by="ben")
        assert second.text == "Approved. It goes out now."
        room.passes(minutes=10)
        assert len(published(room)) == 1


def test_what_one_person_let_out_at_high_does_not_stand_for_the_next_text(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        (answer,) = room.press(opened(room, Severity.HIGH), "approve", by="ada")
        assert answer.text == "Approved. It goes out now."
        room.passes(minutes=30, step_s=60)
        room.signal("worse", Severity.CRITICAL)
        # 04:45: a quarter of an hour before 05:00, which the first text promised
        room.passes(minutes=76, step_s=60)
        assert len(published(room)) == 1
        (first,) = room.press(room.approval("ada"), "approve", by="ada")
        assert first.text == "Approved. 1 more must approve before it goes out."
        room.passes(minutes=5)
        assert len(published(room)) == 1
