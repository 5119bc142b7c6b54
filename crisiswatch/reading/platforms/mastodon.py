"""Mastodon: statuses of the API, bare or as events of its streaming API.

An event is `{"stream": [...], "event": "update", "payload": "<a status as JSON in a string>"}`.
The content is HTML (see `html_text`); a content warning stands before it, as on screen.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from crisiswatch.reading.platforms.html_text import plain_text
from crisiswatch.reading.platforms.shape import Shape
from crisiswatch.reading.platforms.times import iso_ms
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.platforms.wording import people, primary_language
from crisiswatch.reading.post import Kind, Post, Reason, Skipped

_EVENTS = frozenset(
    {
        "announcement",
        "conversation",
        "delete",
        "filters_changed",
        "notification",
        "status.update",
    }
)


_ABSENT = msgspec.Raw(b"")


class _Account(msgspec.Struct, gc=False):
    acct: str | None = None
    username: str | None = None
    followers_count: int | None = None


class _Status(msgspec.Struct, gc=False, kw_only=True):
    id: str | int | None = None
    created_at: str | None = None
    in_reply_to_id: str | int | None = None
    spoiler_text: str | None = None
    language: str | None = None
    content: str | None = None
    reblog: "_Status | None" = None
    account: _Account | None = None
    quote: msgspec.Raw = _ABSENT


class _Line(_Status, gc=False, kw_only=True):
    event: str | None = None
    payload: str | None = None


_decoder = msgspec.json.Decoder(_Line)
_decode_status = msgspec.json.Decoder(_Status).decode
_NO_QUOTE = (_ABSENT, msgspec.Raw(b"null"))


def decode(line: bytes) -> Post | Skipped:
    """Read one status or streaming event; events that bring no new status are skipped by name."""
    return _read(_decoder.decode(line))


def decode_lines(lines: bytes) -> list[Post | Skipped]:
    """Read many lines at once."""
    return [*map(_read, _decoder.decode_lines(lines))]


def _read(outer: _Line) -> Post | Skipped:
    event = outer.event
    if event is None:
        return _post(outer)
    if event != "update":
        return Skipped(kind=event if event in _EVENTS else "other-event")
    if outer.payload is None:
        raise UnreadableError(Reason.MISSING_FIELD, "payload: missing")
    return _post(_decode_status(outer.payload))


def _post(status: _Status) -> Post:
    if not status.id or status.created_at is None:
        absent = "created_at" if status.id else "id"
        raise UnreadableError(Reason.MISSING_FIELD, f"{absent}: missing or empty")
    said = status if status.reblog is None else status.reblog
    if said.content is None:
        raise UnreadableError(Reason.MISSING_FIELD, "content: missing")
    text = plain_text(said.content)
    if said.spoiler_text:
        text = f"{said.spoiler_text}\n\n{text}"
    answered = status.in_reply_to_id
    if status.reblog is not None:
        kind = Kind.REPOST
    elif answered is not None:
        kind = Kind.REPLY
    else:
        kind = Kind.POST if status.quote in _NO_QUOTE else Kind.QUOTE
    account = status.account
    followers = 0 if account is None else people(account.followers_count)
    return Post(
        id=str(status.id),
        platform="mastodon",
        author="" if account is None else account.acct or account.username or "",
        text=text,
        posted_at_ms=iso_ms(status.created_at),
        followers=followers,
        reach=followers,
        language=primary_language(said.language),
        in_reply_to=None if answered is None else str(answered),
        kind=kind,
    )


def fits(keys: Mapping[str, Any]) -> bool:
    """Tell whether an object with these keys is a status or a streaming event."""
    return ("event" in keys and ("payload" in keys or "stream" in keys)) or (
        "content" in keys and ("account" in keys or "created_at" in keys)
    )


SHAPE = Shape(
    decode=decode,
    decode_lines=decode_lines,
    fits=fits,
    first_keys=("event", "stream", "account"),
    second_keys=("created_at", "uri", "account"),
)
