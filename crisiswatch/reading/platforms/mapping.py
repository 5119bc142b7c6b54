"""Any other JSON shape: the user's mapping from the fields of a post to the fields of the line."""

import re
from collections.abc import Callable, Mapping
from functools import reduce
from hashlib import blake2b
from operator import attrgetter, or_
from typing import Any

import msgspec

from crisiswatch.errors import ConfigError
from crisiswatch.reading.platforms.canonical import UNNAMED_PLATFORM
from crisiswatch.reading.platforms.times import any_ms
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.platforms.wording import people, primary_language
from crisiswatch.reading.post import Kind, Post, Reason

REQUIRED = ("text", "posted_at")
FIELDS = (
    "id",
    "platform",
    "author",
    "text",
    "posted_at",
    "followers",
    "reach",
    "language",
    "in_reply_to",
    "kind",
)
"""What a mapping may name; only `REQUIRED` ones must be."""

_ACCEPTED: dict[str, frozenset[Any]] = {
    "id": frozenset({str, int}),
    "text": frozenset({str}),
    "posted_at": frozenset({str, int, float}),
    "followers": frozenset({str, int, float, None}),
    "reach": frozenset({str, int, float, None}),
}
_ACCEPTED_ELSE: frozenset[Any] = frozenset({str, int, None})
_KINDS = {kind.value: kind for kind in Kind}
_DOT = re.compile(r"(?<!\\)\.")
_HASH_BYTES = 12


def mapped_decoder(mapping: Mapping[str, str]) -> Callable[[bytes], Post]:
    r"""Return the decoder of lines whose fields stand where `mapping` says.

    Keys are fields of a post (`FIELDS`); values are field names of the line, or dotted
    paths into nested objects (`user.name`; a dot within a name is written `\.`).
    Without `id` the post's id is a hash of author, time and text, so that a post sent
    twice is still one. Numbers of people may be written as digits, times in any way
    that `any_ms` reads. Raises `ConfigError` for a mapping that can not work.
    """
    paths = _checked(mapping)
    decode = msgspec.json.Decoder(_struct(paths)).decode
    getters = {field: _getter(path) for field, path in paths.items()}
    text_of, posted_at_of = getters["text"], getters["posted_at"]
    id_of = getters.get("id")
    author_of = getters.get("author", _absent)
    platform_of = getters.get("platform", _absent)
    followers_of = getters.get("followers", _absent)
    reach_of = getters.get("reach")
    language_of = getters.get("language", _absent)
    in_reply_to_of = getters.get("in_reply_to", _absent)
    kind_of = getters.get("kind", _absent)

    def decode_mapped(line: bytes) -> Post:
        mapped = decode(line)
        text: str = text_of(mapped)
        posted_at_ms = any_ms(posted_at_of(mapped))
        author = _word(author_of(mapped)) or ""
        answered = _word(in_reply_to_of(mapped))
        followers = _number("followers", followers_of(mapped))
        kind = _KINDS.get(str(kind_of(mapped)).lower())
        if kind is None:
            kind = Kind.POST if answered is None else Kind.REPLY
        if id_of is None:
            post_id = _hash_id(author, posted_at_ms, text)
        else:
            post_id = str(id_of(mapped))
            if not post_id:
                raise UnreadableError(Reason.MISSING_FIELD, "id: empty")
        return Post(
            id=post_id,
            platform=_word(platform_of(mapped)) or UNNAMED_PLATFORM,
            author=author,
            text=text,
            posted_at_ms=posted_at_ms,
            followers=followers,
            reach=followers if reach_of is None else _number("reach", reach_of(mapped)),
            language=primary_language(_word(language_of(mapped))),
            in_reply_to=answered,
            kind=kind,
        )

    return decode_mapped


def _checked(mapping: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    for field in mapping:
        if field not in FIELDS:
            raise ConfigError(
                f"mapping: unknown field '{field}'", f"use any of {', '.join(FIELDS)}"
            )
    for field in REQUIRED:
        if field not in mapping:
            raise ConfigError(
                f"mapping: '{field}' is missing",
                f'name the field it stands in, like {field} = "..."',
            )
    paths = {
        field: tuple(step.replace("\\.", ".") for step in _DOT.split(path))
        for field, path in mapping.items()
    }
    for field, path in paths.items():
        if not all(path):
            raise ConfigError(
                f"mapping: {field} = '{mapping[field]}' has an empty step",
                "write a field name or a dotted path like user.name",
            )
        for other, other_path in paths.items():
            if len(other_path) > len(path) and other_path[: len(path)] == path:
                raise ConfigError(
                    f"mapping: {field} = '{mapping[field]}' holds {other} = '{mapping[other]}'",
                    "a field can not be a value and an object at once",
                )
    return paths


def _struct(paths: Mapping[str, tuple[str, ...]]) -> type[msgspec.Struct]:
    """Return a type that decodes just the leaves of `paths`, so that all else is skipped over.

    Every step of a path becomes the attribute `_attribute(step)`; what no required
    field needs may be absent or null.
    """
    leaves: dict[str, frozenset[Any]] = {}
    branches: dict[str, dict[str, tuple[str, ...]]] = {}
    for field, (step, *rest) in paths.items():
        if rest:
            branches.setdefault(step, {})[field] = tuple(rest)
        else:
            accepted = _ACCEPTED.get(field, _ACCEPTED_ELSE)
            leaves[step] = leaves.get(step, accepted) & accepted
    fields: list[Any] = []
    for step, accepted in leaves.items():
        if None in accepted:
            fields.append((_attribute(step), _union(accepted), None))
        else:
            fields.append((_attribute(step), _union(accepted)))
    for step, below in branches.items():
        branch = _struct(below)
        if any(None not in _ACCEPTED.get(field, _ACCEPTED_ELSE) for field in below):
            fields.append((_attribute(step), branch))
        else:
            fields.append((_attribute(step), branch | None, None))
    names = {_attribute(step): step for step in (*leaves, *branches)}
    return msgspec.defstruct("Mapped", fields, rename=names, kw_only=True, gc=False)


def _union(accepted: frozenset[Any]) -> Any:
    """Return `str | ...`; text may hold any field, so every set of types has it."""
    return reduce(or_, accepted - {str}, str)


def _attribute(step: str) -> str:
    """Return an identifier that stands for any field name whatever."""
    return f"f{step.encode().hex()}"


def _getter(path: tuple[str, ...]) -> Callable[[Any], Any]:
    """Return the function that fetches the leaf at `path`, or None below an absent branch."""
    names = [_attribute(step) for step in path]
    if len(names) == 1:
        return attrgetter(names[0])

    def get(mapped: Any) -> Any:
        for name in names:
            if mapped is None:
                return None
            mapped = getattr(mapped, name)
        return mapped

    return get


def _absent(_mapped: object) -> None:
    """Stand for the getter of a field that the mapping does not name."""


def _word(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _number(field: str, value: str | float | None) -> int:
    if value is None or value == "":
        return 0
    try:
        return people(int(float(value)))
    except (ValueError, OverflowError):
        raise UnreadableError(Reason.WRONG_TYPE, f"{field}: {value!r:.60} is no number") from None


def _hash_id(author: str, posted_at_ms: int, text: str) -> str:
    seen = f"{author}\0{posted_at_ms}\0{text}"
    return blake2b(seen.encode(), digest_size=_HASH_BYTES).hexdigest()
