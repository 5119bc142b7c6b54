"""Training: what is learnt, and that the same files give the same weights."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crisiswatch.errors import InputError
from crisiswatch.reading.polarity import PolarityScorer, read_weights, write_weights
from crisiswatch.training.calibration import calibrated_complaint, calibrated_mood
from crisiswatch.training.corpora import ENGLISH, HELD_OUT, OTHER_LANGUAGES, Labelled
from crisiswatch.training.measure import fold_figures, read_by
from crisiswatch.training.models import ENGLISH_RECIPE, taught_complaint, train
from crisiswatch.training.phrases import GRAMMARS, posts
from crisiswatch.training.polarity import digest, main, read_judged

RECIPE = replace(ENGLISH_RECIPE, bits=14, at_least=2, epochs=3)
WORDS = {0: "awful hate broken", 1: "report says monday", 2: "lovely great thanks"}


def made(weight: float = 1.0, posts_of_each: int = 40) -> Labelled:
    """Return made-up posts whose words give their mood away."""
    texts, moods = [], []
    for number in range(posts_of_each):
        for mood, words in WORDS.items():
            texts.append(f"{words.split()[number % 3]} thing number {number} {words}")
            moods.append(mood)
    return Labelled(texts=texts, moods=moods, weight=weight)


def test_what_was_taught_is_learnt() -> None:
    model = train([made()], RECIPE)
    read = read_by(model, ["awful broken thing", "report says thing", "lovely great thing"])
    assert read.p_negative.argmax() == 0
    assert read.p_neutral.argmax() == 1
    assert read.p_positive.argmax() == 2


def test_training_twice_gives_the_same_bits() -> None:
    once, again = train([made()], RECIPE), train([made()], RECIPE)
    assert digest({"en": once}) == digest({"en": again})
    other = train([made(posts_of_each=41)], RECIPE)
    assert digest({"en": once}) != digest({"en": other})


def test_weights_survive_the_file(tmp_path: Path) -> None:
    models = {"en": train([made()], RECIPE), "de": train([made()], replace(RECIPE, language="de"))}
    write_weights(models, tmp_path / "weights.npz")
    with (tmp_path / "weights.npz").open("rb") as stream:
        assert digest(read_weights(stream)) == digest(models)


def test_invented_complaints_teach_the_complaint_score() -> None:
    model = train([made()], RECIPE)
    read = read_by(model, ["@x been on hold for an hour, useless support", "lovely thing, thanks"])
    assert read.p_complaint[0] > read.p_complaint[1]


@pytest.mark.parametrize(
    ("text", "mood", "weight", "taught"),
    [
        pytest.param("@x your app doesn't work", 0, 1.0, (1.0, 2.0), id="negative-and-addressed"),
        pytest.param("i want a refund", 0, 0.5, (1.0, 1.0), id="strong-cue"),
        pytest.param("my phone is dead", 0, 1.0, (0.0, 0.0), id="weak-cue-teaches-nothing"),
        pytest.param("@x i want a refund", 1, 1.0, (0.0, 0.0), id="neutral-teaches-nothing"),
        pytest.param("@x i want a refund", 0, 0.1, (0.0, 0.0), id="far-domain-teaches-nothing"),
        pytest.param("so sad today", 0, 1.0, (0.0, 1.0), id="mood-alone-is-none"),
    ],
)
def test_cues_teach_complaints(
    text: str, mood: int, weight: float, taught: tuple[float, float]
) -> None:
    assert taught_complaint(text, mood, weight, "en") == taught


def test_every_slot_of_every_grammar_is_filled() -> None:
    for grammar in GRAMMARS.values():
        for templates in (grammar.complaints, grammar.praise, grammar.plain, grammar.gloom):
            made_up = list(posts(templates, grammar, 5))
            assert made_up
            assert not any("{" in text or "}" in text for text in made_up)
            assert made_up == list(posts(templates, grammar, 5))


def test_calibration_makes_an_overconfident_model_humble() -> None:
    model = train([made()], RECIPE)
    texts = ["awful broken thing"] * 10
    humbled = calibrated_mood(model, texts, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    before, after = read_by(model, texts).p_negative[0], read_by(humbled, texts).p_negative[0]
    assert 0.33 < after < before


def test_calibration_puts_one_half_between_complaints_and_others() -> None:
    model = train([made()], RECIPE)
    texts = ["@x on hold for an hour, useless support", "lovely thing, thanks"] * 10
    read = read_by(calibrated_complaint(model, texts, [True, False] * 10), texts)
    assert read.p_complaint[0] > 0.9
    assert read.p_complaint[1] < 0.1


def test_folds_measure_on_what_was_left_out() -> None:
    figures = fold_figures([made()], RECIPE, folds=4, fold=1)
    assert figures.negative_auc > 0.9
    assert figures.macro_recall > 0.8


def small_corpus(folder: Path) -> Path:
    for corpus in (*ENGLISH, HELD_OUT):
        rows = [
            json.dumps({"text": f"{text} {corpus.file}", "label": mood})
            for text, mood in zip(made().texts, made().moods, strict=True)
        ]
        (folder / corpus.file).write_text("\n".join(rows) + "\n", encoding="utf-8")
    lines = "schlecht\t1\nsehr schön\t5\nund dann\t2\n" * 10
    for names in OTHER_LANGUAGES.values():
        for name in names:
            (folder / name).write_text(lines, encoding="utf-8")
    judged = folder / "judged.jsonl"
    judged.write_text(
        '{"text": "@x i want a refund", "complaint": true}\n{"text": "hi", "complaint": false}\n',
        encoding="utf-8",
    )
    return judged


@pytest.mark.slow
def test_the_command_writes_weights_for_every_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judged, out = small_corpus(tmp_path), tmp_path / "out.npz"
    assert main([str(tmp_path), "--judged", str(judged), "--out", str(out), "--folds", "2"]) == 0
    with out.open("rb") as stream:
        models = read_weights(stream)
    assert set(models) == {"en", *OTHER_LANGUAGES}
    assert digest(models) in capsys.readouterr().out
    assert main([str(tmp_path), "--judged", str(judged), "--check"]) == 1
    assert "the packaged weights are others" in capsys.readouterr().out


def test_missing_judged_posts_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="checkout"):
        read_judged(tmp_path / "none.jsonl")


@pytest.mark.slow
def test_the_packaged_weights_are_what_the_script_trains(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(shared_data / "sentiment"), "--check"]) == 0
    assert "the packaged weights are these" in capsys.readouterr().out


def test_the_packaged_weights_cover_the_languages_of_the_grammars() -> None:
    assert set(PolarityScorer.load().weights) == set(GRAMMARS)


def test_buckets_are_in_order_and_weigh_something() -> None:
    for model in PolarityScorer.load().weights.values():
        assert (np.diff(model.buckets) > 0).all()
        assert (model.weights != 0).any(axis=0).all()
        assert model.buckets[0] > 0
