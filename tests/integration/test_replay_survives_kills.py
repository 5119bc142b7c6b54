"""A replay that is killed again and again ends as if nothing had happened."""

import random
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from crisiswatch.demo.cast import demo_topics
from crisiswatch.demo.day import HISTORY_DAYS, write_day
from tests.doubles.up_process import until

KILLS = 50
SEED = 20
SPEED = 6_000
LONGEST_S = 900
LONGEST_START_S = 60


def command(posts: Path, config: Path, out: Path, *more: str) -> list[str]:
    program = "from crisiswatch.cli import main; main()"
    arguments = ["replay", str(posts), "--config", str(config), "--out", str(out), *more]
    return [sys.executable, "-c", program, *arguments]


def write_config(path: Path) -> None:
    blocks = []
    for topic in demo_topics():
        fields = ("terms", "phrases", "handles", "hashtags", "exclude")
        lines = [f"{field} = {list(getattr(topic, field))!r}" for field in fields]
        blocks.append("\n".join(("[[topics]]", f"name = {topic.name!r}", *lines)))
    path.write_text("[recovery]\ninterval_s = 1\n" + "\n".join(blocks))


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def kill_while_running(arguments: list[str], after_s: float, moves: Path | None) -> bool:
    """Start the program, kill it after some time; tell whether it was still running.

    The time counts from the start, or from when the size of a file `moves`: how long a start
    takes is the machine's affair.
    """
    had = 0 if moves is None else size_of(moves)
    running = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if moves is not None:
        wait_until_it_moves(moves, had, running)
    try:
        running.wait(timeout=after_s)
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGKILL)
        running.wait()
        return True
    assert running.returncode == 0, running.stderr.read() if running.stderr else ""
    return False


def wait_until_it_moves(path: Path, had: int, running: subprocess.Popen[bytes]) -> None:
    until(
        lambda: size_of(path) != had or running.poll() is not None,
        f"a size of {path} that is not {had}",
        LONGEST_START_S,
    )


def lines_of(path: Path) -> list[bytes]:
    return sorted(path.read_bytes().splitlines())


@pytest.mark.slow
def test_a_replay_killed_fifty_times_reads_and_signals_what_an_undisturbed_one_does(
    tmp_path: Path,
) -> None:
    posts, config = tmp_path / "posts.jsonl", tmp_path / "config.toml"
    write_day(posts, seed=SEED, posts_per_s=0.05, history_days=HISTORY_DAYS)
    write_config(config)
    calm, killed, recovery = tmp_path / "calm", tmp_path / "killed", tmp_path / "recovery"
    subprocess.run(command(posts, config, calm), check=True, capture_output=True)

    chance = random.Random(SEED)
    resumed = command(posts, config, killed, "--recovery", str(recovery), "--speed", str(SPEED))
    deadline_s = time.monotonic() + LONGEST_S
    reached = []
    for kills in range(KILLS):
        assert time.monotonic() < deadline_s, f"only {kills} kills in {LONGEST_S} s"
        readings = killed / "readings.csv"
        # one in five is killed wherever it is by then, mostly while it starts
        moves = readings if chance.random() < 0.8 else None
        still_ran = kill_while_running(resumed, chance.uniform(0.1, 2.0), moves)
        assert still_ran, f"ended after {kills} kills"
        reached.append(size_of(readings))
    went_on = sum(later > earlier for earlier, later in pairwise(reached))
    assert went_on >= KILLS // 3, f"few kills hit a run that had got further: {reached}"
    to_the_end = command(posts, config, killed, "--recovery", str(recovery), "--speed", "1e9")
    subprocess.run(to_the_end, check=True, capture_output=True)

    assert (killed / "readings.csv").read_bytes() == (calm / "readings.csv").read_bytes()
    assert lines_of(killed / "deadletters.jsonl") == lines_of(calm / "deadletters.jsonl")
    assert len(lines_of(calm / "deadletters.jsonl")) > 0
    signals = [orjson.loads(line) for line in (killed / "signals.jsonl").read_bytes().splitlines()]
    expected = [orjson.loads(line) for line in (calm / "signals.jsonl").read_bytes().splitlines()]
    assert len({one["id"] for one in signals}) == len(signals)
    assert len(signals) > 0
    by_id = {one["id"]: one for one in signals}
    assert by_id == {one["id"]: one for one in expected}
    assert lines_of(killed / "incidents.jsonl") == lines_of(calm / "incidents.jsonl")


@pytest.mark.slow
def test_a_replay_that_is_asked_to_stop_says_so_and_goes_on_later(tmp_path: Path) -> None:
    posts, config = tmp_path / "posts.jsonl", tmp_path / "config.toml"
    write_day(posts, seed=SEED, posts_per_s=0.05, history_days=0.5)
    write_config(config)
    calm, stopped, recovery = tmp_path / "calm", tmp_path / "stopped", tmp_path / "recovery"
    subprocess.run(command(posts, config, calm), check=True, capture_output=True)
    paced = command(posts, config, stopped, "--recovery", str(recovery), "--speed", "9000")
    for asked in (signal.SIGTERM, signal.SIGINT):
        had = size_of(stopped / "readings.csv")
        running = subprocess.Popen(paced, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until_it_moves(stopped / "readings.csv", had, running)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(timeout=1)
        running.send_signal(asked)
        shown, errors = running.communicate(timeout=20)
        assert running.returncode == 130, errors.decode()
        assert b"repeat the command to go on" in shown
    to_the_end = command(posts, config, stopped, "--recovery", str(recovery), "--speed", "1e9")
    subprocess.run(to_the_end, check=True, capture_output=True)
    for product in ("readings.csv", "incidents.jsonl"):
        assert (stopped / product).read_bytes() == (calm / product).read_bytes()
    for product in ("signals.jsonl", "deadletters.jsonl"):
        assert lines_of(stopped / product) == lines_of(calm / product)
