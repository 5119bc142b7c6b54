"""What the shipped runbooks make brands say: every type, language and audience, rendered."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.holding_text import time_in_words
from crisiswatch.incidents.lint import lint
from crisiswatch.incidents.packet import draft_packet
from crisiswatch.incidents.runbook import AUDIENCES, load_packaged_runbooks, missing_wordings

RUNBOOKS = load_packaged_runbooks()
LANGUAGES = ("en", "de", "fr", "es")
BERLIN = ZoneInfo("Europe/Berlin")
SUMMER_NIGHT = datetime(2026, 7, 5, 2, 7, 30, tzinfo=UTC)
SHORT_ENOUGH_FOR_A_REPLY = 280
PACKETS = {
    crisis_type: draft_packet(
        runbook,
        languages=LANGUAGES,
        brand="Example Air",
        severity=Severity.CRITICAL,
        now=SUMMER_NIGHT,
        zone=BERLIN,
    )
    for crisis_type, runbook in RUNBOOKS.items()
}
TEXTS = [
    pytest.param(crisis_type, language, audience, text, id=f"{crisis_type}-{language}-{audience}")
    for crisis_type, packet in PACKETS.items()
    for language, audience, text in packet.texts
]
COMMON = {
    "en": "the and you we our is are have please will what this by with to of",
    "de": "die und sie wir unser unserem ist haben bitte was bis mit ihre ihren uns auf nicht",
    "fr": "le et vous nous notre votre est avons ce au plus une sur à des du merci",
    "es": "el los y usted su nuestro nuestra está antes las lo por con una gracias escríbanos sus si",
}
FAMILIAR = {
    "en": r"hey|guys|folks|gonna|wanna",
    "de": r"du|dich|dir|dein\w*|euch|euer|eure\w*|hallo|hey",
    "fr": r"tu|toi|te|ton|ta|tes|t’\w+|salut|coucou",
    "es": r"tú|tu|tus|te|ti|contigo|vosotr[oa]s|vuestr\w+|os|escríbenos|hola",
}
PERSONAL_CHANNEL = {
    "en": r"privat\w*|in confidence|press office|links",
    "de": r"privat\w*|Pressestelle|Links",
    "fr": r"privé\w*|service de presse|lien",
    "es": r"privado|gabinete de prensa|enlaces",
}


@pytest.mark.parametrize("crisis_type", RUNBOOKS)
def test_a_shipped_runbook_has_every_wording(crisis_type: str) -> None:
    assert missing_wordings(RUNBOOKS[crisis_type]) == ()
    assert [(language, audience) for language, audience, _ in PACKETS[crisis_type].texts] == [
        (language, audience) for language in LANGUAGES for audience in AUDIENCES
    ]


@pytest.mark.parametrize(("crisis_type", "language", "audience", "text"), TEXTS)
def test_a_text_can_be_posted_as_it_is(
    crisis_type: str, language: str, audience: str, text: str
) -> None:
    assert lint(text) == ()
    assert time_in_words(PACKETS[crisis_type].promised_at, BERLIN, language) in text
    assert len(text) <= SHORT_ENOUGH_FOR_A_REPLY
    assert "{" not in text
    assert "\n" not in text
    if audience != "public":
        channel = re.search(rf"\b(?:{PERSONAL_CHANNEL[language]})\b", text)
        assert channel is not None, "agents' answers name the channel for what is personal"


@pytest.mark.parametrize(("crisis_type", "language", "audience", "text"), TEXTS)
def test_a_text_is_in_its_own_language_and_formal(
    crisis_type: str, language: str, audience: str, text: str
) -> None:
    neutral = text.replace(RUNBOOKS[crisis_type].what_happened(language), "")
    words = re.findall(r"\w+", neutral.lower())
    counts = {
        other: sum(words.count(common) for common in vocabulary.split())
        for other, vocabulary in COMMON.items()
    }
    rivals = max(count for other, count in counts.items() if other != language)
    assert counts[language] >= 2 * rivals, (audience, counts)
    assert re.search(rf"\b(?:{FAMILIAR[language]})\b", text, re.IGNORECASE) is None
    if language == "de":
        assert re.search(r"\b(?:Sie|Ihre?[nmrs]?|Ihnen)\b", text)


@pytest.mark.parametrize(("crisis_type", "language", "audience", "text"), TEXTS)
def test_a_text_is_set_as_its_language_is(
    crisis_type: str, language: str, audience: str, text: str
) -> None:
    del crisis_type, audience
    assert "'" not in text
    assert '"' not in text
    assert "..." not in text
    assert "  " not in text
    if language == "fr":
        assert re.search(r"[^\u00a0\u202f][;:!?]", text) is None
    else:
        assert re.search(r"\s[;:!?,.]", text) is None
    if language == "es":
        assert text.count("¿") == text.count("?")
        assert text.count("¡") == text.count("!")


def test_no_two_answers_are_the_same() -> None:
    texts = [text for packet in PACKETS.values() for _, _, text in packet.texts]
    assert len(set(texts)) == len(texts) == len(RUNBOOKS) * len(LANGUAGES) * len(AUDIENCES)
