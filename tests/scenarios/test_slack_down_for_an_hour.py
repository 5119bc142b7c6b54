"""Slack is gone for an hour, from before the crisis until after it has grown.

02:59 Slack goes down
03:00 the crisis opens: Per can not be reached there, nor can anybody else
  |   with a second channel: the text message to Per at 03:00, to Lea at 03:15, ...
  |   without: one pass after the other, at most five minutes apart, all in vain
03:50 it was medium until now, and grows to high
04:00 Slack is back: whoever has the duty is paged within minutes, the room opens, and its
      status says how things stand now
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alerting.publishers.registry import pager
from alerting.publishers.target import Target
from crisiswatch.detection.signal import Severity
from crisiswatch.secret import Secret
from tests.doubles.http_receiver import HttpReceiver, http_receiver
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import PEOPLE, STEP_S, CrisisRoom, crisis_room, team

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


def test_pages_go_by_the_second_channel_in_the_same_minute(make_store: MakeStore) -> None:
    with room_with_phones(make_store) as (room, phones):
        room.slack.go_down()
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=29)
        sent = [(one.json["to"], one.json["duty"]) for one in phones.received]
        assert [to for to, duty in sent if duty == "pr-on-call"] == [PHONES["per"], PHONES["lea"]]
        # Olu and Lex have no telephone: the next step is called for their duties, at once
        assert (PHONES["lea"], "operations, legal") in sent
        assert len(sent) == len({one.headers["idempotency-key"] for one in phones.received})
        outcomes = [
            (f"{record.at:%H:%M}", record.detail["key"].rsplit("/", 2)[-2:])
            for record in room.audit("outcome")
            if record.detail["action"] == "PageElsewhere"
            and record.detail["status"] == "done"
            and "/page/pr-on-call/" in record.detail["key"]
        ]
        assert outcomes == [("03:00", ["per", "sms"]), ("03:15", ["lea", "sms"])]


def test_whoever_has_the_duty_is_paged_within_minutes_after_slack_is_back(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        room.slack.go_down()
        room.signal("opened", Severity.MEDIUM)
        room.passes(minutes=50)
        room.signal("worse", Severity.HIGH)
        room.passes(minutes=10)
        assert room.told() == []
        before = len(room.audit())
        # a try a minute and person, three attempts each: intent and outcome of each are kept
        assert before < 60 * 3 * 3 * 2 + 10 * 3 * 3 * 3 * 2

        room.slack.come_back()
        back_at = room.clock.now()
        room.passes(minutes=14)

        assert len(room.pages()) == 1
        paged = [page for page in room.told(key="/page/") if "pr-on-call" in page.key]
        assert (paged[0].at - back_at).total_seconds() <= 5 * 60 + STEP_S
        # one message for all duties that come to the same person
        assert len(
            {(page.place, page.at.replace(second=0)) for page in room.told(key="/page/")}
        ) == len(room.told(key="/page/"))
        assert room.slack.duplicates() == {}

        # what is pinned tells how things stand now: in the standing room, then in its own
        statuses = room.told(key="/status")
        assert [status.place for status in statuses] == ["crisis", ROOM]
        assert all("HIGH" in status.text for status in statuses)
        assert room.slack.channel(ROOM)["topic"]["value"].startswith("HIGH air")
        assert len(room.audit()) - before < 150


def test_a_room_that_slack_refuses_for_two_hours_is_opened_after_all(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        refused = room.slack.fault("error", "conversations.create", error="service_unavailable")
        room.signal("opened", Severity.MEDIUM)
        room.passes(minutes=5)
        (page,) = room.told(key="/page/pr-on-call/")
        assert room.press(page, "acknowledge", by="per")[0].ok
        room.passes(minutes=50)
        note = f"note {room.case().id} we talk in the standing room"
        assert room.slash(note, by="per", channel="C0CRISIS01")[0].ok
        room.passes(minutes=55)
        (status,) = room.told(key="/status")
        assert status.place == "crisis"
        # ever more rarely, never more than every five minutes
        assert 20 < refused.struck < 30

        room.slack.heal()
        room.passes(minutes=5)
        room.signal("worse", Severity.HIGH)
        room.passes(minutes=2)
        assert [status.place for status in room.told(key="/status")] == ["crisis", ROOM]
        assert all("HIGH" in status.text for status in room.told(key="/status"))
        assert {call.outcome for call in room.slack.calls_of("chat.postMessage")} == {"ok"}
        assert room.told(place=ROOM, text="worse at high")
        assert room.slack.duplicates() == {}
