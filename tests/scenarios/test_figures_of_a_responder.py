"""What a responder tells of the store that it looks at."""

from datetime import timedelta

import pytest

from crisiswatch.app.drills import run_audit_drill
from crisiswatch.app.monitoring_response import ResponseMonitoring
from crisiswatch.config import load_config
from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore, RedisServer
from tests.scenarios.crisis_room import crisis_room

LAST_DRILL = "crisiswatch_last_drill_timestamp_seconds"


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


def test_the_last_drill_is_the_one_that_ended_last_of_all_that_were_recorded(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store) as room:
        config, now = load_config(room.config, "team.toml"), room.clock.now()
        monitoring = ResponseMonitoring(config, room.responders[0])
        monitoring.look()
        assert monitoring.registry.get_sample_value(LAST_DRILL) == 0

        for days in (2, 30):
            ended_at = now - timedelta(days=days)
            run_audit_drill(room.store, ended_at=ended_at, now=now, by="ada", said=None)
        monitoring.look()

        last_s = (now - timedelta(days=2)).timestamp()
        assert monitoring.registry.get_sample_value(LAST_DRILL) == last_s
        after_a_restart = ResponseMonitoring(config, room.responders[0])
        after_a_restart.look()
        assert after_a_restart.metrics.seen.drill_at_s == last_s
