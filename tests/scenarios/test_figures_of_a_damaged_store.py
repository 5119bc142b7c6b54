"""What one damaged record costs the figures: itself, and nothing else."""

import pytest

from crisiswatch.app.monitoring_response import ResponseMonitoring
from crisiswatch.config import load_config
from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore, RedisServer
from tests.scenarios.crisis_room import crisis_room


def test_an_audit_record_that_can_not_be_read_holds_up_no_figure_and_is_said_once(
    make_store: MakeStore, running_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    with crisis_room(make_store) as room:
        monitoring = ResponseMonitoring(load_config(room.config, "team.toml"), room.responders[0])
        room.signal("opened", Severity.HIGH)
        seq = room.store.audit_head().seq + 1
        running_redis.command(f"XADD crisiswatch:audit {seq}-0 r {{}}")
        running_redis.command(f"HSET crisiswatch:audit-head seq {seq}")
        room.signal("refreshed", Severity.CRITICAL)

        monitoring.look()
        monitoring.look()

    figures = monitoring.metrics.figures
    assert figures is not None
    assert (figures.incidents["high"], figures.incidents["critical"]) == (1, 1)
    assert monitoring.metrics.seen.incidents_open == {"critical": 1}
    said = [record.getMessage() for record in caplog.records]
    assert [f"record {seq}: audit record {seq} in Redis" in line for line in said] == [True]
