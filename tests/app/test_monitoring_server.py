"""The small server: figures, health with reasons, and an address that is taken."""

import json
import logging
import socket
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from crisiswatch.app.monitoring import (
    Check,
    Monitoring,
    new_registry,
    of_process,
    start_monitoring,
)
from crisiswatch.errors import ConfigError

FREE = "127.0.0.1:0"
WELL = Check(name="store", ok=True, reason="it answers")
ILL = Check(name="store", ok=False, reason="it is away")


def get(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    """Return status and body of one request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def serve(address: str = FREE, ready: tuple[Check, ...] = (WELL,)) -> Monitoring:
    return Monitoring(address, registry=new_registry(), alive=lambda: (WELL,), ready=lambda: ready)


@pytest.fixture
def served() -> Iterator[Monitoring]:
    monitoring = serve(ready=(WELL, ILL))
    yield monitoring
    monitoring.close()


def test_figures_are_in_prometheus_own_format(served: Monitoring) -> None:
    status, body = get(served.port, "/metrics")

    assert status == 200
    assert "# TYPE crisiswatch_build_info gauge" in body
    assert "process_resident_memory_bytes" in body
    assert "_created" not in body


def test_health_answers_with_each_check_and_its_reason(served: Monitoring) -> None:
    assert get(served.port, "/healthz")[0] == 200
    status, body = get(served.port, "/readyz")

    assert status == 503
    assert json.loads(body) == {
        "ok": False,
        "checks": {"store": {"ok": False, "reason": "it is away"}},
    }


def test_another_path_is_told_those_that_there_are(served: Monitoring) -> None:
    assert get(served.port, "/") == (404, "/metrics, /healthz, /readyz\n")


def test_a_head_request_has_no_body(served: Monitoring) -> None:
    assert get(served.port, "/healthz", "HEAD") == (200, "")


def test_a_client_that_hangs_up_harms_nobody(
    served: Monitoring, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as client:
        client.sendall(b"GET /metr")
    assert get(served.port, "/healthz")[0] == 200
    assert capsys.readouterr().err == ""


def test_a_configured_address_that_is_taken_is_an_error(served: Monitoring) -> None:
    taken = f"127.0.0.1:{served.port}"

    with pytest.raises(ConfigError, match=f"{taken} for metrics is taken by another process"):
        serve(taken)


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1:9464 for metrics can not be listened on"):
        serve("192.0.2.1:9464")


def test_a_default_address_that_is_taken_is_done_without(
    served: Monitoring, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="crisiswatch"):
        started = start_monitoring(
            None,
            f"127.0.0.1:{served.port}",
            registry=new_registry(),
            alive=lambda: (),
            ready=lambda: (),
        )

    assert started is None
    assert "no metrics are served" in caplog.text


@pytest.mark.parametrize(
    ("address", "process", "expected"),
    [("127.0.0.1:9464", 0, "127.0.0.1:9465"), ("[::1]:9464", 3, "[::1]:9468")],
)
def test_processes_of_a_cluster_listen_above_their_supervisor(
    address: str, process: int, expected: str
) -> None:
    assert of_process(address, process) == expected
