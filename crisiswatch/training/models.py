"""Build the model of one language from its labelled texts and invented posts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crisiswatch.reading.complaint import cues
from crisiswatch.reading.polarity import WEIGHT_LIMIT, Weights, sigmoid, softmax
from crisiswatch.training.corpora import NEGATIVE, NEUTRAL, POSITIVE, Labelled
from crisiswatch.training.logistic import Examples, Fitted, Schedule, fit, hash_texts
from crisiswatch.training.phrases import GRAMMARS, posts

Floats = NDArray[np.float64]
Index = NDArray[np.intp]

INVENTED_PER_TEMPLATE = 20
INVENTED_WEIGHT = 0.3
"""Weight of an invented post for the mood; a post of SemEval has 1."""

_STRONG_CUES = {"money back", "poor service", "no answer"}
_LARGEST_CUT = 64  # as many weights may be cut off by rounding, so that the rest is finer


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the model of one language is built."""

    language: str
    bits: int
    at_least: int
    levels: int
    epochs: int
    invented_complaint_weight: float


ENGLISH_RECIPE = Recipe(
    language="en", bits=20, at_least=8, levels=12, epochs=8, invented_complaint_weight=3.0
)


def other_recipe(language: str) -> Recipe:
    """Return the recipe of a language that has subtitles to learn from."""
    return Recipe(
        language=language, bits=17, at_least=3, levels=10, epochs=8, invented_complaint_weight=3.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All texts of one language with what both heads should say, and how loudly."""

    texts: list[str]
    moods: Index
    mood_weights: Floats
    complaints: Floats
    complaint_weights: Floats


def gather(sources: Sequence[Labelled], recipe: Recipe) -> Material:
    """Join the labelled texts with the invented posts of the language."""
    texts = [text for source in sources for text in source.texts]
    moods = [mood for source in sources for mood in source.moods]
    weights = [source.weight for source in sources for _ in source.texts]
    taught = [
        taught_complaint(text, mood, weight, recipe.language)
        for text, mood, weight in zip(texts, moods, weights, strict=True)
    ]
    grammar = GRAMMARS[recipe.language]
    for templates, mood in (
        (grammar.complaints, NEGATIVE),
        (grammar.praise, POSITIVE),
        (grammar.plain, NEUTRAL),
        (grammar.gloom, NEGATIVE),
    ):
        complaint = templates is grammar.complaints
        for text in posts(templates, grammar, INVENTED_PER_TEMPLATE):
            texts.append(text)
            moods.append(mood)
            weights.append(INVENTED_WEIGHT)
            taught.append((float(complaint), recipe.invented_complaint_weight))
    targets = np.array(taught)
    return Material(
        texts=texts,
        moods=np.array(moods, dtype=np.intp),
        mood_weights=np.array(weights),
        complaints=targets[:, 0],
        complaint_weights=targets[:, 1],
    )


def taught_complaint(text: str, mood: int, weight: float, language: str) -> tuple[float, float]:
    """Return what a labelled text teaches about complaints: 1 or 0, and how loudly.

    A negative post that speaks to somebody, or names a strong cue, is one. With cues
    but without that it teaches nothing; without cues it is none.
    """
    found = {cue.kind for cue in cues(text, language)}
    if not found:
        return 0.0, weight
    strong = "@" in text or bool(found & _STRONG_CUES) or len(found) > 1
    if mood == NEGATIVE and strong and weight >= 0.5:  # noqa: PLR2004
        return 1.0, 2.0 * weight
    return 0.0, 0.0


def build(material: Material, recipe: Recipe) -> tuple[Examples, Fitted]:
    """Fit the three heads: two of mood under one softmax, and one of complaints."""
    examples = hash_texts(material.texts, recipe.bits, recipe.at_least)
    schedule = Schedule(epochs=recipe.epochs)

    def mood_slopes(logits: Floats, rows: Index) -> Floats:
        negative, _, positive = softmax(logits[0], logits[1])
        moods, weights = material.moods[rows], material.mood_weights[rows]
        return np.stack(
            ((negative - (moods == NEGATIVE)) * weights, (positive - (moods == POSITIVE)) * weights)
        )

    def complaint_slopes(logits: Floats, rows: Index) -> Floats:
        errors = sigmoid(logits[0]) - material.complaints[rows]
        return (errors * material.complaint_weights[rows])[None]

    mood = fit(examples, mood_slopes, _blank(examples, 2), schedule)
    complaint = fit(examples, complaint_slopes, _blank(examples, 1), schedule)
    return examples, Fitted(
        weights=np.concatenate((mood.weights, complaint.weights)),
        offsets=np.concatenate((mood.offsets, complaint.offsets)),
    )


def _blank(examples: Examples, heads: int) -> Fitted:
    return Fitted(weights=np.zeros((heads, examples.kept.size)), offsets=np.zeros(heads))


def rounded(examples: Examples, fitted: Fitted, recipe: Recipe) -> Weights:
    """Round to whole numbers up to `levels`, and drop the buckets that weigh nothing."""
    levels = min(recipe.levels, WEIGHT_LIMIT)
    top = np.sort(np.abs(fitted.weights), axis=1)[:, -min(_LARGEST_CUT, fitted.weights.shape[1])]
    scales = np.maximum(top, 1e-9) / levels
    whole = np.clip(np.rint(fitted.weights / scales[:, None]), -levels, levels)
    weighing = (whole != 0).any(axis=0) & (examples.kept != 0)
    return Weights(
        bits=recipe.bits,
        buckets=examples.kept[weighing],
        weights=whole[:, weighing].astype(np.int8),
        scales=scales,
        offsets=fitted.offsets,
    )


def train(sources: Sequence[Labelled], recipe: Recipe) -> Weights:
    """Train the model of one language; probabilities are not calibrated yet."""
    return rounded(*build(gather(sources, recipe), recipe), recipe)
