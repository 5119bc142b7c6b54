"""A cluster that is killed, stopped, grown and shrunk finds what an undisturbed one finds."""

import random
import signal
import time
from pathlib import Path

import pytest

from tests.doubles.detection_process import Detection, Found, calm, config, found_in, posts, redis
from tests.doubles.redis_server import RedisServer
from tests.doubles.up_process import until

pytestmark = pytest.mark.slow

__all__ = ["calm", "config", "posts", "redis"]

SEED = 7
SOON_S = 20.0


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_killed_at_random_cost_nothing(  # noqa: PLR0917  # fixtures
    processes: int, posts: Path, config: Path, calm: Found, redis: RedisServer, tmp_path: Path
) -> None:
    chance, out, kills = random.Random(SEED), tmp_path / "out", 0
    with Detection(posts, config, redis.url, out, processes=processes, pause_ms=250) as detection:
        while kills < 4:
            detection.until_reading()
            if detection.is_over:
                break
            time.sleep(chance.uniform(0.0, 1.5))  # at any moment between two snapshots
            detection.kill(chance.randrange(processes))
            kills += 1
        assert detection.ended() == 0, detection.said
        assert detection.said.count("starting it again") == kills
    assert kills >= 3
    assert found_in(out, redis) == calm
    assert not (out / "detect-pids.json").exists()


def test_the_number_of_processes_may_change_between_any_two_runs(
    posts: Path, config: Path, calm: Found, redis: RedisServer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for processes in (1, 2, 3):
        with Detection(posts, config, redis.url, out, processes=processes, pause_ms=250) as part:
            part.until_reading()
            part.ask()
            assert part.ended(SOON_S) == 0, part.said
            assert not part.family()
        standing = found_in(out, redis)
        assert set(standing[0]) < set(calm[0])
        assert {one.id for one in standing[2]} <= {one.id for one in calm[2]}
    with Detection(posts, config, redis.url, out, processes=1, pause_ms=0) as last:
        assert last.ended() == 0, last.said
    assert found_in(out, redis) == calm


def test_a_cluster_that_is_asked_to_stop_ends_in_order(
    posts: Path, config: Path, redis: RedisServer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for number in (signal.SIGTERM, signal.SIGINT):
        with Detection(posts, config, redis.url, out, processes=2, pause_ms=250) as part:
            part.until_reading()
            part.ask(number)
            assert part.ended(SOON_S) == 0, part.said
            assert "killed" not in part.said


def test_nothing_outlives_a_supervisor_that_is_killed(
    posts: Path, config: Path, redis: RedisServer, tmp_path: Path
) -> None:
    with Detection(posts, config, redis.url, tmp_path / "out", processes=2) as detection:
        detection.until_reading()
        family = detection.family()
        assert len(family) >= 2
        detection.ask(signal.SIGKILL)
        until(lambda: not detection.family(), "all gone", SOON_S)


def test_a_second_supervisor_on_the_same_folder_is_refused(
    posts: Path, config: Path, redis: RedisServer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with Detection(posts, config, redis.url, out, processes=1, pause_ms=1_000) as first:
        first.until_reading()
        with Detection(posts, config, redis.url, out, processes=1) as second:
            assert second.ended() != 0
            assert "another run is writing there" in second.said
        assert not first.is_over
