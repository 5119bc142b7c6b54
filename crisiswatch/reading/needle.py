"""What the entries of a topic become before anything is searched: folded text with edges.

Both matchers search for the same needles, so that they can not disagree about what an
entry means: `fold` brings needle and text into one form, the `Edge`s say what may stand
beside the needle.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from crisiswatch.errors import ConfigError
from crisiswatch.reading.topic import Topic

AT_SIGNS = "@\uff20"
HASH_SIGNS = "#\uff03"
"""The full-width forms are what East Asian keyboards type."""

_HANDLE = re.compile(r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*(?:@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)?")
_SPACES = re.compile(r"\s+")
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACELESS = re.compile(
    # Thai, Lao, Tibetan, Myanmar, Hangul, Khmer, Han, kana, Bopomofo and their extensions
    "[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3031-\u3035"
    "\u3040-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\ua9e0-\ua9ff"
    "\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00016fe0-\U00018d08"
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff]"
)


class Edge(IntEnum):
    """What may not stand beside one end of a needle for it to count.

    A combining mark after the needle never may: it belongs to the needle's last
    character and makes it another one.
    """

    FREE = 0
    """Anything may: the needle ends in a sign, an emoji, or a script without spaces."""
    WORD = 1
    """No character of a word."""
    HASHTAG = 2
    """No character of a word, and no slash: `site.com/#top` is an address."""
    HANDLE = 3
    """Nothing by which the handle would be longer, or an e-mail address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """One folded text to search for, and what may stand beside it."""

    literal: str
    left: Edge
    right: Edge


def fold(text: str) -> str:
    """Return text in the form in which it is compared: NFC, then case folded.

    Every run of white space becomes one space, so that a phrase matches across line
    breaks. Space at the ends stays (as one), since fields are joined before folding.
    """
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text).casefold())


def is_mark(char: str) -> bool:
    """Tell whether `char` alters the character before it (accents, vowel signs).

    Variation selectors do not: `✈` and `✈\ufe0f` are the same sign.
    """
    return unicodedata.category(char) in {"Mn", "Mc"} and not _VARIATION_SELECTORS.match(char)


def joins(char: str) -> bool:
    """Tell whether `char` beside a word makes it a longer word.

    Letters, digits, underscore and combining marks do. Characters of scripts that are
    written without spaces do not, whatever they stand beside: `新しいiPhone買った` holds
    the word `iphone`.
    """
    return (char.isalnum() or char == "_" or is_mark(char)) and not _SPACELESS.match(char)


def needles_of(topic: Topic) -> Iterator[Needle]:
    """Yield what makes a post be about the topic; raises `ConfigError` for an unusable entry."""
    for entry in (*topic.terms, *topic.phrases):
        yield from _any_needles(topic, "terms", entry)
    for entry in topic.handles:
        yield from _handle_needles(topic, entry)
    for entry in topic.hashtags:
        yield from _hashtag_needles(topic, entry)


def vetoes_of(topic: Topic) -> Iterator[Needle]:
    """Yield what makes a post not be about the topic after all (`exclude`)."""
    for entry in topic.exclude:
        yield from _any_needles(topic, "exclude", entry)


def _any_needles(topic: Topic, field: str, entry: str) -> Iterator[Needle]:
    """Read an entry as a handle or hashtag where it is spelled like one, else as words."""
    sign, rest = entry[:1], entry[1:]
    if sign and sign in AT_SIGNS and _HANDLE.fullmatch(rest):
        yield from _handle_needles(topic, entry)
    elif sign and sign in HASH_SIGNS and _is_tag(rest):
        yield from _hashtag_needles(topic, entry)
    else:
        literal = _checked(topic, field, entry)
        yield Needle(
            literal=literal,
            left=Edge.WORD if joins(literal[0]) else Edge.FREE,
            right=Edge.WORD if joins(literal[-1]) else Edge.FREE,
        )


def _handle_needles(topic: Topic, entry: str) -> Iterator[Needle]:
    name = entry.strip().lstrip(AT_SIGNS)
    if not _HANDLE.fullmatch(name):
        raise ConfigError(
            f"topic {topic.name!r}: handle {entry!r} is none",
            "write it as @name, @name.bsky.social or @name@host",
        )
    for sign in AT_SIGNS:
        yield Needle(literal=sign + name.lower(), left=Edge.HANDLE, right=Edge.HANDLE)


def _hashtag_needles(topic: Topic, entry: str) -> Iterator[Needle]:
    name = entry.strip().lstrip(HASH_SIGNS)
    if not _is_tag(name):
        raise ConfigError(
            f"topic {topic.name!r}: hashtag {entry!r} is none",
            "write it as #name, with no spaces or punctuation in it",
        )
    name = _checked(topic, "hashtags", name)
    right = Edge.WORD if joins(name[-1]) else Edge.FREE
    for sign in HASH_SIGNS:
        yield Needle(literal=sign + name, left=Edge.HASHTAG, right=right)


def _is_tag(name: str) -> bool:
    return bool(name) and all(char.isalnum() or char == "_" or is_mark(char) for char in name)


def _checked(topic: Topic, field: str, entry: str) -> str:
    """Return the folded entry, or raise `ConfigError` for one that could never match."""
    literal = fold(entry).strip()
    fault = ""
    if not literal:
        fault = "is empty"
    elif any(unicodedata.category(char) in {"Cc", "Cs"} for char in literal):
        fault = "holds a control character or half a surrogate pair"
    elif is_mark(literal[0]):
        fault = "begins with a combining mark"
    if fault:
        raise ConfigError(
            f"topic {topic.name!r}: {field} entry {entry!r} {fault}", "correct or remove it"
        )
    return literal
