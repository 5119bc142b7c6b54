"""The unrelated rest of the firehose, fast: bodies are written once, then stamped.

A pool of bodies is made from the grammar at the start. A post is an id, an author, a time
and a body, laid side by side as cells of one long list that is joined once a block; only
the few per cent in other platforms' shapes are encoded one by one.
"""

import json

import numpy as np
import numpy.typing as npt

from crisiswatch.demo.conversation import PLATFORMS, spoken_language
from crisiswatch.demo.crowd import Crowd, handle
from crisiswatch.demo.grammar import Dice, Grammar
from crisiswatch.demo.shapes import SHAPES, jetstream_delete, jetstream_like, stamp
from crisiswatch.demo.small_talk import SMALL_TALK
from crisiswatch.demo.style import in_style_of
from crisiswatch.reading.post import Post

BODIES = 24_000
AUTHORS = 120_000

NEAR_MISS = 0.006
ESCAPED = 0.15
"""Share of bodies in pure ASCII with escapes, as some exporters write them."""

FOREIGN_SHAPE = 0.04
NO_POST = 0.0005
"""Shares of lines in another platform's shape, and of events that are no post."""

LOUD = 0.5
"""Share of posts by authors who post much; the rest come from everybody alike."""

CELLS = 6
"""Pieces of a line: id, serial, author, second, millisecond, body."""

_HEAD = 3.0
_FIRST_ID = 203_000_000_000
_SERIAL_DIGITS = 7
_MILLISECONDS = [b'.%03dZ",' % millisecond for millisecond in range(1000)]


class Firehose:
    """Write the lines of posts about anything else."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng([seed, 101])
        dice = Dice(seed, 102)
        grammar = Grammar(SMALL_TALK)
        crowd = Crowd(seed, 103)
        self._authors = [
            b'","author":"%b","followers":%d,"posted_at":"'
            % (handle(author).encode(), crowd.followers(author))
            for author in range(AUTHORS)
        ]
        self._crowd = crowd
        self._posts: list[Post] = []
        self._bodies: list[bytes] = []
        self._serials: list[bytes] = []
        said: set[str] = set()
        while len(said) < BODIES:
            number = len(said)
            rule = "near_miss" if dice.roll() < NEAR_MISS else "post"
            language, text = spoken_language(grammar.say(rule, dice))
            if language == "en" and rule == "post":
                text = in_style_of(text, number, dice)
            if text in said:
                continue
            said.add(text)
            post = Post(
                id="0",
                platform=PLATFORMS[number % len(PLATFORMS)],
                author="",
                text=text,
                posted_at_ms=0,
                language=language,
                in_reply_to=str(2030000000000000000 + number * 7919) if text[0] == "@" else None,
            )
            self._posts.append(post)
            self._bodies.append(_body(post, ascii_only=dice.roll() < ESCAPED))

    def cells(self, block: int, times_ms: npt.NDArray[np.int64]) -> tuple[list[bytes], int]:
        """Return `CELLS` pieces for each of the sorted times, and how many lines are no posts.

        The pieces joined are the lines; the last piece of each ends it. `block` numbers
        the calls: no two may have the same.
        """
        size = len(times_ms)
        rng = self._rng
        which: list[int] = rng.integers(0, BODIES, size).tolist()
        loud = rng.random(size) ** np.where(rng.random(size) < LOUD, _HEAD, 1.0)
        who: list[int] = (loud * AUTHORS).astype(np.int64).tolist()
        shape = rng.random(size)
        seconds, milliseconds = np.divmod(times_ms, 1000)
        first = _FIRST_ID + block
        bodies, authors = self._bodies, self._authors
        cells = [b""] * (CELLS * size)
        cells[0::CELLS] = [b'{"id":"%d' % first] * size
        cells[1::CELLS] = self._serials_to(size)
        cells[2::CELLS] = [authors[author] for author in who]
        cells[3::CELLS] = _stamps(seconds)
        cells[4::CELLS] = [_MILLISECONDS[millisecond] for millisecond in milliseconds.tolist()]
        cells[5::CELLS] = [bodies[body] for body in which]
        no_posts = 0
        for at in np.flatnonzero(shape < FOREIGN_SHAPE + NO_POST).tolist():
            post_id = f"{first}{at:0{_SERIAL_DIGITS}}"
            post = self._stamped(which[at], post_id, who[at], int(times_ms[at]))
            if shape[at] < NO_POST:
                no_posts += 1
                line = (jetstream_like if at % 2 else jetstream_delete)(post)
            else:
                line = SHAPES[post.platform](post)
            cells[at * CELLS : (at + 1) * CELLS] = [b""] * (CELLS - 1) + [line]
        return cells, no_posts

    def _serials_to(self, size: int) -> list[bytes]:
        self._serials += [b"%07d" % serial for serial in range(len(self._serials), size)]
        return self._serials[:size]

    def _stamped(self, body: int, post_id: str, author: int, posted_at_ms: int) -> Post:
        post = self._posts[body]
        return Post(
            id=post_id,
            platform=post.platform,
            author=handle(author),
            text=post.text,
            posted_at_ms=posted_at_ms,
            followers=self._crowd.followers(author),
            language=post.language,
            in_reply_to=post.in_reply_to,
        )


def _body(post: Post, *, ascii_only: bool) -> bytes:
    """Return the end of a canonical line, behind the time."""
    reply = f'"in_reply_to":"{post.in_reply_to}",' if post.in_reply_to is not None else ""
    text = json.dumps(post.text, ensure_ascii=ascii_only)
    line = f'"platform":"{post.platform}","language":"{post.language}",{reply}"text":{text}}}\n'
    return line.encode()


def _stamps(seconds: npt.NDArray[np.int64]) -> list[bytes]:
    """Return each unix second as ISO 8601 without zone; equal neighbours are written once."""
    distinct, place = np.unique(seconds, return_inverse=True)
    written = [stamp(second).encode() for second in distinct.tolist()]
    return [written[at] for at in place.tolist()]
