"""What kind of crisis posts speak of, in the languages that runbooks are written in."""

import pytest

from crisiswatch.detection.crisis_type import suggest_crisis_type

KINDS = {
    "data-breach": [
        "Datenleck bei Acme, meine Daten auch",
        "fuite de données chez Acme",
        "filtración de datos en Acme",
    ],
    "product-safety": [
        "Rückrufaktion gestartet, zwei Verletzte",
        "mon téléphone a pris feu, deux blessés",
        "el móvil se incendió, hay heridos",
    ],
    "own-blunder": [
        "wurden die gehackt? wie geschmacklos",
        "compte piraté ou stagiaire ?",
        "despidan al becario, tuit borrado",
    ],
    "executive-conduct": [
        "der Vorstandschef muss gehen, Rücktritt jetzt",
        "le PDG doit annoncer sa démission",
        "el director general: dimisión ya",
    ],
    "campaign-backlash": [
        "diese Werbung ist rassistisch",
        "une publicité raciste, encore",
        "ese anuncio es racista",
    ],
    "rumour": [
        "stimmt das oder nur ein Gerücht",
        "est-ce vrai cette rumeur",
        "¿es verdad que cierran? será un bulo",
    ],
    "service-outage": [
        "Zug ausgefallen, alles verspätet",
        "vol annulé, trois heures de retard",
        "vuelo cancelado, retrasos toda la tarde",
    ],
}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param(kind, text, id=f"{kind}-{language}")
        for kind, texts in KINDS.items()
        for language, text in zip(("de", "fr", "es"), texts, strict=True)
    ],
)
def test_every_kind_is_suggested_in_every_language(kind: str, text: str) -> None:
    assert suggest_crisis_type([text] * 3) == kind


def test_an_english_insult_is_no_french_delay() -> None:
    assert suggest_crisis_type(["what a bunch of retards"] * 3) == "viral-complaint"
