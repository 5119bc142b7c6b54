"""Socket Mode: presses come in over connections that we open, so nothing listens to the world.

Slack recycles connections; with two, one stays while the other comes back. Starting does
not need Slack: connections are tried until they stand.
"""

from threading import Event, Thread

from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk import WebClient

from alerting.slack.connection import slack_log

CONNECTIONS = 2
_RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0)


class SocketMode:
    """Keeps connections to Slack; each press arrives over one of them."""

    def __init__(
        self, app: App, client: WebClient, app_token: str, *, connections: int = CONNECTIONS
    ) -> None:
        self._handlers = [
            SocketModeHandler(app, app_token, logger=slack_log(), web_client=client)
            for _ in range(connections)
        ]
        self._over = Event()
        self._threads = [
            Thread(target=self._connect, args=(handler,), name="slack-socket", daemon=True)
            for handler in self._handlers
        ]

    def start(self) -> None:
        """Begin to connect, in the background."""
        for thread in self._threads:
            thread.start()

    def connected(self) -> int:
        """Return how many connections stand."""
        return sum(bool(handler.client.is_connected()) for handler in self._handlers)

    def close(self) -> None:
        """Give up the connections."""
        self._over.set()
        # Each takes its time to let its threads end; together they take no longer than one.
        closing = [Thread(target=handler.close) for handler in self._handlers]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=_RETRY_S[0])

    def _connect(self, handler: SocketModeHandler) -> None:
        tries = 0
        while not self._over.is_set():
            try:
                handler.connect()  # type: ignore[no-untyped-call]  # bolt does not annotate it
            except Exception as error:  # noqa: BLE001  # whatever it is, only a connection helps
                slack_log().warning("Socket Mode: no connection (%s)", type(error).__name__)
            else:
                return
            self._over.wait(_RETRY_S[min(tries, len(_RETRY_S) - 1)])
            tries += 1
