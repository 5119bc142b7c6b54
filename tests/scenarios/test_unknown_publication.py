"""The publishing system takes a message, and the connection breaks: is it public or not?

03:01:00 Ada approves; the text is sent, and no answer comes
03:01:15 in the room: "nobody knows whether it went out", with two buttons
  |      nothing is published again, however long it takes
03:11    somebody has looked:  "It went out"  --> settled, never sent again
                               "It did not"   --> sent once more
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, Thread

import pytest

from alerting.commands import Answer
from alerting.publishers.registry import publisher
from alerting.publishers.target import Target
from crisiswatch.detection.signal import Severity
from crisiswatch.secret import Secret
from tests.doubles.http_receiver import Fault, HttpReceiver, Reply, http_receiver
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import CrisisRoom, Told, crisis_room, member, team

NEWSROOM = '[[publish]]\nname = "newsroom"\nkind = "webhook"\nurl_env = "NEWSROOM_URL"\n'


@contextmanager
def in_doubt(make_store: MakeStore) -> Iterator[tuple[CrisisRoom, HttpReceiver, Told]]:
    """Yield the moment, a minute after the approval, at which nobody knows; and the question."""
    with http_receiver() as newsroom:
        newsroom.reply = Reply(fault=Fault.RESET)
        target = publisher("webhook", Target(name="newsroom", url=Secret(newsroom.url)))
        with crisis_room(
            make_store, config=team(NEWSROOM), publishers={"newsroom": target}
        ) as room:
            room.signal("opened", Severity.HIGH)
            room.passes(minutes=1)
            assert room.press(room.approval("ada"), "approve", by="ada")[0].ok
            room.passes(minutes=1)
            (question,) = room.told(place="crisis-air-0310-0300", key="/publish/newsroom/doubt")
            newsroom.reply = Reply()
            yield room, newsroom, question


def records(room: CrisisRoom) -> list[tuple[str, str]]:
    """Return what the audit log says of the publication."""
    return [
        (record.kind, record.detail.get("status", ""))
        for record in room.audit()
        if record.detail.get("key", "").endswith("/publish/newsroom")
        and record.kind in {"intent", "outcome", "found", "doubt"}
    ]


BROKEN = [("intent", ""), ("outcome", "unknown"), ("doubt", "unknown")]


def test_a_person_is_asked_and_nothing_is_published_again(make_store: MakeStore) -> None:
    with in_doubt(make_store) as (room, newsroom, question):
        assert "It went out" in question.text
        assert "It did not" in question.text
        room.passes(minutes=55)
        assert len(newsroom.received) == 1
        assert len(room.told(key="/doubt")) == 1
        assert records(room) == BROKEN
        # what reached the agents is in no doubt
        assert len(room.told(place="agents")) == 1


def test_it_went_out_settles_it(make_store: MakeStore) -> None:
    with in_doubt(make_store) as (room, newsroom, question):
        room.passes(minutes=9)
        assert room.press(question, "it-went-out", by="lea")[0].ok
        room.passes(minutes=30)
        assert len(newsroom.received) == 1
        assert records(room) == BROKEN
        (word,) = room.audit("SettleDoubt")
        assert (word.actor, word.detail["happened"]) == ("lea", True)
        (shown,) = room.told(key="/doubt")
        assert "It did not" not in shown.text


def test_it_did_not_publishes_once_more(make_store: MakeStore) -> None:
    with in_doubt(make_store) as (room, newsroom, question):
        room.passes(minutes=9)
        assert room.press(question, "it-did-not", by="lea")[0].ok
        room.passes(minutes=30)
        first, second = newsroom.received
        assert first.json == second.json
        assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
        assert records(room) == [*BROKEN, ("intent", ""), ("outcome", "done")]
        (word,) = room.audit("SettleDoubt")
        assert (word.actor, word.detail["happened"]) == ("lea", False)
        (shown,) = room.told(key="/doubt")
        assert "It did not" not in shown.text


def test_what_breaks_again_is_asked_again(make_store: MakeStore) -> None:
    with in_doubt(make_store) as (room, newsroom, question):
        newsroom.reply = Reply(fault=Fault.RESET)
        assert room.press(question, "it-did-not", by="lea")[0].ok
        room.passes(minutes=5)
        assert len(newsroom.received) == 2
        assert records(room) == BROKEN + BROKEN
        settled, again = room.told(key="/doubt")
        assert "It did not" not in settled.text
        assert "It did not" in again.text

        newsroom.reply = Reply()
        assert room.press(again, "it-went-out", by="lea")[0].ok
        room.passes(minutes=30)
        assert len(newsroom.received) == 2


@pytest.mark.parametrize("at_once", range(3), ids=lambda number: f"attempt-{number}")
def test_of_two_people_who_press_at_once_only_the_first_counts(
    make_store: MakeStore, at_once: int
) -> None:
    with in_doubt(make_store) as (room, newsroom, question):
        # the desk listens from its first press on; a stranger's changes nothing
        assert not room.press(question, "it-did-not", by="lex")[0].ok
        desk = room.desk
        assert desk is not None
        before = len(desk.taken)
        together = Barrier(2)

        def press(action: str, by: str) -> None:
            together.wait(5)
            room.slack.press(question.ts, action, user=member(by))

        presses = [("it-went-out", "lea"), ("it-did-not", "ben")]
        threads = [Thread(target=press, args=one) for one in presses[:: 1 if at_once else -1]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with desk.changed:
            assert desk.changed.wait_for(lambda: len(desk.taken) == before + 2, 10)
        room.passes(minutes=30)

        answers: list[Answer] = [answer for _, answer in desk.taken[before:]]
        assert sorted(answer.ok for answer in answers) == [False, True]
        (word,) = room.audit("SettleDoubt")
        assert len(newsroom.received) == (1 if word.detail["happened"] else 2)
        assert [record.actor for record in room.audit("refused")] == [
            "lex",
            "ben" if word.actor == "lea" else "lea",
        ]
