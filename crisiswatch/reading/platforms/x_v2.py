"""X API v2: the filtered stream's envelope with includes, or a bare post object.

An envelope is `{"data": {...}, "includes": {"users": [...], "tweets": [...]}}`, where
includes hold what the request expanded: without `expansions=author_id` and
`user.fields=public_metrics` the author is a numeric id and the reach 0; without
`referenced_tweets.id` the text of a repost stays the cut one.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from crisiswatch.reading.platforms.shape import Shape
from crisiswatch.reading.platforms.times import iso_ms
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.platforms.wording import people, primary_language, without_entities
from crisiswatch.reading.post import Kind, Post, Reason, Skipped

_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
_SNOWFLAKE_TIME_BIT = 22
_FIRST_SNOWFLAKE = 29_700_859_247
"""Ids from November 2010 on hold their time; earlier ones are plain counters."""


_ABSENT = msgspec.Raw(b"")


class _Note(msgspec.Struct, gc=False):
    text: str | None = None


class _Reference(msgspec.Struct, gc=False):
    type: str
    id: str | int


class _Metrics(msgspec.Struct, gc=False):
    followers_count: int | None = None


class _User(msgspec.Struct, gc=False):
    id: str | int
    username: str | None = None
    public_metrics: _Metrics | None = None


class _Tweet(msgspec.Struct, gc=False, kw_only=True):
    id: str | int = ""
    text: str | None = None
    author_id: str | int | None = None
    created_at: str | None = None
    lang: str | None = None
    referenced_tweets: list[_Reference] | None = None
    note_tweet: _Note | None = None


class _Includes(msgspec.Struct, gc=False):
    users: list[_User] | None = None
    tweets: list[_Tweet] | None = None


class _Line(_Tweet, gc=False, kw_only=True):
    data: _Tweet | None = None
    includes: _Includes | None = None
    errors: msgspec.Raw = _ABSENT


_POST = Kind.POST
"""By itself: to find it in its enumeration takes Python nearly as long as to make the post."""

_decoder = msgspec.json.Decoder(_Line)


def decode(line: bytes) -> Post | Skipped:
    """Read one line of the v2 API; a line that only reports errors of the stream is skipped."""
    return _read(_decoder.decode(line))


def decode_lines(lines: bytes) -> list[Post | Skipped]:
    """Read many lines at once."""
    return [*map(_read, _decoder.decode_lines(lines))]


def _read(outer: _Line) -> Post | Skipped:
    tweet = outer.data
    if tweet is None:
        if outer.errors != _ABSENT and outer.text is None:
            return Skipped(kind="error")
        tweet = outer
    tweet_id = tweet.id if tweet.id.__class__ is str else str(tweet.id)
    if not tweet_id:
        raise UnreadableError(Reason.MISSING_FIELD, "id: missing or empty")
    includes = outer.includes
    text = tweet.text if tweet.note_tweet is None else _full_text(tweet)
    kind, in_reply_to = _POST, None
    for reference in tweet.referenced_tweets or ():
        if reference.type == "retweeted":
            kind = Kind.REPOST
            text = _original_text(str(reference.id), includes) or text
        elif reference.type == "replied_to":
            kind, in_reply_to = Kind.REPLY, str(reference.id)
        elif reference.type == "quoted" and kind is _POST:
            kind = Kind.QUOTE
    if text is None:
        raise UnreadableError(Reason.MISSING_FIELD, "text: missing")
    author, followers = _author(tweet.author_id, includes)
    created_at = tweet.created_at
    return Post(
        id=tweet_id,
        platform="x",
        author=author,
        text=without_entities(text) if "&" in text else text,
        posted_at_ms=_posted_at_ms(tweet_id) if created_at is None else iso_ms(created_at),
        followers=followers,
        reach=followers,
        language=primary_language(tweet.lang),
        in_reply_to=in_reply_to,
        kind=kind,
    )


def _full_text(tweet: _Tweet) -> str | None:
    """Return the whole text; long posts carry it beside a cut one."""
    note = tweet.note_tweet
    return tweet.text if note is None or note.text is None else note.text


def _original_text(tweet_id: str, includes: _Includes | None) -> str | None:
    if includes is not None:
        for tweet in includes.tweets or ():
            if str(tweet.id) == tweet_id:
                return _full_text(tweet)
    return None


def _author(author_id: str | int | None, includes: _Includes | None) -> tuple[str, int]:
    """Return the author's name, else id, and followers."""
    if author_id is None:
        return "", 0
    if author_id.__class__ is not str:
        author_id = str(author_id)
    if includes is not None and includes.users is not None:
        for user in includes.users:
            if user.id == author_id or str(user.id) == author_id:
                metrics = user.public_metrics
                followers = 0 if metrics is None else people(metrics.followers_count)
                return user.username or author_id, followers
    return author_id, 0


def _posted_at_ms(tweet_id: str) -> int:
    """Return the time that an id holds, where the request did not ask for that of the post."""
    if tweet_id.isdecimal() and int(tweet_id) >= _FIRST_SNOWFLAKE:
        return (int(tweet_id) >> _SNOWFLAKE_TIME_BIT) + _SNOWFLAKE_EPOCH_MS
    raise UnreadableError(Reason.MISSING_FIELD, "created_at: missing, and the id holds no time")


_MARKS = frozenset(
    {
        "author_id",
        "conversation_id",
        "created_at",
        "edit_history_tweet_ids",
        "public_metrics",
        "referenced_tweets",
    }
)


def fits(keys: Mapping[str, Any]) -> bool:
    """Tell whether an object with these keys is an envelope, a post, or an error report."""
    if "data" in keys:
        return True
    if "text" in keys and "id" in keys:
        return not _MARKS.isdisjoint(keys)
    return "errors" in keys


SHAPE = Shape(
    decode=decode,
    decode_lines=decode_lines,
    fits=fits,
    first_keys=("data", "attachments", "author_id", "conversation_id", "edit_history_tweet_ids"),
    second_keys=("author_id", "conversation_id", "edit_history_tweet_ids"),
)
