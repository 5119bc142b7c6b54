"""One POST over HTTP, with an honest answer: it arrived, it surely did not, or nobody knows.

    resolve, connect, TLS   fails -> UndeliveredError: nothing has been said yet
    send, wait for answer   fails -> OutcomeUnknownError: the other side may have acted on it
    2xx                           -> it arrived
    302, 303, 5xx                 -> OutcomeUnknownError: answers of one that may have acted
    408, 425, 429                 -> UndeliveredError, to be tried again (`Retry-After`)
    any other                     -> UndeliveredError, for good

Redirects are not followed: what is signed for one host is not told to another. Proxies
of the environment are not used.
"""

import base64
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Final, Never
from urllib.parse import SplitResult, unquote, urlsplit

from alerting.delivery import OutcomeUnknownError, UndeliveredError
from crisiswatch.errors import ConfigError
from crisiswatch.secret import Secret

TIMEOUT_S: Final = 5.0
"""For the whole exchange, however slowly the other side trickles: pages wait behind it."""

RETRY_IN_S: Final = 5.0
LONGEST_RETRY_S: Final = 3_600.0
ANSWER_LIMIT_BYTES: Final = 65_536

_MAY_HAVE_ACTED = frozenset({302, 303})
_ASK_AGAIN = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A 2xx answer; `body` is cut at 64 KiB, and empty where it did not arrive."""

    status: int
    location: str | None
    body: bytes


class HttpPost:
    """POST to one address. Errors name `name` and the host, never the path: it may be a password.

    Raises ConfigError where the address is none, or would send in the clear to another machine.
    """

    def __init__(
        self, name: str, url: Secret, *, allow_http: bool = False, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._name = name
        self._timeout_s = timeout_s
        parts = _parts(name, url)
        self._host: str = parts.hostname or ""
        self._port = parts.port
        self._is_tls = parts.scheme == "https"
        self._path = Secret((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        self._login = _login(parts)
        if not self._is_tls and not allow_http and not is_this_machine(self._host):
            raise ConfigError(
                f"{name}: its address sends over plain http to {self._host}",
                "use https://; plain http is for this very machine",
            )
        # Reading the certificates of the machine takes 10 to 30 ms: once is enough.
        self._tls = ssl.create_default_context() if self._is_tls else None

    def send(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body once; raise UndeliveredError or OutcomeUnknownError, and nothing else."""
        connection = self._connected()
        # The socket itself: the connection forgets it as soon as an answer says that it is the last.
        clock = threading.Timer(self._timeout_s, _hang_up, (connection.sock,))
        clock.daemon = True
        clock.start()
        try:
            return self._exchange(connection, body, headers)
        finally:
            clock.cancel()
            connection.close()

    def _connected(self) -> http.client.HTTPConnection:
        connection = (
            http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)
            if self._tls is None
            else http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout_s, context=self._tls
            )
        )
        try:
            connection.connect()
        except (OSError, ValueError, http.client.HTTPException) as error:
            connection.close()
            raise UndeliveredError(
                f"{self._name}: no connection to {self._host}: {_why(error)}",
                retry_in_s=RETRY_IN_S,
            ) from None
        return connection

    def _exchange(
        self, connection: http.client.HTTPConnection, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        try:
            connection.request("POST", self._path.reveal(), body, {**self._login, **headers})
            response = connection.getresponse()
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise OutcomeUnknownError(
                f"{self._name}: sent to {self._host}, but no answer: {_why(error)}"
            ) from None
        if not 200 <= response.status < 300:  # noqa: PLR2004  # the class of answers that mean yes
            self._refused(response)
        try:
            answer = response.read(ANSWER_LIMIT_BYTES)
        except (OSError, ValueError, http.client.HTTPException):
            answer = b""
        return Answer(status=response.status, location=response.getheader("Location"), body=answer)

    def _refused(self, response: http.client.HTTPResponse) -> Never:
        status = response.status
        said = f"{self._name}: {self._host} answered {status}"
        if status in _MAY_HAVE_ACTED or status >= 500:  # noqa: PLR2004  # the server's own faults
            raise OutcomeUnknownError(said)
        if status in _ASK_AGAIN:
            raise UndeliveredError(said, retry_in_s=retry_after_s(response.headers))
        if 300 <= status < 400:  # noqa: PLR2004  # redirects
            said += ", a redirect, which is not followed; give the address that it leads to"
        raise UndeliveredError(said, retry_in_s=None)


def retry_after_s(headers: Message) -> float:
    """Return how long the other side wants to be left alone: `Retry-After`, within an hour.

    A date is measured against the answer's own `Date`, so that no clock of ours matters.
    """
    asked = headers.get("Retry-After", "").strip()
    try:
        if asked.isdecimal():
            wait_s = float(asked)
        else:
            until, now = (parsedate_to_datetime(text) for text in (asked, headers.get("Date", "")))
            wait_s = (until - now).total_seconds()
    except (ValueError, TypeError):
        return RETRY_IN_S
    return min(max(wait_s, 1.0), LONGEST_RETRY_S)


def _parts(name: str, url: Secret) -> SplitResult:
    try:
        parts = urlsplit(url.reveal())
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or not url.reveal().isascii() or any(c <= " " for c in url.reveal()):
        raise ConfigError(
            f"{name}: its address (not shown) is no web address",
            "write it as in https://example.com/path; percent-encode what is not ASCII",
        )
    return parts


def _login(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def is_this_machine(host: str) -> bool:
    """Tell whether a host's name or address leads to this very machine, whoever asks."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _hang_up(sock: socket.socket) -> None:
    """End an exchange that takes too long; whoever reads from it gets an error or the end."""
    with suppress(OSError):  # it has ended by itself
        sock.shutdown(socket.SHUT_RDWR)


def _why(error: Exception) -> str:
    """Say what failed, without what was asked for: messages of http.client quote the path."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "timed out" if isinstance(error, TimeoutError) else type(error).__name__
