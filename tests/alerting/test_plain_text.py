"""Notices as plain text."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.plain_text import PAGE_LIMIT, pager_text, public_wording
from alerting.typed_commands import TypedCommands
from tests.made_notices import CASE, FOR_AGENTS, HEAD, OFFER, PAGE, PUBLISHED
from tests.made_signals import minute

COMMANDS = TypedCommands()


def test_a_page_reads_as_one_sees_it_on_a_phone() -> None:
    assert pager_text(PAGE, COMMANDS) == (
        "CRITICAL Acme Air: negative posts 142/min where 6 were expected (23x)"
        " You: pr-on-call. Answer by 12:10 UTC in chat or type:"
        " crisiswatch incidents ack 'Acme Air/burst/1424606400'"
    )


def test_a_call_up_says_how_to_answer() -> None:
    assert pager_text(OFFER, TypedCommands(options=("-c", "a b.toml"))) == (
        "Can you come? CRITICAL Acme Air: 8 more agents are needed Answer by 12:10 UTC:"
        " crisiswatch incidents accept 'Acme Air/burst/1424606400' --as ben -c 'a b.toml'"
        " (or decline)"
    )


def test_a_call_up_that_is_over_asks_for_nothing() -> None:
    text = pager_text(replace(OFFER, is_open=False, state="stood down, thank you"), COMMANDS)

    assert text.endswith("Now: stood down, thank you")
    assert "crisiswatch" not in text


def test_a_deadline_on_another_day_says_which() -> None:
    assert "by 24 Feb 12:00 UTC" in pager_text(replace(PAGE, ack_by=minute(2 * 1440)), COMMANDS)


@given(st.lists(st.text(), max_size=5), st.lists(st.text(), max_size=3))
def test_whatever_was_said_a_page_is_one_short_line_that_says_how_to_answer(
    reasons: list[str], topics: list[str]
) -> None:
    head = replace(HEAD, topics=tuple(topics))

    text = pager_text(replace(PAGE, head=head, reasons=tuple(reasons)), COMMANDS)

    assert len(text) <= PAGE_LIMIT
    assert len(text.splitlines()) == 1
    assert text.endswith(COMMANDS.acknowledge(CASE))


def test_a_flood_of_an_id_is_cut_rather_than_refused_by_the_provider() -> None:
    head = replace(HEAD, case_id="x" * 1_000)

    assert len(pager_text(replace(PAGE, head=head), COMMANDS)) == PAGE_LIMIT


@pytest.mark.parametrize(
    ("language", "text"),
    [(None, "We are sorry.\nMore by 12:30 (UTC)."), ("de", "Es tut uns leid."), ("fr", None)],
    ids=["first", "asked", "not-there"],
)
def test_the_public_gets_public_wordings_only(language: str | None, text: str | None) -> None:
    found = public_wording(PUBLISHED, language)

    assert (None if found is None else found.text) == text


def test_agents_wordings_are_never_public() -> None:
    assert public_wording(replace(PUBLISHED, wordings=(FOR_AGENTS,)), "en") is None
