"""Twenty crises open within the same minute, and Slack allows only so much of everything.

03:00:00 twenty topics open at medium: twenty pages to Per, one a second
  |      approvers, rooms, people, status, pins and charts follow as the limits allow
  |      one of the twenty gets worse meanwhile: operations and legal are paged at once
03:03    everything is there, once
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.doubles.slack.faults import PER_MIN, TIERS, RateLimits
from tests.scenarios.crisis_room import CrisisRoom, crisis_room, team

TOPICS = tuple(f"line-{letter}" for letter in "abcdefghijklmnopqrst")
MANY = team("\n".join(f'[[topics]]\nname = "{name}"\nterms = ["{name}"]\n' for name in TOPICS))


@contextmanager
def twenty_open(make_store: MakeStore) -> Iterator[CrisisRoom]:
    """Yield the moment at which the responder has heard of all twenty, and first came to rest."""
    with crisis_room(make_store, config=MANY) as room:
        responders = list(room.responders)
        room.responders.clear()
        for topic in TOPICS:
            room.signal("opened", Severity.MEDIUM, topic=topic, theme=f"trouble on {topic}")
        room.responders += responders
        room.works()
        yield room


def calls_refused_by_slack(room: CrisisRoom) -> list[str]:
    """Return the calls that were more than Slack allows, by the clock of the incidents."""
    limits = RateLimits()
    return [
        f"{call.method} at {call.at}"
        for call in room.slack.calls
        if limits.retry_after_s(call.method, str(call.args.get("channel", "")), call.at)
    ]


def most_in_a_minute(room: CrisisRoom) -> dict[str, int]:
    """Return the most calls of each method within any sixty seconds."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    for call in room.slack.calls:
        times[call.method].append(call.at)
    return {
        method: max(sum(start <= at < start + 60 for at in called) for start in called)
        for method, called in times.items()
    }


def everything_is_there_once(room: CrisisRoom) -> None:
    """Check what people see of each of the twenty."""
    rooms = sorted(name for name in room.slack.names() if name.startswith("crisis-"))
    assert rooms == [f"crisis-{topic}-0310-0300" for topic in TOPICS]
    for name in rooms:
        made = room.slack.channel(name)
        assert made["topic"]["value"].startswith("MEDIUM line-")
        assert {"U0PER", "U0ADA"} <= set(made["members"])
        (status,) = room.told(place=name, key="/status")
        (pinned,) = room.slack.pinned[made["id"]]
        assert status.ts.endswith(pinned["ts"])
    charts = Counter(str(about["title"]) for about, _ in room.slack.files.values())
    assert charts == {f"{topic}, opened": 1 for topic in TOPICS}
    assert [one.place for one in room.told(key="/ask/")] == ["U0ADA"] * len(TOPICS)
    assert sorted(one.key.partition("/")[0] for one in room.told(key="/page/")) == [*TOPICS]
    assert room.slack.duplicates() == {}
    assert len(room.audit("signal")) == len(room.audit("draft")) == len(TOPICS)


def pages_came_first(room: CrisisRoom) -> None:
    """Check that no page waited for anything that can wait."""
    assert max(page.at for page in room.told(key="/page/")).minute == 0
    order = [
        "page" if "/page/" in str(call.args.get("metadata", "")) else call.method
        for call in room.slack.calls
    ]
    last_page = len(order) - 1 - order[::-1].index("page")
    for later in ("chat.update", "pins.add", "files.completeUploadExternal"):
        assert last_page < order.index(later)


def slack_was_never_asked_too_often(room: CrisisRoom) -> None:
    """Check Slack's limits: per method and minute, and a message a second and channel."""
    assert {call.outcome for call in room.slack.calls} == {"ok"}
    assert calls_refused_by_slack(room) == []
    most = most_in_a_minute(room)
    limits = {method: PER_MIN[tier] for method, tier in TIERS.items() if method in most}
    assert len(limits) > 5
    assert {name: most[name] for name, limit in limits.items() if most[name] > limit} == {}


def test_within_three_minutes_everything_is_there_and_then_there_is_rest(
    make_store: MakeStore,
) -> None:
    with twenty_open(make_store) as room:
        room.passes(minutes=3)
        everything_is_there_once(room)
        pages_came_first(room)
        slack_was_never_asked_too_often(room)

        calls = len(room.slack.calls)
        room.passes(minutes=4)
        assert len(room.slack.calls) == calls


def test_a_page_does_not_wait_behind_the_rooms_of_others(make_store: MakeStore) -> None:
    with twenty_open(make_store) as room:
        rooms = [name for name in room.slack.names() if name.startswith("crisis-")]
        assert len(rooms) < len(TOPICS)  # the limits of Slack hold the others back
        heard_at = room.clock.now()
        room.signal("worse", Severity.HIGH, topic="line-t", theme="trouble on line-t")
        for duty in ("operations", "legal"):
            (page,) = room.told(key=f"/page/{duty}/")
            assert (page.at - heard_at).total_seconds() < 5
