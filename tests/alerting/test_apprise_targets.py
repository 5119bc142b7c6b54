"""What is particular to Apprise; the contracts of publishers and pagers hold besides."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from alerting.delivery import UndeliveredError
from alerting.notices import Wording
from alerting.publishers.apprise_targets import ApprisePager, ApprisePublisher
from alerting.publishers.target import Target
from crisiswatch.errors import ConfigError
from crisiswatch.secret import Secret
from tests.doubles.http_receiver import HttpReceiver, http_receiver
from tests.made_notices import PAGE, PUBLISHED


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as running:
        yield running


def test_a_persons_address_can_not_change_where_a_page_goes(receiver: HttpReceiver) -> None:
    url = Secret(f"json://{{address}}@{receiver.address}/hooks")

    ApprisePager(Target(name="sms", url=url)).page("ada@evil.example/?a&b", PAGE, key="k")

    (request,) = receiver.received
    login = base64.b64decode(request.headers["authorization"].removeprefix("Basic "))
    assert login.startswith(b"ada@evil.example/?a&b")
    assert request.json["title"] == "CRITICAL Acme Air"


def test_a_persons_address_that_nothing_can_be_made_of_is_final() -> None:
    sender = ApprisePager(Target(name="sms", url=Secret("json://{address}")))

    with pytest.raises(UndeliveredError, match="correct it") as raised:
        sender.page("", PAGE, key="k")

    assert raised.value.retry_in_s is None


def test_a_publish_target_is_nobodys_address() -> None:
    with pytest.raises(ConfigError, match=r"holds \{address\}"):
        ApprisePublisher(Target(name="masto", url=Secret("json://{address}@127.0.0.1")))


def test_a_text_that_the_network_would_refuse_is_refused_before_it_is_sent() -> None:
    target = Target(name="masto", url=Secret("mastodon://hushhush@social.invalid"))
    long = Wording(language="en", audience="public", text="We are sorry. " * 50)

    with pytest.raises(
        UndeliveredError, match="700 characters, where Mastodon takes 500"
    ) as raised:
        ApprisePublisher(target).publish(replace(PUBLISHED, wordings=(long,)), key="k")

    assert raised.value.retry_in_s is None


@pytest.mark.parametrize(
    ("make", "url"),
    [
        ("publisher", "json://127.0.0.1"),
        ("pager", "json://127.0.0.1"),
        ("pager", "json://{address}"),
    ],
)
def test_without_the_extra_its_name_is_told_at_the_start(make: str, url: str) -> None:
    program = (
        "import sys; sys.modules['apprise'] = None\n"
        "from alerting.publishers import registry\n"
        "from alerting.publishers.target import Target\n"
        "from crisiswatch.errors import ConfigError\n"
        "from crisiswatch.secret import Secret\n"
        f"try: registry.{make}('apprise', Target(name='m', url=Secret({url!r})))\n"
        "except ConfigError as error: print(error)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert b"pip install 'crisiswatch[apprise]'" in done.stdout
