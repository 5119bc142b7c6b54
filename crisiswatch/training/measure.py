"""Measure how well a model reads texts that people have labelled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crisiswatch.reading.polarity import Polarity, PolarityScorer, Weights
from crisiswatch.training.corpora import NEGATIVE, Labelled
from crisiswatch.training.models import Recipe, train

MOODS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well moods are read: the area under the ROC curve, and means over the classes."""

    negative_auc: float
    macro_recall: float
    macro_f1: float


def read_by(model: Weights, texts: Sequence[str]) -> Polarity:
    """Score texts with one model, whatever their language."""
    return PolarityScorer({"en": model}).score(texts, [None] * len(texts))


def area_under_curve(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> float:
    """Return the chance that a positive example scores above a negative one; ties count half.

    >>> area_under_curve(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    0.875
    """
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    wins = ranks[positive].sum() - positive.sum() * (positive.sum() + 1) / 2
    return float(wins / (positive.sum() * (~positive).sum()))


def mood_figures(read: Polarity, moods: Sequence[int]) -> Figures:
    """Compare what was read with what people said."""
    truth = np.array(moods)
    said = np.stack((read.p_negative, read.p_neutral, read.p_positive)).argmax(axis=0)
    recalls, f1s = [], []
    for mood in range(MOODS):
        right = float(((said == mood) & (truth == mood)).sum())
        recalls.append(right / max(1, int((truth == mood).sum())))
        f1s.append(2 * right / max(1, int((said == mood).sum() + (truth == mood).sum())))
    return Figures(
        negative_auc=area_under_curve(read.p_negative, truth == NEGATIVE),
        macro_recall=sum(recalls) / MOODS,
        macro_f1=sum(f1s) / MOODS,
    )


def fold_figures(sources: Sequence[Labelled], recipe: Recipe, folds: int, fold: int) -> Figures:
    """Train without every `folds`-th text of each source, and measure on these."""
    kept = [_part(source, lambda row: row % folds != fold) for source in sources]
    left = [_part(source, lambda row: row % folds == fold) for source in sources]
    texts = [text for source in left for text in source.texts]
    moods = [mood for source in left for mood in source.moods]
    return mood_figures(read_by(train(kept, recipe), texts), moods)


def _part(source: Labelled, wanted: Callable[[int], bool]) -> Labelled:
    rows = [row for row in range(len(source.texts)) if wanted(row)]
    return Labelled(
        texts=[source.texts[row] for row in rows],
        moods=[source.moods[row] for row in rows],
        weight=source.weight,
    )
