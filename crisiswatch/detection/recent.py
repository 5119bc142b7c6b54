"""Who spoke lately, and what was said: kept while something is up, forgotten in calm times."""

from typing import Any, Self

from crisiswatch.detection.settings import MINUTE_S
from crisiswatch.reading.counts import Counts

KEPT_S = 30 * MINUTE_S
"""The last one to two of these are remembered."""

LEAST_AUTHORS = 5
LEAST_AUTHORS_PER_POST = 0.3
"""Below either, few people make all the noise: one loud account is no crisis."""

CROWD = 60
"""So many different authors are a crowd, whoever shouts in it; its voices are counted without him."""

LOUD_SAMPLES = 4
LOUD_SHARE = 0.5
STILL_LOUD_SHARE = 0.25
"""One author with half of at least four sampled posts is a loud account, and stays one while
a quarter is theirs: a few samples alone would let them through by chance sooner or later."""


class Recent:
    """The merged counts of the last half to one hour, in two halves that take turns.

    In calm times only the newest bin is kept, so that a quiet topic stays small.
    """

    __slots__ = ("_earlier", "_later", "_later_at", "_loud_author")

    def __init__(self) -> None:
        self._earlier = Counts()
        self._later = Counts()
        self._later_at = 0
        self._loud_author: str | None = None

    def add(self, counts: Counts, end_at: int, *, keep: bool) -> None:
        """Take in the bin that ends at `end_at`; `keep` what came before while it matters.

        Takes over `counts` if it holds posts: its owner must not change it any more.
        """
        if not keep:
            if self._earlier.posts:
                self._earlier = Counts()
            if counts.posts or self._later.posts:
                self._later = counts if counts.posts else Counts()
            self._later_at = end_at
            self._loud_author = None
            return
        if end_at - self._later_at >= KEPT_S:
            self._earlier, self._later, self._later_at = self._later, Counts(), end_at
        if counts.posts:
            self._later += counts

    def merged(self, under_way: Counts | None = None) -> Counts:
        """Return everything remembered, and the bin under way, as one; a copy."""
        merged = self._earlier.copy()
        merged += self._later
        if under_way is not None:
            merged += under_way
        return merged

    def is_loud(self, said: Counts) -> bool:
        """Say whether few accounts make all the noise in `said`; never where authors are unknown."""
        authors = said.distinct_authors
        if authors == 0:
            return False
        if authors < LEAST_AUTHORS or authors < LEAST_AUTHORS_PER_POST * said.posts:
            return True
        names = [sample.author for sample in said.samples]
        if authors >= CROWD or len(names) < LOUD_SAMPLES:
            return False
        if self._loud_author is not None:
            return names.count(self._loud_author) >= STILL_LOUD_SHARE * len(names)
        loudest = max(sorted(set(names)), key=names.count)
        if names.count(loudest) < LOUD_SHARE * len(names):
            return False
        self._loud_author = loudest
        return True

    def complaint_share(self) -> float | None:
        """Return the share of complaints, 0 to 1; None without posts."""
        posts = self._earlier.posts + self._later.posts
        if posts == 0:
            return None
        return (self._earlier.complaints + self._later.complaints) / posts

    def reach(self) -> int:
        """Return the followers reached, summed per post."""
        return self._earlier.reach + self._later.reach

    def to_state(self) -> tuple[object, ...]:
        """Return what is remembered as builtins."""
        return (
            self._earlier.to_state(),
            self._later.to_state(),
            self._later_at,
            self._loud_author,
        )

    @classmethod
    def from_state(cls, state: tuple[Any, ...]) -> Self:
        """Rebuild from `to_state()`."""
        recent = cls()
        recent._earlier = Counts.from_state(state[0])
        recent._later = Counts.from_state(state[1])
        recent._later_at, recent._loud_author = state[2], state[3]
        return recent
