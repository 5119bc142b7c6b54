"""What every publisher promises; a new kind is one line in `URLS`."""

import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from alerting.delivery import OutcomeUnknownError, Publisher, UndeliveredError
from alerting.publishers.registry import PUBLISHERS, publisher
from alerting.publishers.target import Target
from crisiswatch.errors import ConfigError
from crisiswatch.secret import Secret
from tests.doubles.http_receiver import Fault, HttpReceiver, Reply, http_receiver
from tests.made_notices import FOR_AGENTS, PUBLISHED

URLS = {
    "apprise": "json://{address}/hooks/hush-hush?retry=3&optional=yes&rto=0.3",
    "webhook": "http://{address}/hooks/hush-hush",
}
TEXT_FIELD = {"apprise": "message", "webhook": "text"}


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as running:
        yield running


@pytest.fixture(params=PUBLISHERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(kind: str, receiver: HttpReceiver, language: str | None = None) -> Publisher:
    url = Secret(URLS[kind].format(address=receiver.address))
    return publisher(kind, Target(name="site", url=url, language=language))


def test_the_public_wording_of_the_targets_language_goes_out_and_nothing_else(
    kind: str, receiver: HttpReceiver
) -> None:
    receipt = made(kind, receiver, "de").publish(PUBLISHED, key="k1")

    (request,) = receiver.received
    assert request.json[TEXT_FIELD[kind]] == "Es tut uns leid."
    assert b"sorry" not in request.body
    assert b"Refunds" not in request.body
    assert receipt


def test_without_a_language_the_first_public_wording_goes_out(
    kind: str, receiver: HttpReceiver
) -> None:
    made(kind, receiver).publish(PUBLISHED, key="k1")

    assert receiver.received[0].json[TEXT_FIELD[kind]] == "We are sorry.\nMore by 12:30 (UTC)."


@pytest.mark.parametrize("language", ["fr", None], ids=["language-not-drafted", "agents-only"])
def test_without_a_public_wording_nothing_is_sent_ever(
    kind: str, receiver: HttpReceiver, language: str | None
) -> None:
    notice = PUBLISHED if language else replace(PUBLISHED, wordings=(FOR_AGENTS,))

    with pytest.raises(UndeliveredError, match="no public wording") as raised:
        made(kind, receiver, language).publish(notice, key="k1")

    assert raised.value.retry_in_s is None
    assert receiver.received == []


@pytest.mark.parametrize(
    "reply",
    [Reply(fault=Fault.RESET), Reply(status=500), Reply(status=502)],
    ids=["reset-after-sending", "500", "502"],
)
def test_what_may_be_public_is_sent_once_and_said_to_be_unknown(
    kind: str, receiver: HttpReceiver, reply: Reply
) -> None:
    receiver.reply = reply

    with pytest.raises(OutcomeUnknownError):
        made(kind, receiver).publish(PUBLISHED, key="k1")

    assert len(receiver.received) == 1


def test_no_error_and_no_log_shows_the_path_of_the_address(
    kind: str, receiver: HttpReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.reply = Reply(status=500)
    caplog.set_level(logging.DEBUG)

    with pytest.raises(OutcomeUnknownError) as raised:
        made(kind, receiver).publish(PUBLISHED, key="k1")

    assert "hush" not in f"{raised.value} {raised.value.__cause__!r} {caplog.text}"


def test_an_address_that_is_none_is_a_fault_of_the_configuration(kind: str) -> None:
    with pytest.raises(ConfigError, match="site") as raised:
        publisher(kind, Target(name="site", url=Secret("nonsense-hush-hush")))

    assert "hush" not in str(raised.value)


def test_an_unknown_kind_is_answered_with_those_that_exist() -> None:
    with pytest.raises(ConfigError, match=r"'pigeon' does not exist; use apprise or webhook"):
        publisher("pigeon", Target(name="site", url=Secret("https://example.com")))


def test_a_target_never_shows_its_address() -> None:
    target = Target(name="site", url=Secret("https://example.com/hush-hush"))
    said = io.StringIO()
    print(target, repr(target), f"{target}", file=said)
    assert "hush" not in said.getvalue()
