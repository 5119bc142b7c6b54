"""What the packaged scorer says of posts, in several registers."""

import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from crisiswatch.reading.polarity import Polarity, PolarityScorer, Weights
from crisiswatch.training.corpora import HELD_OUT, read_posts
from crisiswatch.training.measure import area_under_curve, mood_figures, read_by

NEGATIVE_THRESHOLD = 0.25
COMPLAINT_THRESHOLD = 0.5


@pytest.fixture(scope="module")
def scorer() -> PolarityScorer:
    return PolarityScorer.load()


def read(scorer: PolarityScorer, *texts: str, language: str | None = None) -> Polarity:
    return scorer.score(texts, [language] * len(texts))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("omg this video of the pilot singing is everything 😂😍", id="happy-viral"),
        pytest.param("our fleet's on fleek @jetblue lmao", id="joke"),
        pytest.param("I'm crying at this video omg 😭😭 so cute", id="tears-of-joy"),
        pytest.param("lol the flight attendant is savage, love her", id="slang-praise"),
        pytest.param("BREAKING: @acme announces fleet plan for 2016 http://t.co/x", id="news"),
        pytest.param("Acme recalls 10,000 toasters over fire risk", id="sober-news"),
        pytest.param("@acme do you ship to Canada?", id="question"),
        pytest.param("@acme thank you so much, refund received :)", id="thanks"),
        pytest.param("Love this ad!", id="praise"),
    ],
)
def test_happy_and_neutral_posts_are_neither_negative_nor_complaints(
    scorer: PolarityScorer, text: str
) -> None:
    found = read(scorer, text)
    assert found.p_negative[0] < NEGATIVE_THRESHOLD
    assert found.p_complaint[0] < COMPLAINT_THRESHOLD


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("@acme my flight is cancelled and nobody helps", id="plain"),
        pytest.param("@acme you people are thieves 😡", id="rage"),
        pytest.param("never flying with them again, worst airline ever", id="farewell"),
        pytest.param("@acme your toaster caught fire in my kitchen!!", id="safety"),
        pytest.param("@acme been waiting 3 weeks for a refund, still nothing", id="waiting"),
        pytest.param("@acme WHY IS YOUR APP DOWN AGAIN", id="capitals"),
    ],
)
def test_complaints_are_negative_and_complaints(scorer: PolarityScorer, text: str) -> None:
    found = read(scorer, text)
    assert found.p_negative[0] >= NEGATIVE_THRESHOLD
    assert found.p_complaint[0] >= COMPLAINT_THRESHOLD


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("my grandma died this morning, I can't stop crying", id="grief"),
        pytest.param("it is raining again, I hate mondays", id="weather"),
        pytest.param("so sad about the earthquake, thoughts with the victims", id="news"),
        pytest.param("worst defence of the season, so sad for the fans", id="sport"),
    ],
)
def test_sadness_is_negative_but_no_complaint(scorer: PolarityScorer, text: str) -> None:
    found = read(scorer, text)
    assert found.p_negative[0] >= NEGATIVE_THRESHOLD
    assert found.p_complaint[0] < COMPLAINT_THRESHOLD


@pytest.mark.parametrize(
    ("language", "bad", "good"),
    [
        ("de", "ich warte seit zwei stunden auf meinen koffer, frechheit", "danke, toller flug ❤️"),
        ("es", "llevo dos horas esperando, pésimo servicio", "me encanta, muchas gracias"),
        ("fr", "service client lamentable, j'attends depuis deux heures", "merci beaucoup, super"),
        ("it", "pessimo servizio, voglio il rimborso", "grazie mille, bellissimo"),
        ("nl", "waardeloos, ik wacht al twee uur", "heel erg bedankt, geweldig"),
        ("pl", "skandal, nigdy więcej, chcę zwrotu pieniędzy", "dziękuję bardzo, super"),
        ("pt", "péssimo atendimento, nunca mais", "muito obrigado, adorei"),
    ],
)
def test_other_languages_are_read_with_their_own_weights(
    scorer: PolarityScorer, language: str, bad: str, good: str
) -> None:
    found = read(scorer, bad, good, language=language)
    assert found.p_negative[0] > 0.5 > found.p_negative[1]
    assert found.p_complaint[0] > found.p_complaint[1]


def test_a_language_without_weights_is_read_as_english(scorer: PolarityScorer) -> None:
    text = "worst service ever"
    english = read(scorer, text, language="en")
    for language in (None, "xx", "ja"):
        assert read(scorer, text, language=language).p_negative[0] == english.p_negative[0]


def test_each_text_of_a_mixed_batch_is_read_in_its_language(scorer: PolarityScorer) -> None:
    texts = ["nie wieder, frechheit", "love it", "nunca más", "nie wieder, frechheit"]
    languages = ["de", None, "es", "en"]
    together = scorer.score(texts, languages)
    for row, (text, language) in enumerate(zip(texts, languages, strict=True)):
        alone = scorer.score([text], [language])
        assert together.p_negative[row] == alone.p_negative[0]
        assert together.p_complaint[row] == alone.p_complaint[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("@alice is rude", "@bob_99 is rude", id="handles"),
        pytest.param("bad http://t.co/a1", "bad https://x.org/b?c=@d", id="links"),
        pytest.param("WORST Service", "worst service", id="case"),
        pytest.param("it\u2019s bad", "it's bad", id="apostrophes"),
        pytest.param("bad\nnews", "bad news", id="white-space"),
        pytest.param("bad\0news", "bad news", id="nul"),
    ],
)
def test_what_says_nothing_changes_nothing(scorer: PolarityScorer, one: str, other: str) -> None:
    found = read(scorer, one, other)
    assert found.p_negative[0] == found.p_negative[1]
    assert found.p_complaint[0] == found.p_complaint[1]


def test_emoji_turn_the_mood(scorer: PolarityScorer) -> None:
    found = read(scorer, "the new app 😡", "the new app", "the new app 😍")
    assert found.p_negative[0] > found.p_negative[1] > found.p_negative[2]


def test_the_longest_and_heaviest_post_does_not_overflow_a_lane() -> None:
    buckets = np.arange(1, 8)
    heaviest = np.array([[50] * 7, [-50] * 7, [50] * 7], dtype=np.int8)
    weights = Weights(
        bits=3, buckets=buckets, weights=heaviest, scales=np.ones(3), offsets=np.zeros(3)
    )
    logits = PolarityScorer({"en": weights}).logits(
        ["😡 " * 1_000, "a b " * 500, "é" * 3_000], "en"
    )
    assert (logits[0] == -logits[1]).all()
    assert (logits[0] == logits[2]).all()
    assert (logits[0] > 0).all()


def test_only_the_first_two_thousand_characters_are_read(scorer: PolarityScorer) -> None:
    start = "fine " * 400
    found = read(scorer, start, start + "terrible worst refund")
    assert found.p_negative[0] == found.p_negative[1]


def test_an_empty_batch_has_no_rows_and_an_empty_text_has_one(scorer: PolarityScorer) -> None:
    assert scorer.score([], []).p_negative.shape == (0,)
    assert read(scorer, "").p_negative.shape == (1,)


def test_a_language_is_wanted_for_every_text(scorer: PolarityScorer) -> None:
    with pytest.raises(ValueError, match="2 texts but 1 languages"):
        scorer.score(["a", "b"], [None])


def test_a_scorer_needs_weights_for_english() -> None:
    with pytest.raises(ValueError, match="no weights for 'en'"):
        PolarityScorer({})


def test_the_weights_are_small_and_load_fast() -> None:
    packaged = files("crisiswatch.reading") / "weights" / "polarity.npz"
    assert len(packaged.read_bytes()) < 1_000_000
    started = time.process_time()
    PolarityScorer.load()
    assert time.process_time() - started < 1.0  # about 0.04 s where nothing else runs


def test_a_batch_larger_than_the_buffer_is_read_in_parts(scorer: PolarityScorer) -> None:
    texts = ["the worst service ever", "I love this so much"] * 8_000
    found = read(scorer, *texts)
    assert len(set(found.p_negative.tolist())) == 2


def test_held_out_posts_are_read_as_well_as_documented(
    scorer: PolarityScorer, shared_data: Path
) -> None:
    held_out = read_posts(shared_data / "sentiment", HELD_OUT)
    figures = mood_figures(read_by(scorer.weights["en"], held_out.texts), held_out.moods)
    assert figures.negative_auc > 0.88
    assert figures.macro_recall > 0.64


def test_the_recommended_threshold_is_fair_to_both_sides_on_held_out_posts(
    scorer: PolarityScorer, shared_data: Path
) -> None:
    held_out = read_posts(shared_data / "sentiment", HELD_OUT)
    p_negative = read_by(scorer.weights["en"], held_out.texts).p_negative
    negative = np.array(held_out.moods) == 0

    def gain(threshold: float) -> float:
        said = p_negative >= threshold
        return float(said[negative].mean() - said[~negative].mean())

    best = max(gain(hundredth / 100) for hundredth in range(5, 60))
    assert gain(NEGATIVE_THRESHOLD) > best - 0.03
    assert gain(0.5) < best - 0.15


def test_area_under_the_curve_counts_ties_half() -> None:
    scores = np.array([0.5, 0.5])
    assert area_under_curve(scores, np.array([True, False])) == 0.5
