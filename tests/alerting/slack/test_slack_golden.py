"""Messages as they were approved; `python -m tests.alerting.slack.regenerate` writes them anew."""

import json

import pytest

from alerting.slack.blocks import render
from alerting.slack.packet_blocks import overflow
from tests.alerting.slack.regenerate import GOLDEN, golden_text
from tests.alerting.slack.shown_notices import APPROVAL, NOTICES, PAGE


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_is_rendered_as_its_golden_file_says(name: str) -> None:
    golden = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")

    assert golden_text(NOTICES[name]) == golden


def test_there_is_no_golden_file_without_a_notice() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(NOTICES)


def test_a_post_that_mentions_everybody_is_only_shown() -> None:
    said = json.dumps(render(PAGE).blocks)

    assert "&lt;!channel&gt;" in said
    assert "<!channel>" not in said


def test_what_fits_has_no_overflow_and_what_does_not_follows_whole() -> None:
    long = NOTICES["approval-too-long-for-one-message"]

    assert overflow(APPROVAL) == ()
    following = overflow(long)
    assert [notice.title for notice in following] == [
        "For the public · es (1 of 2) · 9f2c9f2c9f2c",
        "For the public · es (2 of 2) · 9f2c9f2c9f2c",
    ]
    text = " ".join(line for notice in following for line in notice.lines)
    assert text.count("sabemos.") == 400
