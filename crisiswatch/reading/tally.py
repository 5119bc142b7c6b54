"""Many raw posts in, a few counts per topic and second out: the hot path.

One pass over a chunk: the raw filter names candidate lines, only those are decoded,
the exact matcher decides, all matches are scored together and added up. What leaves
is a few dozen partial counts where thousands of posts went in, so everything behind
this step may be written to be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from zlib import crc32

import numpy as np
import numpy.typing as npt

from crisiswatch.reading import chunk_clock
from crisiswatch.reading.counts import SAMPLES_KEPT, Counts, Sample
from crisiswatch.reading.matcher import TopicMatcher
from crisiswatch.reading.polarity import PolarityScorer
from crisiswatch.reading.post import Post, Rejected, Skipped
from crisiswatch.reading.prefilter import Prefilter
from crisiswatch.reading.privacy import mask_many
from crisiswatch.reading.reader import Reader
from crisiswatch.reading.topic import Topic

_LINE_BREAK = ord("\n")


class Inspect(StrEnum):
    """Which lines are decoded: the counts are the same, the dead letters are not.

    `CANDIDATES` decodes what may match a topic and is several times faster; a broken
    line that holds no term is then never noticed. `EVERY_LINE` reads all of them.
    """

    CANDIDATES = "candidates"
    EVERY_LINE = "every-line"


@dataclass(slots=True, kw_only=True)
class Tallied:
    """What one chunk held.

    `counts` are keyed by (topic index, unix second). `covered` are stretches of event
    time, in seconds, in which the source was seen to deliver: what lies between them is
    a gap of the source, not silence of the public. `recent_s` are the latest times known,
    oldest first: from them follows how far event time has come.
    """

    counts: dict[tuple[int, int], Counts] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    lines: int = 0
    candidates: int = 0
    matched: int = 0
    recent_s: tuple[int, ...] = ()
    covered: list[chunk_clock.Stretch] = field(default_factory=list)


class Tally:
    """Turn chunks of newline-separated posts into counts for a fixed list of topics.

    Guarantee: the sum of the counts over all chunks does not depend on where the stream
    was cut, nor on `inspect`. Trap: holds hyperscan scratch, so one per process.
    """

    def __init__(
        self,
        *,
        topics: Sequence[Topic],
        reader: Reader,
        scorer: PolarityScorer,
        inspect: Inspect = Inspect.CANDIDATES,
    ) -> None:
        self._reader = reader
        self._scorer = scorer
        self._inspect = inspect
        self._prefilter = Prefilter(topics)
        self._matcher = TopicMatcher(topics)
        self._negative_milli = [round(1000 * topic.negative_threshold) for topic in topics]
        self._complaint_milli = [round(1000 * topic.complaint_threshold) for topic in topics]

    def tally(self, data: bytes) -> Tallied:
        """Read, match, score and count the lines of `data`; never raises for what they hold."""
        result = Tallied()
        if not data:
            return result
        result.lines = _count_lines(data)
        candidates = self._prefilter.candidates(data)
        result.candidates = len(candidates)
        posts = self._read(candidates, result)
        times_ms = [post.posted_at_ms for post in posts]
        times_ms += chunk_clock.sampled_times_ms(data, self._reader.read)
        if self._inspect is Inspect.EVERY_LINE:
            known = set(candidates)
            every = data.removesuffix(b"\n").split(b"\n")
            self._read([line for line in every if line not in known], result)
        if times_ms:
            times_ms.sort()
            recent_ms = times_ms[-chunk_clock.RECENT_TIMES :]
            result.recent_s = tuple(time_ms // 1000 for time_ms in recent_ms)
            result.covered = chunk_clock.covered(chunk_clock.without_rogues(times_ms))
        if posts:
            self._count(posts, result)
        return result

    def _read(self, lines: Sequence[bytes], result: Tallied) -> list[Post]:
        """Decode lines into posts; what is none is noted in `result`."""
        posts: list[Post] = []
        for item in self._reader.read_many(lines):
            if type(item) is Post:
                posts.append(item)
            elif type(item) is Rejected:
                result.rejected.append(item)
            elif type(item) is Skipped:
                result.skipped[item.kind] = result.skipped.get(item.kind, 0) + 1
        return posts

    def _count(self, posts: list[Post], result: Tallied) -> None:
        """Match, score and add up the posts that are about a topic."""
        pairs = self._matcher.match_many(
            [post.text for post in posts], [post.language for post in posts]
        )
        if not pairs:
            return
        about = sorted({index for index, _ in pairs})
        place = {index: row for row, index in enumerate(about)}
        matched = [posts[index] for index in about]
        result.matched = len(matched)
        polarity = self._scorer.score(
            [post.text for post in matched], [post.language for post in matched]
        )
        negative_milli = _milli(polarity.p_negative)
        complaint_milli = _milli(polarity.p_complaint)
        author_hashes = spread_hashes([post.author for post in matched])
        id_hashes = spread_hashes([post.id for post in matched])
        added: dict[tuple[int, int], _Adding] = {}
        for index, topic in pairs:
            row = place[index]
            post = matched[row]
            key = (topic, post.posted_at_ms // 1000)
            entry = added.get(key)
            if entry is None:
                entry = added[key] = _Adding()
            negative = negative_milli[row]
            complaint = complaint_milli[row]
            is_negative = negative >= self._negative_milli[topic]
            entry.posts += 1
            entry.negatives += is_negative
            entry.complaints += complaint >= self._complaint_milli[topic]
            entry.negative_milli += negative
            entry.complaint_milli += complaint
            entry.reach += post.reach
            if post.author:
                entry.authors.add(author_hashes[row])
            entry.rows.append((not is_negative, id_hashes[row], post.id, row))
        self._settle(added, matched, negative_milli, complaint_milli, result.counts)

    @staticmethod
    def _settle(
        added: dict[tuple[int, int], "_Adding"],
        matched: list[Post],
        negative_milli: list[int],
        complaint_milli: list[int],
        counts: dict[tuple[int, int], Counts],
    ) -> None:
        """Make the counts, each with its samples, masked together: cheap by the batch only."""
        chosen = {key: _smallest(entry.rows) for key, entry in added.items()}
        rows = sorted({row for some in chosen.values() for *_, row in some})
        masked = dict(zip(rows, mask_many([matched[row].text for row in rows]), strict=True))
        for key, entry in added.items():
            counts[key] = Counts(
                posts=entry.posts,
                negatives=entry.negatives,
                complaints=entry.complaints,
                negative_milli=entry.negative_milli,
                complaint_milli=entry.complaint_milli,
                reach=entry.reach,
                authors=entry.authors,
                samples=[
                    Sample(
                        not_negative,
                        id_hash,
                        post_id,
                        matched[row].author,
                        masked[row],
                        matched[row].posted_at_ms,
                        matched[row].reach,
                        negative_milli[row],
                        complaint_milli[row],
                    )
                    for not_negative, id_hash, post_id, row in chosen[key]
                ],
            )


class _Adding:
    """Counts in the making: plain attributes, because every match passes through here."""

    __slots__ = (
        "authors",
        "complaint_milli",
        "complaints",
        "negative_milli",
        "negatives",
        "posts",
        "reach",
        "rows",
    )

    def __init__(self) -> None:
        self.posts = self.negatives = self.complaints = 0
        self.negative_milli = self.complaint_milli = self.reach = 0
        self.authors: set[int] = set()
        self.rows: list[tuple[bool, int, str, int]] = []


def _smallest(rows: list[tuple[bool, int, str, int]]) -> list[tuple[bool, int, str, int]]:
    """Return the rows of the smallest posts; `Counts` picks among rows of the same post."""
    if len(rows) == 1:
        return rows
    rows.sort()
    posts = 0
    before: tuple[bool, int, str] | None = None
    for place, row in enumerate(rows):
        if row[:3] != before:
            before = row[:3]
            posts += 1
            if posts > SAMPLES_KEPT:
                return rows[:place]
    return rows


def _count_lines(data: bytes) -> int:
    """Count lines, the last with or without its break; numpy is several times faster than `bytes.count`."""
    breaks = np.count_nonzero(np.frombuffer(data, np.uint8) == _LINE_BREAK)
    return int(breaks) + (not data.endswith(b"\n"))


def spread_hashes(names: Sequence[str]) -> list[int]:
    """Hash names to 32 bits, the same in every process, spread evenly for bottom-k sketches.

    CRC-32 alone is linear in its input, so like names get like values; the 32-bit
    finaliser of MurmurHash3 (Appleby, public domain) spreads them.
    """
    mixed = np.fromiter((crc32(name.encode()) for name in names), np.uint32, len(names))
    mixed ^= mixed >> np.uint32(16)
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    hashes: list[int] = mixed.tolist()
    return hashes


def _milli(probabilities: npt.NDArray[np.float32]) -> list[int]:
    thousandths: list[int] = np.rint(probabilities * 1000).astype(np.int64).tolist()
    return thousandths
