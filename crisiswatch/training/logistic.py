"""Fit a linear model over hashed features by Adagrad (Duchi, Hazan & Singer 2011).

Everything is in a fixed order, without a random generator and without a library
routine that differs between machines, so that the same files give the same weights
to the last bit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crisiswatch.reading.polarity import Features, hashed, joined_bytes

Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Slopes = Callable[[Floats, Index], Floats]
"""From the logits of some texts, shape (heads, rows), and the numbers of these texts, to
the gradient of the loss by each logit, same shape."""

_TEXTS_PER_BUFFER = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Hashed texts: text `k` has the features `features[starts[k] : starts[k + 1]]`.

    Feature `i` stands for the bucket `kept[i]`; feature 0 for bucket 0, "nothing", which
    every text has once so that none is empty. `roots` holds the square root of each
    text's length in bytes, as in `Weights`.
    """

    features: NDArray[np.int32]
    starts: Index
    roots: Floats
    kept: Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How long and how boldly to learn; `shrinkage` draws every weight towards zero."""

    epochs: int
    batch: int = 512
    rate: float = 0.1
    shrinkage: float = 5e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The result: weights of shape (heads, features) and an offset per head."""

    weights: Floats
    offsets: Floats


def hash_texts(texts: Sequence[str], bits: int, at_least: int) -> Examples:
    """Hash texts as the scorer does, and keep the buckets hit at least so many times.

    Dropping the rare ones costs nothing, halves the weights, and leaves most buckets
    empty, so that what was never seen in training adds nothing when scoring.
    """
    parts = [
        _flat(hashed(joined_bytes(texts[first : first + _TEXTS_PER_BUFFER]), bits))
        for first in range(0, len(texts), _TEXTS_PER_BUFFER)
    ]
    buckets = np.concatenate([part[0] for part in parts])
    sizes = np.concatenate([part[1] for part in parts])
    common = np.bincount(buckets, minlength=1 << bits) >= at_least
    common[0] = True
    kept = np.flatnonzero(common)
    number_of = np.zeros(1 << bits, dtype=np.int32)
    number_of[kept] = np.arange(kept.size, dtype=np.int32)
    row_of = np.repeat(np.arange(sizes.size), sizes)
    keep = common[buckets]
    left = np.bincount(row_of[keep], minlength=sizes.size)
    return Examples(
        features=number_of[buckets[keep]],
        starts=np.concatenate((np.zeros(1, dtype=np.intp), np.cumsum(left))),
        roots=np.concatenate([part[2] for part in parts]),
        kept=kept,
    )


def _flat(features: Features) -> tuple[Index, Index, Floats]:
    """Return the buckets of each text in turn, how many each text has, and its root."""
    every = np.arange(features.threes.size)
    at = np.concatenate(
        (every, every[: features.fives.size], features.word_at, features.word_at, features.starts)
    )
    buckets = np.concatenate(
        (features.threes, features.fives, features.words, features.pairs, 0 * features.starts)
    )
    wanted = (at >= features.starts[0]) & (at < features.starts[-1])
    wanted[: -features.starts.size] &= buckets[: -features.starts.size] != 0
    order = np.argsort(at[wanted], kind="stable")
    begins = np.searchsorted(at[wanted][order], features.starts)
    roots = np.sqrt(np.diff(features.starts).astype(np.float64))
    return buckets[wanted][order], np.diff(begins), roots


def fit(examples: Examples, slopes: Slopes, start: Fitted, schedule: Schedule) -> Fitted:
    """Fit as many heads as `start` has, beginning there."""
    weights, offsets = start.weights.copy(), start.offsets.copy()
    squares = np.full(weights.shape, 1e-6)
    offset_squares = np.full(offsets.shape, 1e-6)
    heads, features = weights.shape
    for epoch in range(schedule.epochs):
        order = _shuffled(examples.roots.size, epoch)
        for first in range(0, order.size, schedule.batch):
            rows = order[first : first + schedule.batch]
            begins, where, row_of = _gather(examples, rows)
            roots = examples.roots[rows]
            logits = np.stack([np.add.reduceat(w[where], begins) for w in weights]) / roots
            slope = slopes(logits + offsets[:, None], rows)
            for head in range(heads):
                step = np.bincount(where, (slope[head] / roots)[row_of], minlength=features)
                step += schedule.shrinkage * weights[head]
                squares[head] += step * step
                weights[head] -= schedule.rate * step / np.sqrt(squares[head])
                drift = float(slope[head].sum()) / schedule.batch
                offset_squares[head] += drift * drift
                offsets[head] -= schedule.rate * drift / np.sqrt(offset_squares[head])
    return Fitted(weights=weights, offsets=offsets)


def _shuffled(count: int, epoch: int) -> Index:
    """Return the numbers below `count` in an order that depends on `epoch` alone."""
    mixed = np.arange(count, dtype=np.uint64) * np.uint64(2_654_435_761) + np.uint64(epoch + 1)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.argsort(mixed, kind="stable")


def _gather(examples: Examples, rows: Index) -> tuple[Index, Index, Index]:
    """Return where each row begins, the features of all rows, and the row of each feature."""
    sizes = examples.starts[rows + 1] - examples.starts[rows]
    begins = np.cumsum(sizes) - sizes
    row_of = np.repeat(np.arange(rows.size), sizes)
    at = np.arange(row_of.size) + (examples.starts[rows] - begins)[row_of]
    return begins, examples.features[at].astype(np.intp), row_of
