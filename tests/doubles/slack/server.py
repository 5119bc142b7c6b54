"""The HTTP and WebSocket side of the fake workspace: paths, tokens, faults, and what was seen."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl, urlencode

import aiohttp
import orjson
from aiohttp import web

from tests.doubles.slack.answers import Json, RefusalError
from tests.doubles.slack.block_rules import check_message_blocks
from tests.doubles.slack.faults import Fault, FaultKind, RateLimits, random_faults
from tests.doubles.slack.methods import Methods
from tests.doubles.slack.page import page
from tests.doubles.slack.people_acts import PeopleActs, ResponseUrl
from tests.doubles.slack.scopes import missing_scope
from tests.doubles.slack.sockets import Sockets
from tests.doubles.slack.workspace import BOT_USER, Workspace, key_of

ACK_WITHIN_S = 3.0
_BIGGEST_BODY_BYTES = 64 * 1024 * 1024
_CLOSE_WITH_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True, kw_only=True)
class Call:
    """One call of the Web API. `outcome` is `ok`, an error's name, or the fault that struck.

    A fault that struck after the call was done is told as `reset_after (ok)`.
    """

    method: str
    args: Json
    at: float
    monotonic: float
    outcome: str = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What came of a person's act: true if every delivery was acknowledged within 3 s."""

    acked: bool
    acked_in_s: float | None
    answers: tuple[Any, ...]
    payload: Json

    def __bool__(self) -> bool:
        return self.acked


@dataclass(kw_only=True)
class Server:
    """One listening fake. Everything that changes happens in its event loop, under `changed`."""

    workspace: Workspace
    methods: Methods
    acts: PeopleActs
    scopes: frozenset[str]
    tokens: frozenset[str] | None = None
    rate_limits: bool = False
    signing_secret: str = "signing-secret"  # noqa: S105  # of a workspace that does not exist
    request_url: str | None = None
    redeliveries: int = 0
    ack_within_s: float = ACK_WITHIN_S
    log: TextIO | None = None
    state: Path | None = None
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    responses: list[Json] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    sockets: Sockets = field(default_factory=Sockets)
    port: int = 0
    host: str = "127.0.0.1"
    _limits: RateLimits = field(default_factory=RateLimits)
    _runner: web.ServerRunner | None = None
    _server: web.Server | None = None
    _site: web.SockSite | None = None
    _saver: asyncio.Task[None] | None = None
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def root(self) -> str:
        """Return the address without a path."""
        return f"http://{self.host}:{self.port}"

    async def start(self) -> None:
        """Load the state, listen, and keep the state saved."""
        if self.state is not None and self.state.exists():
            saved = orjson.loads(self.state.read_bytes())
            self.workspace.load_state(saved)
            self.methods.uploads |= {
                file: base64.b64decode(content) for file, content in saved["uploads"].items()
            }
        self._server = web.Server(self._handle, request_factory=_request, access_log=None)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0.1)
        await self._runner.setup()
        await self.come_back()
        self.methods.base_url = self.acts.base_url = self.root
        if self.state is not None:
            self._saver = asyncio.create_task(self._keep_saved())

    async def stop(self) -> None:
        """Save, and stop."""
        if self._saver is not None:
            self._saver.cancel()
            self._save()
        self._abort_connections()
        if self._runner is not None:
            await self._runner.cleanup()

    async def go_down(
        self, for_s: float | None = None, *, asked_by: asyncio.BaseTransport | None = None
    ) -> None:
        """Refuse connections and cut all there are; come back by itself where a time is given.

        The connection on which this was asked for stays, for the answer.
        """
        if self._site is not None:
            await self._site.stop()
            self._site = None
        self._abort_connections(but=asked_by)
        if for_s is not None:
            task = asyncio.create_task(self._come_back_after(for_s))
            self._later.add(task)
            task.add_done_callback(self._later.discard)

    async def come_back(self) -> None:
        """Listen (again, on the same port)."""
        if self._site is not None or self._runner is None:
            return
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((self.host, self.port))
        self.port = listening.getsockname()[1]
        self._site = web.SockSite(self._runner, listening, backlog=1024)
        await self._site.start()

    async def act(self, kind: str, payload: Json, times: int) -> Acted:
        """Send the payload that many times at once and say what the app made of it."""
        within_s = self.ack_within_s
        if self.request_url is not None:
            sent = [self._send_signed(kind, payload, within_s) for _ in range(times)]
            results = await asyncio.gather(*sent)
        else:
            envelopes = await asyncio.gather(
                *(
                    self.sockets.deliver(
                        kind, payload, within_s=within_s, redeliveries=self.redeliveries
                    )
                    for _ in range(times)
                )
            )
            results = [(each.acked_in_s, each.answer) for each in envelopes]
        times_s = [in_s for in_s, _ in results]
        acked_in_s = None if None in times_s else max(in_s for in_s in times_s if in_s is not None)
        return Acted(
            acked=acked_in_s is not None,
            acked_in_s=acked_in_s,
            answers=tuple(answer for _, answer in results),
            payload=payload,
        )

    def signed_headers(self, body: str, at_s: float | None = None) -> dict[str, str]:
        """Return the headers with which Slack proves that it sent a body."""
        at = str(int(time.time() if at_s is None else at_s))
        signed = hmac.new(self.signing_secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256)
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={signed.hexdigest()}",
        }

    def seen(self) -> Json:
        """Return all that was seen, as JSON."""
        with self.changed:
            keys = Counter(
                key for _, one in self.workspace.everything() if (key := key_of(one)) is not None
            )
            state = self.workspace.to_state()
            return {
                **{name: state[name] for name in ("channels", "messages", "ephemerals", "pins")},
                **{name: state[name] for name in ("files", "views", "usergroups")},
                "calls": [asdict(call) for call in self.calls],
                "responses": self.responses,
                "faults": [fault.shown() for fault in self.faults],
                "duplicates": {key: count for key, count in keys.items() if count > 1},
                "connections": self.sockets.connections,
            }

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:  # noqa: PLR0911  # one return per path
        path = request.path
        if path.startswith("/api/"):
            return await self._api(request, path.removeprefix("/api/"))
        if path.startswith("/link"):
            return await self.sockets.serve(request)
        if path.startswith("/upload/v1/"):
            return await self._upload(request, path.rpartition("/")[2])
        if path.startswith("/actions/"):
            return await self._respond(request, path.rpartition("/")[2])
        if path == "/":
            with self.changed:
                shown = page(self.workspace)
            return web.Response(text=shown, content_type="text/html")
        if path == "/_seen":
            return _answer(await asyncio.to_thread(self.seen))
        if path.startswith("/_"):
            return await self._control(request, path.removeprefix("/_"))
        return web.Response(status=404)

    async def _api(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        args, token = await _arguments(request)
        call = Call(method=method, args=args, at=self.workspace.clock(), monotonic=time.monotonic())
        with self.changed:
            self.calls.append(call)
            fault = next((one for one in self.faults if one.strikes(method, args)), None)
        before = await self._strike_before(request, fault)
        if before is not None:
            call.outcome = _name(fault)
            self._told(call)
            return before
        headers = {}
        with self.changed:
            wait_s = self._too_many(method, args)
            if wait_s is not None:
                body: Json = {"ok": False, "error": "ratelimited"}
                call.outcome = "ratelimited"
            else:
                try:
                    body = self._answer_call(method, args, token)
                    call.outcome = "ok"
                except RefusalError as refusal:
                    body = refusal.body()
                    call.outcome = refusal.error
            if method == "auth.test" and body["ok"]:
                headers["x-oauth-scopes"] = ",".join(sorted(self.scopes))
            answer = _answer(body, headers=headers)
            self.changed.notify_all()
        if wait_s is not None:
            answer = _answer(body, status=429, headers={"Retry-After": str(wait_s)})
        if fault is not None:
            call.outcome = f"{_name(fault)} ({call.outcome})"
        self._told(call)
        if fault is not None and fault.kind is FaultKind.RESET_AFTER:
            return _reset(request)
        if fault is not None and fault.kind is FaultKind.STATUS_AFTER:
            return web.Response(status=fault.status, text="upstream error")
        return answer

    async def _strike_before(  # noqa: PLR0911  # one return per kind of fault
        self, request: web.BaseRequest, fault: Fault | None
    ) -> web.StreamResponse | None:
        """Return what a fault answers in place of the method, or None where the method is to run."""
        if fault is None:
            return None
        match fault.kind:
            case FaultKind.STATUS:
                body: Json = {"ok": False, "error": "internal_error"}
                if fault.status != 429:
                    return web.Response(status=fault.status, text="upstream error")
                body["error"] = "ratelimited"
                wait = {"Retry-After": str(fault.retry_after_s)}
                return _answer(body, status=429, headers=wait)
            case FaultKind.ERROR:
                return _answer({"ok": False, "error": fault.error})
            case FaultKind.RESET_BEFORE:
                return _reset(request)
            case FaultKind.BLACKHOLE:
                while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110  # a client that leaves sets no event
                    await asyncio.sleep(0.05)
                return web.Response()
            case FaultKind.DELAY:
                await asyncio.sleep(fault.delay_s)
                return None
            case FaultKind.RESET_AFTER | FaultKind.STATUS_AFTER:
                return None

    def _too_many(self, method: str, args: Json) -> int | None:
        if not self.rate_limits:
            return None
        return self._limits.retry_after_s(method, str(args.get("channel", "")), time.monotonic())

    def _answer_call(self, method: str, args: Json, token: str) -> Json:
        if not token and method != "api.test":
            raise RefusalError("not_authed")
        if token and self.tokens is not None and token not in self.tokens:
            raise RefusalError("invalid_auth")
        if method == "apps.connections.open":
            if not token.startswith("xapp-"):
                raise RefusalError("not_allowed_token_type")
            link = f"ws://{self.host}:{self.port}/link/?ticket={self.sockets.new_ticket()}"
            return {"ok": True, "url": f"{link}&app_id=A0CRISIS"}
        if method != "api.test" and not token.startswith("xoxb-"):
            kind = "not_allowed_token_type" if token.startswith("xapp-") else "invalid_auth"
            raise RefusalError(kind)
        needed = missing_scope(method, str(args.get("channel", "")), self.scopes, self.workspace)
        if needed is not None:
            provided = ",".join(sorted(self.scopes))
            raise RefusalError("missing_scope", {"needed": needed, "provided": provided})
        return self.methods.call(method, args)

    async def _upload(self, request: web.BaseRequest, file: str) -> web.StreamResponse:
        content = await _file_content(request)
        call = Call(
            method="upload",
            args={"file": file, "length": len(content)},
            at=self.workspace.clock(),
            monotonic=time.monotonic(),
            outcome="ok",
        )
        with self.changed:
            self.calls.append(call)
            fault = next((one for one in self.faults if one.strikes("upload", call.args)), None)
        before = await self._strike_before(request, fault)
        if before is not None:
            call.outcome = _name(fault)
            self._told(call)
            return before
        with self.changed:
            found = self.workspace.files.get(file)
            if found is None or found["size"] != len(content):
                call.outcome = "refused"
                return web.Response(status=400, text="not what was promised")
            found["state"] = "uploaded"
            self.methods.uploads[file] = content
            self.workspace.changes += 1
            self.changed.notify_all()
        self._told(call)
        if fault is not None and fault.kind is FaultKind.RESET_AFTER:
            return _reset(request)
        return web.Response(text=f"OK - {len(content)}")

    async def _respond(self, request: web.BaseRequest, name: str) -> web.StreamResponse:
        """Take what an app answers to a `response_url`."""
        given = self.acts.response_urls.get(name)
        if given is None or not given.take():
            return _answer({"ok": False, "error": "expired_url" if given else "no_such_url"}, 404)
        try:
            body = json.loads(await request.text())
            with self.changed:
                self.responses.append({"channel": given.channel, "user": given.user, "body": body})
                self._apply_response(given, body)
                self.changed.notify_all()
        except ValueError:
            return _answer({"ok": False, "error": "invalid_payload"}, 400)
        except RefusalError as refusal:
            return _answer(refusal.body(), 400)
        return web.Response(text="ok")

    def _apply_response(self, given: ResponseUrl, body: Json) -> None:
        said: Json = {name: body[name] for name in ("text", "blocks") if name in body}
        if "blocks" in said:
            check_message_blocks(said["blocks"])
        if body.get("delete_original") and given.ts is not None:
            self.workspace.remove(given.channel, given.ts)
        elif body.get("replace_original") and given.ts is not None:
            message = self.workspace.message(given.channel, given.ts)
            if "blocks" not in said:
                message.pop("blocks", None)
            message.update(said)
        elif body.get("response_type") == "in_channel":
            self.workspace.store(given.channel, {"user": BOT_USER, "text": "", **said})
        else:
            self.workspace.ephemerals.append({"channel": given.channel, "user": given.user, **said})
        self.workspace.changes += 1

    async def _control(self, request: web.BaseRequest, what: str) -> web.StreamResponse:  # noqa: PLR0911  # one return per request
        """Do what a test in another process asks for."""
        text = await request.text()
        wanted: Json = json.loads(text) if text else {}
        try:
            match (request.method, what):
                case ("POST", "faults"):
                    await self._script(wanted, request.transport)
                    return _answer({"ok": True})
                case ("GET", "faults"):
                    return _answer({"ok": True, "faults": [one.shown() for one in self.faults]})
                case ("DELETE", "faults"):
                    self.faults.clear()
                    return _answer({"ok": True})
                case ("POST", "disconnect"):
                    await self.sockets.disconnect(
                        wanted.get("reason", "refresh_requested"), after_s=wanted.get("after_s", 0)
                    )
                    return _answer({"ok": True})
                case ("POST", "press" | "select" | "submit_view" | "slash"):
                    acted = await self.act_on(what, **wanted)
                    return _answer({"ok": True, **asdict(acted)})
        except (LookupError, TypeError, ValueError) as wrong:
            return _answer({"ok": False, "error": str(wrong)}, 400)
        except RefusalError as refusal:
            return _answer(refusal.body(), 400)
        return web.Response(status=404)

    async def act_on(self, what: str, *, times: int = 1, **wanted: Any) -> Acted:
        """Build the payload of a person's act and send it."""
        with self.changed:
            kind, payload = "interactive", self._payload(what, **wanted)
        if what == "slash":
            kind = "slash_commands"
        acted = await self.act(kind, payload, times)
        with self.changed:
            self._apply_acknowledgement(what, acted)
            self.changed.notify_all()
        return acted

    def _payload(self, what: str, **wanted: Any) -> Json:
        acts: dict[str, Callable[..., Json]] = {
            "submit_view": self.acts.submit_view,
            "slash": self.acts.slash,
            "press": self.acts.press,
            "select": self.acts.select,
        }
        if what in {"press", "select"}:
            where, message = self.acts.find(wanted.pop("message"), wanted.pop("channel", None))
            wanted |= {"where": where, "message": message}
        return acts[what](**wanted)

    def _apply_acknowledgement(self, what: str, acted: Acted) -> None:
        """Show what the app said with its acknowledgement, as a client would."""
        if not acted.acked:
            return
        for answer in acted.answers:
            if what == "slash" and answer:
                said = answer if isinstance(answer, dict) else {"text": str(answer)}
                self.workspace.ephemerals.append(
                    {
                        "channel": acted.payload["channel_id"],
                        "user": acted.payload["user_id"],
                        **said,
                    }
                )
            if what == "submit_view":
                view = acted.payload["view"]["id"]
                action = answer.get("response_action") if isinstance(answer, dict) else None
                if action in {None, "clear"}:
                    self.workspace.views.pop(view, None)
                elif action == "update":
                    self.workspace.views[view].update(answer["view"])

    async def _script(self, wanted: Json, asked_by: asyncio.BaseTransport | None) -> None:
        if wanted.get("kind") == "down":
            await self.go_down(float(wanted["for_s"]), asked_by=asked_by)
        elif "random" in wanted:
            self.faults += random_faults(**wanted["random"])
        else:
            self.faults.append(Fault(**wanted))

    async def _send_signed(
        self, kind: str, payload: Json, within_s: float
    ) -> tuple[float | None, Any]:
        form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        body = urlencode(form)
        began_s = time.monotonic()
        try:
            timeout = aiohttp.ClientTimeout(total=within_s)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(
                    str(self.request_url), data=body, headers=self.signed_headers(body)
                ) as answer,
            ):
                text = await answer.text()
                took_s = time.monotonic() - began_s
        except (aiohttp.ClientError, TimeoutError):
            return None, None
        try:
            said: Any = json.loads(text) if text else {}
        except ValueError:
            said = text
        return (took_s if answer.status == 200 else None), said

    async def _come_back_after(self, for_s: float) -> None:
        await asyncio.sleep(for_s)
        await self.come_back()

    def _abort_connections(self, *, but: asyncio.BaseTransport | None = None) -> None:
        for connection in list(self._server.connections) if self._server is not None else ():
            if connection.transport is not None and connection.transport is not but:
                _abort(connection.transport)

    def _told(self, call: Call) -> None:
        if self.log is not None:
            self.log.write(orjson.dumps(asdict(call), default=str).decode() + "\n")
            self.log.flush()

    async def _keep_saved(self) -> None:
        saved = -1
        while True:
            took_s = 0.0
            if self.workspace.changes != saved:
                saved = self.workspace.changes
                began_s = time.monotonic()
                self._save()
                took_s = time.monotonic() - began_s
            await asyncio.sleep(max(0.1, 10 * took_s))

    def _save(self) -> None:
        if self.state is None:
            return
        uploads = {
            file: base64.b64encode(content).decode()
            for file, content in self.methods.uploads.items()
        }
        with self.changed:
            content = orjson.dumps(
                {**self.workspace.to_state(), "uploads": uploads}, option=orjson.OPT_NON_STR_KEYS
            )
        beside = self.state.with_name(self.state.name + ".new")
        beside.write_bytes(content)
        beside.replace(self.state)


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    return web.BaseRequest(
        message,
        payload,
        protocol,
        writer,
        task,
        asyncio.get_running_loop(),
        client_max_size=_BIGGEST_BODY_BYTES,
    )


async def _arguments(request: web.BaseRequest) -> tuple[Json, str]:
    """Return a call's arguments, however they came, and its token."""
    args: Json = dict(request.query)
    content = request.content_type
    if request.method == "POST":
        if content == "application/json":
            text = await request.text()
            args |= json.loads(text) if text else {}
        elif content.startswith("multipart/"):
            args |= dict(await request.post())
        else:
            args |= dict(parse_qsl(await request.text(), keep_blank_values=True))
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return args, str(args.pop("token", "") or token)


async def _file_content(request: web.BaseRequest) -> bytes:
    if request.content_type.startswith("multipart/"):
        for part in (await request.post()).values():
            if isinstance(part, web.FileField):
                return part.file.read()
    return await request.read()


def _answer(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=orjson.dumps(body, default=str),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def _name(fault: Fault | None) -> str:
    if fault is None:
        return "ok"
    return f"{fault.kind} {fault.status}" if fault.kind is FaultKind.STATUS else str(fault.kind)


def _reset(request: web.BaseRequest) -> web.Response:
    """Reset the connection; the answer that aiohttp wants goes nowhere."""
    if request.transport is not None:
        _abort(request.transport)
    return web.Response()


def _abort(transport: asyncio.BaseTransport) -> None:
    connected = transport.get_extra_info("socket")
    if connected is not None:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_WITH_RESET)
    if isinstance(transport, asyncio.Transport):
        transport.abort()
