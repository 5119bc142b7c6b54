"""X API v1.1: statuses of the streaming and REST endpoints, and of archives made of them.

The whole text stands in one of three places: `extended_tweet.full_text` (streaming),
`full_text` (`tweet_mode=extended`) or `text`. That of a repost is taken from
`retweeted_status`, as the outer one is cut; a quoting post keeps its own words only.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from crisiswatch.reading.platforms.shape import Shape
from crisiswatch.reading.platforms.times import any_ms, twitter_ms
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.platforms.wording import people, primary_language, without_entities
from crisiswatch.reading.post import Kind, Post, Reason, Skipped

_CONTROL = (
    "delete",
    "limit",
    "scrub_geo",
    "status_withheld",
    "user_withheld",
    "disconnect",
    "warning",
    "friends",
)
"""Messages of the stream that are no statuses, known by their only key."""


class _Extended(msgspec.Struct, gc=False):
    full_text: str | None = None


class _User(msgspec.Struct, gc=False):
    screen_name: str | None = None
    followers_count: int | None = None


class _Status(msgspec.Struct, gc=False, kw_only=True):
    created_at: str | None = None
    id: int | str | None = None
    id_str: str | None = None
    text: str | None = None
    full_text: str | None = None
    extended_tweet: _Extended | None = None
    in_reply_to_status_id: int | str | None = None
    in_reply_to_status_id_str: str | None = None
    user: _User | None = None
    retweeted_status: "_Status | None" = None
    is_quote_status: bool | None = None
    lang: str | None = None
    timestamp_ms: str | int | None = None


_decoder = msgspec.json.Decoder(_Status)
_decode_keys = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def decode(line: bytes) -> Post | Skipped:
    """Read one status; notices of the stream (deletes, limits...) are skipped by their name."""
    status = _decoder.decode(line)
    return _read(status) if status.id_str or status.id else _control(line)


def decode_lines(lines: bytes) -> list[Post | Skipped]:
    """Read many lines at once; raises `UnreadableError` where one of them is a notice."""
    return [*map(_read, _decoder.decode_lines(lines))]


def _read(status: _Status) -> Post:
    status_id = status.id_str or status.id
    if not status_id:
        raise UnreadableError(Reason.MISSING_FIELD, "id_str: missing or empty")
    original = status.retweeted_status
    text = _full_text(status if original is None else original)
    if text is None:
        raise UnreadableError(Reason.MISSING_FIELD, "text: missing")
    answered = status.in_reply_to_status_id_str or status.in_reply_to_status_id
    if original is not None:
        kind = Kind.REPOST
    elif answered:
        kind = Kind.REPLY
    else:
        kind = Kind.QUOTE if status.is_quote_status else Kind.POST
    user = status.user
    followers = 0 if user is None else people(user.followers_count)
    return Post(
        id=str(status_id),
        platform="x",
        author="" if user is None else user.screen_name or "",
        text=without_entities(text),
        posted_at_ms=_posted_at_ms(status),
        followers=followers,
        reach=followers,
        language=primary_language(status.lang),
        in_reply_to=str(answered) if answered else None,
        kind=kind,
    )


def _full_text(status: _Status) -> str | None:
    extended = status.extended_tweet
    if extended is not None and extended.full_text is not None:
        return extended.full_text
    return status.text if status.full_text is None else status.full_text


def _posted_at_ms(status: _Status) -> int:
    """Return the time of a status, to the millisecond where the stream tells it."""
    if status.timestamp_ms is not None:
        return any_ms(status.timestamp_ms)
    if status.created_at is None:
        raise UnreadableError(Reason.MISSING_FIELD, "created_at: missing")
    return twitter_ms(status.created_at)


def _control(line: bytes) -> Skipped:
    keys = _decode_keys(line)
    for name in _CONTROL:
        if name in keys:
            return Skipped(kind=name)
    raise UnreadableError(Reason.MISSING_FIELD, "id_str: missing or empty")


def fits(keys: Mapping[str, Any]) -> bool:
    """Tell whether an object with these keys is a status or a notice of the stream."""
    if "id_str" in keys or "full_text" in keys:
        return True
    return len(keys) == 1 and any(name in keys for name in _CONTROL)


SHAPE = Shape(
    decode=decode,
    decode_lines=decode_lines,
    fits=fits,
    first_keys=("created_at", "contributors", "in_reply_to_screen_name", *_CONTROL),
    second_keys=("id_str",),
)
