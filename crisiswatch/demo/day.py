"""A day of posts around an invented airline, and days of history before it, with the ground truth.

    history: only posts about the brands          the day: the whole firehose
    |-----------|-----------|-----------|---kitten--app~~~~~~~-cello--|
    11 March                            14 March 2026                 24:00 UTC

The history teaches the detectors what is normal at each hour, which takes them a day and
a night; it holds only posts about the watched topics, so that it costs a second or two.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from crisiswatch.demo.arrivals import CALM, DAY_MINUTES, MINUTE_MS, minute_counts, time_of_day
from crisiswatch.demo.cast import DAY, Episode, episodes
from crisiswatch.demo.firehose import CELLS, Firehose
from crisiswatch.demo.grammar import Dice
from crisiswatch.demo.script import Part, parts
from crisiswatch.demo.shapes import SHAPES, broken, canonical
from crisiswatch.reading.post import Kind, Post

SEED = 7
POSTS_PER_S = 20.0
"""Posts per second of event time on the day, in the mean: 1.7 million posts."""

HISTORY_DAYS = 3.0
"""A day and a night for the detectors to warm up, and two to know what is rare."""

CHUNK_BYTES = 256 << 10

_BLOCK_MINUTES = 10
_FIRST_BRAND_ID = 2_031_000_000_000_000_000
_ONE_BROKEN_IN = 1_200
_OTHER_SHAPE = 0.08
_NIGHT_SHARE = 0.5
"""The world's talk sleeps only half as deeply as one airline's passengers do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is really in the posts: the episodes, and how many lines of what.

    `posts` are good posts, `no_posts` well-formed events that are none, `broken` lines
    that can not be read; together they are all `lines`. Every broken line holds the words
    of a topic. `posts_by_topic` counts what is about each topic. `with_personal_data`
    counts distinct posts (not their reposts) with a phone number, mail address, card or
    booking number.
    """

    episodes: tuple[Episode, ...]
    first_at: datetime
    day_at: datetime
    end_at: datetime
    lines: int
    posts: int
    no_posts: int
    broken: int
    posts_by_topic: dict[str, int]
    posts_by_episode: dict[str, int]
    reposts: int
    with_personal_data: int


class DemoDay:
    """Generate the posts once, in time order, and tell the truth about them.

    The same arguments give the same bytes (with the same numpy). `posts_per_s` thins or
    thickens the unrelated firehose only: what is about the watched topics stays.
    """

    def __init__(
        self,
        *,
        seed: int = SEED,
        posts_per_s: float = POSTS_PER_S,
        history_days: float = HISTORY_DAYS,
    ) -> None:
        self.episodes = episodes()
        self._history_minutes = round(history_days * DAY_MINUTES)
        self._rng = np.random.default_rng([seed, 2])
        self._dice = Dice(seed, 3)
        self._firehose = Firehose(seed)
        self._parts = parts(seed)
        self._lines = self._posts = self._no_posts = self._broken = self._brand_posts = 0
        minutes = np.arange(-self._history_minutes, DAY_MINUTES, dtype=np.float64)
        related = np.array([sum(part.rate(minute) for part in self._parts) for minute in minutes])
        awake = np.array([time_of_day(minute) for minute in minutes])
        world = 60 * posts_per_s * (_NIGHT_SHARE + (1 - _NIGHT_SHARE) * awake)
        unrelated = np.where(minutes < 0, 0.0, np.maximum(world - related, 0.0))
        self._unrelated = minute_counts(unrelated, CALM, self._rng)
        self._related = [
            minute_counts(
                np.array([part.rate(minute) for minute in minutes]), part.noise, self._rng
            )
            for part in self._parts
        ]

    def chunks(self) -> Iterator[bytes]:
        """Yield chunks of whole lines, each about `CHUNK_BYTES`; can be read once."""
        waiting = b""
        for first in range(0, len(self._unrelated), _BLOCK_MINUTES):
            waiting += self._block(first)
            start = 0
            while len(waiting) - start >= CHUNK_BYTES:
                end = waiting.rfind(b"\n", start, start + CHUNK_BYTES) + 1
                yield waiting[start:end]
                start = end
            waiting = waiting[start:]
        if waiting:
            yield waiting

    def truth(self) -> Truth:
        """Return what was really in the chunks read so far."""
        by_topic: dict[str, int] = {}
        for part in self._parts:
            topic = part.conversation.topic
            by_topic[topic] = by_topic.get(topic, 0) + part.conversation.spoken.posts
        spoken = [part.conversation.spoken for part in self._parts]
        everyday = len(self._parts) - len(self.episodes)
        return Truth(
            episodes=self.episodes,
            first_at=DAY - timedelta(minutes=self._history_minutes),
            day_at=DAY,
            end_at=DAY + timedelta(days=1),
            lines=self._lines,
            posts=self._lines - self._no_posts - self._broken,
            no_posts=self._no_posts,
            broken=self._broken,
            posts_by_topic=by_topic,
            posts_by_episode={
                part.name: part.conversation.spoken.posts for part in self._parts[everyday:]
            },
            reposts=sum(one.reposts for one in spoken),
            with_personal_data=sum(one.with_personal_data for one in spoken),
        )

    def _block(self, first: int) -> bytes:
        """Return the lines of the minutes from `first`, in time order."""
        times = self._times_ms(first, self._unrelated)
        cells, no_posts = self._firehose.cells(first, times)
        self._lines += len(times)
        self._no_posts += no_posts
        spoken = []
        for part, counts in zip(self._parts, self._related, strict=True):
            spoken += self._spoken(part, self._times_ms(first, counts).tolist())
        spoken.sort()
        before: list[bytes] = []
        places = np.searchsorted(times, [time for time, _ in spoken], side="right") - 1
        for place, (_, line) in zip(places.tolist(), spoken, strict=True):
            if place < 0:
                before.append(line)
            else:
                cells[(place + 1) * CELLS - 1] += line
        return b"".join(before) + b"".join(cells)

    def _times_ms(self, first: int, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        block = counts[first : first + _BLOCK_MINUTES]
        day_ms = int(DAY.timestamp()) * 1000
        starts = day_ms + MINUTE_MS * (np.arange(first, first + len(block)) - self._history_minutes)
        times = np.repeat(starts, block) + self._rng.integers(0, MINUTE_MS, int(block.sum()))
        times.sort()
        return times

    def _spoken(self, part: Part, times_ms: list[int]) -> list[tuple[int, bytes]]:
        """Return what is said at each of the times; a broken line follows its post at once."""
        day_ms = int(DAY.timestamp()) * 1000
        spoken = []
        for time_ms in times_ms:
            self._brand_posts += 1
            self._lines += 1
            manner = part.manner((time_ms - day_ms) / MINUTE_MS)
            post = part.conversation.post(_FIRST_BRAND_ID + self._brand_posts, time_ms, manner)
            line = self._encoded(post)
            if self._brand_posts % _ONE_BROKEN_IN == 0:
                line += broken(post, self._broken)
                self._broken += 1
                self._lines += 1
            spoken.append((time_ms, line))
        return spoken

    def _encoded(self, post: Post) -> bytes:
        plain = post.kind in {Kind.POST, Kind.REPLY}
        other = plain and self._dice.roll() < _OTHER_SHAPE
        return SHAPES[post.platform](post) if other else canonical(post)


def write_day(
    path: Path,
    *,
    seed: int = SEED,
    posts_per_s: float = POSTS_PER_S,
    history_days: float = HISTORY_DAYS,
) -> Truth:
    """Write the posts to `path`, one a line, and the truth beside them (`*.truth.json`)."""
    day = DemoDay(seed=seed, posts_per_s=posts_per_s, history_days=history_days)
    with path.open("wb") as file:
        file.writelines(day.chunks())
    truth = day.truth()
    beside = path.with_suffix(".truth.json")
    beside.write_text(json.dumps(asdict(truth), default=datetime.isoformat, indent=2) + "\n")
    return truth
