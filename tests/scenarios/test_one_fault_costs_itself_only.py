"""What is broken, stale, stalled or oddly named costs itself, and nothing else suffers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerting.commands import Approve, Origin, Resolve, SetSeverity
from alerting.keeping import URGENT
from alerting.notices import PublishedNotice
from crisiswatch.detection.signal import Change, Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import (
    PEOPLE,
    TEAM,
    CrisisRoom,
    a_signal,
    crisis_room,
    member,
    team,
)

SEA = "the ferry has left without us and nobody tells us why"


class Target:
    """A publishing target that counts what it was given."""

    def __init__(self) -> None:
        self.got: list[str] = []

    def publish(self, notice: PublishedNotice, *, key: str) -> str:
        """Take it."""
        self.got.append(key)
        return f"seen/{notice.sha256[:6]}"


def origin(room: CrisisRoom, by: str, press: str) -> Origin:
    return Origin(id=press, by=by, at=room.clock.now(), via="terminal")


def test_a_second_incident_of_the_same_second_gets_an_id_of_its_own(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        opened_at = room.clock.now()
        room.signal("opened")
        room.signal("closed")
        room.passes(hours=4, minutes=10, step_s=120)
        again = a_signal(opened_at, Change.OPENED, Severity.HIGH)
        room.store.append(replace(again, id="air/turn/2/x", episode="air/turn/2"))
        room.works()

        room.signal("opened", Severity.CRITICAL, topic="sea", theme=SEA)

        assert room.pages("sea") == [("07:10", "per")]
        ids = [kept.case_id for kept in room.store.cases(open_only=False)]
        assert "air/20260310T030000Z-2" in ids


def test_a_signal_of_a_newer_version_holds_nothing_up(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened")
        # as a newer detection would write it, in the middle of an upgrade
        room.store._redis._client.xadd("crisiswatch:signals", {"s": b'{"version": 99}'})  # noqa: SLF001  # there is no way to store one
        room.signal("opened", topic="sea", theme=SEA)
        room.passes(minutes=16)

        assert [who for _, who in room.pages()] == ["per", "lea"]
        assert room.pages("sea")[0] == ("03:00", "per")
        (unreadable,) = room.audit("unreadable")
        assert "position" in unreadable.detail


def test_a_signal_of_the_last_day_of_all_holds_nothing_up(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened")
        last_day = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
        room.store.append(
            replace(room.signal("worse"), id="odd", change=Change.CLOSED, at=last_day)
        )
        room.signal("opened", topic="sea", theme=SEA)
        room.passes(minutes=16)

        assert room.store_errors == 0
        assert [who for _, who in room.pages()] == ["per", "lea"]
        assert room.pages("sea")[0] == ("03:00", "per")
        (aside,) = room.audit("unreadable")
        assert "9999-12-31" in aside.detail["why"]


def test_pages_that_are_due_go_out_whatever_keeps_signals_from_coming_in(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened")
        (responder,) = room.responders
        room.store._redis._client.set("crisiswatch:position", b"\xff")  # noqa: SLF001  # no way to store what is no position
        room.clock.advance(16 * 60)
        for _ in range(3):
            with pytest.raises(UnicodeDecodeError):
                responder.step(URGENT)

        assert room.pages() == [("03:00", "per"), ("03:16", "lea")]


def test_a_damaged_word_on_one_action_stops_no_case(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened")
        key = f"crisiswatch:outcomes:{room.case().id}"
        (first,) = room.told(key="/page/pr-on-call/")
        next_step = first.key.replace("/1/1/per/", "/1/2/lea/")
        room.store._redis._client.hset(key, next_step, b"{}")  # noqa: SLF001  # as above
        room.signal("opened", topic="sea", theme=SEA)
        room.passes(minutes=16)

        assert [who for _, who in room.pages()] == ["per", "lea"]
        assert [who for _, who in room.pages("sea")] == ["per", "lea"]


def test_a_responder_that_stalls_publishes_nothing_a_second_time(make_store: MakeStore) -> None:
    target = Target()
    config = team('[[publish]]\nname = "blog"\nkind = "webhook"\nurl_env = "BLOG_URL"\n')
    with crisis_room(make_store, config=config, responders=2, publishers={"blog": target}) as room:
        room.signal("opened")
        slow, quick = room.responders
        case = room.case()
        message = case.message
        assert message is not None
        assert slow.desk.take(
            Approve(
                case_id=case.id,
                origin=origin(room, "ada", "a"),
                message_id=message.id,
                sha256=message.sha256,
            )
        ).ok
        worker = slow.workers["urgent"]
        monotonic_s, stalls = worker._monotonic_s, [30]  # noqa: SLF001  # a stall can not be had otherwise

        def stalled() -> float:
            if stalls:
                room.clock.advance(stalls.pop())
                for _ in range(20):
                    quick.step("urgent")
            return monotonic_s()

        worker._monotonic_s = stalled  # noqa: SLF001  # as above
        room.works()
        room.passes(minutes=1)

        assert len(target.got) == 1
        assert len(room.told(place="agents")) == 1
        assert room.slack.duplicates() == {}


def test_where_slack_can_not_be_searched_an_approved_text_is_not_sent_again(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        room.slack.fault("reset_after", "chat.postMessage", args_contain="/publish/agents", count=1)
        room.slack.fault("error", "conversations.history", error="ratelimited", count=3)
        room.signal("opened")
        room.press(room.approval(), "approve", by="ada")
        room.passes(minutes=5)

        assert len(room.told(place="agents")) == 1
        assert room.slack.duplicates() == {}


def test_one_page_for_two_duties_is_not_doubled_by_a_reset(make_store: MakeStore) -> None:
    config = team(base=TEAM.replace('always = ["lex"]', 'always = ["per"]'))
    with crisis_room(make_store, config=config) as room:
        room.slack.fault("reset_after", "chat.postMessage", args_contain="/page/", count=1)
        room.signal("opened")
        room.passes(minutes=3)

        assert len(room.told(place=member("per"), key="/page/")) == 1


def test_what_a_person_resolved_stays_resolved_while_it_gets_better(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened")
        desk = room.responders[0].desk
        case_id = room.case().id
        assert desk.take(
            Resolve(case_id=case_id, origin=origin(room, "lea", "r"), note="flying again")
        ).ok
        room.passes(hours=4, minutes=10, step_s=120)
        pages = len(room.pages())

        room.signal("better", Severity.MEDIUM)
        room.passes(minutes=5)

        assert len(room.pages()) == pages
        assert len(room.store.cases(open_only=False)) == 1


def test_a_case_whose_message_went_out_is_archived_all_the_same(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened")
        room.press(room.approval(), "approve", by="ada")
        room.passes(minutes=2)
        room.signal("closed")
        room.passes(hours=5, step_s=120)

        assert room.store.cases(open_only=True) == ()


def test_after_two_hours_without_slack_the_approver_is_asked(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.slack.go_down()
        room.signal("opened", Severity.MEDIUM)
        room.passes(hours=2, step_s=60)
        room.slack.come_back()
        room.passes(minutes=5)

        assert len(room.told(place=member("ada"), key="/ask/")) == 1


def test_whoever_is_called_as_last_resort_may_answer(make_store: MakeStore) -> None:
    people = {**PEOPLE, "ceo": ("viewer",)}
    with crisis_room(make_store, config=team(people=people)) as room:
        room.signal("opened")
        room.passes(minutes=61)
        page = room.told(place=member("ceo"), key="/page/pr-on-call/")[0]

        (answer,) = room.press(page, "acknowledge", by="ceo")

        assert answer.ok


def test_a_stale_second_wave_wakes_nobody(make_store: MakeStore) -> None:
    more = team().replace('languages = ["en"]', 'languages = ["en"]\nmax_age = "1h"')
    with crisis_room(make_store, config=more) as room:
        room.signal("opened")
        room.signal("closed")
        room.passes(hours=3, step_s=120)
        pages = len(room.pages())

        room.signal("opened", episode=2, age=timedelta(hours=2, minutes=50))
        room.passes(minutes=5)

        assert len(room.pages()) == pages


def test_nothing_is_approved_once_it_is_over(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened")
        desk = room.responders[0].desk
        case = room.case()
        message = case.message
        assert message is not None
        assert desk.take(Resolve(case_id=case.id, origin=origin(room, "lea", "r"), note="ok")).ok

        answer = desk.take(
            Approve(
                case_id=case.id,
                origin=origin(room, "ada", "a"),
                message_id=message.id,
                sha256=message.sha256,
            )
        )
        room.works()

        assert not answer.ok
        assert room.told(place="agents") == []


def test_an_approval_that_has_become_enough_goes_out_when_pressed_again(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        room.signal("opened", Severity.CRITICAL)
        room.press(room.approval(), "approve", by="ada")
        assert room.told(place="agents") == []
        desk = room.responders[0].desk
        lower = SetSeverity(
            case_id=room.case().id,
            origin=origin(room, "lea", "s"),
            severity=Severity.HIGH,
            reason="one airport only",
        )
        assert desk.take(lower).ok
        room.works()

        (answer,) = room.press(room.approval(), "approve", by="ada")

        assert answer.ok
        assert len(room.told(place="agents")) == 1


def test_a_topic_of_any_name_gets_its_messages_right(make_store: MakeStore) -> None:
    with crisis_room(make_store) as room:
        odd = 'br/ask |"x" 😀 *b*'
        room.signal("opened", topic=odd)
        room.press(room.told(place=member("ada"), key="/ask/ada")[-1], "approve", by="ada")
        room.passes(minutes=2)

        (out,) = room.told(place="agents")
        assert "Needs one approver" not in out.text
        assert room.pages(odd) == [("03:00", "per")]
