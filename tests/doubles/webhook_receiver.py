"""A receiver of webhooks on loopback: records what is posted, and fails as it is told.

    with WebhookReceiver() as receiver:
        receiver.fail("reset_after", count=1)
        ...
        assert receiver.posts[0].header("Idempotency-Key") == "page:1"

`posts` holds what was taken, even where the sender never got an answer; `refused` the rest.
"""

import json
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

_CLOSE_WITH_RESET = struct.pack("ii", 1, 0)
_NO_LONGER_THAN_S = 60.0


class Failure(StrEnum):
    """What goes wrong with a post."""

    STATUS = "status"
    """Answer this status and take nothing."""
    STATUS_AFTER = "status_after"
    """Take it, but answer this status."""
    RESET_BEFORE = "reset_before"
    """Reset the connection and take nothing."""
    RESET_AFTER = "reset_after"
    """Take it, and reset the connection instead of answering."""
    DELAY = "delay"
    """Take it, and answer late."""
    BLACKHOLE = "blackhole"
    """Take nothing and never answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One request. `at` is unix seconds by the machine's clock."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    def header(self, name: str) -> str | None:
        """Return a header, whatever its case."""
        return self.headers.get(name.lower())

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class Script:
    """A failure that is to strike; `count` None is without end."""

    failure: Failure
    count: int | None
    status: int
    retry_after_s: int | None
    delay_s: float
    path: str


@dataclass(slots=True)
class WebhookReceiver:
    """One receiver; start it with `with`."""

    key_header: str = "Idempotency-Key"
    posts: list[Post] = field(default_factory=list)
    refused: list[Post] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    _scripts: list[Script] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        # The default poll of half a second would be paid by every test at its end.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._running().shutdown()
        self._running().server_close()

    @property
    def url(self) -> str:
        """Return the address to post to; every path below it is taken."""
        return f"http://127.0.0.1:{self._running().server_port}/hook"

    def fail(
        self,
        failure: str,
        *,
        count: int | None = None,
        status: int = 500,
        retry_after_s: int | None = None,
        delay_s: float = 0.0,
        path: str = "/",
    ) -> None:
        """Let posts to paths that begin so fail; scripts strike in the order they were added."""
        with self.changed:
            self._scripts.append(
                Script(
                    failure=Failure(failure),
                    count=count,
                    status=status,
                    retry_after_s=retry_after_s,
                    delay_s=delay_s,
                    path=path,
                )
            )

    def heal(self) -> None:
        """Take all scripts back."""
        with self.changed:
            self._scripts.clear()

    def keys(self) -> list[str | None]:
        """Return the key of every post that was taken."""
        with self.changed:
            return [post.header(self.key_header) for post in self.posts]

    def duplicates(self) -> dict[str, int]:
        """Return {key: count} of keys that were taken more than once."""
        counts = Counter(key for key in self.keys() if key is not None)
        return {key: count for key, count in counts.items() if count > 1}

    def wait_for(self, count: int, timeout_s: float = 5.0) -> list[Post]:
        """Return the posts once there are that many."""
        with self.changed:
            if self.changed.wait_for(lambda: len(self.posts) >= count, timeout_s):
                return list(self.posts)
            raise AssertionError(f"{len(self.posts)} of {count} posts within {timeout_s:g} s")

    def take(self, post: Post) -> Script | None:
        """Record a post and return what is to go wrong with it."""
        with self.changed:
            script = self._next(post.path)
            takes = script is None or script.failure in {
                Failure.STATUS_AFTER,
                Failure.RESET_AFTER,
                Failure.DELAY,
            }
            (self.posts if takes else self.refused).append(post)
            self.changed.notify_all()
            return script

    def wait(self, for_s: float) -> None:
        """Keep a sender waiting, but not longer than the receiver runs."""
        self._stopped.wait(for_s)

    def _next(self, path: str) -> Script | None:
        for script in self._scripts:
            if path.startswith(script.path) and script.count != 0:
                if script.count is not None:
                    script.count -= 1
                return script
        return None

    def _running(self) -> ThreadingHTTPServer:
        if self._server is None:
            raise RuntimeError("start the receiver with `with`")
        return self._server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    block_on_close = False


def _handler_of(receiver: WebhookReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            post = Post(
                path=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length),
                at=time.time(),
            )
            script = receiver.take(post)
            match script.failure if script is not None else None:
                case Failure.RESET_BEFORE | Failure.RESET_AFTER:
                    self._reset()
                    return
                case Failure.BLACKHOLE:
                    receiver.wait(_NO_LONGER_THAN_S)
                    return
                case Failure.DELAY if script is not None:
                    receiver.wait(script.delay_s)
                    self._answer(200, None)
                case Failure.STATUS | Failure.STATUS_AFTER if script is not None:
                    self._answer(script.status, script.retry_after_s)
                case _:
                    self._answer(200, None)

        do_PUT = do_POST  # noqa: N815  # the name http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _answer(self, status: int, retry_after_s: int | None) -> None:
            body = json.dumps({"ok": status < 300, "id": f"receipt-{len(receiver.posts)}"}).encode()
            self.send_response(status)
            if retry_after_s is not None:
                self.send_header("Retry-After", str(retry_after_s))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _reset(self) -> None:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_WITH_RESET)
            # The socket is closed for good only when its two file objects are, too.
            self.rfile.close()
            self.wfile.close()
            self.connection.close()

    return Handler
