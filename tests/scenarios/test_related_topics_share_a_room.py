"""One crisis under several names: one room, one call.

03:00 air   opens at medium                         the room opens, Per is paged
03:05 sea   opens at high, `related` to air    -->  joins: the incident is high
03:10 rail  opens at medium, with air's text   -->  joins
03:40 sea   is over, 03:50 rail                     the incident goes on at air's severity
04:00 air   is over                            -->  the incident is closed
"""

from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.incident import State
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import TEAM, CrisisRoom, crisis_room, team

ROOM = "crisis-air-0310-0300"
FERRY = "the ferry left without half of its passengers"
AIRPORT = "four hours at the gate and not one word from them"
RAIL = '[[topics]]\nname = "rail"\nterms = ["examplerail"]\n'
RELATED = team(RAIL, base=TEAM.replace("[response]\n", '[response]\nrelated = [["air", "sea"]]\n'))


def three_topics(room: CrisisRoom) -> None:
    """Open all three, each five minutes after the other."""
    room.signal("opened", Severity.MEDIUM, theme=AIRPORT)
    room.passes(minutes=5)
    room.signal("opened", Severity.HIGH, topic="sea", theme=FERRY)
    room.passes(minutes=5)
    room.signal("opened", Severity.MEDIUM, topic="rail", theme=AIRPORT)


def routed(room: CrisisRoom) -> list[str]:
    """Return why each signal went where it went, as the audit log says."""
    return [record.detail["routed"] for record in room.audit("signal")]


def test_related_topics_and_one_narrative_share_an_incident_at_the_highest_severity(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store, config=RELATED) as room:
        three_topics(room)
        room.passes(minutes=5)

        (kept,) = room.store.cases(open_only=False)
        incident = room.case("air").incident
        assert kept.case_id == incident.id
        assert incident.topics == ("air", "sea", "rail")
        assert incident.severity is Severity.HIGH
        first, second, third = routed(room)
        assert first == "nothing open that it belongs to"
        assert second == f"related to air, whose incident {incident.id} is open"
        assert third.endswith(AIRPORT)
        assert room.audit("signal")[-1].detail["incident_severity"] == "high"


def test_there_is_one_room_that_names_them_all_and_every_page_comes_once(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store, config=RELATED) as room:
        three_topics(room)
        room.passes(minutes=4)

        assert [name for name in room.slack.names() if name.startswith("crisis-")] == [ROOM]
        assert room.slack.channel(ROOM)["topic"]["value"].startswith("HIGH air, sea, rail")
        assert len(room.told(key="/status")) == 1
        assert room.told(place=ROOM, text="sea joined")
        assert room.told(place=ROOM, text="rail joined")
        # the call began with air; legal and operations are called from high on
        assert room.pages() == [("03:00", "per")]
        assert room.pages(duty="operations") == [("03:05", "olu")]
        assert room.pages(duty="legal") == [("03:05", "lex")]
        assert room.pages("sea") == room.pages("rail") == []
        assert room.slack.duplicates() == {}


def test_it_is_over_when_the_last_topic_is_over(make_store: MakeStore) -> None:
    with crisis_room(make_store, config=RELATED) as room:
        three_topics(room)
        room.passes(minutes=30)
        room.signal("closed", Severity.NONE, topic="sea", theme=FERRY)
        room.passes(minutes=10)
        room.signal("closed", Severity.NONE, topic="rail", theme=AIRPORT)
        room.passes(minutes=10)
        assert room.case().incident.is_open

        room.signal("closed", Severity.NONE, theme=AIRPORT)
        room.passes(minutes=5)
        assert room.case().incident.state is State.RESOLVED
        assert f"{room.case().incident.closed_at:%H:%M}" == "04:00"
        pages = len(room.told(key="/page/"))
        room.passes(hours=1)
        assert len(room.told(key="/page/")) == pages


def test_strangers_to_each_other_have_rooms_of_their_own(make_store: MakeStore) -> None:
    with crisis_room(make_store, config=RELATED) as room:
        room.signal("opened", Severity.MEDIUM, topic="rail", theme=AIRPORT)
        room.signal("opened", Severity.MEDIUM, topic="sea", theme=FERRY)
        room.passes(minutes=2)
        assert room.pages("rail") == room.pages("sea") == [("03:00", "per")]
        rooms = sorted(name for name in room.slack.names() if name.startswith("crisis-"))
        assert rooms == ["crisis-rail-0310-0300", "crisis-sea-0310-0300"]
