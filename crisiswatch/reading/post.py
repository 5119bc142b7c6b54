"""One public message, and what becomes of input that is none."""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """How a post relates to other posts."""

    POST = "post"
    REPLY = "reply"
    REPOST = "repost"
    QUOTE = "quote"


class Post(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One public message, in the one form that everything after the decoders knows.

    `posted_at_ms` is unix time in milliseconds (event time). `reach` is how many
    people may have seen it: the author's followers where the platform tells,
    else 0. `language` is the platform's BCP 47 primary tag in lower case
    (`en`), or None where it gives none.
    """

    id: str
    platform: str
    author: str
    text: str
    posted_at_ms: int
    followers: int = 0
    reach: int = 0
    language: str | None = None
    in_reply_to: str | None = None
    kind: Kind = Kind.POST


class Reason(StrEnum):
    """Why input could not be read as a post; the label of counters and dead letters."""

    NOT_UTF8 = "not-utf8"
    NOT_JSON = "not-json"
    NOT_A_POST = "not-a-post"
    WRONG_TYPE = "wrong-type"
    MISSING_FIELD = "missing-field"
    ABSURD_DATE = "absurd-date"
    LONE_SURROGATE = "lone-surrogate"
    TOO_LONG = "too-long"


class Rejected(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Input that should have been a post and is not: a value, never an exception.

    `detail` names the field and the value at fault, cut to a readable length.
    `raw` is the line as it came, so that nothing is lost; a line over the length
    limit keeps its first bytes only, and `detail` then says how long it was. `where` is
    its place as the source names it, empty where nobody knows.
    """

    reason: Reason
    detail: str
    raw: bytes
    where: str = ""


class Skipped(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A well-formed event of a stream that is no new post: a delete, a like, a keep-alive.

    It is counted by `kind` and otherwise ignored; it is no dead letter.
    """

    kind: str


Read = Post | Rejected | Skipped
