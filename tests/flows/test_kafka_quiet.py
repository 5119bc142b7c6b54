"""When a broker was heard, from what the client's library tells of itself."""

from typing import Any

import pytest

from flows.kafka.quiet import Heard, heard_from


def told(
    *,
    state: str = "UP",
    rxidle: int = 500_000,
    fetch_state: str = "active",
    stable: int = 7,
    leader: int = 1,
) -> dict[str, Any]:
    """Return statistics of a client that has read to offset 7, as librdkafka words them."""
    partition = {"broker": leader, "fetch_state": fetch_state, "ls_offset": stable, "hi_offset": 7}
    return {
        "ts": 90_000_000,
        "time": 1_767_225_600,
        "brokers": {
            "a:1/1": {"nodeid": 1, "state": state, "rxidle": rxidle},
            "b:1/2": {"nodeid": 2, "state": "UP", "rxidle": 0},
        },
        "topics": {"posts": {"partitions": {"0": partition}}},
    }


def heard(statistics: dict[str, Any]) -> Heard | None:
    return heard_from(statistics, topic="posts", partition=0)


def test_the_leader_was_heard_so_long_ago_as_it_has_been_silent() -> None:
    assert heard(told()) == Heard(at=1_767_225_599.5, ticks_s=89.5, is_end=True)


@pytest.mark.parametrize("broken", [{"stable": 6}, {"fetch_state": "stopped"}], ids=str)
def test_a_broker_that_is_heard_does_not_always_tell_of_the_end(broken: dict[str, Any]) -> None:
    found = heard(told(**broken))

    assert found is not None
    assert not found.is_end


@pytest.mark.parametrize("away", [{"state": "CONNECT"}, {"rxidle": -1}, {"leader": -1}], ids=str)
def test_a_leader_that_is_not_there_is_not_heard(away: dict[str, Any]) -> None:
    assert heard(told(**away)) is None


def test_of_a_topic_that_is_not_known_yet_nothing_is_heard() -> None:
    assert heard({"topics": {}, "brokers": {}}) is None
