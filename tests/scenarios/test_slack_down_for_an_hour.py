"""Slack is gone for an hour, from before the crisis until after it has grown.

02:59 Slack goes down
03:00 the crisis opens at high: Per and the others can not be reached there
  |   with a second channel: the text message to Per at 03:00, to Lea at 03:15, ...
  |   without: one pass after the other, about one a minute, all in vain
03:20 worse: critical
04:00 Slack is back: whoever has the duty is paged within a minute, the room opens, and its
      status says how things stand now
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from alerting.publishers.registry import pager
from alerting.publishers.target import Target
from crisiswatch.detection.signal import Severity
from crisiswatch.secret import Secret
from tests.doubles.http_receiver import HttpReceiver, http_receiver
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import PEOPLE, CrisisRoom, crisis_room, team

ROOM = "crisis-air-0310-0300"
PHONES = {"per": "+49 30 1", "lea": "+49 30 2", "ceo": "+49 30 3"}


def team_with_phones() -> str:
    """Return the team, some of whom have a telephone behind their Slack."""
    channel = '[[channels]]\nname = "sms"\nkind = "webhook"\nurl_env = "SMS_URL"\n'
    people = [
        f'[[people]]\nid = "{name}"\nname = "{name.title()}"\nslack = "U0{name.upper()}"\n'
        f'roles = {list(PEOPLE[name])}\ncontact = ["slack-dm", "sms"]\n'
        f'addresses = {{ sms = "{number}" }}\n'
        for name, number in PHONES.items()
    ]
    others = {name: roles for name, roles in PEOPLE.items() if name not in PHONES}
    return team("\n".join((channel, *people)), people=others)


@contextmanager
def room_with_phones(make_store: MakeStore) -> Iterator[tuple[CrisisRoom, HttpReceiver]]:
    """Yield a room whose second channel is a web address."""
    with http_receiver() as phones:
        sms = pager("webhook", Target(name="sms", url=Secret(phones.url)))
        with crisis_room(make_store, config=team_with_phones(), pagers={"sms": sms}) as room:
            yield room, phones


def an_hour_without_slack(room: CrisisRoom) -> None:
    """Let the crisis open and grow while Slack is down."""
    room.slack.go_down()
    room.signal("opened", Severity.HIGH)
    room.passes(minutes=20)
    room.signal("worse", Severity.CRITICAL)
    room.passes(minutes=40)
    assert room.told() == []
    room.slack.come_back()


def test_pages_go_by_the_second_channel_in_the_same_minute(make_store: MakeStore) -> None:
    with room_with_phones(make_store) as (room, phones):
        room.slack.go_down()
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=29)
        sent = [one.json for one in phones.received]
        assert [(one["to"], one["duty"]) for one in sent] == [
            ("+49 30 1", "pr-on-call"),
            # Olu has no telephone: who leads stands in for operations, and the CEO for legal
            *[(one["to"], one["duty"]) for one in sent[1:-1]],
            ("+49 30 2", "pr-on-call"),
        ]
        outcomes = [
            (f"{record.at:%H:%M}", record.detail["key"].rsplit("/", 2)[-2:])
            for record in room.audit("outcome")
            if record.detail["action"] == "PageElsewhere"
            and record.detail["status"] == "done"
            and "/page/pr-on-call/" in record.detail["key"]
        ]
        assert outcomes == [("03:00", ["per", "sms"]), ("03:15", ["lea", "sms"])]


def test_without_a_second_channel_somebody_is_paged_a_minute_after_slack_is_back(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        an_hour_without_slack(room)
        room.passes(minutes=2)
        (at, person), *others = room.pages()
        print(room.pages(), room.told())
        print(len(room.audit()), Counter((r.kind, r.detail.get("action")) for r in room.audit()))
        assert at in {"04:00", "04:01"}
        assert others == []


def test_what_is_shown_after_the_outage_is_the_newest_state_once(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        an_hour_without_slack(room)
        room.passes(minutes=15)
        print(room.slack.names())
        for t in room.told(): print(t.at, t.place, t.key)
        (status,) = room.told(key="/status")
        assert "CRITICAL" in status.text
        assert room.slack.duplicates() == {}
        # one attempt in vain and its record follow ever more rarely
        assert len(room.audit()) < 2_000
