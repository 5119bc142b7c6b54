"""The canonical form: crisiswatch's own way to write a post, one JSON object a line.

It is what an exporter should write and what live ingestion stores; `docs/posts.md`
describes it, and `docs/post.schema.json` is generated from the type below.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crisiswatch.reading.platforms.shape import Shape
from crisiswatch.reading.platforms.times import iso, moment_ms
from crisiswatch.reading.platforms.wording import MOST_PEOPLE, primary_language
from crisiswatch.reading.post import Kind, Post, Skipped

UNNAMED_PLATFORM = "other"

_Id = Annotated[str, Meta(min_length=1)] | int
_People = Annotated[int, Meta(ge=0, le=MOST_PEOPLE)]


class CanonicalPost(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One public message, as one JSON object; fields not named here are ignored."""

    id: Annotated[
        _Id, Meta(description="Unique within the platform; a post sent twice has the same id.")
    ]
    text: Annotated[
        str, Meta(description="The words themselves: full length, plain text, no markup.")
    ]
    posted_at: Annotated[
        str | int | float,
        Meta(
            description="When it was posted: ISO 8601 with a zone (2015-02-17T07:36:05.621Z), or unix "
            "time as a number of seconds (below 1e11) or milliseconds.",
            examples=["2015-02-17T07:36:05.621Z", 1424158565.621, 1424158565621],
        ),
    ]
    platform: Annotated[str, Meta(description="Where it was posted: x, bluesky, mastodon...")] = (
        UNNAMED_PLATFORM
    )
    author: Annotated[
        str | int | None, Meta(description="The author's handle or id, without @.")
    ] = None
    followers: Annotated[
        _People | None, Meta(description="How many follow the author, where known.")
    ] = None
    reach: Annotated[
        _People | None,
        Meta(description="How many may have seen the post; absent, it is taken as `followers`."),
    ] = None
    language: Annotated[
        str | None, Meta(description="BCP 47 tag; only its primary part is used.", examples=["en"])
    ] = None
    in_reply_to: Annotated[
        str | int | None, Meta(description="The id of the post that this one answers.")
    ] = None
    kind: Annotated[
        Kind | None,
        Meta(
            description="How it relates to others; absent: reply if `in_reply_to` is set, else post."
        ),
    ] = None


_decoder = msgspec.json.Decoder(CanonicalPost)
_encode = msgspec.json.Encoder().encode


def decode(line: bytes) -> Post:
    """Read one post in the canonical form.

    Raises `UnreadableError` and whatever msgspec raises on bytes that are none.
    """
    return _read(_decoder.decode(line))


def decode_lines(lines: bytes) -> list[Post | Skipped]:
    """Read many lines at once."""
    return [*map(_read, _decoder.decode_lines(lines))]


def _read(post: CanonicalPost) -> Post:
    post_id = post.id
    author = post.author
    followers = post.followers
    reach = post.reach
    answered = post.in_reply_to
    kind = post.kind
    if followers is None:
        followers = 0
    if kind is None:
        kind = Kind.POST if answered is None else Kind.REPLY
    return Post(
        id=post_id if post_id.__class__ is str else str(post_id),
        platform=post.platform,
        author="" if author is None else str(author),
        text=post.text,
        posted_at_ms=moment_ms(post.posted_at),
        followers=followers,
        reach=followers if reach is None else reach,
        language=primary_language(post.language),
        in_reply_to=None if answered is None else str(answered),
        kind=kind,
    )


def encode(post: Post) -> bytes:
    """Write a post in the canonical form, without a line end; `decode` reads an equal one back."""
    return _encode(
        CanonicalPost(
            id=post.id,
            platform=post.platform,
            author=post.author,
            text=post.text,
            posted_at=iso(post.posted_at_ms),
            followers=post.followers,
            reach=post.reach,
            language=post.language,
            in_reply_to=post.in_reply_to,
            kind=post.kind,
        )
    )


def canonical_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the canonical form, generated from its type."""
    (components,) = msgspec.json.schema_components([CanonicalPost], ref_template="#/$defs/{name}")[
        1:
    ]
    schema = components.pop("CanonicalPost")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "crisiswatch post, canonical form",
        "$defs": components,
    }


def fits(keys: Mapping[str, Any]) -> bool:
    """Tell whether an object with these keys is, or is nearly, a post in the canonical form."""
    return "posted_at" in keys and ("text" in keys or "id" in keys)


SHAPE = Shape(
    decode=decode,
    decode_lines=decode_lines,
    fits=fits,
    first_keys=("platform", "author", "followers", "text", "posted_at"),
    second_keys=("platform", "author", "followers", "kind", "text", "posted_at", "language"),
)
