"""The canary: a post of our own that goes where all posts go, to show that the way is open.

It is one line, always the same but for its time, in the canonical form. Whatever shape a
stream is read in, that line is read, matched by a topic of its own and taken out of every
count: a canary is no post.
"""

import re

from crisiswatch.reading.platforms import canonical
from crisiswatch.reading.platforms.times import EARLIEST_MS
from crisiswatch.reading.post import Post
from crisiswatch.reading.topic import Topic

TEXT = "crisiswatchcanary"
"""The whole text; a word that nobody writes, for a post that holds it passes the raw filter."""

TOPIC = Topic(name=TEXT, terms=(TEXT,))

_ID = "crisiswatch-canary/"
_LINE = re.compile(
    rb'\{"id":"%b([1-9][0-9]{11,14})","text":"%b","posted_at":\1,"platform":"crisiswatch"\}\n?'
    % (_ID.encode(), TEXT.encode())
)
"""The whole line, and no time that could be taken for seconds."""


def canary_line(posted_at_ms: int) -> bytes:
    """Return the canary of a time, with its line end."""
    return b'{"id":"%b%d","text":"%b","posted_at":%d,"platform":"crisiswatch"}\n' % (
        _ID.encode(),
        posted_at_ms,
        TEXT.encode(),
        posted_at_ms,
    )


def is_canary(line: bytes) -> bool:
    """Tell whether a raw line is a canary to the letter, with or without its line end."""
    return _LINE.fullmatch(line) is not None


def is_of_canary(post: Post) -> bool:
    """Tell whether a post was read from a canary's line: others may write its word, too."""
    return post.text == TEXT and post.id == f"{_ID}{post.posted_at_ms}"


def read_canary(line: bytes, *, latest_ms: int) -> Post | None:
    """Read a canary's line, whatever shape the rest of the stream has; None for any other line.

    A canary of a time that no post may have is none either. Never raises: anybody may write
    a line that begins like one.
    """
    if not is_canary(line):
        return None
    post = canonical.decode(line)
    return post if EARLIEST_MS <= post.posted_at_ms <= latest_ms else None
