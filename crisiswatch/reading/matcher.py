"""The exact matcher: which topics a decoded text is about.

All texts of a batch are folded, joined by NUL and searched in one pass for all needles
of all topics (hyperscan, pure literals). Each place found is then held against the
needle's edges, for the whole batch at once in numpy.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from unicodedata import normalize

import hyperscan
import numpy as np
import numpy.typing as npt

from crisiswatch.reading.needle import AT_SIGNS, Edge, Needle, is_mark, joins, needles_of, vetoes_of
from crisiswatch.reading.topic import Topic

Places = npt.NDArray[np.intp]
_Flags = npt.NDArray[np.uint8]

# What a character does to a needle that it stands beside.
_JOINS, _MARK, _AT, _SLASH, _EXTENDS = 1, 2, 4, 8, 16
_NON_ASCII = 128
_FORBIDDEN_LEFT = {
    Edge.FREE: 0,
    Edge.WORD: _JOINS,
    Edge.HASHTAG: _JOINS | _SLASH,
    Edge.HANDLE: _JOINS | _AT,
}
_FORBIDDEN_RIGHT = {
    Edge.FREE: _MARK,
    Edge.WORD: _JOINS | _MARK,
    Edge.HASHTAG: _JOINS | _MARK,
    Edge.HANDLE: _JOINS | _MARK | _EXTENDS,
}

_NOTHING: Places = np.empty(0, np.intp)
_MARGIN = b"\0\0"
"""Stands before and behind the joined texts, so that every needle has neighbours."""
_LONGEST_UTF8 = 4
_SPACE = 0x20
_SPACES_BEYOND_ASCII = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_ASCII = [chr(code) for code in range(128)]
_BEYOND = range(128, 256)
_FOLD_ASCII = bytes([*(ord(" " if c.isspace() else c.lower()) for c in _ASCII), *_BEYOND])


@lru_cache(maxsize=1 << 14)
def _effect(char: str) -> int:
    """Return what `char` does to a needle that it stands beside."""
    return (
        (_JOINS if joins(char) else 0)
        | (_MARK if is_mark(char) else 0)
        | (_AT if char in AT_SIGNS else 0)
        | (_SLASH if char == "/" else 0)
    )


_EFFECT_OF_BYTE: _Flags = np.array(
    [*map(_effect, _ASCII), *(_NON_ASCII for _ in _BEYOND)], np.uint8
)
_MAY_EXTEND: npt.NDArray[np.bool_] = np.array([chr(byte) in ".-@" for byte in range(256)])
_HANDLE_BYTE: npt.NDArray[np.bool_] = np.array(
    [*(c.isalnum() or c == "_" for c in _ASCII), *(False for _ in _BEYOND)]
)


class TopicMatcher:
    """Say which topics texts are about.

    Guarantee: equals searching every folded text for every folded entry and looking at
    its neighbours. Traps: holds hyperscan scratch, so one per process and never two
    threads; copies and pickles carry the topics and compile anew.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = tuple(topics)
        needles: dict[Needle, int] = {}
        wanted: list[tuple[int, int]] = []
        vetoed: list[tuple[int, int]] = []
        for number, topic in enumerate(self._topics):
            for found, topics_of in ((needles_of(topic), wanted), (vetoes_of(topic), vetoed)):
                for needle in found:
                    topics_of.append((needles.setdefault(needle, len(needles)), number))
        literals = [needle.literal.encode() for needle in needles]
        self._lengths: Places = np.array([len(literal) for literal in literals], np.intp)
        self._bad_left: _Flags = np.array([_FORBIDDEN_LEFT[n.left] for n in needles], np.uint8)
        self._bad_right: _Flags = np.array([_FORBIDDEN_RIGHT[n.right] for n in needles], np.uint8)
        self._wanted = _Rows(wanted, len(needles))
        self._vetoed = _Rows(vetoed, len(needles)) if vetoed else None
        self._languages = [frozenset(_primary(tag) for tag in t.languages) for t in self._topics]
        self._has_languages = any(self._languages)
        self._database = _compiled(literals) if literals else None

    def __reduce__(self) -> tuple[type["TopicMatcher"], tuple[tuple[Topic, ...]]]:
        return (TopicMatcher, (self._topics,))

    def match(self, text: str, language: str | None = None) -> tuple[int, ...]:
        """Return the indices of the topics that `text` is about, ascending."""
        return tuple(topic for _, topic in self.match_many([text], [language]))

    def match_many(
        self, texts: Sequence[str], languages: Sequence[str | None]
    ) -> list[tuple[int, int]]:
        """Return (text index, topic index) of every text and topic it is about.

        Sorted, each pair once. `languages` holds the platform's language of each text
        (primary tag, lower case), or None.
        """
        rows, topics = self.matches(texts, languages)
        return list(zip(rows.tolist(), topics.tolist(), strict=True))

    def matches(
        self, texts: Sequence[str], languages: Sequence[str | None]
    ) -> tuple[Places, Places]:
        """Return what `match_many` does, the text indices and the topic indices apart."""
        if self._database is None or not texts:
            return _NOTHING, _NOTHING
        joined, separators = _joined(texts)
        ids: list[int] = []
        ends: list[int] = []
        self._database.scan(joined, match_event_handler=_collector(ids.append, ends.append))
        if not ids:
            return _NOTHING, _NOTHING
        needles = np.array(ids, np.intp)
        stops = np.array(ends, np.intp)
        starts = stops - self._lengths[needles]
        left, right = _neighbours(joined, starts, stops)
        kept = ((left & self._bad_left[needles]) | (right & self._bad_right[needles])) == 0
        needles = needles[kept]
        posts = np.searchsorted(separators, starts[kept])
        pairs = self._keys(self._wanted, posts, needles)
        if self._vetoed is not None:
            vetoes = self._keys(self._vetoed, posts, needles)
            pairs = pairs[~np.isin(pairs, vetoes, assume_unique=True)]
        post_of, topic_of = np.divmod(pairs, len(self._topics))
        if self._has_languages:
            spoken = [
                self._speaks(topic, languages[post])
                for post, topic in zip(post_of.tolist(), topic_of.tolist(), strict=True)
            ]
            return post_of[spoken], topic_of[spoken]
        return post_of, topic_of

    def _keys(self, rows: "_Rows", posts: Places, needles: Places) -> Places:
        """Return the distinct post * number of topics + topic, ascending."""
        which, topics = rows.of(needles)
        keys: Places = np.sort(posts[which] * len(self._topics) + topics)
        is_new: npt.NDArray[np.bool_] = np.diff(keys, prepend=-1) != 0
        return keys[is_new]  # `np.unique` hashes first and takes six times as long

    def _speaks(self, topic: int, language: str | None) -> bool:
        wanted = self._languages[topic]
        return language is None or not wanted or language in wanted


class _Rows:
    """Topics of each needle, as one flat array and where each needle's part begins."""

    __slots__ = ("_counts", "_firsts", "_topics")

    def __init__(self, pairs: Iterable[tuple[int, int]], needles: int) -> None:
        ordered = np.array(sorted(set(pairs)), np.intp).reshape(-1, 2)
        self._topics: Places = ordered[:, 1].copy()
        self._counts: Places = np.bincount(ordered[:, 0], minlength=needles)
        self._firsts: Places = np.cumsum(self._counts) - self._counts

    def of(self, needles: Places) -> tuple[Places, Places]:
        """Return, for each topic of each of `needles`, the place in `needles` and the topic."""
        counts = self._counts[needles]
        which = np.repeat(np.arange(len(needles)), counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return which, self._topics[self._firsts[needles][which] + within]


def _primary(tag: str) -> str:
    return tag.strip().replace("_", "-").partition("-")[0].lower()


def _compiled(literals: Sequence[bytes]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=literals, ids=list(range(len(literals))), literal=True)
    return database


def _collector(
    add_id: Callable[[int], None], add_end: Callable[[int], None]
) -> Callable[[int, int, int, int, object], None]:
    def on_match(needle: int, _start: int, end: int, _flags: int, _context: object) -> None:
        add_id(needle)
        add_end(end)

    return on_match


def _joined(texts: Sequence[str]) -> tuple[bytes, Places]:
    """Return the folded texts joined by NUL, with margins, and where each text ends.

    This is `fold` for many texts: ASCII letters and space are cheaper to fold in bytes,
    and NUL, which neither composes nor folds, lets the other texts be folded together.
    """
    whole = "\0".join(texts)
    if not whole.isascii():
        beyond = [place for place, text in enumerate(texts) if not text.isascii()]
        folded = normalize("NFC", "\0".join([texts[place] for place in beyond])).casefold()
        pieces = _SPACES_BEYOND_ASCII.sub(" ", folded).split("\0")
        if len(pieces) == len(beyond):
            changed = list(texts)
            for place, piece in zip(beyond, pieces, strict=True):
                changed[place] = piece
            whole = "\0".join(changed)
    raw = whole.encode("utf-8", "surrogatepass")
    raw = b"".join((_MARGIN, raw, _MARGIN)).translate(_FOLD_ASCII)
    codes = np.frombuffer(raw, np.uint8)
    is_space = codes == _SPACE
    repeated = is_space[1:] & is_space[:-1]
    if repeated.any():
        codes = np.delete(codes, np.flatnonzero(repeated))
        raw = codes.tobytes()
    separators = np.flatnonzero(codes == 0)[len(_MARGIN) :]
    if len(separators) != len(texts) - 1 + len(_MARGIN):
        return _joined([text.replace("\0", "\x01") for text in texts])
    return raw, separators


def _neighbours(joined: bytes, starts: Places, stops: Places) -> tuple[_Flags, _Flags]:
    """Return what stands before and behind each place, as effects."""
    raw = np.frombuffer(joined, np.uint8)
    left = _EFFECT_OF_BYTE[raw[starts - 1]]
    following = raw[stops]
    right = _EFFECT_OF_BYTE[following]
    right[_MAY_EXTEND[following] & _HANDLE_BYTE[raw[stops + 1]]] |= _EXTENDS
    for place in np.flatnonzero(left & _NON_ASCII).tolist():
        before = joined[max(starts[place] - _LONGEST_UTF8, 0) : starts[place]]
        left[place] = _effect(before.decode("utf-8", "replace")[-1])
    for place in np.flatnonzero(right & _NON_ASCII).tolist():
        behind = joined[stops[place] : stops[place] + _LONGEST_UTF8]
        right[place] = _effect(behind.decode("utf-8", "replace")[0])
    return left, right
