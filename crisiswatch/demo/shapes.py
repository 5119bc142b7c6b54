"""Posts as the bytes of several platforms: the canonical form, and a few per cent of others.

Each function returns one line with its line end. Only what the platforms really send
is in them, cut to the fields that matter for reading.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from html import escape

import msgspec

from crisiswatch.reading.post import Kind, Post

_encode = msgspec.json.encode
_EPOCH = date(1970, 1, 1)
_NAME = re.compile(r"(?<!\w)([@#])(\w+)")
_TO_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_SPREAD = 0x9E3779B97F4A7C15F39CC0605CEDC835


def canonical(post: Post) -> bytes:
    """Write crisiswatch's own form."""
    fields: dict[str, object] = {
        "id": post.id,
        "platform": post.platform,
        "author": post.author,
        "followers": post.followers,
        "posted_at": iso(post.posted_at_ms),
        "text": post.text,
    }
    if post.language is not None:
        fields["language"] = post.language
    if post.in_reply_to is not None:
        fields["in_reply_to"] = post.in_reply_to
    if post.kind is not Kind.POST:
        fields["kind"] = post.kind
    return _encode(fields) + b"\n"


def x_v2(post: Post) -> bytes:
    """Write an envelope of the X API v2 filtered stream, its author in `includes`."""
    author_id = str(1_000_000_000 + _number(post.author))
    data: dict[str, object] = {
        "author_id": author_id,
        "created_at": iso(post.posted_at_ms),
        "edit_history_tweet_ids": [post.id],
        "id": post.id,
        "lang": post.language or "und",
        "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0},
        "text": escape(post.text, quote=False),
    }
    if post.in_reply_to is not None:
        data["referenced_tweets"] = [{"type": "replied_to", "id": post.in_reply_to}]
    user = {
        "id": author_id,
        "name": post.author,
        "public_metrics": {"followers_count": post.followers, "following_count": 180},
        "username": post.author,
    }
    rules = [{"id": "1747", "tag": "everything"}]
    return _encode({"data": data, "includes": {"users": [user]}, "matching_rules": rules}) + b"\n"


def mastodon(post: Post) -> bytes:
    """Write a Mastodon status: HTML with linked handles and hashtags."""
    account = {
        "id": str(_number(post.author)),
        "username": post.author,
        "acct": f"{post.author}@social.example",
        "bot": False,
        "followers_count": post.followers,
        "url": f"https://social.example/@{post.author}",
    }
    status = {
        "id": post.id,
        "created_at": iso(post.posted_at_ms),
        "in_reply_to_id": post.in_reply_to,
        "sensitive": False,
        "visibility": "public",
        "language": post.language,
        "uri": f"https://social.example/users/{post.author}/statuses/{post.id}",
        "content": f"<p>{_as_html(post.text)}</p>",
        "reblog": None,
        "account": account,
    }
    return _encode(status) + b"\n"


def jetstream(post: Post) -> bytes:
    """Write a commit event of Bluesky's Jetstream that creates a post."""
    record: dict[str, object] = {
        "$type": "app.bsky.feed.post",
        "createdAt": iso(post.posted_at_ms),
        "langs": [post.language] if post.language else [],
        "text": post.text,
    }
    if post.in_reply_to is not None:
        parent = {
            "cid": f"bafyreic{_letters(_number(post.in_reply_to) * _SPREAD, 24)}",
            "uri": f"at://{_did('thread')}/app.bsky.feed.post/{post.in_reply_to}",
        }
        record["reply"] = {"parent": parent, "root": parent}
    return _commit(post, "create", record)


def jetstream_like(post: Post) -> bytes:
    """Write a commit event that is no post: somebody liked something."""
    subject = {"cid": "bafyreib", "uri": f"at://{_did('liked')}/app.bsky.feed.post/{post.id}"}
    created = iso(post.posted_at_ms)
    record: dict[str, object] = {
        "$type": "app.bsky.feed.like",
        "createdAt": created,
        "subject": subject,
    }
    return _commit(post, "create", record, collection="app.bsky.feed.like")


def jetstream_delete(post: Post) -> bytes:
    """Write a commit event that is no post: somebody took one back."""
    return _commit(post, "delete", None)


SHAPES = {"x": x_v2, "mastodon": mastodon, "bluesky": jetstream}
"""How a platform itself writes a post."""


def broken(post: Post, number: int) -> bytes:
    """Write the canonical line of a post, damaged; its words stay inside.

    `number` chooses the damage: 0 and up go through all `FAULTS` in turn.
    """
    return FAULTS[number % len(FAULTS)](canonical(post))


def _damage(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda line: line.replace(old, new, 1)


FAULTS: tuple[Callable[[bytes], bytes], ...] = (
    lambda line: line[:-3] + b"\n",
    _damage(b'"text":"', b'"text":"\xff\xfe'),
    _damage(b'"text":', b'"txet":'),
    _damage(b'"posted_at":"2026', b'"posted_at":"1602'),
    _damage(b'"followers":', b'"followers":"many","was":'),
    _damage(b'"text":"', b'"text":"\\ud83d '),
    lambda line: b"WARN exporter: retrying " + line,
)
"""Ways in which exports break: cut off, bad bytes, a field missing, an absurd date, a wrong
type, half an emoji, a log line in between."""


def iso(time_ms: int) -> str:
    """Return unix milliseconds as ISO 8601 in UTC with three digits of fraction."""
    seconds, millisecond = divmod(time_ms, 1000)
    return f"{stamp(seconds)}.{millisecond:03}Z"


def stamp(seconds: int) -> str:
    """Return unix seconds as ISO 8601 without zone (UTC is meant)."""
    day, second = divmod(seconds, 86_400)
    return f"{_date(day)}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


@lru_cache(maxsize=64)
def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()


def _commit(
    post: Post,
    operation: str,
    record: dict[str, object] | None,
    *,
    collection: str = "app.bsky.feed.post",
) -> bytes:
    commit: dict[str, object] = {
        "rev": _letters(post.posted_at_ms, 13),
        "operation": operation,
        "collection": collection,
        "rkey": _letters(int(post.id), 13),
    }
    if record is not None:
        commit |= {"record": record, "cid": f"bafyreih{_letters(int(post.id) * _SPREAD, 24)}"}
    event = {
        "did": _did(post.author),
        "time_us": post.posted_at_ms * 1000,
        "kind": "commit",
        "commit": commit,
    }
    return _encode(event) + b"\n"


def _as_html(text: str) -> str:
    def link(name: re.Match[str]) -> str:
        if name[1] == "#":
            href = f"https://social.example/tags/{name[2].lower()}"
            return f'<a href="{href}" class="mention hashtag" rel="tag">#<span>{name[2]}</span></a>'
        href = f"https://social.example/@{name[2]}"
        return (
            f'<span class="h-card" translate="no"><a href="{href}" class="u-url mention">'
            f"@<span>{name[2]}</span></a></span>"
        )

    return _NAME.sub(link, escape(text, quote=False))


def _number(name: str) -> int:
    """Return a number for a name, the same in every process."""
    return int.from_bytes(name.encode()[-6:], "big") % 1_000_000_007


def _did(author: str) -> str:
    return f"did:plc:{_letters(_number(author) * _SPREAD, 24)}"


def _letters(number: int, length: int) -> str:
    """Write the low bits of a number in letters that are legal in Bluesky's identifiers."""
    return f"{number:0{length}x}"[-length:].translate(_TO_LETTERS)
