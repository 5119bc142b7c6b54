"""Slack takes what it is sent, and the connection breaks before it says so.

03:00:00 the page to Per is posted; its answer is lost: nobody knows
03:00:15 Per's direct messages are read: there it is; it is adopted, not posted again

The same for the publication to the agents, and for the room, which has no key of its own
until its purpose is set. What broke before Slack took it is sent again, and seen once.
"""

import pytest

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import CrisisRoom, crisis_room

ROOM = "crisis-air-0310-0300"
PAGE = "/page/pr-on-call/"
PUBLICATION = "/publish/agents"


def story(room: CrisisRoom, key: str) -> list[tuple[str, str, str]]:
    """Return what the audit log says of an action: when, what was recorded, what came of it."""
    return [
        (f"{record.at:%H:%M:%S}", record.kind, record.detail.get("status", ""))
        for record in room.audit()
        if record.kind in {"intent", "outcome", "found", "doubt"} and key in record.detail["key"]
    ]


def test_a_page_that_arrived_is_found_and_not_sent_again(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        broken = room.slack.fault("reset_after", "chat.postMessage", args_contain=PAGE, count=1)
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=14)

        assert broken.struck == 1
        assert room.pages() == [("03:00", "per")]
        assert story(room, PAGE) == [
            ("03:00:00", "intent", ""),
            ("03:00:00", "outcome", "unknown"),
            ("03:00:15", "found", "done"),
        ]
        # what was adopted is as good as any: the button works, and nobody else is called
        (page,) = room.told(key=PAGE)
        assert room.press(page, "acknowledge", by="per")[0].ok
        room.passes(minutes=30)
        assert room.pages() == [("03:00", "per")]
        assert room.slack.duplicates() == {}


def test_a_page_that_did_not_arrive_is_sent_again_and_seen_once(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        broken = room.slack.fault("reset_before", "chat.postMessage", args_contain=PAGE, count=1)
        room.signal("opened", Severity.HIGH)
        assert room.pages() == []
        room.passes(minutes=14)

        assert broken.struck == 1
        assert room.pages() == [("03:00", "per")]
        assert story(room, PAGE) == [
            ("03:00:00", "intent", ""),
            ("03:00:00", "outcome", "unknown"),
            ("03:00:15", "intent", ""),
            ("03:00:15", "outcome", "done"),
        ]
        assert room.slack.duplicates() == {}


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        pytest.param("reset_after", [("03:01:15", "found", "done")], id="arrived"),
        pytest.param(
            "reset_before",
            [("03:01:15", "intent", ""), ("03:01:15", "outcome", "done")],
            id="did-not-arrive",
        ),
    ],
)
def test_the_agents_see_an_approved_message_once(
    make_store: MakeStore, kind: str, last: list[tuple[str, str, str]]
) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=1)
        broken = room.slack.fault(kind, "chat.postMessage", args_contain=PUBLICATION, count=1)
        assert room.press(room.approval("ada"), "approve", by="ada")[0].ok
        room.passes(minutes=10)

        assert broken.struck == 1
        (published,) = room.told(place="agents")
        assert published.key.endswith(PUBLICATION)
        assert story(room, PUBLICATION) == [
            ("03:01:00", "intent", ""),
            ("03:01:00", "outcome", "unknown"),
            *last,
        ]


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        pytest.param("reset_before", "conversations.create", id="room-was-not-made"),
        pytest.param("reset_after", "conversations.create", id="room-was-made"),
        pytest.param("reset_before", "conversations.setPurpose", id="room-has-no-mark-yet"),
        pytest.param("reset_after", "conversations.setPurpose", id="room-was-marked"),
    ],
)
def test_there_is_one_room_and_it_is_whole(make_store: MakeStore, kind: str, method: str) -> None:
    with crisis_room(make_store) as room:
        broken = room.slack.fault(kind, method, count=1)
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=5)

        assert broken.struck == 1
        assert [name for name in room.slack.names() if name.startswith("crisis-")] == [ROOM]
        made = room.slack.channel(ROOM)
        assert "Mark: " in made["purpose"]["value"]
        assert made["topic"]["value"].startswith("HIGH air")
        assert {"U0PER", "U0OLU", "U0LEX", "U0ADA"} <= set(made["members"])
        (status,) = room.told(place=ROOM, key="/status")
        assert [pinned["ts"] for pinned in room.slack.pinned[made["id"]]] == [
            status.ts.partition("/")[2]
        ]
        assert room.slack.duplicates() == {}
        assert [status for _, kind, status in story(room, "/room") if kind == "outcome"] == [
            "unknown",
            "done",
        ]
