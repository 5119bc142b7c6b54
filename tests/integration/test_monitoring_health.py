"""`detect` and `respond` as processes: what they serve, also while the store is away."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.prometheus_server import free_port
from tests.doubles.redis_server import RedisServer
from tests.doubles.up_process import Running, run, until

pytestmark = pytest.mark.slow

CONFIG = """
[[topics]]
name = "dune"
terms = ["dune"]

[[people]]
id = "ada"
name = "Ada"
slack = "U0ADA"
roles = ["agent", "approver"]

[[rotas]]
name = "pr-on-call"
always = ["ada"]

[store]
url = "{store}"

[monitoring]
listen = "127.0.0.1:{detect}"
respond_listen = "127.0.0.1:{respond}"
"""
POST = b'{"id":"1","text":"dune","posted_at":"2026-01-01T00:00:00Z","author":"a"}\n'
LONG_S = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Both processes, and their ports."""

    redis: RedisServer
    detect: Running
    respond: Running
    ports: dict[str, int]
    config: Path

    def get(self, part: str, path: str) -> tuple[int, str]:
        """Return status and body; 0 where nobody answers."""
        connection = HTTPConnection("127.0.0.1", self.ports[part], timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def checks(self, part: str) -> dict[str, Any]:
        """Return what a part says of its readiness."""
        made: dict[str, Any] = json.loads(self.get(part, "/readyz")[1])["checks"]
        return made

    def becomes(self, part: str, path: str, status: int) -> None:
        """Wait until a part answers so."""
        until(
            lambda: self.get(part, path)[0] == status,
            f"{part}{path} {status}, not {self.get(part, path)}; {self.detect.err}",
            LONG_S,
        )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    ports = {"detect": free_port(), "respond": free_port()}
    config = tmp_path / "crisis.toml"
    with RedisServer(fsync="always") as redis:
        config.write_text(CONFIG.format(store=redis.tcp_url, **ports))
        words = ("detect", "-", "-c", config, "--out", tmp_path / "out")
        with (
            Running(*words, folder=tmp_path / "detect") as detect,
            Running("respond", "-c", config, folder=tmp_path / "respond") as respond,
        ):
            yield Service(redis=redis, detect=detect, respond=respond, ports=ports, config=config)


def test_both_become_ready_and_say_why_they_are_not(service: Service) -> None:
    service.detect.stdin.write(POST)
    service.detect.stdin.flush()
    for part in ("detect", "respond"):
        service.becomes(part, "/healthz", 200)
        service.becomes(part, "/readyz", 200)
    until(
        lambda: "crisiswatch_posts_read_total 1.0" in service.get("detect", "/metrics")[1],
        "one post",
    )
    assert "crisiswatch_store_up 1.0" in service.get("respond", "/metrics")[1]

    service.redis.kill()
    for part in ("detect", "respond"):
        service.becomes(part, "/readyz", 503)
        store = service.checks(part)["store"]
        assert not store["ok"]
        assert "can not be reached" in store["reason"]
        assert service.get(part, "/healthz")[0] == 200
    assert "crisiswatch_store_up 0.0" in service.get("respond", "/metrics")[1]

    service.redis.start()
    for part in ("detect", "respond"):
        service.becomes(part, "/readyz", 200)
    assert "crisiswatch_store_up 1.0" in service.get("respond", "/metrics")[1]

    taken = run("respond", "-c", service.config, code=2)
    assert f"127.0.0.1:{service.ports['respond']} for metrics is taken" in taken.stderr
