"""What detection says of itself, and what it does when its machine's clock is set."""

from collections.abc import Iterator
from functools import partial

import pytest

from alerting.store.redis_store import RedisStore
from crisiswatch.app.clock_guard import ClockGuard
from crisiswatch.app.monitoring_detection import ALIVE_S, DetectionMonitoring
from crisiswatch.config import MonitoringSettings
from crisiswatch.testing import ManualClock
from flows.run import Stop
from tests.app.made_clocks import Clocks
from tests.doubles.redis_server import make_store, running_redis, store
from tests.made_signals import NOON

__all__ = ["make_store", "running_redis", "store"]

HOUR_S = 3_600.0


class Detection:
    """A process of detection on a moved clock; its end is only noted."""

    def __init__(self, store: RedisStore, *, is_live: bool = True) -> None:
        self.clock = ManualClock(NOON)
        self.clocks = Clocks()
        self.stop = Stop()
        self.ended: list[int] = []
        clocks = self.clocks
        self.monitoring = DetectionMonitoring(
            MonitoringSettings(listen="127.0.0.1:0"),
            clock=self.clock,
            stop=self.stop,
            store=store,
            interval_s=5,
            is_live=is_live,
            make_guard=partial(
                ClockGuard, wall_s=lambda: clocks.wall_s, steady_s=lambda: clocks.steady_s
            ),
            end=self.ended.append,
        )

    def faults(self) -> dict[str, str]:
        """Return the checks of readiness that fail, and why."""
        return {check.name: check.reason for check in self.monitoring.ready() if not check.ok}

    def step_shown(self) -> float | None:
        """Return what the metric of clock steps says."""
        return self.monitoring.registry.get_sample_value("crisiswatch_clock_step_seconds")


@pytest.fixture
def detection(store: RedisStore) -> Iterator[Detection]:
    made = Detection(store)
    with made.monitoring.serving():
        yield made


def test_it_is_ready_once_the_source_is_open_and_an_epoch_has_ended(store: RedisStore) -> None:
    made = Detection(store)
    assert made.faults() == {"source": "not open yet", "epoch": "none has ended yet"}
    made.monitoring.metrics.on_poll()
    made.monitoring.metrics.on_epoch()
    assert made.faults() == {}

    made.clock.advance(31)
    made.monitoring.metrics.on_poll()
    assert made.faults() == {"epoch": "the last one ended 31.0 s ago, 30 s are allowed"}


def test_who_waits_for_the_others_or_a_broker_is_alive_and_not_ready(store: RedisStore) -> None:
    made = Detection(store)
    made.clock.advance(HOUR_S)
    (check,) = made.monitoring.alive()
    assert check.ok
    assert "3600 s: waits" in check.reason
    assert made.faults()["source"] == "not open yet"


def test_a_main_loop_that_stands_still_is_not_alive(detection: Detection) -> None:
    detection.monitoring.metrics.on_poll()
    detection.clock.advance(ALIVE_S)
    assert [check.ok for check in detection.monitoring.alive()] == [True]
    detection.clock.advance(1)
    (check,) = detection.monitoring.alive()
    assert (check.ok, check.reason) == (False, "moved 121.0 s ago, 120 s are allowed")


def test_a_clock_that_is_set_forward_is_doubted_and_nothing_ends(detection: Detection) -> None:
    detection.clocks.is_set_by(HOUR_S)

    assert not detection.monitoring.watched.is_clock_trusted()
    assert detection.step_shown() == HOUR_S
    assert not detection.stop.asked


def test_a_clock_that_is_set_back_ends_the_process(detection: Detection) -> None:
    detection.clocks.is_set_by(-HOUR_S)

    assert not detection.monitoring.watched.is_clock_trusted()
    assert detection.stop.asked
    assert detection.monitoring.clock_was_set_back
    assert detection.ended == []  # there is time for a clean stop


def test_the_next_process_knows_of_it_so_that_the_alert_stays(
    store: RedisStore, detection: Detection
) -> None:
    detection.clocks.is_set_by(-HOUR_S)
    detection.monitoring.watched.is_clock_trusted()

    soon, later = Detection(store), Detection(store)
    soon.clock.advance(60)
    with soon.monitoring.serving():
        assert soon.step_shown() == -HOUR_S
        assert not soon.monitoring.watched.is_clock_trusted()
        assert not soon.stop.asked
    later.clock.advance(HOUR_S)
    with later.monitoring.serving():
        assert later.step_shown() == 0


def test_a_recording_has_a_clock_of_its_own_and_goes_on(store: RedisStore) -> None:
    made = Detection(store, is_live=False)
    with made.monitoring.serving():
        made.clocks.is_set_by(-HOUR_S)
        assert not made.monitoring.watched.is_clock_trusted()
        assert not made.stop.asked


def test_a_recording_has_no_canary_before_its_pace_is_known(store: RedisStore) -> None:
    made = Detection(store, is_live=False)
    assert made.monitoring.watched.canary_at_s is not None
    assert made.monitoring.watched.canary_at_s() is None
