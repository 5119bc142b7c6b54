r"""How a folded text may be spelled in raw JSON, before decoding: as byte patterns.

A decoded text equals a keyword after folding; in the raw line each of its characters
may stand in another case, composed or decomposed, as UTF-8, as a `\uXXXX` escape or a
pair of them, and as an HTML entity. Patterns are for hyperscan in bytes, caseless (for
ASCII only), and hold every spelling; the tables come from Python's own Unicode data.
"""

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from html.entities import html5
from itertools import pairwise, permutations, product
from typing import NamedTuple

AMPERSAND = r"(?:&|\\u0026)"
NUMBER_SIGN = r"(?:#|\\u0023)"
SEMICOLON = r"(?:;|\\u003b)"
ESCAPED_ALNUM = r"\\u00(?:3[0-9]|[46][1-9a-f]|[57][0-9a])"
"""An ASCII letter or digit written as an escape, which no common encoder does."""

NUMERIC_ENTITY = (
    AMPERSAND
    + NUMBER_SIGN
    + "(?:0*(?:4[89]|5[0-7]|6[5-9]|[78][0-9]|90|9[7-9]|1[0-9][0-9]|[2-9][0-9][0-9])"
    "|x0*(?:3[0-9]|[46][1-9a-f]|[57][0-9a]|[89a-f][0-9a-f]|[1-9a-f][0-9a-f][0-9a-f]))"
)
"""A numeric HTML entity for an ASCII letter or digit, or for anything beyond ASCII."""

SHARP_S = "ßẞ"
_MOST_MARKS = 4
"""Characters with more combining marks are not spelled out: permutations explode."""
_TELLING = 3
"""So many letters of an entity's name are looked at."""
_BLOCK = 256
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_SHORT_ESCAPES = {
    "\n": "n",
    "\t": "t",
    "\r": "r",
    "\f": "f",
    "\b": "b",
    "/": "/",
    "\\": "\\",
    '"': '"',
}
_SPACE_ENTITY = (
    AMPERSAND + NUMBER_SIGN + "(?:x0*(?:9|a|b|c|d|1[c-f]|20)|0*(?:9|1[0-3]|2[89]|3[0-2]))"
    f"{SEMICOLON}?"
)


def byte_pattern(raw: bytes) -> str:
    """Return the pattern of exactly these bytes."""
    return "".join(chr(b) if b in _PLAIN else f"\\x{b:02x}" for b in raw)


def one_of(alternatives: Iterable[str]) -> str:
    """Return the pattern of any of these patterns."""
    distinct = sorted(set(alternatives))
    return distinct[0] if len(distinct) == 1 else f"(?:{'|'.join(distinct)})"


@cache
def char_pattern(char: str) -> str:
    """Return every raw spelling of exactly this character."""
    if char.isascii() and char.isalnum():
        return char  # its escapes and entities are looked for in every line anyway
    units = char.encode("utf-16-be", "surrogatepass")
    escape = "".join(f"\\\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
    spellings = [byte_pattern(char.encode()), escape]
    if char in _SHORT_ESCAPES:
        spellings.append("\\\\" + byte_pattern(_SHORT_ESCAPES[char].encode()))
    names = [name.rstrip(";") for name, meaning in html5.items() if meaning == char]
    spellings += [f"{AMPERSAND}{name}{SEMICOLON}?" for name in sorted(set(names))]
    if char.isascii():
        spellings.append(f"{AMPERSAND}{NUMBER_SIGN}(?:0*{ord(char)}|x0*{ord(char):x}){SEMICOLON}?")
    return one_of(spellings)


@cache
def space_pattern() -> str:
    """Return every raw spelling of a run of white space."""
    spaces = {char for char in map(chr, range(0x110000)) if char.isspace()}
    # A raw line break ends the line; within a JSON text it is always escaped.
    spelled = [char_pattern(char) for char in sorted(spaces - {"\n", "\r"})]
    line_break = rf"\\(?:[nr]|u000[ad])|{AMPERSAND}NewLine{SEMICOLON}"
    return one_of([*spelled, line_break, _SPACE_ENTITY]) + "+"


def spelled_groups(literal: str) -> list["Group"]:
    """Split a folded text into parts whose spellings do not depend on each other.

    Parts are characters with their combining marks; several are one part where some
    character folds into them together (`ss` is also ß).
    """
    groups: list[Group] = []
    for clusters in _groups(_clusters(literal)):
        part = "".join(clusters)
        groups.append(Group(part, frozenset(_spell(clusters)) if _is_listable(part) else None))
    return groups


class Group(NamedTuple):
    """A part of a folded text and the decoded texts that fold to it.

    `texts` hold one case only of ASCII letters, and no ASCII lookalikes but the sharp s.
    They are None where they can not be listed.
    """

    part: str
    texts: frozenset[str] | None

    def pattern(self) -> str:
        """Return every raw spelling; raises TypeError where they can not be listed."""
        if self.part == " ":
            return space_pattern()
        if self.texts is None:
            raise TypeError(f"the spellings of {self.part!r} can not be listed")
        return one_of("".join(map(char_pattern, text)) for text in self.texts)


def escaped(text: str) -> bytes:
    r"""Return text with everything beyond ASCII as `\uXXXX` escapes, in lower case."""
    return json.dumps(text)[1:-1].encode()


def _is_listable(part: str) -> bool:
    marks = sum(unicodedata.combining(c) > 0 for c in unicodedata.normalize("NFD", part))
    return marks <= _MOST_MARKS and unicodedata.combining(part[0]) == 0


@cache
def ascii_lookalikes() -> dict[str, str]:
    """Return the non-ASCII characters that fold to ASCII letters or digits only, with these."""
    found = {
        char: folded
        for folded, chars in (*_folds().items(), *_folds_by_nfc().items())
        for char in chars
        if not char.isascii() and folded.isascii() and folded.isalnum()
    }
    return dict(sorted(found.items()))


@cache
def half_ascii_folds() -> frozenset[tuple[str, str]]:
    """Return (ASCII, other) neighbours into which one character folds, such as i and a dot."""
    return frozenset(
        (a, b) for folded in _folds() for a, b in pairwise(folded) if a.isascii() != b.isascii()
    )


@cache
def letter_entities() -> tuple[str, ...]:
    """Return patterns of how the HTML entities begin, without ampersand, that could change the letters of a word.

    These stand for a letter, digit or combining mark, or for several characters. Three letters
    are looked at, more where an entity that is read without its semicolon begins like that, such
    as `&copy`; shorter names must end. Whole names would take hyperscan longer.
    """
    names = {
        name.rstrip(";").lower()
        for name, meaning in html5.items()
        if len(meaning) > 1 or meaning.isalnum() or unicodedata.category(meaning)[0] == "M"
    }
    others = {name.lower() for name in html5 if not name.endswith(";")} - names
    return tuple(sorted({_telling(name, others) for name in names}))


def _telling(name: str, others: Iterable[str]) -> str:
    if len(name) < _TELLING:
        return name + SEMICOLON
    begins = (name[:end] for end in range(_TELLING, len(name)))
    return next((b for b in begins if not any(o.startswith(b) for o in others)), name)


def _changed_by_folding() -> Iterator[str]:
    for first in range(0, 0x110000, _BLOCK):
        block = "".join(map(chr, range(first, first + _BLOCK)))
        if block.casefold() != block or unicodedata.normalize("NFC", block) != block:
            yield from block


@cache
def _folds() -> dict[str, tuple[str, ...]]:
    """Return folded text -> the single characters, stable under NFC, that fold to it."""
    table: defaultdict[str, list[str]] = defaultdict(list)
    for char in _changed_by_folding():
        if (
            not char.isascii()
            and char.casefold() != char
            and unicodedata.normalize("NFC", char) == char
        ):
            table[char.casefold()].append(char)
    return {folded: tuple(chars) for folded, chars in table.items()}


@cache
def _folds_by_nfc() -> dict[str, tuple[str, ...]]:
    """Return folded text -> the single characters that NFC itself replaces on the way to it."""
    table: defaultdict[str, list[str]] = defaultdict(list)
    for chars in _unstable().values():
        for char in chars:
            table[unicodedata.normalize("NFC", char).casefold()].append(char)
    return {folded: tuple(chars) for folded, chars in table.items()}


@cache
def _unstable() -> dict[str, tuple[str, ...]]:
    """Return NFD text -> the single characters that decompose to it and never recompose."""
    table: defaultdict[str, list[str]] = defaultdict(list)
    for char in _changed_by_folding():
        if unicodedata.normalize("NFC", char) != char:
            table[unicodedata.normalize("NFD", char)].append(char)
    return {decomposed: tuple(chars) for decomposed, chars in table.items()}


@cache
def _multiple_folds() -> tuple[str, ...]:
    """Return folded texts of several characters, the spans that one character may cover."""
    return tuple(folded for folded in _folds() if len(folded) > 1)


def _clusters(literal: str) -> list[str]:
    """Split into starters with the combining marks that follow each."""
    clusters: list[str] = []
    for char in literal:
        if clusters and clusters[-1] != " " and unicodedata.combining(char):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def _groups(clusters: list[str]) -> Iterator[list[str]]:
    """Join clusters where one character may fold into the end of one and the next."""
    links = {(a, b) for span in _multiple_folds() for a, b in pairwise(span)}
    group: list[str] = []
    for cluster in clusters:
        if (
            group
            and (group[-1][-1], cluster[0]) not in links
            and (
                group[-1][0],
                cluster[0],
            )
            not in links
        ):
            yield group
            group = []
        group.append(cluster)
    if group:
        yield group


def _spell(clusters: list[str]) -> set[str]:
    """Return the decoded texts of clusters, some of which may come from one character."""
    if not clusters:
        return {""}
    texts: set[str] = set()
    for size in range(1, len(clusters) + 1):
        heads = {
            text
            for source in _sources("".join(clusters[:size]))
            if size == 1 or len(_clusters(source)) < size
            for text in _equivalents(source)
        }
        if heads:
            texts |= {head + rest for head, rest in product(heads, _spell(clusters[size:]))}
    return texts


def _sources(folded: str) -> set[str]:
    """Return the texts whose case folding is `folded`, without ASCII lookalikes.

    (Lines with these are let through as they are, all but the sharp s.)
    """
    if not folded:
        return {""}
    texts: set[str] = set()
    for size in range(1, len(folded) + 1):
        piece = folded[:size]
        chars = [c for c in _folds().get(piece, ()) if c in SHARP_S or c not in ascii_lookalikes()]
        if size == 1 and piece.casefold() == piece:
            chars.append(piece)
        if chars:
            texts |= {char + rest for char, rest in product(chars, _sources(folded[size:]))}
    return texts


def _equivalents(text: str) -> set[str]:
    """Return all texts whose NFC is `text`: reordered marks, partly or fully composed."""
    decomposed = unicodedata.normalize("NFD", text)
    clusters = _clusters(decomposed)
    orders: set[str] = {""}
    for cluster in clusters:
        orders = {
            head + cluster[0] + "".join(marks)
            for head in orders
            for marks in permutations(cluster[1:])
            if unicodedata.normalize("NFD", cluster[0] + "".join(marks)) == cluster
        }
    return {
        raw
        for order in orders
        for raw in _compositions(order)
        if unicodedata.normalize("NFC", raw) == text
    }


def _compositions(order: str) -> set[str]:
    if not order:
        return {""}
    texts: set[str] = set()
    for size in range(1, len(order) + 1):
        piece = order[:size]
        chars = {c for c in (unicodedata.normalize("NFC", piece),) if len(c) == 1}
        chars |= set(_unstable().get(piece, ()))
        chars |= {piece} if size == 1 else set()
        if chars:
            texts |= {c + rest for c in chars for rest in _compositions(order[size:])}
    return texts
