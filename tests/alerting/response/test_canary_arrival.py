"""A canary ends at a dry notifier, once, whoever takes it, and is known to all."""

from datetime import timedelta

import pytest

from alerting.ports import Outcome, Status
from alerting.response.canary import CASE, KEY, DryNotifier, newest_canary, take_canaries
from alerting.store.redis_store import KEPT_HEARTBEATS, RedisStore
from crisiswatch.clock import at_utc
from crisiswatch.detection.signal import Heartbeat
from crisiswatch.errors import StoreError
from tests.doubles.redis_server import MakeStore
from tests.made_signals import NOON

NOON_S = int(NOON.timestamp())


def beat(minutes: int = 0) -> Heartbeat:
    return Heartbeat.of(posted_at=NOON_S + 60 * minutes)


def test_it_is_told_once_and_all_responders_know(make_store: MakeStore) -> None:
    one, other = make_store(), make_store()
    assert one.append_heartbeat(beat())
    assert not one.append_heartbeat(beat())
    notifier = DryNotifier()

    assert take_canaries(one, notifier, NOON + timedelta(seconds=90)) == 1
    assert take_canaries(other, DryNotifier(), NOON + timedelta(seconds=91)) == 0
    assert notifier.told == beat()
    arrived = newest_canary(other)
    assert arrived is not None
    assert arrived.posted_at == at_utc(NOON_S)
    assert arrived.told_at == NOON + timedelta(seconds=90)


def test_before_the_first_nothing_is_known(store: RedisStore) -> None:
    assert newest_canary(store) is None


def test_one_that_was_only_intended_has_not_arrived(store: RedisStore) -> None:
    intent = Outcome(status=Status.INTENDED, at=NOON, result=str(NOON_S))
    store.record(CASE, {KEY: intent}, ())

    assert newest_canary(store) is None


def test_after_an_outage_the_newest_counts(store: RedisStore) -> None:
    for minutes in (0, 2, 1):
        store.append_heartbeat(beat(minutes))
    notifier = DryNotifier()

    assert take_canaries(store, notifier, NOON) == 3
    assert notifier.told == beat(2)


def test_it_leaves_no_trace_among_signals_incidents_and_records(store: RedisStore) -> None:
    store.append_heartbeat(beat())
    take_canaries(store, DryNotifier(), NOON)

    assert store.read() == []
    assert store.cases(open_only=False) == ()
    assert list(store.audit_records()) == []


def test_old_ones_make_room(store: RedisStore) -> None:
    notifier = DryNotifier()
    for minutes in range(KEPT_HEARTBEATS + 20):
        store.append_heartbeat(beat(minutes))
        take_canaries(store, notifier, NOON)

    length = store._redis.ask(lambda client: client.xlen("crisiswatch:heartbeats"))  # noqa: SLF001  # what is left in Redis
    assert length <= KEPT_HEARTBEATS + 1


def test_one_that_nobody_can_read_is_passed_over(store: RedisStore) -> None:
    store._redis.ask(lambda client: client.xadd("crisiswatch:heartbeats", {"s": b"{}"}))  # noqa: SLF001  # as another release might
    with pytest.raises(StoreError, match=r"heartbeat .* can not be read"):
        take_canaries(store, DryNotifier(), NOON)
    store.append_heartbeat(beat())

    assert take_canaries(store, DryNotifier(), NOON) == 1
