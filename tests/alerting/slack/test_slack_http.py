"""Presses over HTTP: only Slack's own, and only fresh ones."""

import hashlib
import hmac
import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from alerting.commands import Acknowledge
from alerting.delivery import Lane
from alerting.slack.clicks import Clicks
from alerting.slack.connection import web_client
from alerting.slack.http import MOST_BYTES, PATH, HttpMode
from alerting.slack.sender import SlackWorkspace
from crisiswatch.errors import ConfigError
from tests.alerting.slack.made_desk import MadeDesk
from tests.alerting.slack.shown_notices import AT, PAGE
from tests.doubles.fake_slack import FakeSlack

SECRET = "a-signing-secret"  # noqa: S105  # of a workspace that does not exist
SLASH = "command=%2Fcrisis&text=list&user_id=U0ADA&channel_id=C0ROOM&trigger_id=t1&team_id=T0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The program that listens, and the workspace that calls it."""

    slack: FakeSlack
    desk: MadeDesk
    http: HttpMode
    clicks: Clicks

    def send(self, body: bytes, headers: dict[str, str], path: str = PATH) -> int:
        """Send a request and return the status of the answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.http.port, timeout=5)
        line.request("POST", path, body=body, headers=headers)
        return line.getresponse().status


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    desk = MadeDesk()
    with FakeSlack(channels={"C0ROOM": "inc-air"}, signing_secret=SECRET) as slack:
        clicks = Clicks(
            web_client("xoxb-test", slack.url),
            desk,
            who=str.lower,
            now=lambda: AT,
            signing_secret=SECRET,
        )
        with HttpMode(clicks.app, SECRET, host="127.0.0.1", port=0) as listening:
            slack.send_to(f"http://127.0.0.1:{listening.port}{PATH}")
            yield Door(slack=slack, desk=desk, http=listening, clicks=clicks)
        clicks.close()


def test_a_signed_press_is_acknowledged_and_carried_out(door: Door) -> None:
    workspace = SlackWorkspace(web_client("xoxb-test", door.slack.url))
    workspace.post("C0ROOM", PAGE, key="page", lane=Lane.PAGE)

    acted = door.slack.press("page", "acknowledge", user="U0ADA")

    assert acted.acked
    assert isinstance(door.desk.wait_for(1)[0], Acknowledge)


def test_a_signed_request_is_let_in(door: Door) -> None:
    assert door.send(SLASH.encode(), form(door.slack.signed_headers(SLASH))) == 200


@pytest.mark.parametrize("age_s", [301, -310, 86_400])
def test_a_signature_of_another_time_is_refused(door: Door, age_s: float) -> None:
    headers = door.slack.signed_headers(SLASH, time.time() - age_s)

    assert door.send(SLASH.encode(), form(headers)) == 401


def test_a_signature_of_another_body_is_refused(door: Door) -> None:
    headers = door.slack.signed_headers(SLASH)

    assert door.send(SLASH.replace("U0ADA", "U0EVE").encode(), form(headers)) == 401


def test_a_request_without_a_signature_is_refused(door: Door) -> None:
    assert door.send(SLASH.encode(), form({})) == 401


@pytest.mark.parametrize(
    ("body", "headers", "path", "status"),
    [
        pytest.param(b"{}", {}, "/elsewhere", 404, id="another-address"),
        pytest.param(
            b"", {"Content-Length": str(MOST_BYTES + 1)}, PATH, 413, id="a-body-that-is-too-long"
        ),
        pytest.param(b"", {"Content-Length": "-1"}, PATH, 411, id="a-length-that-is-none"),
        pytest.param(
            b"{}", {"X-Slack-Request-Timestamp": "soon"}, PATH, 401, id="a-time-that-is-none"
        ),
        pytest.param(
            b"\xff",
            {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=\xe9"},
            PATH,
            401,
            id="bytes-that-are-no-text",
        ),
    ],
)
def test_what_can_not_be_slacks_is_refused_before_it_is_read(
    door: Door, body: bytes, headers: dict[str, str], path: str, status: int
) -> None:
    assert door.send(body, headers, path) == status


def test_an_app_that_was_made_without_the_secret_lets_nobody_in(door: Door) -> None:
    at = str(int(time.time()))
    signatures = [
        "v0=" + hmac.new(key, f"v0:{at}:{SLASH}".encode(), hashlib.sha256).hexdigest()
        for key in (SECRET.encode(), b"")
    ]
    careless = Clicks(
        web_client("xoxb-test", door.slack.url), door.desk, who=str.lower, now=lambda: AT
    )

    with HttpMode(careless.app, SECRET, host="127.0.0.1", port=0) as listening:
        other = Door(slack=door.slack, desk=door.desk, http=listening, clicks=careless)
        for signature in signatures:
            headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature}
            assert other.send(SLASH.encode(), form(headers)) in {401, 500}
    careless.close()


def test_nothing_listens_without_a_signing_secret(door: Door) -> None:
    with pytest.raises(ConfigError, match="SLACK_SIGNING_SECRET"):
        HttpMode(door.clicks.app, "", host="127.0.0.1", port=0)


def test_a_port_that_is_taken_is_named(door: Door) -> None:
    with pytest.raises(ConfigError, match=f"127.0.0.1:{door.http.port}"):
        HttpMode(door.clicks.app, SECRET, host="127.0.0.1", port=door.http.port)


def form(headers: dict[str, str]) -> dict[str, str]:
    return {"Content-Type": "application/x-www-form-urlencoded", **headers}


def test_starting_says_nothing_of_settings_that_are_meant(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-of-the-environment")

    Clicks(
        web_client("xoxb-test", "http://127.0.0.1:9/api/"),
        MadeDesk(),
        who=str.lower,
        now=lambda: AT,
        signing_secret=SECRET,
    ).close()

    assert caplog.records == []
