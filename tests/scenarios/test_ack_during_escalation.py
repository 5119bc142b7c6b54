"""Somebody answers while others are being called.

03:00 the crisis opens at high: Per (PR), Olu (operations), Lex (legal)
03:10   Per answers: Lea is not woken for PR; operations and legal are called on
03:15 or: the page to Lea is on its way when Per answers: it arrives, once, and nothing follows
03:20 Lex answers for legal
"""

from threading import Thread

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import CrisisRoom, crisis_room, member


def opened(room: CrisisRoom) -> None:
    """Open the crisis at 03:00 at high."""
    room.signal("opened", Severity.HIGH)


def acknowledge(room: CrisisRoom, duty: str, *, by: str) -> str:
    """Press the button of a duty's newest page; return what the desk says."""
    (answer,) = room.press(room.told(key=f"/page/{duty}/")[-1], "acknowledge", by=by)
    assert answer.ok, answer.text
    return answer.text


def test_after_an_answer_there_is_no_second_step(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        opened(room)
        room.passes(minutes=10)
        acknowledge(room, "pr-on-call", by="per")
        room.passes(minutes=50, step_s=60)
        assert room.pages() == [("03:00", "per")]
        (record,) = room.audit("Acknowledge")
        assert (f"{record.at:%H:%M}", record.actor) == ("03:10", "per")


def test_other_duties_are_called_until_somebody_of_theirs_answers(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        opened(room)
        room.passes(minutes=10)
        acknowledge(room, "pr-on-call", by="per")
        room.passes(minutes=22, step_s=60)
        # one page carries both duties to Lea
        assert room.told(place="U0LEA", key="/page/operations/")[0].at.minute == 15
        assert room.pages(duty="legal") == [("03:00", "lex"), ("03:30", "lex")]

        acknowledge(room, "legal", by="lex")
        acknowledge(room, "operations", by="olu")
        room.passes(minutes=50, step_s=60)
        assert room.pages(duty="legal") == [("03:00", "lex"), ("03:30", "lex")]
        assert [at for at, _ in room.pages(duty="operations")] == ["03:00", "03:15", "03:30"]
        assert [record.actor for record in room.audit("Acknowledge")] == ["per", "lex", "olu"]


def test_an_answer_while_the_next_page_is_on_its_way_ends_the_call(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        opened(room)
        room.passes(minutes=14)
        (page,) = room.told(key="/page/pr-on-call/")
        # the desk listens from its first press on; this one changes nothing
        assert not room.press(room.approval("ada"), "approve", by="lex")[0].ok
        late = room.slack.fault(
            "delay",
            "chat.postMessage",
            args_contain="/pr-on-call/20260310T030000Z/1/2/",
            delay_s=0.3,
            count=1,
        )
        per = Thread(
            target=lambda: (
                room.slack.wait_until(lambda _: late.struck == 1),
                room.slack.press(page.ts, "acknowledge", user=member("per")),
            )
        )
        per.start()
        room.passes(minutes=1)
        per.join()
        room.passes(minutes=55, step_s=60)

        assert late.struck == 1
        assert room.pages() == [("03:00", "per"), ("03:15", "lea")]
        assert room.slack.duplicates() == {}
        during = [
            (record.kind, record.actor)
            for record in room.audit()
            if record.kind == "Acknowledge"
            or (record.kind in {"intent", "outcome"} and "/1/2/lea/" in record.detail["key"])
        ]
        assert during[0] == ("intent", "crisiswatch")
        assert sorted(during[1:]) == [("Acknowledge", "per"), ("outcome", "crisiswatch")]


def test_a_page_whose_answer_is_lost_is_not_sent_again_once_somebody_is_on_it(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        opened(room)
        room.passes(minutes=14)
        room.slack.fault("reset_after", "chat.postMessage", args_contain="/1/2/lea/", count=1)
        room.passes(minutes=1)
        acknowledge(room, "pr-on-call", by="per")
        room.passes(minutes=55, step_s=60)
        assert room.pages() == [("03:00", "per"), ("03:15", "lea")]
        assert room.slack.duplicates() == {}


def test_somebody_who_was_not_paged_but_has_the_role_can_answer(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        opened(room)
        room.passes(minutes=5)
        acknowledge(room, "pr-on-call", by="r1")
        room.passes(minutes=50, step_s=60)
        assert room.pages() == [("03:00", "per")]
        (record,) = room.audit("Acknowledge")
        assert record.actor == "r1"
        # nobody of legal or operations has answered by that
        assert ("03:30", "lex") in room.pages(duty="legal")
        assert ("03:30", "olu") in room.pages(duty="operations")
