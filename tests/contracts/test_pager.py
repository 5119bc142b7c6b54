"""What every pager promises; a new kind is one line in `URLS`."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from alerting.delivery import OutcomeUnknownError, Pager, UndeliveredError
from alerting.notices import OfferNotice, PageNotice
from alerting.plain_text import PAGE_LIMIT
from alerting.publishers.registry import PAGERS, pager
from alerting.publishers.target import Target
from crisiswatch.errors import ConfigError
from crisiswatch.secret import Secret
from tests.doubles.http_receiver import Fault, HttpReceiver, Reply, http_receiver
from tests.made_notices import OFFER, PAGE

URLS = {
    "apprise": "json://{{address}}@{address}/hooks/hush-hush?retry=3&optional=yes&rto=0.3",
    "webhook": "http://{address}/hooks/hush-hush",
}
TEXT_FIELD = {"apprise": "message", "webhook": "text"}


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as running:
        yield running


@pytest.fixture(params=PAGERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(kind: str, address: str) -> Pager:
    return pager(kind, Target(name="phone", url=Secret(URLS[kind].format(address=address))))


@pytest.mark.parametrize("notice", [PAGE, OFFER], ids=["page", "offer"])
def test_a_page_says_what_why_and_how_to_answer_in_two_text_messages(
    kind: str, receiver: HttpReceiver, notice: PageNotice | OfferNotice
) -> None:
    made(kind, receiver.address).page("+49 30 901820", notice, key="k1")

    (request,) = receiver.received
    text = request.json[TEXT_FIELD[kind]]
    assert len(text) <= PAGE_LIMIT
    assert "CRITICAL Acme Air" in text
    assert "crisiswatch incidents a" in text
    assert "12:10 UTC" in text


@pytest.mark.parametrize(
    "reply",
    [Reply(fault=Fault.RESET), Reply(status=500), Reply(status=404), Reply(status=429)],
    ids=["reset-after-sending", "500", "404", "429"],
)
def test_what_is_not_confirmed_is_told_and_not_repeated_by_itself(
    kind: str, receiver: HttpReceiver, reply: Reply
) -> None:
    receiver.reply = reply

    with pytest.raises((UndeliveredError, OutcomeUnknownError)) as raised:
        made(kind, receiver.address).page("a", PAGE, key="k1")

    assert len(receiver.received) == 1
    assert "hush" not in str(raised.value)


def test_where_nobody_listens_it_is_worth_trying_again(kind: str) -> None:
    with http_receiver() as gone:
        address = gone.address

    with pytest.raises(UndeliveredError, match="phone") as raised:
        made(kind, address).page("a", PAGE, key="k1")

    assert raised.value.retry_in_s is not None
    assert raised.value.retry_in_s > 0


def test_an_address_that_is_none_is_a_fault_of_the_configuration(kind: str) -> None:
    with pytest.raises(ConfigError, match="phone"):
        pager(kind, Target(name="phone", url=Secret("nonsense-hush-hush")))


@pytest.mark.parametrize("address", ["", "ä\ud800\r\nX: 1", "{address}", "a" * 5_000], ids=repr)
def test_whatever_the_address_is_nothing_but_the_ports_errors_comes_out(
    kind: str, receiver: HttpReceiver, address: str
) -> None:
    sender = made(kind, receiver.address)
    notice = replace(PAGE, reasons=("lone \ud800 surrogate",))
    why = ""
    try:
        sender.page(address, notice, key="k\ud800")
    except (UndeliveredError, OutcomeUnknownError) as error:
        why = error.why
    assert why.startswith("phone: ") or len(receiver.received) == 1
