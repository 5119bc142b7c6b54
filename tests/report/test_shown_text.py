import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.report.shown_text import (
    amount,
    count,
    full_moment,
    moment,
    severity_symbol,
    severity_word,
    span,
    tame,
)
from tests.report.recordings import HOSTILE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        (HOSTILE["lines"], "one two three four five"),
        (HOSTILE["escape"], "\ufffd[2J\ufffd]0;owned\ufffd \ufffd31m\ufffd \ufffd\ufffd"),
        (HOSTILE["surrogate"], "half \ufffd of an emoji"),
        (HOSTILE["emoji"], HOSTILE["emoji"]),
        (HOSTILE["arabic"], HOSTILE["arabic"]),
        ("a\u0301\u0302\u0303\u0304\u0305", "a\u0301\u0302\u0303"),
        ("", ""),
    ],
)
def test_foreign_text_becomes_one_harmless_line(text: str, shown: str) -> None:
    assert tame(text) == shown


def test_a_flood_is_cut_and_says_so() -> None:
    assert tame("x" * 10_000, 20) == "x" * 19 + "…"
    assert tame("x" * 20, 20) == "x" * 20


@given(st.text(st.characters(exclude_categories=())), st.integers(2, 50))
def test_shown_text_is_short_and_steers_no_terminal(text: str, limit: int) -> None:
    shown = tame(text, limit)

    assert len(shown) <= limit
    assert not any(
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in shown
    )
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (0.04, "0.04"), (0.44, "0.4"), (7.5, "7.5"), (8.0, "8"), (12.6, "13"),
     (1240.4, "1,240"), (None, "—"), (float("nan"), "—"), (float("inf"), "—")],
)  # fmt: skip
def test_numbers_have_as_many_digits_as_help(number: float | None, shown: str) -> None:
    assert amount(number) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(12, "12 s"), (300, "5 min"), (3_600, "1 h"), (15_000, "4 h 10 min"), (86_400, "1 day"),
     (183_600, "2 days 3 h")],
)  # fmt: skip
def test_spans_have_two_units(seconds: float, shown: str) -> None:
    assert span(seconds) == shown


def test_times_are_shown_in_utc_whatever_their_zone() -> None:
    local = datetime(2015, 2, 22, 1, 45, tzinfo=timezone(timedelta(hours=-5)))

    assert moment(local) == "22 Feb 06:45"
    assert full_moment(local.astimezone(UTC)) == "22 Feb 2015 06:45 UTC"


def test_one_is_singular_and_many_are_plural() -> None:
    assert (count(1, "post"), count(0, "post"), count(2_000, "day")) == (
        "1 post",
        "0 posts",
        "2,000 days",
    )


def test_every_severity_has_its_own_word_and_symbol() -> None:
    assert [severity_word(level) for level in range(5)] == [
        "normal",
        "low",
        "medium",
        "high",
        "critical",
    ]
    assert len({severity_symbol(level) for level in range(5)}) == 5
