"""A real Prometheus on loopback that scrapes what a test runs, once a second.

    with PrometheusServer({"detect": port}, rules=path) as prometheus:
        prometheus.range('up{job="detect"}', seconds=60)

It needs Debian's `prometheus`; a test without it is skipped.
"""

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import urlencode

from tests.conftest import skip

START_S = 30.0
Series = list[dict[str, Any]]


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


class PrometheusServer:
    """Scrape ports by job, evaluate rules each second, and answer queries."""

    def __init__(self, jobs: Mapping[str, int], *, rules: Path) -> None:
        program = shutil.which("prometheus")
        if program is None:
            skip("no prometheus: `apt install prometheus`, as .ci/run does")
        self._program = str(program)
        self._jobs = jobs
        self._rules = rules
        self._folder = Path(tempfile.mkdtemp(prefix="prometheus-"))
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def __enter__(self) -> Self:
        settings = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(self._rules)],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
                for job, port in self._jobs.items()
            ],
        }
        config = self._folder / "prometheus.yml"
        config.write_text(json.dumps(settings))  # JSON is YAML
        self._log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            [
                self._program,
                f"--config.file={config}",
                f"--storage.tsdb.path={self._folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self._port}",
            ],
            stdout=self._log,
            stderr=self._log,
        )
        over_at = time.monotonic() + START_S
        while not self._is_ready():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < over_at, "Prometheus does not answer"
            time.sleep(0.05)
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._log is not None:
            self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def now(self, expr: str) -> Series:
        """Return the series that an expression yields now; fail where it can not be evaluated."""
        return self._series("/api/v1/query", {"query": expr})

    def range(self, expr: str, *, seconds: float) -> Series:
        """Return the series that an expression yielded over the last seconds, each second."""
        now_s = time.time()
        times = {"start": now_s - seconds, "end": now_s, "step": 1}
        return self._series("/api/v1/query_range", {"query": expr, **times})

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire now."""
        return {one["metric"]["alertname"] for one in self.now('ALERTS{alertstate="firing"}')}

    def _series(self, path: str, asked: Mapping[str, object]) -> Series:
        status, answer = self._get(f"{path}?{urlencode(asked)}")
        assert status == 200, f"{asked}: {answer!r}"
        found: Series = json.loads(answer)["data"]["result"]
        return found

    def _is_ready(self) -> bool:
        try:
            return self._get("/-/ready")[0] == 200
        except OSError:
            return False

    def _get(self, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
