"""Logs: lines for people or for machines, of libraries too, and without what is personal."""

import io
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr

import pytest

from crisiswatch.app.logs import FORMAT, Format, log_format, start_logging, without_secrets
from crisiswatch.errors import ConfigError


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


def written(log: Format, say: Callable[[], None]) -> list[str]:
    """Return the lines on standard error of what `say` logs."""
    with redirect_stderr(io.StringIO()) as stderr:
        start_logging(log)
        say()
    assert sys.stderr is not stderr
    return stderr.getvalue().splitlines()


def say_it_all() -> None:
    ours = logging.getLogger("crisiswatch")
    ours.info("works again", extra={"incident": "US Airways/20150222T044500Z", "secret": "s3"})
    ours.debug("too small to be said")
    logging.getLogger("slack_sdk").warning("retrying with %s", "xoxb-123-secret")
    logging.getLogger("slack_sdk").info("a library's chatter")
    try:
        int("ada@example.com")
    except ValueError:
        ours.exception("one step failed")


def test_a_machine_gets_one_object_a_line() -> None:
    first, second, third = map(json.loads, written("json", say_it_all))

    assert first["event"] == "works again"
    assert first["incident"] == "US Airways/20150222T044500Z"
    assert first["level"] == "info"
    assert first["logger"] == "crisiswatch"
    assert first["timestamp"].endswith("Z")
    assert "secret" not in first
    assert (second["logger"], second["event"]) == ("slack_sdk", "retrying with (hidden)")
    assert (
        third["exception"].splitlines()[-1]
        == "ValueError: invalid literal for int() with base 10: '[mail]'"
    )
    assert third["level"] == "error"


def test_people_get_the_time_and_the_words() -> None:
    lines = written("terminal", say_it_all)

    assert lines[0][8:] == " works again"
    assert lines[1].endswith("retrying with (hidden)")
    assert lines[-1] == "ValueError: invalid literal for int() with base 10: '[mail]'"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("token xoxb-1-a and xapp-2-b", "token (hidden) and (hidden)"),
        ("redis://ada:s3cret@host:6379/0", "redis://(hidden)@host:6379/0"),
        ("redis://:hunter2@h", "redis://(hidden)@h"),
        ("redis://ada:hun/t@er2@h:6379", "redis://(hidden)@h:6379"),
        (
            "at https://hooks.slack.com/services/T/B/x: 404",
            "at https://hooks.slack.com/(hidden): 404",
        ),
        ("exceeded with url: /services/T01/B02/x3 (", "exceeded with url: /services/(hidden) ("),
        ("http://127.0.0.1:8899/api/ is away", "http://127.0.0.1:8899/api/ is away"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer (hidden)"),
        ("page to +49 170 1234567", "page to [phone]"),
        (
            "case US Airways/20150222T044500Z is put off",
            "case US Airways/20150222T044500Z is put off",
        ),
        ("read 14485 posts at offset 1234567", "read 14485 posts at offset 1234567"),
    ],
)
def test_what_is_secret_or_personal_is_masked_and_what_is_not_stays(words: str, shown: str) -> None:
    assert without_secrets(words) == shown


def test_masking_takes_time_linear_in_the_words() -> None:
    began_s = time.monotonic()

    without_secrets("://:" * 50_000)

    assert time.monotonic() - began_s < 10  # for slow machines: under 1 s is usual


def test_the_environment_goes_before_the_configuration() -> None:
    assert log_format("terminal", {}) == "terminal"
    assert log_format("terminal", {FORMAT: "json"}) == "json"
    assert log_format("json", {FORMAT: ""}) == "json"
    with pytest.raises(ConfigError, match="CRISISWATCH_LOG is 'xml'"):
        log_format("json", {FORMAT: "xml"})
