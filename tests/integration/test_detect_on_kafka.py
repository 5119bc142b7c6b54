"""`detect` on Kafka as a process: whoever stops it waits for no broker, and a part comes back."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.snapshot_file import SNAPSHOT_FILE, standing_of
from tests.doubles.mock_kafka import MockKafka, mock_kafka
from tests.doubles.redis_server import RedisServer
from tests.doubles.up_process import Running, alive, until
from tests.flows.kafka_reading import TOPIC, post, write

pytestmark = pytest.mark.slow

__all__ = ["mock_kafka"]

SOON_S = 10.0


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def arguments(mock_kafka: MockKafka, redis: RedisServer, tmp_path: Path) -> list[str]:
    mock_kafka.make_topic(TOPIC, 3)
    write(mock_kafka.address, map(post, range(100)))
    config = tmp_path / "crisis.toml"
    config.write_text(
        f'[kafka]\nbrokers = ["{mock_kafka.address}"]\ntopic = "{TOPIC}"\nstart = "earliest"\n'
        "[recovery]\ninterval_s = 1\n"
        '[[topics]]\nname = "dune"\nterms = ["dune"]\n'
    )
    return ["detect", "-c", str(config), "--store", redis.url, "--out", str(tmp_path / "out")]


def test_one_that_is_asked_to_stop_waits_for_no_broker_that_is_away(
    mock_kafka: MockKafka, arguments: list[str], tmp_path: Path
) -> None:
    snapshots = tmp_path / "out" / "recovery" / "store" / SNAPSHOT_FILE

    def epoch() -> int:
        return standing_of(snapshots).epoch

    with Running(*arguments, folder=tmp_path / "detect") as detect:
        detect.wait_for("is read from offset")
        for is_down in (False, True):  # what is committed stands one snapshot behind what is read
            if is_down:
                mock_kafka.go_down()
            else:
                write(mock_kafka.address, map(post, range(100)))
            wanted = epoch() + (3 if is_down else 1)
            until(lambda: epoch() >= wanted, "snapshots")  # noqa: B023  # at once
        detect.kill(signal.SIGTERM)
        assert detect.ended(timeout_s=SOON_S) == 0


def test_a_process_that_is_asked_to_stop_alone_is_started_again_and_not_taken_for_the_end(
    arguments: list[str], tmp_path: Path
) -> None:
    noted = tmp_path / "out" / "detect-pids.json"

    def members() -> list[int]:
        return [pid for pid in json.loads(noted.read_text())["detect"] if alive(pid)]

    with Running(*arguments, "--processes", "1", folder=tmp_path / "detect") as detect:
        detect.wait_for("is read from offset")
        until(noted.is_file, "a list of the processes")
        (first,) = members()
        os.kill(first, signal.SIGTERM)
        until(lambda: members() not in ([first], []), "another process")
        detect.wait_for("starting it again")
        detect.kill(signal.SIGTERM)
        assert detect.ended(timeout_s=SOON_S) == 0
