r"""The raw filter: which lines of a chunk may hold a keyword, before anything is decoded.

The idea is Sparser's (Palkar et al., "Filter Before You Parse", VLDB 2018): one pass of
hyperscan over the bytes of many lines, and only those that hit are decoded. The filter
is a strict superset of the exact matcher over the decoded texts:

- a keyword with an ASCII alphanumeric run of three characters or more is looked for by
  its longest such run, in any case;
- any other one by a pattern of all its raw spellings (`spelling.py`);
- lines in which ASCII letters may be spelled otherwise are always let through: escaped
  ones (`\u0041`), HTML entities of letters, HTML markup that could split a word, and
  characters that fold into ASCII (Kelvin sign, long s, ligatures).
"""

import re
from collections.abc import Callable, Iterator, Sequence

import hyperscan

from crisiswatch.reading import foreign_letters, spelling
from crisiswatch.reading.needle import Edge, Needle, needles_of
from crisiswatch.reading.topic import Topic

SHORTEST_RUN = 3
"""Shorter ASCII runs stand in nearly every line."""

_RUN = re.compile("[a-z0-9]+")
_SEVERAL_S = re.compile("ss+")
_SHARP_S = spelling.one_of(map(spelling.char_pattern, spelling.SHARP_S))

# What the raw byte before a decoded word may be: no letter or digit, or the end of an
# escape or of an entity without its semicolon.
_WORD_STARTS = (
    r"(?:[^a-z0-9_]|\\[nrtbf]|\\u[0-9a-f]{4}"
    rf"|{spelling.AMPERSAND}(?:[a-z]{{1,6}}[0-9]{{0,2}}|{spelling.NUMBER_SIGN}x?[0-9a-f]+))"
)
_WORD_ENDS = "[^a-z0-9_]"
_FIELD_ENDS = r"\"[ \t\r]*[,}]"  # that of a value, for names of fields stand in every line

# The tags that HTML decoders drop. `<a ...>` filling a whole string is no text: X names the
# sending app so.
_LESS, _SLASH = r"(?:<|\\u003c)", r"(?:\\?/|\\u002f)"
_MARKUP = (
    rf"{_LESS}[b-z!?]",
    rf"{_LESS}a[^ ]",
    rf"[^\"]{_LESS}a ",
    rf"\\\"{_LESS}a ",
    rf"{_LESS}{_SLASH}[^a]",
    rf"{_LESS}{_SLASH}a[^>\\]",
    rf"{_LESS}{_SLASH}a(?:>|\\u003e)[^\"]",
)
# Mastodon's streaming API wraps a post as a JSON text within JSON: every escape is doubled.
_WRAPPED = r"\"payload\"[ \t]*:"


class Prefilter:
    """Pick the lines of a chunk that may be about a topic.

    Guarantee: every line whose decoded text the `TopicMatcher` of the same topics would
    match (in whatever language) is picked. Traps: holds hyperscan scratch, so one per
    process and never two threads; copies and pickles carry the topics and compile anew.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = tuple(topics)
        needles = dict.fromkeys(needle for topic in self._topics for needle in needles_of(topic))
        patterns = dict.fromkeys(_patterns(tuple(needles)))
        self._database = None
        if patterns:
            expressions = [pattern.encode() for pattern in (*patterns, *_always())]
            self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
            self._database.compile(
                expressions=expressions,
                ids=list(range(len(expressions))),
                flags=hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_DOTALL,
            )

    def __reduce__(self) -> tuple[type["Prefilter"], tuple[tuple[Topic, ...]]]:
        return (Prefilter, (self._topics,))

    def candidates(self, data: bytes) -> list[bytes]:
        r"""Return the lines of `data` that may match, in order, without their line breaks.

        Lines are separated by `\n`, the last one may lack it; a line equals what
        `data.split(b"\n")` would hold.
        """
        if self._database is None:
            return []
        ends: list[int] = []
        self._database.scan(data, match_event_handler=_collector(ends.append))
        ends.sort()
        lines: list[bytes] = []
        add, find, find_back = lines.append, data.find, data.rfind
        stop = -1
        for end in ends:
            if end > stop + 1:
                last = end - 1
                start = find_back(b"\n", 0, last) + 1
                stop = find(b"\n", last)
                if stop < 0:
                    stop = len(data)
                add(data[start:stop])
        return lines


def _collector(add: Callable[[int], None]) -> Callable[[int, int, int, int, object], None]:
    def on_match(_pattern: int, _start: int, end: int, _flags: int, _context: object) -> None:
        add(end)

    return on_match


def _patterns(needles: Sequence[Needle]) -> Iterator[str]:
    """Yield patterns of which one stands in every line that holds one of the needles."""
    foreign: list[list[spelling.Group]] = []
    for needle in needles:
        run = max(_runs(needle.literal), key=len, default="")
        if len(run) >= SHORTEST_RUN:
            yield _SEVERAL_S.sub(_sharp, run)
            continue
        groups = spelling.spelled_groups(needle.literal)
        stretch = foreign_letters.longest(groups)
        if stretch:
            foreign.append(stretch)
        else:
            yield from _spelled(needle, groups)
    if foreign:
        yield from foreign_letters.patterns(foreign)


def _runs(literal: str) -> Iterator[str]:
    """Yield the ASCII runs of a folded text, without characters that may come from others."""
    halves = spelling.half_ascii_folds() if not literal.isascii() else frozenset()
    for match in _RUN.finditer(literal):
        first, last = match.span()
        if first > 0:
            first += (literal[first - 1], literal[first]) in halves
        if last < len(literal):
            last -= (literal[last - 1], literal[last]) in halves
        yield literal[first:last]


def _sharp(several: re.Match[str]) -> str:
    """Return the pattern of several s in a row, any two of which may be one sharp s."""
    most = len(several[0])
    if most == len("ss"):
        return f"(?:ss|{_SHARP_S})"
    return f"(?:s|{_SHARP_S}){{{(most + 1) // 2},{most}}}"


def _spelled(needle: Needle, groups: Sequence[spelling.Group]) -> Iterator[str]:
    """Yield the patterns of all raw spellings of the longest part that can be listed.

    One is of the whole part. A phrase may also begin at the end of one field and go on in
    another (a title and a text): so there is one for each space in it, of what stands before
    the space, at the end of a field.
    """
    first, last = _longest_listable(groups)
    if first == last:
        yield r"[^\n](?:\n|\z)"  # nothing to go by: every line passes
        return
    begin, end = "", ""
    if first == 0 and needle.left is not Edge.FREE and _is_plain(needle.literal[0]):
        begin = _WORD_STARTS
    if last == len(groups) and needle.right is not Edge.FREE and _is_plain(needle.literal[-1]):
        end = _WORD_ENDS
    pattern = begin
    for group in groups[first:last]:
        if group.part == " ":
            yield rf"{pattern}(?:{spelling.space_pattern()})?{_FIELD_ENDS}"
        pattern += group.pattern()
    yield pattern + end


def _longest_listable(groups: Sequence[spelling.Group]) -> tuple[int, int]:
    """Return where the longest part lies that can be listed and has no space at its ends."""
    stretches: list[tuple[int, int]] = [(0, 0)]
    first = last = 0
    for place, group in enumerate(groups):
        if group.texts is None or (group.part == " " and first == last):
            first = last = place + 1
        elif group.part != " ":
            last = place + 1
        stretches.append((first, last))
    return max(stretches, key=lambda stretch: stretch[1] - stretch[0])


def _is_plain(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _always() -> Iterator[str]:
    """Yield the patterns of lines that are let through whatever the keywords are."""
    yield spelling.ESCAPED_ALNUM
    yield spelling.NUMERIC_ENTITY
    begins = "|".join(spelling.letter_entities())
    yield f"{spelling.AMPERSAND}(?:{begins})"
    for char in spelling.ascii_lookalikes():
        if char not in spelling.SHARP_S:
            yield spelling.char_pattern(char)
    yield from _MARKUP
    yield _WRAPPED
