"""Presses over HTTP, for where Socket Mode is not allowed; each is checked for Slack's signature."""

from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

from slack_bolt import App, BoltRequest
from slack_sdk.signature import SignatureVerifier

from crisiswatch.errors import ConfigError

MOST_BYTES = 1_000_000
PATH = "/slack/events"
_TIMEOUT_S = 10.0
_SIGNED_AT = "X-Slack-Request-Timestamp"
_SIGNATURE = "X-Slack-Signature"


class HttpMode:
    """Listens on a host and port; put TLS in front of it.

    The signature (HMAC-SHA256 over time and body, not older than five minutes) is checked
    before anything reads a request, and by Bolt again: an app that was made without the
    secret lets nobody in.
    """

    def __init__(self, app: App, signing_secret: str, *, host: str, port: int) -> None:
        if not signing_secret.strip():
            # Without one, everybody could sign.
            raise ConfigError(
                "slack.mode is 'http', but there is no signing secret",
                "set SLACK_SIGNING_SECRET or SLACK_SIGNING_SECRET_FILE, or use mode = 'socket'",
            )
        try:
            self._server = _Server((host, port), app, SignatureVerifier(signing_secret))
        except OSError as error:
            raise ConfigError(
                f"can not listen on {host}:{port} for Slack ({error.strerror})",
                "choose another slack.http_port",
            ) from error
        self._thread = Thread(target=self._server.serve_forever, name="slack-http", daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to listen, in the background."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], app: App, signatures: SignatureVerifier) -> None:
        super().__init__(address, _Handler)
        self.app = app
        self.signatures = signatures


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _TIMEOUT_S
    server_version = "crisiswatch"
    sys_version = ""

    def do_POST(self) -> None:
        if self.path.partition("?")[0] != PATH:
            self._answer(404, {}, "")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self._answer(411, {}, "")
        elif int(length) > MOST_BYTES:
            self._answer(413, {}, "")
        else:
            self._dispatch(self.rfile.read(int(length)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Say nothing: what strangers ask for belongs into no log of ours."""

    def _dispatch(self, body: bytes) -> None:
        if not self._is_slacks(body):
            self._answer(401, {}, "")
            return
        headers: dict[str, str | Sequence[str]] = {
            name: self.headers.get_all(name) or [] for name in self.headers
        }
        answer = self.server.app.dispatch(BoltRequest(body=body.decode(), headers=headers))
        self._answer(answer.status, answer.headers, answer.body)

    def _is_slacks(self, body: bytes) -> bool:
        try:
            return self.server.signatures.is_valid(
                body=body,
                timestamp=self.headers.get(_SIGNED_AT),
                signature=self.headers.get(_SIGNATURE),
            )
        except (TypeError, ValueError):
            # A time that is no number, a signature or body that is no text.
            return False

    def _answer(self, status: int, headers: Mapping[str, Sequence[str]], body: str) -> None:
        content = body.encode()
        self.close_connection = True
        self.send_response(status)
        for name, values in headers.items():
            for value in values:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
