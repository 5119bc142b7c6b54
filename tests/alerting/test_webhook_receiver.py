"""The double of a webhook's far end keeps its word, told by a plain HTTP client."""

import http.client
import urllib.error
import urllib.request

import pytest

from tests.doubles.webhook_receiver import WebhookReceiver


def send(receiver: WebhookReceiver, key: str, timeout_s: float = 5) -> int:
    request = urllib.request.Request(  # noqa: S310  # loopback
        receiver.url, b'{"a": 1}', {"Idempotency-Key": key, "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310  # as above
        return int(answer.status)


def test_a_post_is_recorded_with_its_key_headers_and_body() -> None:
    with WebhookReceiver() as receiver:
        assert send(receiver, "page:1") == 200
        (post,) = receiver.wait_for(1)
        assert (post.path, post.json(), receiver.keys()) == ("/hook", {"a": 1}, ["page:1"])
        assert post.header("content-type") == "application/json"


def test_a_reset_after_taking_leaves_the_post_and_one_before_does_not() -> None:
    with WebhookReceiver() as receiver:
        for failure in ("reset_after", "reset_before"):
            receiver.fail(failure, count=1)
            with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
                send(receiver, failure)
        send(receiver, "reset_after")
        assert receiver.keys() == ["reset_after", "reset_after"]
        assert receiver.duplicates() == {"reset_after": 2}
        assert [post.header("idempotency-key") for post in receiver.refused] == ["reset_before"]


def test_a_status_is_answered_as_often_as_scripted_and_a_blackhole_never_answers() -> None:
    with WebhookReceiver() as receiver:
        receiver.fail("status", count=1, status=429, retry_after_s=7)
        with pytest.raises(urllib.error.HTTPError) as refused:
            send(receiver, "a")
        assert (refused.value.code, refused.value.headers["Retry-After"]) == (429, "7")
        assert send(receiver, "b") == 200
        receiver.fail("blackhole")
        with pytest.raises(TimeoutError):
            send(receiver, "c", timeout_s=0.2)
        assert receiver.keys() == ["b"]
