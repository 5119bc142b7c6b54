"""The cues of a complaint, and the complaint score on posts judged by hand."""

import numpy as np
import pytest

from crisiswatch.reading.complaint import CUES, cues
from crisiswatch.reading.polarity import PolarityScorer
from crisiswatch.training.measure import area_under_curve
from crisiswatch.training.polarity import JUDGED, read_judged


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("@acme I want a refund", "money back"),
        ("charged me twice!", "money back"),
        ("on hold for an hour", "waiting"),
        ("still waiting for my bag", "waiting"),
        ("no response to my email", "no answer"),
        ("they hung up on me", "no answer"),
        ("your app doesn\u2019t work", "failed"),
        ("you cancelled my flight", "failed"),
        ("lost my luggage", "failed"),
        ("worst airline ever", "poor service"),
        ("the staff were so rude", "poor service"),
        ("never flying with you again", "breach"),
        ("very disappointed with you", "breach"),
        ("why is your site down", "challenge"),
        ("when will you fix this", "challenge"),
    ],
)
def test_a_complaint_shows_its_cue(text: str, kind: str) -> None:
    assert kind in {cue.kind for cue in cues(text)}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "ich hänge seit einer stunde in der warteschleife"),
        ("de", "keine antwort auf meine mail"),
        ("es", "nadie contesta el teléfono"),
        ("es", "llevo dos horas esperando"),
        ("fr", "toujours pas de remboursement"),
        ("fr", "personne ne répond"),
    ],
)
def test_cues_are_known_in_other_languages(language: str, text: str) -> None:
    assert cues(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "thank you for the lovely flight",
        "my grandma died and I am so sad",
        "it rains again",
        "do you ship to Canada?",
        "the household budget holds",
    ],
)
def test_other_posts_show_none(text: str) -> None:
    assert cues(text) == ()


def test_a_cue_quotes_the_words_of_the_post() -> None:
    (found,) = cues("@acme I WANT A REFUND")
    assert found.words == "REFUND"


def test_a_language_without_cues_has_none() -> None:
    assert cues("I want a refund", "xx") == ()


def test_every_language_names_the_same_kinds_of_breach() -> None:
    kinds = set(CUES["en"])
    assert all(set(of_language) == kinds for of_language in CUES.values())


def test_complaints_judged_by_hand_score_above_others() -> None:
    texts, complaints = read_judged(JUDGED)
    read = PolarityScorer.load().score(texts, ["en"] * len(texts))
    judged = np.array(complaints)
    assert len(texts) > 150
    assert area_under_curve(read.p_complaint, judged) > 0.86
    said = read.p_complaint >= 0.5
    assert said[judged].mean() > 0.45
    assert said[~judged].mean() < 0.1
