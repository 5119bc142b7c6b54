"""Bound what one account contributes: loudness is taken out before anything is judged or learned."""

from collections import Counter
from typing import Any, Self

from crisiswatch.detection.settings import HOUR_S
from crisiswatch.reading.counts import AUTHORS_KEPT, SAMPLES_KEPT, Counts, Sample

REMEMBERED_S = 6 * HOUR_S
"""An account that was loud counts for nothing so long after it was last heard."""

REPEATS = 2
"""So many negative posts of one account in one bin's sample make it worth remembering."""

LOUD = 4
"""Sampled negative posts, over the bins since it is remembered, that make an account loud."""

LOUD_IN_BIN = 3
"""Of at most eight sampled negative posts of a bin, by chance never one of many accounts."""

POSTS_PER_VOICE = 2
"""Posts of one account in a bin that are heard; an angry customer writes again, seldom thrice."""

ESTIMATE_SLACK = 1.5
"""Authors are estimated within an eighth beyond 64: fewer repeats than this prove nothing."""

ACCOUNTS_KEPT = 16


class Voices:
    """Tell how many of a bin's posts and negative posts are voices, not repetitions.

    Two witnesses: the samples name who wrote the negative posts (all of them up to eight,
    a uniform sample beyond), and the distinct authors bound how many posts are repeats.
    Accounts that repeat themselves are remembered for hours. Where authors are unknown
    everything counts.
    """

    __slots__ = ("_accounts",)

    def __init__(self) -> None:
        self._accounts: dict[str, tuple[int, int]] = {}

    def heard(self, counts: Counts) -> tuple[int, int]:
        """Return posts and negative posts of `counts` with every account's repetitions left out."""
        posts, negatives = counts.posts, counts.negatives
        authors = len(counts.authors)
        if negatives == 0 or authors == 0 or (authors == posts and not self._accounts):
            return posts, negatives
        names = _negative_authors(counts.samples)
        if not names:
            return posts, negatives
        kept = self._kept(counts, names)
        return posts - negatives + kept, kept

    def _kept(self, counts: Counts, names: Counter[str]) -> int:
        negatives, sampled = counts.negatives, names.total()
        loud = {name for name, times in names.items() if self._is_loud(name, times)}
        known = sum(self._accounts.get(name, (0, 0))[0] >= LOUD for name in loud)
        others = [times for name, times in names.items() if name not in loud]
        if negatives <= SAMPLES_KEPT:
            unnamed = negatives - sampled
            bounded = sum(min(POSTS_PER_VOICE, times) for times in others)
            return min(negatives, unnamed + bounded + len(loud) - known)
        rest = round(negatives * sum(others) / sampled)
        pairs = sum(times * (times - 1) for times in others)
        if pairs:
            removed = negatives - rest
            voices = counts.distinct_authors - len(loud)
            slack = 1.0 if len(counts.authors) < AUTHORS_KEPT else ESTIMATE_SLACK
            repeats = max(0, counts.posts - removed - round(slack * voices))
            effective = sum(others) * max(1, sum(others) - 1) / pairs
            rest = max(rest - repeats, min(rest, round(POSTS_PER_VOICE * effective)))
        return min(negatives, rest + len(loud) - known)

    def _is_loud(self, name: str, times: int) -> bool:
        return times >= LOUD_IN_BIN or self._accounts.get(name, (0, 0))[0] >= LOUD

    def learn(self, counts: Counts, end_at: int) -> None:
        """Remember who repeats in the bin that ends at `end_at`; forget who fell silent."""
        accounts = self._accounts
        if accounts:
            silent = [n for n, (_, at) in accounts.items() if end_at - at > REMEMBERED_S]
            for name in silent:
                del accounts[name]
        authors = len(counts.authors)
        if counts.negatives < 1 or authors == 0 or (authors == counts.posts and not accounts):
            return
        for name, times in _negative_authors(counts.samples).items():
            before = accounts.get(name, (0, 0))[0]
            if before or times >= REPEATS:
                accounts[name] = (min(99, before + times), end_at)
        while len(accounts) > ACCOUNTS_KEPT:
            del accounts[min(accounts, key=lambda name: (accounts[name], name))]

    def to_state(self) -> tuple[object, ...]:
        """Return what is remembered as builtins."""
        return tuple((name, *known) for name, known in sorted(self._accounts.items()))

    @classmethod
    def from_state(cls, state: tuple[Any, ...]) -> Self:
        """Rebuild from `to_state()`."""
        voices = cls()
        voices._accounts = {name: (times, at) for name, times, at in state}
        return voices


def _negative_authors(samples: list[Sample]) -> Counter[str]:
    """Count the negative samples by author; each post of an unknown author is a voice."""
    return Counter(
        sample.author or f"/{i}" for i, sample in enumerate(samples) if not sample.not_negative
    )
