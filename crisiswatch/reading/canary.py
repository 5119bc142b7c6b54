"""The canary: a post of our own that goes where all posts go, to show that the way is open.

It is one line, always the same but for its time, in the canonical form. Whatever shape a
stream is read in, that line is read, matched by a topic of its own and taken out of every
count: a canary is no post.
"""

from crisiswatch.reading.platforms import canonical
from crisiswatch.reading.post import Post
from crisiswatch.reading.topic import Topic

TEXT = "crisiswatchcanary"
"""The whole text; a word that nobody writes, for a post that holds it passes the raw filter."""

TOPIC = Topic(name=TEXT, terms=(TEXT,))

_PREFIX = b'{"id":"crisiswatch-canary/'


def canary_line(posted_at_ms: int) -> bytes:
    """Return the canary of a time, with its line end."""
    return b'%b%d","text":"%b","posted_at":%d,"platform":"crisiswatch"}\n' % (
        _PREFIX,
        posted_at_ms,
        TEXT.encode(),
        posted_at_ms,
    )


def is_canary(line: bytes) -> bool:
    """Tell whether a raw line is a canary."""
    return line.startswith(_PREFIX)


def read_canary(line: bytes) -> Post:
    """Read a canary's line, whatever shape the rest of the stream has."""
    return canonical.decode(line)
