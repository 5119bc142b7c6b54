"""What a running service tells the outside about itself, over HTTP.

    /metrics    its figures, for Prometheus
    /healthz    alive: its main loop moves; if not, start it anew
    /readyz     able to do its work now; if not, leave it alone and look why

The last two answer JSON with each check and its reason, 200 where all is well, else 503.
Nothing served here changes anything or holds personal data.
"""

import errno
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from crisiswatch import __version__
from crisiswatch.config.monitoring import split_address
from crisiswatch.errors import ConfigError

REQUEST_S = 10.0
"""A client that sends its request so slowly is not waited for."""

log = logging.getLogger("crisiswatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold, whether it does, and why in words with numbers."""

    name: str
    ok: bool
    reason: str


Checks = Callable[[], Iterable[Check]]


def main_loop(still_s: float, *, allowed_s: float) -> Check:
    """Return whether a main loop that has stood still for so long is alive."""
    return Check(
        name="main-loop",
        ok=still_s <= allowed_s,
        reason=f"moved {still_s:.1f} s ago, {allowed_s:.0f} s are allowed",
    )


def new_registry() -> CollectorRegistry:
    """Return a registry with what every process tells: its version, memory, time and files."""
    # a second series for each counter, that nobody asks for
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library does not annotate it
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    info = Gauge("crisiswatch_build_info", "1, with the version", ["version"], registry=registry)
    info.labels(__version__).set(1)
    return registry


class Monitoring:
    """A server for one process, in threads of its own; `close` it at the end.

    Raises:
        ConfigError: the address is taken, or is not one of this machine.
    """

    def __init__(
        self, address: str, *, registry: CollectorRegistry, alive: Checks, ready: Checks
    ) -> None:
        host, port = split_address(address)

        class Handler(_Handler):
            answers: ClassVar = {
                "/metrics": lambda: _metrics(registry),
                "/healthz": lambda: _health(alive),
                "/readyz": lambda: _health(ready),
            }

        try:
            self._server = _server_of(host)((host, port), Handler)
        except OSError as error:
            raise _taken(address, error) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="monitoring", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """Return the port that it listens on; the address may have left the choice open with 0."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def start_monitoring(
    configured: str | None,
    default: str,
    *,
    registry: CollectorRegistry,
    alive: Checks,
    ready: Checks,
) -> Monitoring | None:
    """Serve at the configured address, else at the default one if it is free; None: it is not.

    Raises:
        ConfigError: the configured address can not be listened on.
    """
    try:
        return Monitoring(configured or default, registry=registry, alive=alive, ready=ready)
    except ConfigError as error:
        if configured is not None:
            raise
        log.warning("no metrics are served: %s", error)
        return None


def of_process(address: str, process_id: int) -> str:
    """Return the address of one process of a cluster whose supervisor has `address`."""
    host, port = split_address(address)
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port + 1 + process_id}"


def _taken(address: str, error: OSError) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        return ConfigError(
            f"address {address} for metrics is taken by another process",
            "name another one under [monitoring] or with --metrics, or end what listens there",
        )
    return ConfigError(
        f"address {address} for metrics can not be listened on: {error.strerror}",
        "name one of this machine under [monitoring], as in 127.0.0.1:9464",
    )


def _server_of(host: str) -> type["_Server"]:
    return _Server6 if ":" in host else _Server


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave a client that has gone away alone; it will ask again."""


class _Server6(_Server):
    address_family = socket.AF_INET6


_Answer = tuple[HTTPStatus, str, bytes]


class _Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, Callable[[], _Answer]]]
    timeout = REQUEST_S
    server_version = "crisiswatch"
    sys_version = ""

    def do_GET(self) -> None:
        answer = self.answers.get(self.path.partition("?")[0])
        if answer is None:
            known = ", ".join(self.answers)
            self._send(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", f"{known}\n".encode())
        else:
            self._send(*answer())

    do_HEAD = do_GET  # noqa: N815  # the name is the library's

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as above
        """Say nothing: probes come every few seconds."""


def _metrics(registry: CollectorRegistry) -> _Answer:
    return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry)


def _health(checks: Checks) -> _Answer:
    made = list(checks())
    ok = all(check.ok for check in made)
    told = {
        "ok": ok,
        "checks": {check.name: {"ok": check.ok, "reason": check.reason} for check in made},
    }
    status = HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE
    return status, "application/json", json.dumps(told, indent=1).encode() + b"\n"
