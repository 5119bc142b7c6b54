"""The store dies as by a power cut, and comes back with what it had stored.

03:00 the crisis opens at high: Per is paged
03:10 Redis is killed (-9)                  nobody can know what is due
  |   03:15 is when Lea would be paged
03:20 Redis is back: Lea is paged at once, and the call goes on from there
03:35 Per again
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread

import pytest

from alerting.keeping import URGENT
from alerting.store.connection import connection_settings
from alerting.store.redis_store import RedisStore
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.errors import StoreError
from crisiswatch.incidents.audit import verify
from tests.doubles.redis_server import RedisServer
from tests.doubles.slack.faults import Fault
from tests.scenarios.crisis_room import CrisisRoom, a_signal, crisis_room

PAGE = "/page/pr-on-call/"


@contextmanager
def room_on_its_own_redis() -> Iterator[tuple[CrisisRoom, RedisServer]]:
    """Yield a response, and its store's server to harm."""
    with RedisServer(fsync="always") as server, ExitStack() as stack:

        def make_store() -> RedisStore:
            store = RedisStore(connection_settings(server.url))
            stack.callback(store.close)
            return store

        with crisis_room(make_store) as room:
            yield room, server


def kill_during(room: CrisisRoom, server: RedisServer, fault: Fault) -> Thread:
    """Kill the server while Slack is still answering a call; return who does it."""

    def kill() -> None:
        room.slack.wait_until(lambda _: fault.struck == 1)
        server.kill()

    killer = Thread(target=kill)
    killer.start()
    return killer


def words(room: CrisisRoom, key: str) -> list[tuple[str, str]]:
    """Return what the audit log says of actions: what was recorded, what came of it."""
    return [
        (record.kind, record.detail.get("status", ""))
        for record in room.audit()
        if record.kind in {"intent", "outcome", "found"} and key in record.detail["key"]
    ]


def whole(room: CrisisRoom) -> None:
    """Check that nothing was done twice, and that the audit log is whole."""
    assert room.slack.duplicates() == {}
    assert len([name for name in room.slack.names() if name.startswith("crisis-")]) == 1
    assert verify(room.audit(), room.store.audit_head()) == ()


def test_the_escalation_goes_on_from_where_it_stood() -> None:
    with room_on_its_own_redis() as (room, server):
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=10)
        server.kill()
        room.passes(minutes=10)
        assert room.store_errors > 0
        assert room.pages() == [("03:00", "per")]

        server.start()
        room.passes(minutes=19)
        assert room.pages() == [("03:00", "per"), ("03:20", "lea"), ("03:35", "per")]
        (signal,) = room.audit("signal")
        assert f"{signal.at:%H:%M}" == "03:00"
        whole(room)


def test_a_page_on_its_way_when_the_store_died_is_found_and_not_sent_again() -> None:
    with room_on_its_own_redis() as (room, server):
        late = room.slack.fault(
            "delay", "chat.postMessage", args_contain=PAGE, delay_s=0.3, count=1
        )
        killer = kill_during(room, server, late)
        room.signal("opened", Severity.HIGH)
        killer.join()
        assert room.pages() == [("03:00", "per")]
        room.passes(minutes=9)

        server.start()
        room.passes(minutes=4)
        assert room.pages() == [("03:00", "per")]
        assert words(room, PAGE) == [("intent", ""), ("found", "done")]
        # nobody could answer while the store was gone: the 15 minutes count from when it was back
        room.passes(minutes=12)
        assert room.pages() == [("03:00", "per"), ("03:24", "lea")]
        whole(room)


def test_a_room_half_made_when_the_store_died_is_finished() -> None:
    with room_on_its_own_redis() as (room, server):
        late = room.slack.fault("delay", "conversations.create", delay_s=0.3, count=1)
        killer = kill_during(room, server, late)
        room.signal("opened", Severity.HIGH)
        killer.join()
        room.passes(minutes=9)
        server.start()
        room.passes(minutes=5)
        made = room.slack.channel("crisis-air-0310-0300")
        assert {"U0PER", "U0OLU", "U0LEX", "U0ADA"} <= set(made["members"])
        assert len(room.told(place=made["name"], key="/status")) == 1
        whole(room)


def test_what_detection_says_meanwhile_is_heard_once_it_can_be_stored() -> None:
    with room_on_its_own_redis() as (room, server):
        server.kill()
        opened = a_signal(room.clock.now(), Change.OPENED, Severity.HIGH)
        with pytest.raises(StoreError):
            room.store.append(opened)
        room.passes(minutes=10)
        server.start()
        # detection keeps what it could not store, and says it again: it counts once
        assert room.store.append(opened)
        assert not room.store.append(opened)
        room.passes(minutes=26)
        assert room.pages() == [("03:10", "per"), ("03:25", "lea")]
        assert len(room.audit("signal")) == 1
        whole(room)


def test_a_press_while_the_store_is_gone_is_not_lost_without_a_word() -> None:
    with room_on_its_own_redis() as (room, server):
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=5)
        (page,) = room.told(key=PAGE)
        assert not room.press(room.approval("ada"), "approve", by="lex")[0].ok
        server.kill()
        room.slack.press(page.ts, "acknowledge", user="U0PER")
        room.slack.wait_until(lambda slack: slack.ephemerals or slack.responses)
        server.start()
        assert room.press(page, "acknowledge", by="per")[0].ok
        room.passes(minutes=30)
        assert room.pages() == [("03:00", "per")]
        whole(room)


def test_a_store_that_hangs_in_the_middle_of_a_page_doubles_nothing() -> None:
    with room_on_its_own_redis() as (room, server):
        late = room.slack.fault(
            "delay", "chat.postMessage", args_contain=PAGE, delay_s=0.2, count=1
        )

        def hang() -> None:
            room.slack.wait_until(lambda _: late.struck == 1)
            server.pause()

        hanging = Thread(target=hang)
        hanging.start()
        room.store.append(a_signal(room.clock.now(), Change.OPENED, Severity.HIGH))
        (responder,) = room.responders
        responder.step(URGENT)  # the case is drafted for, and due again
        with pytest.raises(StoreError):
            responder.step(URGENT)
        hanging.join()
        # what it was sent while it hung, it now does: the same outcome, twice
        server.resume()
        room.passes(minutes=14)
        assert room.pages() == [("03:00", "per")]
        assert [word for word in words(room, PAGE) if word[0] == "intent"] == [("intent", "")]
        whole(room)
