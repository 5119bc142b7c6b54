r"""Patterns for keywords in letters beyond ASCII, made to stay fast by the thousand.

A pattern of alternatives for each letter compiles slowly, so a short stretch of the
keyword is written out: every combination of cases and accents, once all in UTF-8 and
once all in `\uXXXX` escapes. No encoder mixes the two within a word; a line that does is
let through. Where the combinations become too many for fast search, a line passes that
holds two neighbouring letters from the same parts of Unicode.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import product

from crisiswatch.reading import spelling

_LONGEST = 8
"""Characters of a keyword written out: more would not make it rarer."""
_MOST_SPELLINGS = 16
"""Combinations of one keyword."""
_MOST_RAW = 32_000
_MOST_ESCAPED = 8_000
"""Combinations of all keywords, beyond which search is slower than decoding."""

_BEYOND_ASCII = "(?:00[89a-f][0-9a-f]|0[1-9a-f][0-9a-f][0-9a-f]|[1-9a-f][0-9a-f][0-9a-f][0-9a-f])"
_MIXED = (
    rf"[\x80-\xff][a-z0-9]{{0,3}}\\u{_BEYOND_ASCII}",
    rf"\\u{_BEYOND_ASCII}[a-z0-9]{{0,3}}[\x80-\xff]",
)
_WIDE_GAP = re.compile(r"[^\0-\x7f][\0-\x7f]{4,}[^\0-\x7f]")
"""Letters so far apart could be spelled in both ways without `_MIXED` seeing it."""
_TO_LINE_END = r"[^\n]*(?:\n|\z)"
"""Makes a pattern that may hit at every letter report once per line."""


def longest(groups: Sequence[spelling.Group]) -> list[spelling.Group]:
    """Return the stretch of a keyword to write out; empty where another pattern is better."""
    best: list[spelling.Group] = []
    for first in range(len(groups)):
        stretch: list[spelling.Group] = []
        texts = [""]
        for group in groups[first : first + _LONGEST]:
            if group.texts is None or not _is_word(group.part):
                break
            texts = [head + tail for head, tail in product(texts, group.texts)]
            if len(texts) > _MOST_SPELLINGS or any(map(_WIDE_GAP.search, texts)):
                break
            stretch.append(group)
        if _weight(stretch) > _weight(best):
            best = stretch
    beyond = sum(not group.part.isascii() for group in best)
    return best if beyond > 1 or (beyond == 1 and len(best) == len(groups)) else []


def patterns(stretches: Sequence[Sequence[spelling.Group]]) -> Iterator[str]:
    """Yield patterns of which one stands in every line that holds one of the stretches."""
    texts = sorted(
        {
            "".join(parts)
            for stretch in stretches
            for parts in product(*(group.texts or () for group in stretch))
        }
    )
    yield from _MIXED
    coarse = [text for text in texts if not any(map(str.isascii, text)) and len(text) > 1]
    exact = sorted(set(texts) - set(coarse))
    if len(texts) <= _MOST_RAW:
        yield from (spelling.byte_pattern(text.encode()) for text in texts)
    else:
        yield from (spelling.byte_pattern(text.encode()) for text in exact)
        leads = spelling.one_of(
            spelling.byte_pattern(char.encode()[:1]) for text in coarse for char in text
        )
        yield rf"{leads}[\x80-\xbf]+{leads}{_TO_LINE_END}"
    if len(texts) <= _MOST_ESCAPED:
        yield from (_escaped_pattern(text) for text in texts)
    else:
        yield from (_escaped_pattern(text) for text in exact)
        pages = spelling.one_of(
            spelling.escaped(char)[-6:-2].decode().removeprefix("\\u")
            for text in coarse
            for char in text
        )
        yield rf"\\u{pages}[0-9a-f][0-9a-f]\\u{_TO_LINE_END}"


def _escaped_pattern(text: str) -> str:
    return spelling.escaped(text).decode().replace("\\", "\\\\")


def _is_word(part: str) -> bool:
    """Tell letters from signs: an entity of a letter lets its line through, one of a sign not."""
    return all(char.isalnum() or unicodedata.category(char)[0] == "M" for char in part)


def _weight(stretch: Sequence[spelling.Group]) -> tuple[int, int]:
    return (sum(not group.part.isascii() for group in stretch), len(stretch))
