import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.incidents.lint import lint

SOUND = "We are sorry. Our teams are working on it. Next update here by 14:30 (CET)."

WARNINGS = {
    "cause-en": ("The delays are due to a storm.", "names a cause: “due to”"),
    "cause-de": ("Wegen eines Sturms fliegen wir nicht.", "names a cause: “Wegen”"),
    "cause-fr": ("En raison d’une panne, rien ne va.", "names a cause: “En raison d’une”"),
    "cause-es": ("Debido al temporal no volamos.", "names a cause: “Debido al”"),
    "blame-en": ("It is their fault.", "blames: “fault”"),
    "blame-supplier": ("Our supplier failed.", "blames: “supplier”"),
    "blame-de": ("Unser Dienstleister hatte Schuld.", "blames: “Dienstleister”"),
    "blame-fr": ("C’est la faute d’un autre.", "blames: “faute”"),
    "blame-es": ("La culpa no es nuestra.", "blames: “culpa”"),
    "guess-en": ("It might have been hail.", "speculates: “might have”"),
    "guess-de": ("Das liegt wahrscheinlich am Netz.", "speculates: “wahrscheinlich”"),
    "guess-fr": ("C’est sans doute une panne.", "speculates: “sans doute”"),
    "guess-es": ("Tal vez sea el temporal.", "speculates: “Tal vez”"),
    "money-en": ("We will fully refund you.", "promises money: “We will fully refund”"),
    "money-de": ("Sie erhalten Ihr Geld zurück.", "promises money: “erhalten Ihr Geld zurück”"),
    "money-fr": ("Nous vous rembourserons.", "promises money: “Nous vous rembourserons”"),
    "money-es": ("Le indemnizaremos.", "promises money: “indemnizaremos”"),
    "repair-en": ("It will be fixed by noon.", "promises a time of repair: “will be fixed by”"),
    "repair-de": ("Das wird bald behoben sein.", "promises a time of repair: “behoben sein”"),
    "repair-fr": ("Tout sera rétabli.", "promises a time of repair: “sera rétabli”"),
    "repair-es": ("Pronto estará resuelto.", "promises a time of repair: “estará resuelto”"),
    "slot": ("Thank you, {{ name }}.", "leaves a slot open: “{{”"),
    "phone": ("Call +49 170 1234567.", "holds personal data: [phone]"),
    "mail": ("Write to ada.lovelace@example.com.", "holds personal data: [mail]"),
}


@pytest.mark.parametrize(("said", "warning"), WARNINGS.values(), ids=WARNINGS)
def test_an_approver_is_warned_of(said: str, warning: str) -> None:
    assert lint(f"{said} {SOUND}") == (warning,)


@pytest.mark.parametrize(
    "said",
    [
        "Ihr Wohl geht vor.",
        "Nous répondons sans faute.",
        "We default to email.",
        "Please keep your receipts; refund requests by private message.",
        "Ihren Erstattungswunsch senden Sie uns bitte privat.",
        "We look into the cause.",
    ],
)
def test_harmless_words_raise_no_warning(said: str) -> None:
    assert lint(f"{said} {SOUND}") == ()


@pytest.mark.parametrize(
    "when",
    ["14:30", "2 pm", "2.30 p.m.", "9 Uhr", "14 h", "14\u00a0h\u00a030", "noon", "medianoche"],
)
def test_a_time_of_day_is_a_promise(when: str) -> None:
    assert lint(f"We report here by {when}.") == ()


@pytest.mark.parametrize("when", ["soon", "tomorrow", "2026", "1:100", "25:99", "2 hours"])
def test_without_a_time_of_day_nothing_is_promised(when: str) -> None:
    assert lint(f"We report here by {when}.") == ("promises no time of the next update",)


def test_all_that_is_wrong_is_named_at_once_and_no_number_quoted() -> None:
    found = lint("Probably caused by our supplier. Call +49 170 1234567.")
    assert found == (
        "names a cause: “caused by”",
        "blames: “supplier”",
        "speculates: “Probably”",
        "promises no time of the next update",
        "holds personal data: [phone]",
    )


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_any_text_can_be_linted(text: str) -> None:
    assert len(set(lint(text))) == len(lint(text)) <= 8
