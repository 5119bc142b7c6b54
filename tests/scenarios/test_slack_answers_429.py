"""Slack asks to wait, for ten minutes, of everybody and everything.

03:00 the crisis opens at high; every call to Slack is answered with 429, Retry-After 30
03:00 Per and Lea are paged by their second channel, at once
  |   Slack is asked again when it said, not sooner
03:10 Slack works again: what was missing arrives, once, room and requests included
03:12 Per answers
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from alerting.publishers.registry import pager
from alerting.publishers.target import Target
from crisiswatch.detection.signal import Severity
from crisiswatch.secret import Secret
from tests.doubles.http_receiver import HttpReceiver, http_receiver
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import PEOPLE, CrisisRoom, crisis_room, member, team

RETRY_AFTER_S = 30
CHANNEL = """
[[channels]]
name = "sms"
kind = "webhook"
url_env = "CRISIS_SMS_URL"
"""
WITH_SMS = ("per", "lea", "olu", "lex")


def reachable_by_sms() -> str:
    """Return the team, of which some have a second channel."""
    others = {name: roles for name, roles in PEOPLE.items() if name not in WITH_SMS}
    entries = [
        f'[[people]]\nid = "{name}"\nname = "{name.title()}"\nslack = "{member(name)}"\n'
        f"roles = {list(PEOPLE[name])}\n"
        f'contact = ["slack-dm", "sms"]\naddresses = {{ sms = "+49 {name}" }}\n'
        for name in WITH_SMS
    ]
    return team("\n".join((CHANNEL, *entries)), people=others)


@contextmanager
def waiting_slack(make_store: MakeStore) -> Iterator[tuple[CrisisRoom, HttpReceiver]]:
    """Yield a response whose Slack answers 429 from 03:00 on, and the second channel."""
    with http_receiver() as sms:
        channel = pager("webhook", Target(name="sms", url=Secret(sms.url)))
        with crisis_room(make_store, config=reachable_by_sms(), pagers={"sms": channel}) as room:
            room.slack.fault("status", status=429, retry_after_s=RETRY_AFTER_S)
            yield room, sms


def sent(sms: HttpReceiver) -> list[tuple[str, str]]:
    """Return what the second channel was asked to send: to whom, and for which duty."""
    return [(one.json["to"].removeprefix("+49 "), one.json["duty"]) for one in sms.received]


def test_pages_go_another_way_while_slack_asks_to_wait(make_store: MakeStore) -> None:
    with waiting_slack(make_store) as (room, sms):
        room.signal("opened", Severity.HIGH)
        room.passes(seconds=30)
        assert sorted(sent(sms)) == [
            ("lex", "legal"),
            ("olu", "operations"),
            ("per", "pr-on-call"),
        ]
        assert all(
            one.json["text"].startswith("HIGH air: ") and "incidents ack" in one.json["text"]
            for one in sms.received
        )
        delivered = [
            f"{record.at:%H:%M}"
            for record in room.audit("outcome")
            if record.detail["action"] == "PageElsewhere" and record.detail["status"] == "done"
        ]
        assert delivered == ["03:00"] * 3

        room.passes(minutes=9, seconds=30)
        assert len(sent(sms)) == 3
        assert room.told() == []


def test_slack_is_asked_again_when_it_said_and_not_sooner(make_store: MakeStore) -> None:
    with waiting_slack(make_store) as (room, _):
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=10)
        asked: dict[tuple[str, str], list[float]] = defaultdict(list)
        for call in room.slack.calls:
            asked[call.method, str(call.args.get("channel", ""))].append(call.at)
        too_soon = {
            what: later - earlier
            for what, times in asked.items()
            for earlier, later in pairwise(times)
            if later - earlier < RETRY_AFTER_S
        }
        assert too_soon == {}
        # ten minutes of a few kinds of calls, each at most every half minute
        assert 10 <= len(room.slack.calls) <= 6 * 20


def test_afterwards_everything_that_was_missing_arrives_once(make_store: MakeStore) -> None:
    with waiting_slack(make_store) as (room, sms):
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=10)
        room.slack.heal()
        room.passes(minutes=5, seconds=15)

        assert room.slack.duplicates() == {}
        assert [name for name in room.slack.names() if name.startswith("crisis-air")] == [
            "crisis-air-0310-0300"
        ]
        for place, key in (
            ("U0ADA", "/ask/ada"),
            ("U0BEN", "/ask/ben"),
            ("crisis-air-0310-0300", "/status"),
        ):
            assert len(room.told(place=place, key=key)) == 1, key
        # in the room or, as long as that could not be made, in the standing one
        assert len(room.told(key="/ask-room")) == 1
        # whoever was paged by the second channel is not paged for the same step again
        assert room.told(place="U0PER", key="/page/") == []
        # 03:15: the next step, in its time and by Slack
        assert room.pages() == [("03:15", "lea")]
        assert len(sent(sms)) == 3

        (page,) = room.told(place="U0LEA", key="/page/")
        (answer,) = room.press(page, "acknowledge", by="per")
        assert answer.ok
        room.passes(minutes=30)
        assert room.pages() == [("03:15", "lea")]


def test_without_a_second_channel_the_page_arrives_when_slack_works_again(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        room.slack.fault("status", status=429, retry_after_s=RETRY_AFTER_S)
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=10)
        assert room.told() == []
        room.slack.heal()
        room.passes(minutes=5)
        first_at, _ = room.pages()[0]
        # rounds that reach nobody come at most five minutes apart
        assert "03:10" <= first_at <= "03:15"
        assert room.slack.duplicates() == {}
