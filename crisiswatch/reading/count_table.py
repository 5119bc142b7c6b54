"""Counts of many topics and steps as columns: what travels from the tally to the watches.

With ten thousand topics a chunk holds one or two matches of each. An object for each topic,
packed, sent, unpacked and merged one by one, costs more than reading the posts did; a
table of them is sent as a few blocks of bytes and merged with numpy, many chunks at once:

    topics   at_s   numbers (6 rows)    authors              samples
    0        60     posts 3 ...         5, 9, 12             rank, packed post
    7        60     posts 1 ...         4                    ...
                                        ^ up to author_ends  ^ up to sample_ends

What the columns mean, and how much of the authors and samples is kept, `Counts` says: the sum
of tables is the table of the sums, to the last bit (a law says so).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, groupby, pairwise
from typing import Self

import msgspec
import numpy as np
import numpy.typing as npt

from crisiswatch.reading.counts import AUTHORS_KEPT, SAMPLES_KEPT, Counts, Sample

Whole = npt.NDArray[np.int64]

NUMBERS = ("posts", "negatives", "complaints", "negative_milli", "complaint_milli", "reach")
"""The rows of `CountTable.numbers`."""

HASH_BITS = 32

_WHOLE = np.dtype("<i8")
_LIST_OF_MANY = b"\xdd"  # MessagePack: a list whose length follows in four bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountTable:
    """One row a topic and step, the step by a unix second of it.

    `numbers` has shape (6, rows). The authors of row `i` are those from `author_ends[i - 1]`
    to before `author_ends[i]`, smallest first; the same of samples, which are packed `Sample`s, in their
    order. `ranks` are what a `Sample` orders by before the id: 2^32 for posts that are not negative,
    plus the hash of the id.

    Trap: tables share columns with those that they were cut from; nobody changes one.
    """

    topics: Whole
    at_s: Whole
    numbers: Whole
    author_ends: Whole
    authors: Whole
    sample_ends: Whole
    ranks: Whole
    samples: list[bytes]

    @classmethod
    def made(
        cls,
        *,
        topics: Whole,
        at_s: Whole,
        numbers: Whole,
        author_rows: Whole,
        authors: Whole,
        sample_rows: Whole,
        ranks: Whole,
        samples: Sequence[bytes],
    ) -> Self:
        """Return a table of rows, and of authors and samples in any order, each with its row."""
        rows = len(topics)
        keys = np.unique((author_rows << HASH_BITS) | authors)
        author_rows, authors = keys >> HASH_BITS, keys & ((1 << HASH_BITS) - 1)
        author_ends = np.cumsum(np.bincount(author_rows, minlength=rows))
        few = _place_within(author_rows, author_ends) < AUTHORS_KEPT
        if not few.all():
            authors = authors[few]
            author_ends = np.cumsum(np.bincount(author_rows[few], minlength=rows))
        order = np.lexsort((ranks, sample_rows))
        sample_rows, ranks = sample_rows[order], ranks[order]
        samples = [samples[place] for place in order.tolist()]
        alike = (ranks[1:] == ranks[:-1]) & (sample_rows[1:] == sample_rows[:-1])
        if alike.any():
            kept = _versions_kept(sample_rows, ranks, samples)
            sample_rows, ranks = sample_rows[kept], ranks[kept]
            samples = [samples[place] for place in kept]
        sample_ends = np.cumsum(np.bincount(sample_rows, minlength=rows))
        few = _place_within(sample_rows, sample_ends) < SAMPLES_KEPT
        if not few.all():
            ranks, samples = ranks[few], [*compress(samples, few.tolist())]
            sample_ends = np.cumsum(np.bincount(sample_rows[few], minlength=rows))
        return cls(
            topics=topics,
            at_s=at_s,
            numbers=numbers,
            author_ends=author_ends,
            authors=authors,
            sample_ends=sample_ends,
            ranks=ranks,
            samples=samples,
        )

    @classmethod
    def of(cls, counts: Mapping[tuple[int, int], Counts]) -> Self:
        """Return the table of counts that are keyed by topic and second."""
        authors = [sorted(each.authors) for each in counts.values()]
        samples = [sample for each in counts.values() for sample in each.samples]
        return cls(
            topics=_whole([topic for topic, _ in counts]),
            at_s=_whole([at_s for _, at_s in counts]),
            numbers=_whole([[getattr(each, name) for each in counts.values()] for name in NUMBERS]),
            author_ends=np.cumsum(_whole([len(each) for each in authors])),
            authors=_whole([author for each in authors for author in each]),
            sample_ends=np.cumsum(_whole([len(each.samples) for each in counts.values()])),
            ranks=_whole([(one.not_negative << HASH_BITS) | one.id_hash for one in samples]),
            samples=[_encoder.encode(sample) for sample in samples],
        )

    def by_key(self) -> dict[tuple[int, int], Counts]:
        """Return the counts by (topic, second); each is its taker's own."""
        authors, samples = self.authors.tolist(), unpacked(self.samples)
        counts: dict[tuple[int, int], Counts] = {}
        first_author = first_sample = 0
        for topic, at_s, last_author, last_sample, *numbers in zip(
            self.topics.tolist(),
            self.at_s.tolist(),
            self.author_ends.tolist(),
            self.sample_ends.tolist(),
            *self.numbers.tolist(),
            strict=True,
        ):
            posts, negatives, complaints, negative_milli, complaint_milli, reach = numbers
            counts[topic, at_s] = one = Counts(
                posts=posts,
                negatives=negatives,
                complaints=complaints,
                negative_milli=negative_milli,
                complaint_milli=complaint_milli,
                reach=reach,
            )
            # Set afterwards: a table keeps the smallest already, in order, and to pick them again
            # took a twentieth of what detection costs of ten thousand topics.
            one.authors = set(authors[first_author:last_author])
            one.samples = samples[first_sample:last_sample]
            first_author, first_sample = last_author, last_sample
        return counts

    def __len__(self) -> int:
        return len(self.topics)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CountTable):
            return NotImplemented
        return self.to_state() == other.to_state()

    __hash__ = None  # type: ignore[assignment]  # a table is compared by what it holds

    @property
    def posts(self) -> Whole:
        """The posts of each row."""
        posts: Whole = self.numbers[0]
        return posts

    def at(self, rows: npt.NDArray[np.intp]) -> "CountTable":
        """Return some of the rows, in the order asked for."""
        author_ends, authors = _parts(self.author_ends, rows)
        sample_ends, samples = _parts(self.sample_ends, rows)
        return CountTable(
            topics=self.topics[rows],
            at_s=self.at_s[rows],
            numbers=self.numbers[:, rows],
            author_ends=author_ends,
            authors=self.authors[authors],
            sample_ends=sample_ends,
            ranks=self.ranks[samples],
            samples=[self.samples[place] for place in samples.tolist()],
        )

    def split(self, label_of_topic: npt.NDArray[np.intp], labels: int) -> list["CountTable"]:
        """Return a table for each label from 0 to before `labels`, of the topics that have it."""
        label = label_of_topic[self.topics]
        order = np.argsort(label, kind="stable")
        ordered = self.at(order)
        borders = np.searchsorted(label[order], np.arange(labels + 1)).tolist()
        return [ordered.between(*border) for border in pairwise(borders)]

    def between(self, first: int, last: int) -> "CountTable":
        """Return the rows from `first` to before `last`; they share the columns of this table."""
        author_at, authors = _stretch(self.author_ends, first, last)
        sample_at, samples = _stretch(self.sample_ends, first, last)
        return CountTable(
            topics=self.topics[first:last],
            at_s=self.at_s[first:last],
            numbers=self.numbers[:, first:last],
            author_ends=author_at,
            authors=self.authors[authors],
            sample_ends=sample_at,
            ranks=self.ranks[samples],
            samples=self.samples[samples],
        )

    def moved(self, index_of: Mapping[int, int]) -> "CountTable":
        """Return the rows of the topics that `index_of` names, under the indexes that it gives them."""
        topics = self.topics.tolist()
        kept = self.at(np.array([row for row, at in enumerate(topics) if at in index_of], np.intp))
        return replace(kept, topics=_whole([index_of[topic] for topic in kept.topics.tolist()]))

    def to_state(self) -> bytes:
        """Return the table as MessagePack: a few blocks of bytes, whatever the number of rows."""
        columns = (
            self.topics,
            self.at_s,
            self.numbers,
            self.author_ends,
            self.authors,
            self.sample_ends,
            self.ranks,
        )
        blocks = [column.astype(_WHOLE, copy=False).tobytes() for column in columns]
        return _encoder.encode((blocks, self.samples))

    @classmethod
    def from_state(cls, state: bytes) -> Self:
        """Rebuild a table from `to_state()`."""
        blocks, samples = _decode(state)
        topics, at_s, numbers, author_ends, authors, sample_ends, ranks = (
            np.frombuffer(block, _WHOLE) for block in blocks
        )
        return cls(
            topics=topics,
            at_s=at_s,
            numbers=numbers.reshape(len(NUMBERS), -1),
            author_ends=author_ends,
            authors=authors,
            sample_ends=sample_ends,
            ranks=ranks,
            samples=samples,
        )


def merged(tables: Sequence[CountTable], at_s: int) -> CountTable:
    """Return the sum of all rows of each topic, as of the step at `at_s`, by topic."""
    if not tables:
        return CountTable.of({})
    topics, group = np.unique(np.concatenate([each.topics for each in tables]), return_inverse=True)
    order = np.argsort(group, kind="stable")
    numbers = np.concatenate([each.numbers for each in tables], axis=1)[:, order]
    starts = np.searchsorted(group[order], np.arange(len(topics)))
    return CountTable.made(
        topics=topics,
        at_s=np.full(len(topics), at_s),
        numbers=np.add.reduceat(numbers, starts, axis=1) if len(topics) else numbers,
        author_rows=np.repeat(group, _sizes([each.author_ends for each in tables])),
        authors=np.concatenate([each.authors for each in tables]),
        sample_rows=np.repeat(group, _sizes([each.sample_ends for each in tables])),
        ranks=np.concatenate([each.ranks for each in tables]),
        samples=[sample for each in tables for sample in each.samples],
    )


def packed(samples: Iterable[tuple[object, ...]]) -> list[bytes]:
    """Pack samples, told by their fields in the order of `Sample`."""
    return [*map(_encoder.encode, samples)]


def unpacked(samples: Sequence[bytes]) -> list[Sample]:
    """Return packed samples, read together: that is faster than one by one."""
    return _decode_samples(b"".join((_LIST_OF_MANY, len(samples).to_bytes(4, "big"), *samples)))


_encoder = msgspec.msgpack.Encoder()
_decode = msgspec.msgpack.Decoder(tuple[list[bytes], list[bytes]]).decode
_decode_samples = msgspec.msgpack.Decoder(list[Sample]).decode


def _whole(numbers: object) -> Whole:
    return np.array(numbers, np.int64)


def _sizes(ends: Sequence[Whole]) -> Whole:
    return np.concatenate([np.diff(each, prepend=0) for each in ends])


def _place_within(rows: Whole, ends: Whole) -> Whole:
    """Return for each of what is sorted by row the how many-th of its row it is, from 0."""
    begins = np.concatenate(([0], ends[:-1]))
    return np.arange(len(rows)) - begins[rows]


def _parts(ends: Whole, rows: npt.NDArray[np.intp]) -> tuple[Whole, Whole]:
    """Return where the parts of `rows` end once they stand together, and where each element stood."""
    sizes = np.diff(ends, prepend=0)[rows]
    new_ends = np.cumsum(sizes)
    places = np.arange(sizes.sum()) + np.repeat(ends[rows] - new_ends, sizes)
    return new_ends, places


def _stretch(ends: Whole, first: int, last: int) -> tuple[Whole, slice]:
    """Return where the parts of rows from `first` to before `last` end, and where they all stand."""
    begin = int(ends[first - 1]) if first else 0
    end = int(ends[last - 1]) if last else 0
    return ends[first:last] - begin, slice(begin, end)


def _versions_kept(rows: Whole, ranks: Whole, samples: Sequence[bytes]) -> list[int]:
    """Return which samples stay where some of a row are of one rank, in their order.

    They are versions of one post, of which the smallest stays, or posts whose ids have one hash.
    """
    kept: list[int] = []
    keys = zip(rows.tolist(), ranks.tolist(), strict=True)
    for _, group in groupby(enumerate(keys), key=lambda each: each[1]):
        places = [place for place, _ in group]
        if len(places) > 1:
            known = dict(zip(places, unpacked([samples[place] for place in places]), strict=True))
            places.sort(key=known.__getitem__)
            first_of = {known[place].id: place for place in reversed(places)}
            places = [place for place in places if first_of[known[place].id] == place]
        kept += places
    return kept
