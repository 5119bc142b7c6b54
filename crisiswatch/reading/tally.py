"""Many raw posts in, a few counts per topic and step out: the hot path.

One pass over a chunk: the raw filter names candidate lines, only those are decoded,
the exact matcher decides, all matches are scored together and added up. What leaves
is a few dozen partial counts where thousands of posts went in, so everything behind
this step may be written to be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from crisiswatch.reading import chunk_clock
from crisiswatch.reading.adding_up import Matches, Thresholds, add_up
from crisiswatch.reading.canary import TEXT as CANARY_TEXT
from crisiswatch.reading.canary import TOPIC as CANARY_TOPIC
from crisiswatch.reading.canary import is_canary, is_of_canary, read_canary
from crisiswatch.reading.count_table import CountTable, Whole
from crisiswatch.reading.matcher import TopicMatcher
from crisiswatch.reading.polarity import PolarityScorer
from crisiswatch.reading.post import Post, Read, Rejected, Skipped
from crisiswatch.reading.prefilter import Prefilter
from crisiswatch.reading.reader import Reader
from crisiswatch.reading.topic import Topic

_LINE_BREAK = ord("\n")
_CANARY = Skipped(kind="canary")


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

    `counts` are by topic index and first unix second of a step. `covered` are stretches of event
    time, in seconds, in which the source was seen to deliver: what lies between them is
    a gap of the source, not silence of the public. `recent_s` are the latest times known,
    oldest first: from them follows how far event time has come. `canaries` are the unix
    seconds of canaries that came through; nothing else tells of them.
    """

    counts: CountTable = field(default_factory=lambda: CountTable.of({}))
    rejected: list[Rejected] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    lines: int = 0
    candidates: int = 0
    matched: int = 0
    recent_s: tuple[int, ...] = ()
    covered: list[chunk_clock.Stretch] = field(default_factory=list)
    canaries: tuple[int, ...] = ()


class Tally:
    """Turn chunks of newline-separated posts into counts for a fixed list of topics.

    Guarantee: the sum of the counts over all chunks does not depend on where the stream
    was cut, nor on `inspect`. Posts are counted by steps of `step_s`: the longer, the fewer
    counts there are to hand on. Trap: holds hyperscan scratch, so one per process. With
    `canary`, posts of ours are looked for among the others.
    """

    def __init__(
        self,
        *,
        topics: Sequence[Topic],
        reader: Reader,
        scorer: PolarityScorer,
        inspect: Inspect = Inspect.CANDIDATES,
        canary: bool = False,
        step_s: int = 1,
    ) -> None:
        self._step_s = step_s
        self._canary = len(topics) if canary else None
        if canary:
            topics = (*topics, CANARY_TOPIC)
        self._reader = reader
        self._scorer = scorer
        self._inspect = inspect
        self._prefilter = Prefilter(topics)
        self._matcher = TopicMatcher(topics)
        self._thresholds = Thresholds(
            negative_milli=np.array([round(1000 * topic.negative_threshold) for topic in topics]),
            complaint_milli=np.array([round(1000 * topic.complaint_threshold) for topic in topics]),
        )

    def tally(self, data: bytes, lines: int | None = None) -> Tallied:
        """Read, match, score and count the lines of `data`; never raises for what they hold.

        `lines` is their number, where the caller has counted them.
        """
        result = Tallied()
        if not data:
            return result
        result.lines = _count_lines(data) if lines is None else lines
        candidates = self._prefilter.candidates(data)
        result.candidates = len(candidates)
        posts = self._read(candidates, result)
        named = [] if self._canary is None else [post for post in posts if post.text == CANARY_TEXT]
        own = [*filter(is_of_canary, named)]
        # A canary's time is ours, not that of the source, which may have fallen silent.
        told = posts if not own else [post for post in posts if not is_of_canary(post)]
        times_ms = [post.posted_at_ms for post in told]
        times_ms += chunk_clock.sampled_times_ms(data, self._read_for_time)
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
            if self._canary is not None:
                self._take_canaries(self._canary, own, result)
        return result

    def _read_for_time(self, line: bytes) -> Read:
        return _CANARY if is_canary(line) else self._reader.read(line)

    def _take_canaries(self, topic: int, own: list[Post], result: Tallied) -> None:
        """Note the canaries that were matched, and leave no trace of them in the counts."""
        result.lines -= len(own)
        result.candidates -= len(own)
        is_own = result.counts.topics == topic
        steps = set(result.counts.at_s[is_own].tolist())
        if steps:
            result.counts = result.counts.at(np.flatnonzero(~is_own))
            result.matched -= len(own)
            seconds = {post.posted_at_ms // 1000 for post in own}
            result.canaries = tuple(
                sorted(second for second in seconds if second - second % self._step_s in steps)
            )

    def _read(self, lines: Sequence[bytes], result: Tallied) -> list[Post]:
        """Decode lines into posts; what is none is noted in `result`."""
        posts: list[Post] = []
        for item in self._reader.read_many(lines):
            if type(item) is Post:
                posts.append(item)
            elif type(item) is Rejected:
                canary = self._canary_of(item.raw)
                if canary is None:
                    result.rejected.append(item)
                else:
                    posts.append(canary)
            elif type(item) is Skipped:
                result.skipped[item.kind] = result.skipped.get(item.kind, 0) + 1
        return posts

    def _canary_of(self, line: bytes) -> Post | None:
        if self._canary is None:
            return None
        return read_canary(line, latest_ms=self._reader.latest_ms)

    def _count(self, posts: list[Post], result: Tallied) -> None:
        """Match, score and add up the posts that are about a topic."""
        places, topics = self._matcher.matches(
            [post.text for post in posts], [post.language for post in posts]
        )
        about, rows = np.unique(places, return_inverse=True)
        if not len(about):
            return
        matched = [posts[place] for place in about.tolist()]
        result.matched = len(matched)
        polarity = self._scorer.score(
            [post.text for post in matched], [post.language for post in matched]
        )
        matches = Matches(
            posts=matched,
            negative_milli=_milli(polarity.p_negative),
            complaint_milli=_milli(polarity.p_complaint),
            rows=rows,
            topics=topics,
        )
        result.counts = add_up(matches, self._thresholds, step_s=self._step_s)


def _count_lines(data: bytes) -> int:
    """Count lines, the last with or without its break; numpy is several times faster than `bytes.count`."""
    breaks = np.count_nonzero(np.frombuffer(data, np.uint8) == _LINE_BREAK)
    return int(breaks) + (not data.endswith(b"\n"))


def _milli(probabilities: npt.NDArray[np.float32]) -> Whole:
    return np.rint(probabilities * 1000).astype(np.int64)
