"""The clock of the response: the store's own, or that of a replay."""

from datetime import UTC, datetime, timedelta

import pytest

from alerting.store.redis_store import RedisStore
from crisiswatch.app.event_clock import EventClock, Pace, keep_pace
from crisiswatch.testing import ManualClock
from tests.doubles.redis_server import make_store, running_redis, store

__all__ = ["make_store", "running_redis", "store"]

TODAY = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
THEN = datetime(2015, 2, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def wall() -> ManualClock:
    return ManualClock(TODAY)


def test_live_it_is_the_time_of_the_store(store: RedisStore, wall: ManualClock) -> None:
    clock = EventClock(store, wall.now)
    wall.advance(60)

    assert clock.now() == clock.wall() == TODAY + timedelta(seconds=60)
    assert (clock.speed, clock.is_replay) == (1.0, False)


@pytest.mark.parametrize(
    ("speed", "real_s", "at"),
    [
        pytest.param(1.0, 60, THEN + timedelta(seconds=60), id="at-its-own-pace"),
        pytest.param(3600.0, 2, THEN + timedelta(hours=2), id="an-hour-a-second"),
        pytest.param(60.0, 0, THEN, id="at-the-first-post"),
    ],
)
def test_in_a_replay_it_is_event_time(
    speed: float, real_s: float, at: datetime, store: RedisStore, wall: ManualClock
) -> None:
    keep_pace(store, Pace(wall=TODAY, event=THEN, speed=speed))
    clock = EventClock(store, wall.now)
    wall.advance(real_s)

    assert clock.now() == at
    assert clock.wall() == TODAY + timedelta(seconds=real_s)
    assert (clock.speed, clock.is_replay) == (speed, True)


def test_a_replay_that_begins_later_is_heard_of(store: RedisStore, wall: ManualClock) -> None:
    clock = EventClock(store, wall.now)
    keep_pace(store, Pace(wall=TODAY, event=THEN, speed=60.0))
    assert clock.now() == TODAY

    clock.refresh()

    assert clock.now() == THEN


def test_all_responders_of_a_store_share_one_time(store: RedisStore, wall: ManualClock) -> None:
    early = EventClock(store, wall.now)
    keep_pace(store, Pace(wall=TODAY, event=THEN, speed=60.0))
    wall.advance(10)
    early.refresh()

    assert early.now() == EventClock(store, wall.now).now() == THEN + timedelta(minutes=10)
