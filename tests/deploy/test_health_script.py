"""The script by which a container is asked whether it is alive."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crisiswatch.config.monitoring import DETECT_ADDRESS, INGEST_ADDRESS, RESPOND_ADDRESS
from tests.deploy.deployed import DEPLOY

SCRIPT = DEPLOY / "health.py"


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def _serving() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _code(*urls: str) -> int:
    environment = {"http_proxy": "http://127.0.0.1:1"}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *urls], env=environment, check=False
    ).returncode


def test_whoever_answers_is_well_whatever_proxy_the_environment_names() -> None:
    with _serving() as base:
        assert _code(f"{base}/healthz") == 0


@pytest.mark.parametrize("path", ["/readyz", "/nowhere"])
def test_whoever_says_that_something_is_wrong_is_not_well(path: str) -> None:
    with _serving() as base:
        assert _code(f"{base}{path}") == 1


def test_one_that_is_well_is_enough() -> None:
    with _serving() as base:
        assert _code("http://127.0.0.1:1/healthz", f"{base}/healthz") == 0


def test_whoever_does_not_listen_or_has_no_address_is_not_well() -> None:
    assert _code("http://127.0.0.1:1/healthz") == 1
    assert _code("nonsense") == 1


def test_without_an_address_the_usual_ports_are_asked() -> None:
    text = SCRIPT.read_text()
    for address in (DETECT_ADDRESS, RESPOND_ADDRESS, INGEST_ADDRESS):
        assert f'"http://{address}/healthz"' in text
