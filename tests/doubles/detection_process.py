"""Detection in real processes, with what it found: `tests/integration/slow_detection.py`.

with Detection(posts, config, store, out, processes=2) as detection:
    detection.kill_one()
    assert detection.ended() == 0
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import orjson
import pytest

from alerting.store.redis_store import RedisStore
from crisiswatch.app.stores import connect
from crisiswatch.detection.signal import Signal
from flows.snapshot_file import standing_of
from tests.doubles.redis_server import RedisServer
from tests.doubles.up_process import alive, descendants, environment, until

PROGRAM = Path(__file__).parent.parent / "integration" / "slow_detection.py"
REPOSITORY = Path(__file__).parent.parent.parent
PATIENCE_S = 120.0
START_S = 1_767_225_600
MINUTES = 240
SEED = 7
WORDS = ("acme", "bolt", "crane", "dune")


def write_config(path: Path, *more: str, topics: tuple[str, ...] = WORDS) -> Path:
    """Write a configuration that watches some words, with a snapshot every second."""
    named = "\n".join(f'[[topics]]\nname = "{word}"\nterms = ["{word}"]' for word in topics)
    recovery = '[recovery]\ninterval_s = 1\nbackup_every = "2s"\n'
    path.write_text("\n".join((*more, recovery, named)))
    return path


class Detection:
    """A supervisor and its processes; at the end of the block whatever still lives is killed."""

    def __init__(
        self,
        posts: Path,
        config: Path,
        store: str,
        out: Path,
        *,
        processes: int,
        pause_ms: int = 20,
        log: Path | None = None,
    ) -> None:
        self.out = out
        self._arguments = [
            *map(str, (posts, config, store, out, pause_ms)),
            "--processes",
            str(processes),
        ]
        self._count = processes
        self._process: subprocess.Popen[bytes] | None = None
        self._family: set[int] = set()
        self._log = log or out.with_name(f"{out.name}-{time.monotonic_ns()}.log")

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, PROGRAM, *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(PYTHONPATH=str(REPOSITORY)),
                start_new_session=True,
            )
        return self

    def __exit__(self, *error: object) -> None:
        family = self.family()
        if self._running.poll() is None:
            self._running.kill()
        for pid in family:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        self._running.wait()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def pid(self) -> int:
        """Return the supervisor."""
        return self._running.pid

    @property
    def said(self) -> str:
        """Return what was logged so far."""
        return self._log.read_text(errors="replace")

    def family(self) -> set[int]:
        """Return the supervisor's processes that live."""
        self._family |= set(descendants(self.pid))
        return {pid for pid in self._family if alive(pid)}

    def members(self) -> list[int]:
        """Return the processes of the cluster that runs, as its supervisor wrote them down."""
        try:
            noted = json.loads((self.out / "detect-pids.json").read_text())
        except FileNotFoundError:
            return []
        assert noted["supervisor"] == [self.pid]
        return [pid for pid in noted["detect"] if alive(pid)]

    def until_reading(self) -> None:
        """Wait until the run that goes on now has written readings, or it is over."""
        begun = self.said.count("detection begins")
        until(lambda: self._has_begun(max(begun, 1)), "a start", PATIENCE_S)
        before = self.read_bytes()
        until(lambda: self.read_bytes() > before or self.is_over, "readings", PATIENCE_S)

    def until_saved(self) -> None:
        """Wait until there are readings, and a snapshot that a run can go on from."""
        self.until_reading()
        file = self.out / "recovery" / "store" / "part-0.sqlite3"
        until(lambda: standing_of(file).states > 0 or self.is_over, "a snapshot", PATIENCE_S)

    def _has_begun(self, times: int) -> bool:
        return self.said.count("detection begins") >= times or self.is_over

    def read_bytes(self) -> int:
        """Return how many bytes of readings there are."""
        return sum(path.stat().st_size for path in self.out.glob("readings-*"))

    def kill(self, number: int) -> None:
        """Kill one process of the cluster, once all of them are there."""
        until(lambda: len(self.members()) == self._count, "all processes", PATIENCE_S)
        os.kill(self.members()[number], signal.SIGKILL)

    def ask(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask the supervisor to stop."""
        self._running.send_signal(number)

    @property
    def is_over(self) -> bool:
        """Tell whether it has ended."""
        return self._running.poll() is not None

    def ended(self, timeout_s: float = PATIENCE_S) -> int:
        """Wait until it has ended by itself; return its exit code."""
        return self._running.wait(timeout_s)


def lines_in(out: Path, stem: str) -> list[bytes]:
    """Return the sorted lines of all files of one kind, without headers."""
    lines = [line for path in out.glob(f"{stem}-*") for line in path.read_bytes().splitlines()]
    return sorted(line for line in lines if not line.startswith(b"topic,"))


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return four hours: chatter, some broken lines, and outrage about dune in the second half."""
    chance = random.Random(SEED)
    path = tmp_path_factory.mktemp("posts") / "posts.jsonl"
    with path.open("wb") as file:
        for minute in range(MINUTES):
            at_s = START_S + 60 * minute
            texts = [f"{chance.choice(WORDS[:3])} is fine {n}" for n in range(chance.randint(1, 9))]
            if minute >= MINUTES // 2:
                texts += [f"dune, what a disgrace, worst service ever, {n}" for n in range(30)]
            for number, text in enumerate(texts):
                name = f"{minute}-{number}"
                post = {"id": name, "text": text, "posted_at": at_s, "author": f"a{name}"}
                file.write(orjson.dumps(post) + b"\n")
            if minute % 40 == 0:
                file.write(b"dune is broken here\n")
    return path


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a configuration that watches all words."""
    return write_config(tmp_path_factory.mktemp("config") / "crisis.toml")


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """Run a Redis for one test."""
    with RedisServer() as server:
        yield server


Found = tuple[list[bytes], list[bytes], list[Signal]]


@pytest.fixture(scope="module")
def calm(posts: Path, config: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Return what one process finds that nobody disturbs."""
    out = tmp_path_factory.mktemp("calm") / "out"
    with RedisServer() as server:
        with Detection(posts, config, server.url, out, processes=1, pause_ms=0) as detection:
            assert detection.ended() == 0, detection.said
        found = found_in(out, server)
    assert len(found[0]) > 100
    assert len(found[1]) == MINUTES // 40
    assert len(found[2]) > 3
    return found


def found_in(out: Path, server: RedisServer) -> Found:
    """Return readings, dead letters, and the signals, which must be there once each."""
    store: RedisStore = connect(server.url)
    signals = [entry.signal for entry in store.read()]
    store.close()
    assert len({one.id for one in signals}) == len(signals)
    ordered = sorted(signals, key=lambda one: one.id)
    return lines_in(out, "readings"), lines_in(out, "deadletters"), ordered
