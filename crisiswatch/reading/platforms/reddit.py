"""Reddit: comments and submissions, bare (as in archives) or as things (`{"kind": "t1", "data"}`)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from crisiswatch.reading.platforms.shape import Shape
from crisiswatch.reading.platforms.times import any_ms
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.platforms.wording import without_entities
from crisiswatch.reading.post import Kind, Post, Reason, Skipped

_GONE = {"[deleted]": "deleted", "[removed]": "removed"}


class _Thing(msgspec.Struct, gc=False, kw_only=True):
    author: str | None = None
    body: str | None = None
    created_utc: str | int | float | None = None
    id: str | None = None
    name: str | None = None
    parent_id: str | int | None = None
    selftext: str | None = None
    title: str | None = None


class _Line(_Thing, gc=False, kw_only=True):
    data: _Thing | None = None
    kind: str | None = None


_decoder = msgspec.json.Decoder(_Line)


def decode(line: bytes) -> Post | Skipped:
    """Read one comment or submission; what was deleted or removed is skipped as such.

    Ids are full names (`t1_...` for comments, `t3_...` for submissions), so that
    `in_reply_to` names the id of another post. Reddit tells neither followers nor language.
    """
    return _read(_decoder.decode(line))


def decode_lines(lines: bytes) -> list[Post | Skipped]:
    """Read many lines at once."""
    return [*map(_read, _decoder.decode_lines(lines))]


def _read(outer: _Line) -> Post | Skipped:
    thing = outer if outer.data is None else outer.data
    if outer.kind == "more":
        return Skipped(kind="more")
    text, prefix = thing.body, "t1"
    if text is None:
        if thing.title is None:
            raise UnreadableError(Reason.MISSING_FIELD, "body: missing")
        text, prefix = thing.title, "t3"
        selftext = thing.selftext
        if selftext in _GONE:
            text = selftext
        elif selftext:
            text = f"{text}\n\n{selftext}"
    if text in _GONE:
        return Skipped(kind=_GONE[text])
    name = thing.name or (f"{prefix}_{thing.id}" if thing.id else None)
    if name is None:
        raise UnreadableError(Reason.MISSING_FIELD, "id: missing or empty")
    if thing.created_utc is None:
        raise UnreadableError(Reason.MISSING_FIELD, "created_utc: missing")
    answered = thing.parent_id
    return Post(
        id=name,
        platform="reddit",
        author=thing.author or "",
        text=without_entities(text),
        posted_at_ms=any_ms(thing.created_utc),
        in_reply_to=None if answered is None else _full_name(answered),
        kind=Kind.REPLY if prefix == "t1" else Kind.POST,
    )


def _full_name(parent_id: str | int) -> str:
    """Return the id of the post answered; some archives write comments' ids as numbers."""
    return parent_id if isinstance(parent_id, str) else f"t1_{_base36(parent_id)}"


def _base36(number: int) -> str:
    digits = ""
    while number > 0:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"


def fits(keys: Mapping[str, Any]) -> bool:
    """Tell whether an object with these keys is a comment, a submission, or a thing around one."""
    if "created_utc" in keys:
        return True
    return keys.get("kind") in ("t1", "t3", "more") and "data" in keys


SHAPE = Shape(
    decode=decode,
    decode_lines=decode_lines,
    fits=fits,
    first_keys=("all_awardings", "archived", "author_flair_css_class", "body", "subreddit", "kind"),
    second_keys=("subreddit", "body", "parent_id", "link_id"),
)
