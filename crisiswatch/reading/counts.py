"""What is remembered of the posts about one topic in one stretch of time.

Everything here merges exactly: `a += b` is commutative and associative, so that
chunks may arrive in any order, from any process, split anywhere, and the sum is
the same to the last bit. That is why probability mass is kept in whole
thousandths, and why the two sketches are of the bottom-k kind (Bar-Yossef et al.,
"Counting distinct elements in a data stream", 2002; Cohen & Kaplan,
"Summarizing data using bottom-k sketches", 2007).
"""

from bisect import bisect_left
from typing import Self

import msgspec

AUTHORS_KEPT = 64
"""Smallest author hashes kept: distinct authors are exact below, within 13 % above."""

SAMPLES_KEPT = 8
"""Sample posts kept per stretch of time; negative posts before others."""

HASH_SPACE = 1 << 32


class Sample(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
    """One sampled post, its personal data masked; the smallest ones are kept.

    The field order is the sampling order: negative posts first, then by a hash of
    the post's id, which makes the sample uniform and a post sent twice one entry.
    """

    not_negative: bool
    id_hash: int
    id: str
    author: str
    text: str
    posted_at_ms: int
    reach: int
    negative_milli: int
    complaint_milli: int


class Counts(msgspec.Struct, kw_only=True, gc=False, array_like=True):
    """Posts about one topic in one stretch of time; `+=` merges another stretch in.

    `negatives` and `complaints` count posts over the topic's thresholds;
    `negative_milli` and `complaint_milli` are the summed probabilities in
    thousandths. `reach` sums the authors' followers per post. `authors` holds the
    smallest hashes of distinct authors, `samples` a few posts to show to people.

    Trap: a Counts is mutable and belongs to one owner; give others a `copy()`.
    """

    posts: int = 0
    negatives: int = 0
    complaints: int = 0
    negative_milli: int = 0
    complaint_milli: int = 0
    reach: int = 0
    authors: set[int] = msgspec.field(default_factory=set)
    samples: list[Sample] = msgspec.field(default_factory=list)

    def __post_init__(self) -> None:
        """Keep the smallest only."""
        if len(self.authors) > AUTHORS_KEPT:
            self.authors = _smallest_hashes(self.authors)
        if len(self.samples) > 1:
            self.samples = _smallest_samples(self.samples)

    def __iadd__(self, other: Self) -> Self:
        """Merge `other` in; `other` is left as it was."""
        self.posts += other.posts
        self.negatives += other.negatives
        self.complaints += other.complaints
        self.negative_milli += other.negative_milli
        self.complaint_milli += other.complaint_milli
        self.reach += other.reach
        if other.authors:
            self.authors |= other.authors
            if len(self.authors) > AUTHORS_KEPT:
                self.authors = _smallest_hashes(self.authors)
        if other.samples:
            self.samples = _merged_samples(self.samples, other.samples)
        return self

    def __repr__(self) -> str:
        return (
            f"Counts(posts={self.posts}, negatives={self.negatives}, "
            f"complaints={self.complaints}, authors={self.distinct_authors})"
        )

    @property
    def distinct_authors(self) -> int:
        """Estimate how many different authors posted: exact below `AUTHORS_KEPT`."""
        kept = len(self.authors)
        if kept < AUTHORS_KEPT:
            return kept
        return round((kept - 1) * HASH_SPACE / (max(self.authors) + 1))

    def copy(self) -> "Counts":
        """Return an independent copy."""
        return Counts(
            posts=self.posts,
            negatives=self.negatives,
            complaints=self.complaints,
            negative_milli=self.negative_milli,
            complaint_milli=self.complaint_milli,
            reach=self.reach,
            authors=self.authors.copy(),
            samples=self.samples.copy(),
        )

    def to_state(self) -> bytes:
        """Return the counts as MessagePack in a canonical order (equal counts, equal state).

        Empty counts are no bytes at all: of ten thousand topics most have nothing under way.
        """
        numbers = (
            self.posts,
            self.negatives,
            self.complaints,
            self.negative_milli,
            self.complaint_milli,
            self.reach,
        )
        if not (self.samples or self.authors or any(numbers)):
            return b""
        return _encoder.encode((*numbers, sorted(self.authors), self.samples))

    @classmethod
    def from_state(cls, state: bytes) -> "Counts":
        """Rebuild counts from `to_state()`."""
        if not state:
            return cls()
        known = _decoder.decode(state)
        return cls(
            posts=known[0],
            negatives=known[1],
            complaints=known[2],
            negative_milli=known[3],
            complaint_milli=known[4],
            reach=known[5],
            authors=known[6],
            samples=known[7],
        )


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[int, int, int, int, int, int, set[int], list[Sample]])


def _smallest_hashes(hashes: set[int]) -> set[int]:
    return set(sorted(hashes)[:AUTHORS_KEPT])


def _merged_samples(ours: list[Sample], others: list[Sample]) -> list[Sample]:
    """Return the smallest of two lists that are sorted and hold each post once."""
    if not ours:
        return others.copy()
    if len(ours) == SAMPLES_KEPT and others[0] > ours[-1]:
        return ours
    if len(others) == 1:
        return _with_one_more(ours, others[0])
    merged = sorted(ours + others)
    if len({sample.id_hash for sample in merged}) < len(merged):
        return _smallest_samples(merged)
    return merged[:SAMPLES_KEPT]


def _with_one_more(samples: list[Sample], sample: Sample) -> list[Sample]:
    """Do what `_merged_samples` does for a single other: of many topics most chunks hold one post."""
    at = bisect_left(samples, sample)
    before = samples[at - 1] if at else None
    behind = samples[at] if at < len(samples) else None
    if before is not None and _identity(before) == _identity(sample):
        return samples  # a version of it that is smaller
    after = at + (behind is not None and _identity(behind) == _identity(sample))
    return [*samples[:at], sample, *samples[after:]][:SAMPLES_KEPT]


def _identity(sample: Sample) -> tuple[bool, int, str]:
    return sample.not_negative, sample.id_hash, sample.id


def _smallest_samples(samples: list[Sample]) -> list[Sample]:
    """Keep the smallest, one per post: of two versions of a post the smaller, in any order."""
    kept: dict[tuple[bool, int, str], Sample] = {}
    for sample in sorted(samples):
        kept.setdefault(_identity(sample), sample)
        if len(kept) == SAMPLES_KEPT:
            break
    return list(kept.values())
