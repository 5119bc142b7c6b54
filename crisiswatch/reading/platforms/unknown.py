"""A JSON object that no platform's decoder knows: what it may be, and how to map it."""

from collections.abc import Mapping
from typing import Any

from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.post import Reason

_NEEDED = ("id", "text", "posted_at")

_OFTEN_NAMED = {
    "id": ("id", "id_str", "tweet_id", "status_id", "post_id", "message_id", "comment_id", "uid"),
    "text": ("text", "full_text", "message", "body", "content", "tweet", "comment", "title"),
    "posted_at": (
        "posted_at",
        "created_at",
        "timestamp",
        "date",
        "time",
        "datetime",
        "created",
        "published_at",
        "ts",
    ),
    "author": ("author", "user", "username", "user_name", "screen_name", "handle", "name"),
    "followers": ("followers", "followers_count", "user_followers"),
    "reach": ("reach", "retweet_count", "retweets", "shares"),
    "language": ("language", "lang"),
}
_KEYS_SHOWN = 12
_KEY_LENGTH = 30


class UnknownShapeError(UnreadableError):
    """Say that no platform's decoder knows the line."""


def judge_unknown(keys: Mapping[str, Any]) -> UnknownShapeError:
    """Return the error for an object that fits no platform.

    One that has all but one of the canonical form's needed fields is taken for a
    canonical post with a field missing; any other for no post, with a mapping proposed
    where its keys let one guess.
    """
    absent = [field for field in _NEEDED if field not in keys]
    if len(absent) == 1:
        return UnknownShapeError(Reason.MISSING_FIELD, f"{absent[0]}: missing")
    seen = ", ".join(key[:_KEY_LENGTH] for key in list(keys)[:_KEYS_SHOWN])
    more = ", ..." if len(keys) > _KEYS_SHOWN else ""
    return UnknownShapeError(
        Reason.NOT_A_POST, f"no known shape; keys: {seen or 'none'}{more}{_proposal(keys)}"
    )


def _proposal(keys: Mapping[str, Any]) -> str:
    lowered = {key.lower(): key for key in keys}
    guesses: dict[str, str] = {}
    for field, names in _OFTEN_NAMED.items():
        found = [lowered[name] for name in names if name in lowered]
        if found:
            guesses[field] = found[0]
    if "text" not in guesses:
        return ""
    guesses.setdefault("posted_at", "...")
    pairs = ", ".join(f'{field} = "{key[:_KEY_LENGTH]}"' for field, key in guesses.items())
    return f"; a mapping may read it: {pairs}"
