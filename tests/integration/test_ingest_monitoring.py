"""A reader of a live stream under the eyes of a real Prometheus, with a server that comes and goes."""

import json
import signal
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.build import FOLDER
from tests.conftest import REPOSITORY
from tests.doubles.fake_jetstream import FakeJetstream
from tests.doubles.prometheus_server import PrometheusServer, free_port
from tests.doubles.up_process import Running, run, until

pytestmark = pytest.mark.slow

RULES = REPOSITORY / "deploy" / "prometheus" / "crisiswatch.rules.yml"
PANELS = ("Live streams", "Behind a platform by", "Faults of a platform")
AWAY = 'ALERTS{alertname="CrisiswatchStreamAway", stream="bluesky"}'
GONE = 'ALERTS{alertname="CrisiswatchStreamAway", stream=""}'
"""A reader that is not there says no more of which stream it was."""


def config_for(folder: Path, server: str) -> Path:
    path = folder / "crisis.toml"
    path.write_text(f'[ingest.bluesky]\nhosts = ["{server}"]\n')
    return path


def health(port: int, path: str) -> tuple[int, dict[str, Any]]:
    """Return status and checks of a probe."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        checks: dict[str, Any] = json.loads(answer.read())["checks"]
        return answer.status, checks
    finally:
        connection.close()


def queries() -> dict[str, str]:
    """Return the first query of each panel that tells of live streams."""
    panels = json.loads((FOLDER / "operator.json").read_text())["panels"]
    return {
        panel["title"]: panel["targets"][0]["expr"].replace("$__rate_interval", "5s")
        for panel in panels
        if panel["title"] in PANELS
    }


def test_what_a_reader_hears_and_that_it_hears_nothing_is_seen_from_outside(tmp_path: Path) -> None:
    port = free_port()
    address = f"127.0.0.1:{port}"
    with FakeJetstream() as server, PrometheusServer({"ingest": port}, rules=RULES) as prometheus:
        config = config_for(tmp_path, server.url)
        wanted = ("ingest", "bluesky", "-c", config, "--metrics", address)
        with Running(*wanted, folder=tmp_path / "reader") as reader:
            server.wait_for_connection()
            server.say("one")
            until(lambda: prometheus.now("crisiswatch_stream_posts_total == 1"), "a post")
            assert health(port, "/readyz")[0] == health(port, "/healthz")[0] == 200
            server.say("two")
            asked = queries()
            assert set(asked) == set(PANELS)
            for title in PANELS[:2]:
                until(partial(prometheus.now, f"({asked[title]}) > 0"), title)
            assert not prometheus.now(AWAY)

            server.down()
            until(lambda: prometheus.now(asked[PANELS[2]]), "the panel shows that it is away")
            status, checks = health(port, "/readyz")
            assert (status, checks["stream"]["reason"]) == (503, "0 of 1 are connected")
            assert health(port, "/healthz")[0] == 200
            until(lambda: prometheus.now(AWAY), "an alert for a stream that is away")

            assert not prometheus.now(GONE)
            reader.kill(signal.SIGKILL)
            until(lambda: prometheus.now(GONE), "an alert for a reader that is gone")


def test_without_being_asked_a_reader_into_a_pipe_opens_no_port(tmp_path: Path) -> None:
    port = free_port()
    with FakeJetstream() as server:
        config = config_for(tmp_path, server.url)
        config.write_text(f'{config.read_text()}[monitoring]\ningest_listen = "127.0.0.1:{port}"\n')
        with Running("ingest", "bluesky", "-c", config, folder=tmp_path / "reader"):
            server.wait_for_connection()
            with pytest.raises(ConnectionRefusedError):
                health(port, "/healthz")


def test_the_reader_of_up_is_seen_as_well(tmp_path: Path) -> None:
    port = free_port()
    with FakeJetstream() as server:
        config = config_for(tmp_path, server.url)
        watched = f'[monitoring]\ningest_listen = "127.0.0.1:{port}"\n[[topics]]\nname = "dune"\n'
        config.write_text(f'{config.read_text()}{watched}terms = ["dune"]\n')
        kept = ("--store", tmp_path / "store", "--out", tmp_path / "out")
        with Running("up", "--from", "bluesky", "-c", config, *kept, folder=tmp_path / "up") as up:
            server.wait_for_connection()
            server.say("one")
            until(lambda: health(port, "/readyz")[0] == 200, "its reader is ready")
            up.kill(signal.SIGTERM)
            assert up.ended() == 0


def test_an_address_that_is_taken_is_said_before_anything_is_read(tmp_path: Path) -> None:
    with FakeJetstream() as server:
        config = config_for(tmp_path, server.url)
        port = server.url.rpartition(":")[2].partition("/")[0]
        done = run("ingest", "bluesky", "-c", config, "--metrics", f"127.0.0.1:{port}", code=2)
        assert "is taken by another process" in done.stderr
        assert not server.streams
