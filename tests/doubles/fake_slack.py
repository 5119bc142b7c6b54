"""A fake Slack workspace: a real server on loopback that the real SDK and Bolt talk to.

In a test:

    with FakeSlack() as slack:
        client = WebClient(token="xoxb-test", base_url=slack.url)
        ...
        assert slack.press("page:42", "acknowledge", user="U0ADA")

By hand, in a process of its own (then look at the address in a browser):

    python -m tests.doubles.fake_slack --port 8080 --state state.json

Other processes script and read it by HTTP: `POST /_faults`, `GET /_seen`, `POST /_press`,
`/_select`, `/_submit_view`, `/_slash`, `/_disconnect`, with the arguments of the methods here.
"""

import argparse
import asyncio
import contextlib
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.doubles.slack.answers import Json
from tests.doubles.slack.faults import Fault, FaultKind, random_faults
from tests.doubles.slack.methods import Methods
from tests.doubles.slack.people_acts import PeopleActs
from tests.doubles.slack.scopes import ALL_SCOPES
from tests.doubles.slack.server import ACK_WITHIN_S, Acted, Call, Server
from tests.doubles.slack.triggers import Triggers
from tests.doubles.slack.workspace import BOT_USER, Workspace, key_of

T = TypeVar("T")


class FakeSlack:
    """One workspace, its server and all that was seen; start it with `with`.

    `users` are member ids (or {id: fields}); with `open_directory` every other well-formed id
    exists too. `channels` are {id: name}; the bot is in them but for those in `not_joined`.
    `closed_dms` and `deactivated` are members who can not be reached. `clock` gives the times
    that messages carry (unix seconds); rate limits and triggers always use real time.
    With `request_url` presses go there by signed HTTP, otherwise over Socket Mode.
    `redeliveries` is how often an envelope is sent again that was not acknowledged
    within `ack_within_s`.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        users: Iterable[str] | Mapping[str, Json] = (),
        channels: Mapping[str, str] | None = None,
        not_joined: Sequence[str] = (),
        usergroups: Mapping[str, Sequence[str]] | None = None,
        open_directory: bool = True,
        open_channels: bool = False,
        closed_dms: Iterable[str] = (),
        deactivated: Iterable[str] = (),
        rate_limits: bool = False,
        scopes: Iterable[str] = ALL_SCOPES,
        tokens: Iterable[str] | None = None,
        signing_secret: str = "signing-secret",  # noqa: S107  # of a workspace that does not exist
        request_url: str | None = None,
        redeliveries: int = 0,
        ack_within_s: float = ACK_WITHIN_S,
        clock: Callable[[], float] = time.time,
        state: Path | None = None,
        log: Path | None = None,
    ) -> None:
        workspace = Workspace(
            clock=clock,
            open_directory=open_directory,
            open_channels=open_channels,
            closed_dms=set(closed_dms),
            deactivated=set(deactivated),
        )
        workspace.add_user(BOT_USER, "crisiswatch")
        fields = users if isinstance(users, Mapping) else {user: {} for user in users}
        for user, more in fields.items():
            workspace.add_user(user, **more)
        for channel, name in (channels or {}).items():
            members: Sequence[str] = () if channel in not_joined else (BOT_USER,)
            workspace.add_channel(name, channel=channel, members=members)
        for group, in_group in (usergroups or {}).items():
            workspace.usergroups[group] = {
                "id": group,
                "handle": group.lower(),
                "name": group,
                "users": list(in_group),
                "user_count": len(in_group),
            }
        triggers = Triggers()
        self._log = None if log is None else log.open("a", encoding="utf-8")
        self._server = Server(
            workspace=workspace,
            methods=Methods(workspace=workspace, triggers=triggers),
            acts=PeopleActs(workspace=workspace, triggers=triggers),
            scopes=frozenset(scopes),
            tokens=None if tokens is None else frozenset(tokens),
            rate_limits=rate_limits,
            signing_secret=signing_secret,
            request_url=request_url,
            redeliveries=redeliveries,
            ack_within_s=ack_within_s,
            log=self._log,
            state=state,
            port=port,
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Listen."""
        self._thread.start()
        self._run(self._server.start())
        return self

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        self._run(self._server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._log is not None:
            self._log.close()

    @property
    def url(self) -> str:
        """Return the base address of the Web API (`slack.api_url`)."""
        return f"{self._server.root}/api/"

    @property
    def root(self) -> str:
        """Return the address without a path: the page, and what scripts the fake."""
        return self._server.root

    @property
    def workspace(self) -> Workspace:
        """Return the state itself; hold `locked()` while reading more than one value of it."""
        return self._server.workspace

    def locked(self) -> threading.Condition:
        """Return the lock under which everything changes, told of every change."""
        return self._server.changed

    @property
    def calls(self) -> list[Call]:
        """Return every call of the Web API so far, in order of arrival."""
        with self.locked():
            return list(self._server.calls)

    def calls_of(self, method: str) -> list[Call]:
        """Return the calls of one method."""
        return [call for call in self.calls if call.method == method]

    def messages(self, channel: str | None = None) -> list[Json]:
        """Return what is posted, oldest first, each with its `channel`.

        `channel` is an id, a `#name`, or a member's id for the direct message with them.
        """
        with self.locked():
            found = [
                {"channel": where, **message}
                for where, message in self.workspace.everything()
                if channel is None or self._is(where, channel)
            ]
        return sorted(found, key=lambda message: str(message["ts"]))

    def message(self, key: str) -> Json:
        """Return the only message that carries a key."""
        found = [message for message in self.messages() if key_of(message) == key]
        if len(found) != 1:
            keys = [key_of(message) for message in self.messages()]
            raise LookupError(f"{len(found)} messages carry {key!r}; there are {keys[-20:]}")
        return found[0]

    @property
    def channels(self) -> dict[str, Json]:
        """Return {id: channel} of everything, direct messages too."""
        with self.locked():
            return {channel: dict(found) for channel, found in self.workspace.channels.items()}

    def channel(self, name: str) -> Json:
        """Return the channel of that name."""
        for channel in self.channels.values():
            if channel["name"] == name.removeprefix("#"):
                return channel
        raise LookupError(f"no channel {name!r}; there are {self.names()}")

    def names(self) -> list[str]:
        """Return the names of channels (direct messages have none)."""
        return [channel["name"] for channel in self.channels.values() if channel["name"]]

    @property
    def pinned(self) -> dict[str, list[Json]]:
        """Return {channel id: pinned messages}."""
        with self.locked():
            return {
                channel: [dict(self.workspace.message(channel, ts)) for ts in pins]
                for channel, pins in self.workspace.pins.items()
            }

    @property
    def files(self) -> dict[str, tuple[Json, bytes]]:
        """Return {file id: (what is known of it, its bytes)} of what was uploaded."""
        with self.locked():
            uploads = self._server.methods.uploads
            return {file: (self.workspace.files[file], uploads[file]) for file in uploads}

    @property
    def ephemerals(self) -> list[Json]:
        """Return what single people were shown."""
        with self.locked():
            return list(self.workspace.ephemerals)

    @property
    def views(self) -> dict[str, Json]:
        """Return {view id: view} of the open modals."""
        with self.locked():
            return dict(self.workspace.views)

    @property
    def responses(self) -> list[Json]:
        """Return what was sent to response addresses."""
        with self.locked():
            return list(self._server.responses)

    @property
    def connections(self) -> int:
        """Return how many Socket Mode connections are open."""
        return self._server.sockets.connections

    def seen(self) -> Json:
        """Return all that was seen as JSON: what `GET /_seen` answers."""
        return self._server.seen()

    def duplicates(self) -> dict[str, int]:
        """Return {key: count} of keys that more than one stored message carries."""
        with self.locked():
            counts = Counter(
                key for _, one in self.workspace.everything() if (key := key_of(one)) is not None
            )
        return {key: count for key, count in counts.items() if count > 1}

    def wait_until(self, holds: Callable[[Self], T], timeout_s: float = 5.0) -> T:
        """Return what `holds` returns once it is true; it is asked again after every change."""
        with self.locked():
            if self.locked().wait_for(lambda: holds(self), timeout_s):
                return holds(self)
        outcomes = [f"{call.method}: {call.outcome}" for call in self.calls[-10:]]
        raise AssertionError(f"not within {timeout_s:g} s; the last calls: {outcomes}")

    def wait_connected(self, count: int = 1, timeout_s: float = 5.0) -> bool:
        """Wait for Socket Mode connections."""
        return self._run(self._server.sockets.wait_for_connections(count, timeout_s))

    def fault(self, kind: str, method: str = "*", **more: Any) -> Fault:
        """Script a failure; see `Fault` for what it takes, `.struck` for how often it struck."""
        made = Fault(kind=FaultKind(kind), method=method, **more)
        with self.locked():
            self._server.faults.append(made)
        return made

    def random_faults(self, seed: int, rate: float, **more: Any) -> list[Fault]:
        """Let about this share of the calls fail, in ways and places that the seed decides."""
        made = random_faults(seed, rate, **more)
        with self.locked():
            self._server.faults += made
        return made

    def heal(self) -> None:
        """Take every scripted failure back, and listen."""
        with self.locked():
            self._server.faults.clear()
        self.come_back()

    def go_down(self, for_s: float | None = None) -> None:
        """Refuse connections from now on, cut those there are; come back after `for_s`, if given."""
        self._run(self._server.go_down(for_s))

    def come_back(self) -> None:
        """Listen again on the same port."""
        self._run(self._server.come_back())

    def refresh_connections(self, reason: str = "refresh_requested", after_s: float = 0.0) -> None:
        """Tell Socket Mode connections to leave (`warning` is Slack's notice ahead), then close them."""
        self._run(self._server.sockets.disconnect(reason, after_s=after_s))

    def cut_connections(self) -> None:
        """Close Socket Mode connections without a word.

        A client of the SDK that is closed afterwards (with `auto_reconnect_enabled` off) does not
        sit out the 3 s for which it would wait for a message.
        """
        self._run(self._server.sockets.disconnect(None, after_s=0))

    def press(
        self, message: str, action: str, *, user: str, channel: str | None = None, times: int = 1
    ) -> Acted:
        """Press a button of a stored message, named by its key, timestamp or `channel/timestamp`.

        `action` is an action_id, or the text on the button. `times` deliver the identical
        payload so often, at once.
        """
        return self._act("press", times, message=message, channel=channel, action=action, user=user)

    def select(
        self,
        message: str,
        action: str,
        value: str,
        *,
        user: str,
        channel: str | None = None,
        times: int = 1,
    ) -> Acted:
        """Choose in a select of a stored message."""
        return self._act(
            "select", times, message=message, channel=channel, action=action, value=value, user=user
        )

    def submit_view(
        self, view_id: str, values: Mapping[str, Any], *, user: str, times: int = 1
    ) -> Acted:
        """Submit a modal; `values` are {action_id: text}, the rest stays as it was shown."""
        return self._act("submit_view", times, view_id=view_id, values=dict(values), user=user)

    def slash(self, command: str, text: str, *, channel: str, user: str, times: int = 1) -> Acted:
        """Type a slash command in a channel (or in the direct message with `channel="U..."`)."""
        return self._act("slash", times, command=command, text=text, channel=channel, user=user)

    def signed_headers(self, body: str, at_s: float | None = None) -> dict[str, str]:
        """Return the headers with which Slack proves that it sent a body (at another time)."""
        return self._server.signed_headers(body, at_s)

    def send_to(self, request_url: str | None) -> None:
        """Send presses to this address from now on; None: over Socket Mode."""
        self._server.request_url = request_url

    def _is(self, where: str, wanted: str) -> bool:
        room = self.workspace.channels[where]
        return wanted in {where, room.get("user")} or bool(
            room["name"] and wanted.removeprefix("#") == room["name"]
        )

    def _act(self, what: str, times: int, **wanted: Any) -> Acted:
        return self._run(self._server.act_on(what, times=times, **wanted))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@contextlib.contextmanager
def fake_slack(**settings: Any) -> Iterator[FakeSlack]:
    """Yield a started workspace; the body of a fixture."""
    with FakeSlack(**settings) as slack:
        yield slack


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(description="A fake Slack workspace on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, help="keep the workspace here over restarts")
    parser.add_argument("--log", type=Path, help="append every call here as a line of JSON")
    parser.add_argument("--channel", action="append", default=[], metavar="ID=NAME")
    parser.add_argument("--user", action="append", default=[], metavar="ID=NAME")
    parser.add_argument("--rate-limits", action="store_true")
    parser.add_argument("--strict", action="store_true", help="only the given users and channels")
    parser.add_argument("--request-url", help="send presses there by signed HTTP")
    parser.add_argument("--signing-secret", default="signing-secret")
    wanted = parser.parse_args()
    people = dict(one.split("=", 1) for one in wanted.user)
    slack = FakeSlack(
        port=wanted.port,
        users={user: {"name": name} for user, name in people.items()},
        channels=dict(one.split("=", 1) for one in wanted.channel),
        open_directory=not wanted.strict,
        open_channels=not wanted.strict,
        rate_limits=wanted.rate_limits,
        request_url=wanted.request_url,
        signing_secret=wanted.signing_secret,
        state=wanted.state,
        log=wanted.log,
    )
    # Blocked before the server's thread starts, so that only `sigwait` takes them.
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with slack:
        print(slack.url, flush=True)  # noqa: T201  # this is what the program is asked for
        signal.sigwait(signals)


if __name__ == "__main__":
    main()
