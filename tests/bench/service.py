"""`crisiswatch detect` as it is run: real processes on a real Kafka and a real Redis."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from tests.bench.contest import REPOSITORY
from tests.bench.machine import family
from tests.bench.workload import bench_topics

READ = "crisiswatch_posts_read_total "
STARTS_WITHIN_S = 120.0
PAUSE_S = 0.1


class Service:
    """Detection of one process (on `core`, if it is given) or of a cluster, one a core.

    `folder` gets its configuration, its files and its log; `recovery_s` is how often it
    takes a snapshot. It reads `topic` from the beginning unless told otherwise.
    """

    def __init__(
        self,
        folder: Path,
        *,
        broker: str,
        topic: str,
        store: str,
        topics: int,
        port: int,
        processes: int = 1,
        core: int | None = None,
        start: str = "earliest",
        recovery_s: int = 5,
    ) -> None:
        self._folder = folder
        self._processes = processes
        self._core = core
        self._store = store
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._config = folder / "bench.toml"
        parts = [
            f'[reading]\ninspect = "candidates"\n[recovery]\ninterval_s = {recovery_s}',
            f'[kafka]\nbrokers = ["{broker}"]\ntopic = "{topic}"\nstart = "{start}"',
            f'[monitoring]\nlisten = "127.0.0.1:{port}"\ncanary = false',
        ]
        for one in bench_topics(topics):
            terms = ", ".join(f'"{term}"' for term in one.terms)
            parts.append(f'[[topics]]\nname = "{one.name}"\nterms = [{terms}]')
        self._config.write_text("\n\n".join(parts) + "\n", encoding="utf-8")

    @property
    def pids(self) -> list[int]:
        """Return the processes that detect; the supervisor of several is not among them."""
        found = family(self._running.pid)
        return found if self._processes == 1 else found[1:]

    @property
    def log(self) -> str:
        """Return what it said."""
        return (self._folder / "detect.log").read_text(encoding="utf-8", errors="replace")

    def read(self) -> list[int]:
        """Return how many posts each process has read; 0 for one that does not answer yet.

        Raises:
            RuntimeError: the service has ended.
        """
        if self._running.poll() is not None:
            raise RuntimeError(f"detection ended:\n{self.log[-2_000:]}")
        if self._processes == 1:
            return [_posts_read(self._port)]
        return [_posts_read(self._port + 1 + number) for number in range(self._processes)]

    def wait_until_all_read(self) -> list[int]:
        """Wait for the first chunk of every process; return what they have read by then."""
        over_at = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < over_at:
            found = self.read()
            if all(found):
                return found
            time.sleep(PAUSE_S)
        raise RuntimeError(f"detection reads nothing, {found}:\n{self.log[-2_000:]}")

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the service was not started")
        return self._process

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "crisiswatch", "detect", "-c", str(self._config)]
        command += ["--store", self._store, "--out", str(self._folder / "out")]
        if self._processes > 1:
            command += ["--processes", str(self._processes)]
        if self._core is not None:
            command = ["taskset", "-c", str(self._core), *command]
        with (self._folder / "detect.log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            )
        return self

    def __exit__(self, *error: object) -> None:
        self._running.terminate()
        try:
            self._running.wait(60)
        except subprocess.TimeoutExpired:
            for pid in family(self._running.pid):
                os.kill(pid, 9)
            self._running.wait()


def _posts_read(port: int) -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    except (URLError, ConnectionError, TimeoutError):
        return 0  # it comes up, or is busy
    for line in text.splitlines():
        if line.startswith(READ):
            return int(float(line.removeprefix(READ)))
    return 0
