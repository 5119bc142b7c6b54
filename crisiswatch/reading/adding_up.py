"""The matches of one chunk, added up by topic and step: counts, and a few posts of each.

All matches are brought into one order, with numpy and not one by one:

    topic 0, step 7                   | topic 0, step 8          | topic 3, step 7 ...
    negative: hash 1, 5, 9; others: 2 | negative: 4; others: 3, 8| ...
    ^ samples are taken from the front

Then every count is the sum over one stretch, and the posts that `Counts` would keep as
samples are the first of it. Only those are masked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from crisiswatch.reading.count_table import HASH_BITS, CountTable, Whole, packed
from crisiswatch.reading.counts import SAMPLES_KEPT
from crisiswatch.reading.post import Post
from crisiswatch.reading.privacy import mask_many

_UNKNOWN = -1
"""Stands for the hash of an author who is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Posts that are about some topic, and which: match `i` is of `posts[rows[i]]` and `topics[i]`.

    `negative_milli` and `complaint_milli` are what each post's text says, in thousandths.
    """

    posts: Sequence[Post]
    negative_milli: Whole
    complaint_milli: Whole
    rows: npt.NDArray[np.intp]
    topics: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From how many thousandths on a post counts as negative, and as a complaint, by topic."""

    negative_milli: Whole
    complaint_milli: Whole


def add_up(matches: Matches, thresholds: Thresholds, *, step_s: int = 1) -> CountTable:
    """Return the counts of every topic and step that has a match, the step by its first second.

    Steps are of `step_s` unix seconds, from 0 on.
    """
    posts, rows, topics = matches.posts, matches.rows, matches.topics
    if not len(rows):
        return CountTable.of({})
    step = _column([post.posted_at_ms for post in posts]) // (1000 * step_s)
    negative_milli = matches.negative_milli[rows]
    complaint_milli = matches.complaint_milli[rows]
    is_negative = negative_milli >= thresholds.negative_milli[topics]
    first = step.min()
    span = step.max() - first + 1
    key = topics * span + (step - first)[rows]
    # What `Sample` orders by before the id: negative posts first, then by hash.
    rank = (~is_negative).astype(np.int64) << HASH_BITS
    rank |= spread_hashes([post.id for post in posts]).astype(np.int64)[rows]

    order = _in_order(key, rank)
    key, rank, rows = key[order], rank[order], rows[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    sizes = np.diff(starts, append=len(key))
    is_complaint = complaint_milli >= thresholds.complaint_milli[topics]
    reach = _column([post.reach for post in posts])
    summed = (is_negative, is_complaint, negative_milli, complaint_milli)
    sums = [np.add.reduceat(column[order], starts, dtype=np.int64) for column in summed]
    numbers = np.stack((sizes, *sums, np.add.reduceat(reach[rows], starts)))
    group = np.repeat(np.arange(len(starts)), sizes)
    authors = _authors(posts)[rows]
    known = authors != _UNKNOWN
    shown = _shown(rank, starts, sizes)
    topic_of, step_of = np.divmod(key[starts], span)
    return CountTable.made(
        topics=topic_of,
        at_s=(step_of + first) * step_s,
        numbers=numbers,
        author_rows=group[known],
        authors=authors[known],
        sample_rows=group[shown],
        ranks=rank[shown],
        samples=_samples(matches, rows[shown], rank[shown]),
    )


def _in_order(key: Whole, rank: Whole) -> npt.NDArray[np.intp]:
    """Return the order by key and then by rank: by both in one number where they fit, three times as fast."""
    rank_bits = HASH_BITS + 1
    if int(key.max()) >> (63 - rank_bits):
        return np.lexsort((rank, key))
    return np.argsort(key << rank_bits | rank)


def _column(numbers: list[int]) -> Whole:
    return np.fromiter(numbers, np.int64, len(numbers))


def _authors(posts: Sequence[Post]) -> Whole:
    """Return the hash of each post's author, `_UNKNOWN` where there is none."""
    names = [post.author for post in posts]
    hashes = spread_hashes(names).astype(np.int64)
    if "" in names:
        hashes[[not name for name in names]] = _UNKNOWN
    return hashes


def _shown(rank: Whole, starts: Whole, sizes: Whole) -> npt.NDArray[np.intp]:
    """Return the places of the first matches of each stretch, up to `SAMPLES_KEPT` different ranks.

    Matches of equal rank are versions of one post, or of two with the same hash: `Counts`
    picks among them.
    """
    is_new = np.diff(rank, prepend=-1) != 0
    is_new[starts] = True
    number = np.cumsum(is_new)
    return np.flatnonzero(number - np.repeat(number[starts], sizes) < SAMPLES_KEPT)


def _samples(matches: Matches, rows: npt.NDArray[np.intp], rank: Whole) -> list[bytes]:
    """Return the samples of some matches, packed; masked together: cheap by the batch only."""
    different, place_of = np.unique(rows, return_inverse=True)
    masked = mask_many([matches.posts[row].text for row in different.tolist()])
    posts = [matches.posts[row] for row in rows.tolist()]
    not_negative, id_hash = np.divmod(rank, 1 << HASH_BITS)
    return packed(
        zip(
            not_negative.astype(np.bool_).tolist(),
            id_hash.tolist(),
            [post.id for post in posts],
            [post.author for post in posts],
            [masked[place] for place in place_of.tolist()],
            [post.posted_at_ms for post in posts],
            [post.reach for post in posts],
            matches.negative_milli[rows].tolist(),
            matches.complaint_milli[rows].tolist(),
            strict=True,
        )
    )


def spread_hashes(names: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Hash names to 32 bits, the same in every process, spread evenly for bottom-k sketches.

    CRC-32 alone is linear in its input, so like names get like values; the 32-bit
    finaliser of MurmurHash3 (Appleby, public domain) spreads them.
    """
    mixed = np.fromiter(map(crc32, map(str.encode, names)), np.uint32, len(names))
    mixed ^= mixed >> np.uint32(16)
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed
