"""Make probabilities mean something, on labelled texts that the weights have not seen.

Sums are exact (`math.fsum`), so that the result is the same on every machine.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import fsum

import numpy as np
from numpy.typing import NDArray

from crisiswatch.reading.polarity import PolarityScorer, Weights, sigmoid, softmax

Floats = NDArray[np.float64]

EVERYDAY_COMPLAINTS = 0.25
"""Share of complaints in the everyday talk about a brand that 0.5 is meant for: a guess on
the low side, so that a happy or merely sad burst is not taken for complaints."""

_HALVINGS = 40
_NEWTON_STEPS = 30
_RIDGE = 1e-3  # keeps the fit finite where the texts can be told apart without error


def logits_of(model: Weights, texts: Sequence[str]) -> Floats:
    """Return the logits of texts under one model: shape (3, texts)."""
    return PolarityScorer({"en": model}).logits(texts, "en")


def calibrated_mood(model: Weights, texts: Sequence[str], moods: Sequence[int]) -> Weights:
    """Multiply the logits of mood by the factor that makes the moods most likely."""
    negative, positive, _ = logits_of(model, texts)
    is_negative = np.array(moods) == 0
    is_positive = np.array(moods) == 2  # noqa: PLR2004
    low, high = 0.1, 10.0
    for _ in range(_HALVINGS):
        factor = (low + high) / 2
        p_negative, _, p_positive = softmax(factor * negative, factor * positive)
        excess = (p_negative - is_negative) * negative + (p_positive - is_positive) * positive
        low, high = (low, factor) if fsum(excess.tolist()) > 0 else (factor, high)
    return _scaled(model, (low, low, 1.0), 0.0)


def calibrated_complaint(
    model: Weights, texts: Sequence[str], complaints: Sequence[bool]
) -> Weights:
    """Scale and shift the logit of complaint (Platt 1999) to fit texts judged by people.

    The texts weigh as if `EVERYDAY_COMPLAINTS` of them were complaints.
    """
    logits = logits_of(model, texts)[2]
    wanted = np.array(complaints, dtype=np.float64)
    share = fsum(wanted.tolist()) / wanted.size
    weight = np.where(
        wanted > 0, EVERYDAY_COMPLAINTS / share, (1.0 - EVERYDAY_COMPLAINTS) / (1.0 - share)
    )
    factor, shift = 0.0, 0.0
    for _ in range(_NEWTON_STEPS):
        chance = sigmoid(factor * logits + shift)
        error, spread = weight * (chance - wanted), weight * chance * (1.0 - chance)
        slope = (fsum((error * logits).tolist()), fsum(error.tolist()))
        bend = (
            fsum((spread * logits * logits).tolist()) + _RIDGE,
            fsum((spread * logits).tolist()),
            fsum(spread.tolist()) + _RIDGE,
        )
        determinant = bend[0] * bend[2] - bend[1] * bend[1]
        factor -= (bend[2] * slope[0] - bend[1] * slope[1]) / determinant
        shift -= (bend[0] * slope[1] - bend[1] * slope[0]) / determinant
    return _scaled(model, (1.0, 1.0, factor), shift)


def _scaled(model: Weights, factors: tuple[float, float, float], shift: float) -> Weights:
    return replace(
        model,
        scales=model.scales * np.array(factors),
        offsets=model.offsets * np.array(factors) + np.array((0.0, 0.0, shift)),
    )
