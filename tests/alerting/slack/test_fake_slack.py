"""The fake Slack keeps to what the real one does, told by the real SDK."""

import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from tests.doubles.fake_slack import FakeSlack

ADA, BEN, GONE = "U0ADA", "U0BEN", "U0GONE"
BUTTON = {
    "type": "button",
    "action_id": "acknowledge",
    "text": {"type": "plain_text", "text": "I have it"},
    "value": "case-1",
}
BUTTONS = [{"type": "actions", "block_id": "do", "elements": [BUTTON]}]
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Edit"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "words",
            "label": {"type": "plain_text", "text": "Text"},
            "element": {
                "type": "plain_text_input",
                "action_id": "text",
                "initial_value": "as it was",
            },
        }
    ],
}


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(
        channels={"C0CRISIS": "crisis", "C0OTHER": "other"},
        not_joined=["C0OTHER"],
        usergroups={"S0DUTY": [ADA]},
        deactivated=[GONE],
        closed_dms=["U0SHUT"],
    ) as started:
        yield started


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return client_of(slack)


def client_of(slack: FakeSlack, token: str = "xoxb-test", timeout_s: int = 5) -> WebClient:  # noqa: S107  # of a workspace that does not exist
    return WebClient(token=token, base_url=slack.url, timeout=timeout_s, retry_handlers=[])


def post(client: WebClient, key: str, **more: Any) -> str:
    answer = client.chat_postMessage(
        channel=more.pop("channel", "C0CRISIS"),
        text=more.pop("text", key),
        metadata={"event_type": "crisiswatch", "event_payload": {"key": key}},
        **more,
    )
    return str(answer["ts"])


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as refused:
        call()
    return str(refused.value.response["error"])


def wait_for_port(root: str, within_s: float = 5.0) -> None:
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        with contextlib.suppress(OSError), urllib.request.urlopen(root, timeout=5):  # noqa: S310  # loopback
            return
    raise AssertionError(f"{root} did not come back within {within_s:g} s")


class App:
    """A Socket Mode app that acknowledges (or does not) and remembers what it got."""

    def __init__(self, slack: FakeSlack, *, acks: bool = True) -> None:
        self.slack = slack
        self.got: list[SocketModeRequest] = []
        self.acks = acks
        self.client = SocketModeClient(
            app_token="xapp-test",  # noqa: S106  # of an app that does not exist
            web_client=WebClient(base_url=slack.url),
        )
        self.client.socket_mode_request_listeners.append(self._take)

    def __enter__(self) -> Self:
        self.client.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.auto_reconnect_enabled = False
        self.slack.cut_connections()
        # Its reader may be closing the socket at the same moment, which the SDK does not expect.
        with contextlib.suppress(AttributeError):
            self.client.disconnect()
        self.client.close()

    def _take(self, _client: object, request: SocketModeRequest) -> None:
        self.got.append(request)
        if self.acks:
            answer = SocketModeResponse(envelope_id=request.envelope_id, payload={"text": "done"})
            self.client.send_socket_mode_response(answer)


def test_a_message_is_stored_with_its_metadata_and_told_only_where_asked(
    slack: FakeSlack, client: WebClient
) -> None:
    post(client, "page:1", blocks=json.dumps(BUTTONS))
    plain = client.conversations_history(channel="C0CRISIS")["messages"]
    full = client.conversations_history(channel="C0CRISIS", include_all_metadata=True)["messages"]
    assert "metadata" not in plain[0]
    assert full[0]["metadata"]["event_payload"] == {"key": "page:1"}
    assert slack.message("page:1")["blocks"][0]["block_id"] == "do"


def test_history_is_paged_newest_first_and_leaves_replies_to_their_thread(
    client: WebClient,
) -> None:
    stamps = [post(client, f"m{number}") for number in range(5)]
    post(client, "reply", thread_ts=stamps[0])
    first = client.conversations_history(channel="C0CRISIS", limit=2)
    rest = client.conversations_history(
        channel="C0CRISIS", limit=9, cursor=first["response_metadata"]["next_cursor"]
    )
    assert [one["text"] for one in first["messages"]] == ["m4", "m3"]
    assert [one["text"] for one in rest["messages"]] == ["m2", "m1", "m0"]
    assert first["has_more"]
    assert not rest["has_more"]
    later = client.conversations_history(channel="C0CRISIS", oldest=stamps[3])["messages"]
    assert [one["text"] for one in later] == ["m4"]
    thread = client.conversations_replies(channel="C0CRISIS", ts=stamps[0])["messages"]
    assert [one["text"] for one in thread] == ["m0", "reply"]


@pytest.mark.parametrize(
    ("blocks", "error", "pointer"),
    [
        pytest.param([{"type": "divider"}] * 51, "invalid_blocks", "/blocks]", id="51-blocks"),
        pytest.param(
            [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
            "invalid_blocks",
            "/blocks/0/text/text",
            id="long-section",
        ),
        pytest.param(
            [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
            "invalid_blocks",
            "/blocks/0/text/text",
            id="long-header",
        ),
        pytest.param(
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            "invalid_blocks",
            "/blocks/0/text/type",
            id="header-with-markdown",
        ),
        pytest.param(
            [{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}],
            "invalid_blocks",
            "/blocks/0/elements/0/value",
            id="long-button-value",
        ),
        pytest.param(
            [{"type": "actions", "elements": [BUTTON]}] * 2,
            "invalid_blocks",
            "acknowledge already exists",
            id="action-id-twice",
        ),
        pytest.param(
            [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5,
            "msg_blocks_too_long",
            "",
            id="all-blocks-together",
        ),
    ],
)
def test_blocks_that_slack_would_refuse_are_refused(
    slack: FakeSlack, client: WebClient, blocks: list[dict[str, Any]], error: str, pointer: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="C0CRISIS", text="x", blocks=blocks)
    assert refused.value.response["error"] == error
    assert pointer in str(refused.value.response.data)
    assert slack.messages() == []


def test_a_message_goes_to_a_name_or_a_person_and_nowhere_else(
    slack: FakeSlack, client: WebClient
) -> None:
    post(client, "named", channel="#crisis")
    direct = client.chat_postMessage(channel=ADA, text="hello")["channel"]
    assert direct.startswith("D")
    assert client.conversations_open(users=ADA)["channel"]["id"] == direct
    assert [one["text"] for one in slack.messages(ADA)] == ["hello"]
    for channel, error in (
        ("C0NOWHERE", "channel_not_found"),
        ("C0OTHER", "not_in_channel"),
        (GONE, "user_disabled"),
    ):
        assert refusal(lambda channel=channel: post(client, "x", channel=channel)) == error  # type: ignore[misc]


def test_an_update_by_text_alone_removes_the_blocks(slack: FakeSlack, client: WebClient) -> None:
    ts = post(client, "status", blocks=BUTTONS)
    client.chat_update(channel="C0CRISIS", ts=ts, text="over")
    assert "blocks" not in slack.message("status")
    assert slack.message("status")["text"] == "over"
    wrong = refusal(lambda: client.chat_update(channel="C0CRISIS", ts="1.000001", text="x"))
    assert wrong == "message_not_found"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("crisis", "name_taken"),
        ("Crisis", "invalid_name_specials"),
        ("a.b", "invalid_name_specials"),
        ("a" * 81, "invalid_name_maxlength"),
        ("---", "invalid_name_punctuation"),
    ],
)
def test_channel_names_keep_to_the_rules(client: WebClient, name: str, error: str) -> None:
    assert refusal(lambda: client.conversations_create(name=name)) == error


def test_an_invitation_tells_who_could_not_be_invited(slack: FakeSlack, client: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.conversations_invite(channel="C0CRISIS", users=[ADA, GONE])
    assert refused.value.response["errors"] == [
        {"user": GONE, "ok": False, "error": "user_is_deactivated"}
    ]
    assert ADA not in slack.channel("crisis")["members"]
    client.conversations_invite(channel="C0CRISIS", users=[ADA, GONE], force=True)
    assert ADA in slack.channel("crisis")["members"]


def test_pins_topics_and_groups_keep_to_the_rules(slack: FakeSlack, client: WebClient) -> None:
    ts = post(client, "status")
    client.pins_add(channel="C0CRISIS", timestamp=ts)
    assert refusal(lambda: client.pins_add(channel="C0CRISIS", timestamp=ts)) == "already_pinned"
    assert [one["text"] for one in slack.pinned["C0CRISIS"]] == ["status"]
    client.conversations_setTopic(channel="C0CRISIS", topic="flood · high")
    assert slack.channel("#crisis")["topic"]["value"] == "flood · high"
    client.usergroups_users_update(usergroup="S0DUTY", users=[BEN])
    assert client.usergroups_users_list(usergroup="S0DUTY")["users"] == [BEN]
    empty = refusal(lambda: client.usergroups_users_update(usergroup="S0DUTY", users=[]))
    assert empty == "no_users_provided"


def test_tokens_and_scopes_are_checked() -> None:
    with FakeSlack(tokens=["xoxb-good", "xapp-good"], scopes=["chat:write"]) as slack:
        good = client_of(slack, "xoxb-good")
        assert good.auth_test().headers["x-oauth-scopes"] == "chat:write"
        assert refusal(lambda: client_of(slack, "xoxb-bad").auth_test()) == "invalid_auth"
        assert refusal(lambda: good.conversations_create(name="a")) == "missing_scope"
        app = client_of(slack, "xapp-good")
        assert refusal(lambda: app.chat_postMessage(channel=ADA, text="x")) == (
            "not_allowed_token_type"
        )


def test_a_file_arrives_with_its_bytes_in_the_thread(slack: FakeSlack, client: WebClient) -> None:
    ts = post(client, "status")
    client.files_upload_v2(
        channel="C0CRISIS", content=b"\x89PNG", filename="a.png", title="Chart", thread_ts=ts
    )
    ((known, content),) = slack.files.values()
    assert (known["title"], content) == ("Chart", b"\x89PNG")
    assert slack.messages()[-1]["thread_ts"] == ts


def test_a_reset_after_processing_stores_the_message_and_one_before_does_not(
    slack: FakeSlack, client: WebClient
) -> None:
    after = slack.fault("reset_after", "chat.*", count=1)
    with pytest.raises(ConnectionResetError):
        post(client, "page:1")
    before = slack.fault("reset_before", "chat.*", count=1)
    with pytest.raises(ConnectionResetError):
        post(client, "page:2")
    assert [one["text"] for one in slack.messages()] == ["page:1"]
    post(client, "page:1")
    assert slack.duplicates() == {"page:1": 2}
    assert (after.struck, before.struck) == (1, 1)
    assert [call.outcome for call in slack.calls] == ["reset_after (ok)", "reset_before", "ok"]


def test_faults_of_every_kind_reach_the_client(slack: FakeSlack) -> None:
    client = client_of(slack, timeout_s=1)
    slack.fault("status", "auth.test", count=1, status=429, retry_after_s=7)
    with pytest.raises(SlackApiError) as refused:
        client.auth_test()
    assert refused.value.response.headers["Retry-After"] == "7"
    slack.fault("error", "auth.test", count=1, error="fatal_error")
    assert refusal(client.auth_test) == "fatal_error"
    slack.fault("blackhole", "auth.test", count=1)
    with pytest.raises(TimeoutError):
        client.auth_test()
    slack.go_down()
    with pytest.raises(OSError, match="refused"):
        client.auth_test()
    slack.come_back()
    assert client.auth_test()["ok"]


def test_random_faults_strike_the_same_calls_for_the_same_seed() -> None:
    def outcomes(seed: int) -> list[str]:
        with FakeSlack() as slack:
            slack.random_faults(seed, 0.4, kinds=("status", "ratelimited"))
            for _ in range(30):
                try:
                    client_of(slack).api_test()
                except SlackApiError:
                    continue
            return [call.outcome for call in slack.calls]

    assert outcomes(1) == outcomes(1) != outcomes(2)
    assert 4 <= sum(outcome != "ok" for outcome in outcomes(1)) <= 20


def test_a_channel_takes_a_short_burst_and_then_one_message_a_second() -> None:
    with FakeSlack(channels={"C0A": "a", "C0B": "b"}, rate_limits=True) as slack:
        client = client_of(slack)
        for _ in range(3):
            client.chat_postMessage(channel="C0A", text="x")
        with pytest.raises(SlackApiError) as refused:
            client.chat_postMessage(channel="C0A", text="x")
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["Retry-After"] == "1"
        assert len(slack.messages("#a")) == 3
        assert client.chat_postMessage(channel="C0B", text="x")["ok"]


def test_a_press_is_the_stored_button_and_its_redelivery_is_identical(
    slack: FakeSlack, client: WebClient
) -> None:
    ts = post(client, "page:1", blocks=BUTTONS)
    with App(slack) as app:
        acted = slack.press("page:1", "I have it", user=ADA, times=3)
        assert acted
        assert len(app.got) == 3
        first = app.got[0].payload
        assert all(one.payload == first for one in app.got)
        assert first["container"]["message_ts"] == ts
        action = first["actions"][0]
        assert (action["action_id"], action["block_id"]) == ("acknowledge", "do")
        assert action["value"] == "case-1"
        assert slack.slash("/crisis", "list", channel="C0CRISIS", user=ADA).answers == (
            {"text": "done"},
        )
    with pytest.raises(LookupError, match="acknowledge"):
        slack.press("page:1", "resolve", user=ADA)


def test_a_modal_opens_once_for_a_trigger_and_is_submitted_with_what_it_showed(
    slack: FakeSlack, client: WebClient
) -> None:
    post(client, "page:1", blocks=BUTTONS)
    with App(slack) as app:
        slack.press("page:1", "acknowledge", user=ADA)
        trigger = app.got[0].payload["trigger_id"]
        view = client.views_open(trigger_id=trigger, view=MODAL)["view"]["id"]
        again = refusal(lambda: client.views_open(trigger_id=trigger, view=MODAL))
        assert again == "exchanged_trigger_id"
        assert slack.submit_view(view, {}, user=ADA)
        state = app.got[1].payload["view"]["state"]["values"]
        assert state["words"]["text"]["value"] == "as it was"


def test_an_envelope_that_nobody_acknowledges_is_not_acked_and_can_come_again() -> None:
    with FakeSlack(channels={"C0CRISIS": "crisis"}, redeliveries=1, ack_within_s=0.5) as slack:
        post(client_of(slack), "page:1", blocks=BUTTONS)
        with App(slack, acks=False) as app:
            assert not slack.press("page:1", "acknowledge", user=ADA)
            assert len({one.envelope_id for one in app.got}) == 1
            assert [one.retry_attempt for one in app.got] == [None, 1]


def test_a_client_comes_back_after_slack_refreshes_its_connection(
    slack: FakeSlack, client: WebClient
) -> None:
    post(client, "page:1", blocks=BUTTONS)
    with App(slack) as app:
        slack.refresh_connections()
        assert slack.wait_connected()
        assert slack.press("page:1", "acknowledge", user=ADA)
        assert len(app.got) == 1


def test_a_press_by_http_carries_a_signature_that_the_sdk_accepts(
    slack: FakeSlack, client: WebClient
) -> None:
    post(client, "page:1", blocks=BUTTONS)
    valid: list[bool] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            valid.append(
                SignatureVerifier("signing-secret").is_valid_request(body, dict(self.headers))
            )
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Endpoint) as endpoint:
        Thread(target=endpoint.serve_forever, daemon=True).start()
        slack.send_to(f"http://127.0.0.1:{endpoint.server_port}/slack/events")
        assert slack.press("page:1", "acknowledge", user=ADA)
        endpoint.shutdown()
    assert valid == [True]


def test_a_response_address_replaces_the_message_that_was_pressed(
    slack: FakeSlack, client: WebClient
) -> None:
    post(client, "page:1", blocks=BUTTONS)
    with App(slack) as app:
        slack.press("page:1", "acknowledge", user=ADA)
        body = json.dumps({"replace_original": True, "text": "Ada has it"}).encode()
        address = app.got[0].payload["response_url"]
        with urllib.request.urlopen(address, body, timeout=5) as answer:  # noqa: S310  # loopback
            assert answer.read() == b"ok"
    assert slack.message("page:1")["text"] == "Ada has it"


def test_as_a_process_it_keeps_its_state_and_is_scripted_and_read_by_http(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.doubles.fake_slack",
        "--state",
        str(tmp_path / "s.json"),
    ]

    def ask(root: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(root + path, data, timeout=5) as answer:  # noqa: S310  # loopback
            return json.loads(answer.read())

    def run(steps: Callable[[str], None]) -> None:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                steps(process.stdout.readline().strip().removesuffix("/api/"))
            finally:
                process.terminate()

    def first(root: str) -> None:
        client = WebClient(token="xoxb-x", base_url=root + "/api/", retry_handlers=[])  # noqa: S106  # not a secret
        ask(root, "/_faults", {"kind": "reset_after", "method": "chat.*", "count": 1})
        with pytest.raises(ConnectionResetError):
            post(client, "page:1", channel="#anything")
        assert ask(root, "/_seen")["calls"][0]["outcome"] == "reset_after (ok)"
        assert ask(root, "/_faults", {"kind": "down", "for_s": 0.3})["ok"]
        with pytest.raises(OSError, match="refused"):
            client.api_test()
        wait_for_port(root)
        with urllib.request.urlopen(root, timeout=5) as page:  # noqa: S310  # loopback
            assert b"page:1" in page.read()

    def second(root: str) -> None:
        messages = [one for room in ask(root, "/_seen")["messages"].values() for one in room]
        assert [one["text"] for one in messages] == ["page:1"]

    run(first)
    run(second)


def test_waiting_ends_as_soon_as_what_is_waited_for_is_there(
    slack: FakeSlack, client: WebClient
) -> None:
    sender = Thread(target=post, args=(client, "page:1"))
    sender.start()
    began_s = time.monotonic()
    assert slack.wait_until(lambda seen: seen.messages("#crisis"), 5.0)[0]["text"] == "page:1"
    assert time.monotonic() - began_s < 4
    sender.join()
    with pytest.raises(AssertionError, match=r"chat\.postMessage: ok"):
        slack.wait_until(lambda seen: seen.messages(BEN), 0.05)
