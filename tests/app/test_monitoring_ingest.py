"""What a reader of a live stream says of itself: figures, health, and where."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from crisiswatch.app.monitoring_ingest import (
    ALIVE_S,
    PLATFORMS,
    IngestMonitoring,
)
from crisiswatch.config.monitoring import MonitoringSettings
from flows.metrics import StreamMetrics
from flows.streams.totals import IngestTotals
from tests.app.test_monitoring_server import get
from tests.doubles.prometheus_server import free_port
from tests.still_clock import StillClock


def test_figures_are_the_totals_of_the_moment() -> None:
    registry = CollectorRegistry()
    totals = IngestTotals(feeds=3)
    StreamMetrics(registry, totals, stream="mastodon")

    def figure(name: str) -> float | None:
        return registry.get_sample_value(f"crisiswatch_stream_{name}", {"stream": "mastodon"})

    assert figure("newest_post_timestamp_seconds") == 0
    assert figure("feeds_away") == 3
    totals.posts, totals.repeated, totals.disconnections = 7, 2, 1
    totals.gaps, totals.lost_s, totals.newest_posted_s, totals.connected = 4, 61.5, 1e9, 2
    names = ("posts", "repeated", "disconnections", "gaps", "lost_seconds")
    assert [figure(f"{name}_total") for name in names] == [7, 2, 1, 4, 61.5]
    assert figure("newest_post_timestamp_seconds") == 1e9
    assert figure("feeds_away") == 1


def test_a_loop_that_stands_still_is_not_alive_and_one_that_moves_is_again() -> None:
    clock = StillClock()
    monitoring = IngestMonitoring(
        MonitoringSettings(), IngestTotals(feeds=1), stream="x", clock=clock
    )

    def is_alive() -> bool:
        return all(check.ok for check in monitoring.alive())

    clock.move(timedelta(seconds=ALIVE_S))
    assert is_alive()
    clock.move(timedelta(seconds=1))
    assert not is_alive()

    async def one_round() -> None:
        task = asyncio.create_task(monitoring.watch())
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(one_round())
    assert is_alive()


def test_it_is_ready_when_every_server_is_connected() -> None:
    totals = IngestTotals(feeds=2, connected=1)
    monitoring = IngestMonitoring(MonitoringSettings(), totals, stream="x", clock=StillClock())

    *_, stream = monitoring.ready()
    assert (stream.ok, stream.reason) == (False, "1 of 2 are connected")
    totals.connected = 2
    assert all(check.ok for check in monitoring.ready())


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platform_has_a_port_of_its_own_and_an_address_that_is_named_goes_before_it(
    platform: str,
) -> None:
    base, named = free_port(), free_port()
    monitoring = IngestMonitoring(
        MonitoringSettings(ingest_listen=f"127.0.0.1:{base}"),
        IngestTotals(feeds=1),
        stream=platform,
        clock=StillClock(),
    )
    with monitoring.serving():
        assert get(base + PLATFORMS.index(platform), "/healthz")[0] == 200
    with monitoring.serving(f"127.0.0.1:{named}"):
        assert get(named, "/healthz")[0] == 200
