"""The volume hardly moves, but the mood does."""

import pickle
from math import sqrt
from typing import Any, Self

from river.drift import PageHinkley

from crisiswatch.detection.baseline import SHRINKAGE
from crisiswatch.detection.ring import Ring

HORIZONS = (12, 36, 72)
"""Bins looked back over: 1, 3 and 6 hours."""

OPENS_AT_SIGMA = 4.5
"""Sigma of the negative share at which a turn opens, once the drift test has agreed."""

LEAST_NEGATIVES = 20
"""Fewer negative posts in the window are nobody's crisis, whatever their share."""

SHARE_SPREAD = 0.01
"""Variance of the share that is not chance, as a part of p(1-p): moods come in clusters."""

SMALLEST_SHARE, LARGEST_SHARE = 0.02, 0.95
"""Beyond these a share has no spread to measure against."""

DRIFT_DELTA = 0.25
"""Sigma per bin that the mood may wander without being a drift."""

DRIFT_THRESHOLD = 12.0
"""Summed sigma at which the mood has drifted: three hours of one third of a sigma."""

DRIFT_MEMORY_S = 6 * 3_600
OUTLIER_SIGMA = 3.0
FIRST_SHARE = 0.3
FIRST_POSTS = 10.0
CRISIS_RATE = 0.25

MOST_WEIGHT = 2.0
"""A bin weighs as much as so many times the posts expected of it, plus the shrinkage.

The usual share is that of the usual crowd: a burst of strangers must not outvote days.
"""


class Turn:
    """Score the negative share of the last hours against the topic's usual share.

    Two witnesses must agree: the share itself, as a binomial with extra spread, and
    river's Page-Hinkley test (Page, "Continuous Inspection Schemes", 1954), which sums
    small steps in one direction and is not moved by one bad bin.
    """

    __slots__ = ("_drift", "_drift_at", "_keep", "_negatives", "_posts")

    def __init__(self, *, bin_s: int, half_life_s: int) -> None:
        self._keep = 0.5 ** (bin_s / half_life_s)
        self._posts = FIRST_POSTS
        self._negatives = FIRST_POSTS * FIRST_SHARE
        self._drift = PageHinkley(
            min_instances=30, delta=DRIFT_DELTA, threshold=DRIFT_THRESHOLD, mode="up"
        )
        self._drift_at: int | None = None

    @property
    def normal_share(self) -> float:
        """The topic's usual share of negative posts, 0 to 1."""
        return self._negatives / self._posts

    def _share(self) -> float:
        return min(LARGEST_SHARE, max(SMALLEST_SHARE, self.normal_share))

    def sigma(self, posts: Ring, negatives: Ring) -> tuple[float, int]:
        """Return the largest share sigma over the horizons, and that horizon in bins."""
        largest, at = 0.0, HORIZONS[0]
        for horizon in HORIZONS:
            k = negatives.sum(horizon)
            if k < LEAST_NEGATIVES:
                continue
            sigma = self.mood(posts.sum(horizon), k)
            if sigma > largest:
                largest, at = sigma, horizon
        return largest, at

    def mood(self, posts: int, negatives: int) -> float:
        """Return the sigma of `negatives` of `posts` against the usual share; 0 without posts."""
        if posts == 0:
            return 0.0
        share = self._share()
        off = negatives / posts - share
        return off / sqrt(share * (1.0 - share) * (1.0 / posts + SHARE_SPREAD))

    def score(self, sigma: float, seen_s: int) -> float:
        """Return the opening score; below 1 until the drift test has agreed."""
        score = sigma / OPENS_AT_SIGMA
        agreed = self._drift_at is not None and seen_s - self._drift_at <= DRIFT_MEMORY_S
        return score if agreed else min(score, 0.99)

    def learn(
        self, posts: int, negatives: int, seen_s: int, *, expected: float, crisis: bool
    ) -> None:
        """Take in the newest bin, of which `expected` posts were to come; little of a burst."""
        if posts == 0:
            return
        usual = MOST_WEIGHT * expected + SHRINKAGE
        if posts > usual and not crisis and negatives < self.normal_share * posts:
            self._weigh(CRISIS_RATE * usual / posts, posts, negatives)
            return  # a crowd of strangers in a good mood: the drift test would call their leaving one
        share = self._share()
        sigma = (negatives - share * posts) / sqrt(posts * share * (1.0 - share))
        sigma = min(OUTLIER_SIGMA, max(-OUTLIER_SIGMA, sigma))
        self._drift.update(sigma)  # type: ignore[no-untyped-call]  # river ships no types
        if self._drift.drift_detected:
            self._drift_at = seen_s
        self._weigh((CRISIS_RATE if crisis else 1.0) * min(1.0, usual / posts), posts, negatives)

    def _weigh(self, weight: float, posts: int, negatives: int) -> None:
        keep = self._keep
        self._posts = self._posts * keep + weight * posts
        self._negatives = self._negatives * keep + weight * negatives

    def to_state(self) -> tuple[object, ...]:
        """Return what was learned as builtins; river's test as its pickle, 0.4 kB."""
        drift = pickle.dumps(self._drift, protocol=pickle.HIGHEST_PROTOCOL)
        return (self._posts, self._negatives, self._drift_at, drift)

    @classmethod
    def from_state(cls, state: tuple[Any, ...], *, bin_s: int, half_life_s: int) -> Self:
        """Rebuild from `to_state()`."""
        turn = cls(bin_s=bin_s, half_life_s=half_life_s)
        turn._posts, turn._negatives, turn._drift_at, drift = state
        turn._drift = pickle.loads(drift)  # noqa: S301 (written by to_state, kept in our own store)
        return turn
