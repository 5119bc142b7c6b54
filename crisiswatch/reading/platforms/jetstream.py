"""Bluesky's Jetstream: events of `subscribe`, and of `network.bsky.jetstream.subscribeEvents`.

The older endpoint sends `{"did", "time_us", "kind", "commit": {...}}`. The newer one
frames messages as `{"$type": "message", "payload": {"$type": "...#commit", "seq", "did",
"time", "witnessedAt", "operation", "collection", "rkey", "record"}}`, the commit's fields
flat (the lexicon network.bsky.jetstream.subscribeEvents of bluesky-social/jetstream). A
bare payload, and the nested form with `time` for `time_us`, are read too.

A post's time is the earlier of what its author claims (`createdAt`) and when the stream
witnessed it, as in Bluesky's own feeds: no clock of a client can lie in the future, and
posts imported from years ago do not count as today's.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from crisiswatch.reading.platforms.shape import Shape
from crisiswatch.reading.platforms.times import EARLIEST_MS, any_ms, iso_ms
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.platforms.wording import primary_language
from crisiswatch.reading.post import Kind, Post, Reason, Skipped

POSTS = "app.bsky.feed.post"

_LEXICON = "network.bsky.jetstream.subscribeEvents#"
_EVENTS = frozenset({"identity", "account", "sync", "info"})
_RECORDS = {
    f"app.bsky.{name}": name.partition(".")[2]
    for name in (
        "actor.profile",
        "feed.generator",
        "feed.like",
        "feed.postgate",
        "feed.repost",
        "feed.threadgate",
        "graph.block",
        "graph.follow",
        "graph.list",
        "graph.listblock",
        "graph.listitem",
        "graph.starterpack",
        "graph.verification",
    )
}
"""The kinds of records that are skipped by name; anyone may make more, which count as one."""


_ABSENT = msgspec.Raw(b"")


class _Commit(msgspec.Struct, gc=False, kw_only=True):
    operation: str | None = None
    collection: str | None = None
    rkey: str | None = None
    record: msgspec.Raw = _ABSENT


class _Event(
    _Commit, gc=False, kw_only=True, rename={"type": "$type", "witnessed_at": "witnessedAt"}
):
    type: str | None = None
    did: str | None = None
    time_us: int | None = None
    time: str | None = None
    witnessed_at: str | None = None
    kind: str | None = None
    commit: _Commit | None = None


class _Line(_Event, gc=False, kw_only=True):
    payload: _Event | None = None


class _Parent(msgspec.Struct, gc=False):
    uri: str | None = None


class _Reply(msgspec.Struct, gc=False):
    parent: _Parent | None = None


class _Embed(msgspec.Struct, gc=False, rename={"type": "$type"}):
    type: str | None = None


class _Record(msgspec.Struct, gc=False, rename={"created_at": "createdAt"}):
    text: str
    created_at: str | None = None
    langs: list[str] | None = None
    reply: _Reply | None = None
    embed: _Embed | None = None


_decoder = msgspec.json.Decoder(_Line)
_decode_record = msgspec.json.Decoder(_Record).decode
_NO_RECORD = (_ABSENT, msgspec.Raw(b"null"))
_QUOTES = frozenset({"app.bsky.embed.record", "app.bsky.embed.recordWithMedia"})


def decode(line: bytes) -> Post | Skipped:
    """Read one event; everything but a new post is skipped by what it is (`like`, `delete`...)."""
    return _read(_decoder.decode(line))


def decode_lines(lines: bytes) -> list[Post | Skipped]:
    """Read many lines at once."""
    return [*map(_read, _decoder.decode_lines(lines))]


def _read(outer: _Line) -> Post | Skipped:
    if outer.type == "error":
        return Skipped(kind="error")
    event = outer if outer.payload is None else outer.payload
    kind = _event_kind(event)
    if kind != "commit":
        return Skipped(kind=kind if kind in _EVENTS else "other-event")
    commit = event if event.commit is None else event.commit
    collection, operation, rkey, record = (
        commit.collection,
        commit.operation,
        commit.rkey,
        commit.record,
    )
    if operation != "create":
        return Skipped(kind=operation if operation in {"delete", "update"} else "other-operation")
    if collection != POSTS:
        return Skipped(kind=_RECORDS.get(collection or "", "other-record"))
    if not event.did or not rkey or record in _NO_RECORD:
        absent = "did" if not event.did else "record" if rkey else "rkey"
        raise UnreadableError(Reason.MISSING_FIELD, f"{absent}: missing or empty")
    post = _decode_record(record)
    langs, reply = post.langs, post.reply
    answered = None if reply is None or reply.parent is None else reply.parent.uri
    if answered is not None:
        relation = Kind.REPLY
    elif post.embed is not None and post.embed.type in _QUOTES:
        relation = Kind.QUOTE
    else:
        relation = Kind.POST
    return Post(
        id=f"at://{event.did}/{POSTS}/{rkey}",
        platform="bluesky",
        author=event.did,
        text=post.text,
        posted_at_ms=_posted_at_ms(event, post.created_at),
        language=primary_language(langs[0]) if langs else None,
        in_reply_to=answered,
        kind=relation,
    )


def _event_kind(event: _Event) -> str:
    if event.kind is not None:
        return event.kind
    if event.type is not None and event.type.startswith(_LEXICON):
        return event.type.removeprefix(_LEXICON)
    if event.operation is not None or event.commit is not None:
        return "commit"
    raise UnreadableError(Reason.MISSING_FIELD, "kind: missing, so it is unknown what the event is")


def _posted_at_ms(event: _Event, created_at: str | None) -> int:
    """Return the earlier of the author's time and the stream's; an absurd claim counts for nothing."""
    witnessed_ms = _witnessed_ms(event)
    if created_at is None:
        if witnessed_ms is None:
            raise UnreadableError(Reason.MISSING_FIELD, "time_us: missing, and createdAt too")
        return witnessed_ms
    if witnessed_ms is None:
        return any_ms(created_at)
    try:
        claimed_ms = any_ms(created_at)
    except UnreadableError:
        return witnessed_ms
    return claimed_ms if EARLIEST_MS <= claimed_ms < witnessed_ms else witnessed_ms


def _witnessed_ms(event: _Event) -> int | None:
    if event.time_us is not None:
        return event.time_us // 1000
    witnessed_at = event.witnessed_at or event.time
    return None if witnessed_at is None else iso_ms(witnessed_at)


def fits(keys: Mapping[str, Any]) -> bool:
    """Tell whether an object with these keys is an event of either endpoint."""
    if "did" in keys:
        return any(key in keys for key in ("commit", "kind", "operation", "time_us"))
    kind = keys.get("$type")
    return isinstance(kind, str) and (kind in {"message", "error"} or kind.startswith(_LEXICON))


SHAPE = Shape(
    decode=decode,
    decode_lines=decode_lines,
    fits=fits,
    first_keys=("did", "$type", "time_us", "commit", "payload"),
)
