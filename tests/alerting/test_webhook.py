"""Webhooks: what is sent, and what each answer means."""

import hashlib
import hmac
import socket
import time
from collections.abc import Iterator
from email.message import Message

import pytest

from alerting.delivery import OutcomeUnknownError, UndeliveredError
from alerting.publishers.http_post import LONGEST_RETRY_S, RETRY_IN_S, HttpPost, retry_after_s
from alerting.publishers.target import Target
from alerting.publishers.webhook import WebhookPager, WebhookPublisher, header_value
from crisiswatch.errors import ConfigError
from crisiswatch.secret import Secret
from tests.doubles.http_receiver import Fault, HttpReceiver, Reply, http_receiver
from tests.made_notices import CASE, PAGE, PUBLISHED, SHA

KEY = f"{CASE}/publish/Käse\r\nX-Evil: 1"


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as running:
        yield running


def publisher(receiver: HttpReceiver, timeout_s: float = 5.0, **more: Secret) -> WebhookPublisher:
    target = Target(name="site", url=Secret(receiver.url), **more)  # type: ignore[arg-type]  # secrets only
    return WebhookPublisher(target, timeout_s=timeout_s)


def test_a_publication_is_signed_over_its_whole_body(receiver: HttpReceiver) -> None:
    publisher(receiver, signing_key=Secret("pepper")).publish(PUBLISHED, key=KEY)

    (request,) = receiver.received
    expected = hmac.new(b"pepper", request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-crisiswatch-signature"] == f"sha256={expected}"
    assert request.path == "/hooks/hush-hush"
    assert request.json == {
        "type": "publication",
        "version": 1,
        "key": KEY,
        "case_id": CASE,
        "topics": ["Acme Air"],
        "severity": "critical",
        "crisis_type": "service-outage",
        "opened_at": "2015-02-22T12:00:00Z",
        "message_id": "m1",
        "sha256": SHA,
        "approved_at": "2015-02-22T12:05:00Z",
        "language": "en",
        "text": "We are sorry.\nMore by 12:30 (UTC).",
    }


def test_without_a_signing_key_nothing_pretends_to_be_a_signature(receiver: HttpReceiver) -> None:
    publisher(receiver).publish(PUBLISHED, key=KEY)

    assert "x-crisiswatch-signature" not in receiver.received[0].headers


def test_every_attempt_says_the_same_idempotency_key_and_no_key_can_add_a_header(
    receiver: HttpReceiver,
) -> None:
    for _ in range(2):
        publisher(receiver).publish(PUBLISHED, key=KEY)

    first, second = (request.headers for request in receiver.received)
    assert first["idempotency-key"] == second["idempotency-key"] == header_value(KEY)
    assert "x-evil" not in first


def test_different_keys_stay_different_as_headers() -> None:
    assert len({header_value(key) for key in ("a b", "a%20b", "a+b", "ab")}) == 4


@pytest.mark.parametrize(
    ("reply", "receipt"),
    [
        (Reply(headers={"Location": "https://x.org/1"}, body=b'{"id": 7}'), "https://x.org/1"),
        (Reply(body=b'{"id": 7, "url": "https://x.org/7"}'), "https://x.org/7"),
        (Reply(status=201, body=b'{"id": 7}'), "7"),
        (Reply(status=202, body=b'{"id": ""}'), "HTTP 202"),
        (Reply(body=b"[1]"), "HTTP 200"),
        (Reply(body=b"thanks"), "HTTP 200"),
        (Reply(status=204), "HTTP 204"),
    ],
    ids=["location", "url", "id", "empty-id", "list", "no-json", "no-body"],
)
def test_the_receipt_is_what_the_receiver_calls_it(
    receiver: HttpReceiver, reply: Reply, receipt: str
) -> None:
    receiver.reply = reply

    assert publisher(receiver).publish(PUBLISHED, key=KEY) == receipt


@pytest.mark.parametrize("status", [301, 307, 308, 400, 401, 404, 410, 422])
def test_a_refusal_is_final(receiver: HttpReceiver, status: int) -> None:
    receiver.reply = Reply(status=status, headers={"Location": receiver.url})

    with pytest.raises(UndeliveredError, match=str(status)) as raised:
        publisher(receiver).publish(PUBLISHED, key=KEY)

    assert raised.value.retry_in_s is None
    assert len(receiver.received) == 1, "a redirect is not followed"


@pytest.mark.parametrize("status", [408, 425, 429])
def test_a_refusal_for_now_is_tried_again_when_the_receiver_says(
    receiver: HttpReceiver, status: int
) -> None:
    receiver.reply = Reply(status=status, headers={"Retry-After": "42"})

    with pytest.raises(UndeliveredError) as raised:
        publisher(receiver).publish(PUBLISHED, key=KEY)

    assert raised.value.retry_in_s == 42.0


@pytest.mark.parametrize("status", [302, 303, 500, 503])
def test_an_answer_of_one_that_may_have_acted_leaves_it_unknown(
    receiver: HttpReceiver, status: int
) -> None:
    receiver.reply = Reply(status=status, headers={"Location": receiver.url})

    with pytest.raises(OutcomeUnknownError, match=str(status)):
        publisher(receiver).publish(PUBLISHED, key=KEY)

    assert len(receiver.received) == 1


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SILENCE, Fault.TRICKLE])
def test_no_answer_in_time_leaves_it_unknown(receiver: HttpReceiver, fault: Fault) -> None:
    receiver.reply = Reply(fault=fault)

    with pytest.raises(OutcomeUnknownError, match="no answer"):
        publisher(receiver, timeout_s=0.2).publish(PUBLISHED, key=KEY)


def test_an_answer_that_never_ends_is_read_for_as_long_as_any_other(receiver: HttpReceiver) -> None:
    receiver.reply = Reply(fault=Fault.BODY_TRICKLE)
    began_s = time.monotonic()

    # It said 200, so it was told, however long it goes on.
    publisher(receiver, timeout_s=0.2).publish(PUBLISHED, key=KEY)

    assert time.monotonic() - began_s < 5  # without an end 65,536 bytes take 20 minutes


def test_a_name_that_does_not_resolve_was_surely_not_told() -> None:
    post = HttpPost("site", Secret("https://crisiswatch.invalid/hush"))

    with pytest.raises(UndeliveredError, match=r"crisiswatch\.invalid") as raised:
        post.send(b"{}", {})

    assert raised.value.retry_in_s == RETRY_IN_S


def test_a_handshake_that_fails_was_surely_not_told(receiver: HttpReceiver) -> None:
    post = HttpPost("site", Secret(f"https://{receiver.address}/hush"))

    with pytest.raises(UndeliveredError) as raised:
        post.send(b"{}", {})

    assert raised.value.retry_in_s == RETRY_IN_S
    assert receiver.received == []


def test_a_machine_that_accepts_and_never_speaks_tls_was_surely_not_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = Secret(f"https://127.0.0.1:{mute.getsockname()[1]}/hush")

        with pytest.raises(UndeliveredError, match="timed out"):
            HttpPost("site", url, timeout_s=0.1).send(b"{}", {})


@pytest.mark.parametrize(
    "url",
    ["http://example.com/x", "http://10.0.0.1", "ftp://example.com", "https:///x", "https://[::1",
     "https://e.com/ä", "https://e.com/a b", "https://e.com:99999/", "//e.com"],
)  # fmt: skip
def test_an_address_that_would_not_do_is_refused_unseen(url: str) -> None:
    with pytest.raises(ConfigError, match="site") as raised:
        HttpPost("site", Secret(url))

    assert url not in str(raised.value)


def test_plain_http_to_another_machine_can_be_allowed() -> None:
    HttpPost("site", Secret("http://10.0.0.1/x"), allow_http=True)


def test_a_login_in_the_address_becomes_a_header(receiver: HttpReceiver) -> None:
    url = Secret(f"http://me:p%40ss@{receiver.address}/x?a=1")

    HttpPost("site", url).send(b"{}", {})

    assert receiver.received[0].headers["authorization"] == "Basic bWU6cEBzcw=="
    assert receiver.received[0].path == "/x?a=1"


@pytest.mark.parametrize(
    ("asked", "date", "wait_s"),
    [
        ("7", None, 7.0),
        ("0", None, 1.0),
        ("999999", None, LONGEST_RETRY_S),
        ("Sun, 22 Feb 2015 12:01:00 GMT", "Sun, 22 Feb 2015 12:00:30 GMT", 30.0),
        ("Sun, 22 Feb 2015 11:00:00 GMT", "Sun, 22 Feb 2015 12:00:30 GMT", 1.0),
        ("Sun, 22 Feb 2015 12:01:00 GMT", None, RETRY_IN_S),
        ("soon", None, RETRY_IN_S),
        (None, None, RETRY_IN_S),
    ],
    ids=["seconds", "none", "years", "date", "past", "no-date-of-its-own", "words", "absent"],
)
def test_how_long_to_wait_is_read_within_reason(
    asked: str | None, date: str | None, wait_s: float
) -> None:
    headers = Message()
    for name, value in (("Retry-After", asked), ("Date", date)):
        if value is not None:
            headers[name] = value
    assert retry_after_s(headers) == wait_s


def test_a_page_names_the_person_and_when_to_answer(receiver: HttpReceiver) -> None:
    WebhookPager(Target(name="phone", url=Secret(receiver.url))).page("+49 30", PAGE, key="p1")

    sent = receiver.received[0].json
    assert (sent["type"], sent["to"], sent["duty"]) == ("page", "+49 30", "pr-on-call")
    assert sent["answer_by"] == "2015-02-22T12:10:00Z"
    assert "samples" not in sent
