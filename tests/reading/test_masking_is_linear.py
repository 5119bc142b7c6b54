"""Masking takes time linear in the length of a text, for anybody can post one that is made to hurt."""

import time

import pytest

from crisiswatch.reading.privacy import mask_many

LENGTHS = (10_000, 40_000, 160_000)
"""Where time grows with the square, the second takes a minute: the last is then not tried."""

MOST_S = 5.0
"""Ten times what the last takes on a slow machine."""

CUES = (
    "buchungs", "reservierungs", "vorgangs", "auftrags", "sendungs", "boekings", "rezerwacj", "zamówieni", "urodzon",
    "booking", "ref", "r\u00e9servation", "account", "konto", "member", "passport", "ssn", "dni", "id card", "dob", "born", "geb.", "call", "ruf",
)  # fmt: skip
REPEATED = (
    "A", "a", "1", "-", "A-", "1-", "A1", "1 ", "(1", ". ", " ", "@", "@a", "a@", "a@b", "a@b-", "a.", "+", "%", "$", "#", "#a", "_", "é", "😡",
    "ref-", "REF-", "ref:", "ref no ", "born ", "1jan", "1 jan ", "born 1jan ", "urodzon1jan", "buchungs", "account-", "dni ", "no ", "AB12 ",
    "www.", "https://", "+4917012345678", "f@b.co%", "555-1234 or ", "ABC123@www.x?q=9148445695", "4111 1111 1111 1112 ", "5 jan 85 ",
)  # fmt: skip


def assert_linear(start: str, repeated: str, end: str) -> None:
    for length in LENGTHS:
        text = start + repeated * (length // len(repeated)) + end
        before = time.process_time()
        mask_many([text])
        spent = time.process_time() - before
        assert spent < MOST_S, f"{length} characters took {spent:.1f} s"


@pytest.mark.parametrize("cue", CUES)
def test_after_a_cue_a_long_word_is_read_in_no_time(cue: str) -> None:
    for repeated in ("A", "a", "A-", "1jan", "no "):
        assert_linear(f"@acme {cue}", repeated, "")


@pytest.mark.parametrize("repeated", REPEATED)
def test_a_text_that_says_one_thing_again_and_again_is_read_in_no_time(repeated: str) -> None:
    assert_linear("", repeated, " AAAAA 1234")
    assert_linear("call 555-1234 ", repeated, "AAAAA")
