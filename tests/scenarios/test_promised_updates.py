"""What was promised to the public is kept, or somebody is told that it is not.

03:00 the crisis opens at high; the draft promises news by 05:00
03:10 Ada approves: published
04:30 the next update is due soon: a reminder in the room, and a new draft that promises 06:30
05:00 nobody has approved it: the promised update is due now
05:20 Ada approves the second text: published, beside the first

Where nobody approves, a draft lapses five minutes before the time that it promises, and the
next one takes its place.
"""

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import CrisisRoom, crisis_room


def drafts(room: CrisisRoom) -> list[tuple[str, str, str]]:
    """Return what the audit log says was drafted: when, why, and promising what."""
    return [
        (f"{r.at:%H:%M}", r.detail["cause"], r.detail["promised_at"][11:16])
        for r in room.audit("draft")
    ]


def reminders(room: CrisisRoom) -> list[tuple[str, str]]:
    """Return what the room was reminded of, and when."""
    return [(f"{one.at:%H:%M}", one.key.rsplit("/", 1)[1]) for one in room.told(key="/update-")]


def test_an_update_is_drafted_and_reminded_of_before_it_was_promised(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=10)
        (answer,) = room.press(room.approval("ada"), "approve", by="ada")
        assert answer.text == "Approved. It goes out now."
        room.passes(minutes=115, step_s=60)

        assert drafts(room) == [("03:00", "opened", "05:00"), ("04:30", "next-update", "06:30")]
        assert reminders(room) == [("04:30", "update-soon"), ("05:00", "update-now")]
        assert len(room.told(place="agents")) == 1

        second = room.approval("ada")
        assert f"{second.at:%H:%M}" == "04:30"
        assert "06:30 (UTC)" in " ".join(second.text.split())
        room.passes(minutes=15, step_s=60)
        (answer,) = room.press(second, "approve", by="ada")
        assert answer.text == "Approved. It goes out now."
        room.passes(minutes=1)
        first_out, second_out = room.told(place="agents")
        assert "05:00 (UTC)" in " ".join(first_out.text.split())
        assert "06:30 (UTC)" in " ".join(second_out.text.split())
        assert f"{second_out.at:%H:%M}" == "05:20"


def test_a_draft_that_nobody_looks_at_lapses_and_is_never_published(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        first = room.approval("ada")
        room.passes(minutes=114, step_s=60)
        room.passes(seconds=30)
        assert [promised for _, _, promised in drafts(room)] == ["05:00"]
        room.passes(minutes=2)

        assert drafts(room) == [("03:00", "opened", "05:00"), ("04:55", "lapsed", "06:55")]
        (lapsed,) = room.audit("message")
        assert lapsed.detail["stage"] == "lapsed"
        (answer,) = room.press(room.approval("ada"), "approve", by="ada")
        assert answer.ok
        room.passes(minutes=5)
        (out,) = room.told(place="agents")
        assert "06:55 (UTC)" in " ".join(out.text.split())
        shown = room.slack.message(first.key)
        assert "approve" not in {
            element.get("action_id")
            for block in shown["blocks"]
            for element in block.get("elements", ())
        }


def test_nothing_is_published_however_long_nobody_approves(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        (page,) = room.told(place="U0PER", key="/page/")
        room.press(page, "acknowledge", by="per")
        room.passes(hours=12, step_s=300)
        assert room.told(place="agents") == []
        # a draft every two hours less five minutes, each instead of the one before
        assert len(drafts(room)) == 7
        assert [m.stage for m in room.case().messages] == ["lapsed"] * 6 + ["waiting"]
