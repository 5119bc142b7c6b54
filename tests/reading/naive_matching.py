"""The obvious, slow way to tell what a text is about, and posts spelled in every way."""

import json
import random
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from html.entities import html5

from crisiswatch.reading.topic import Topic

_SPACELESS_NAMES = (
    "CJK", "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "HANGUL", "HALFWIDTH HANGUL",
    "BOPOMOFO", "THAI", "LAO", "TIBETAN", "MYANMAR", "KHMER", "IDEOGRAPHIC",
)  # fmt: skip


_HANDLE = re.compile(
    r"[a-z0-9_]+([.-][a-z0-9_]+)*(@[a-z0-9-]+(\.[a-z0-9-]+)*)?", re.IGNORECASE | re.ASCII
)


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).casefold())


@cache
def is_mark(char: str) -> bool:
    if "VARIATION SELECTOR" in unicodedata.name(char, ""):
        return False
    return unicodedata.category(char) in ("Mn", "Mc")


@cache
def in_word(char: str) -> bool:
    if unicodedata.name(char, "").startswith(_SPACELESS_NAMES):
        return False
    return char.isalnum() or char == "_" or is_mark(char)


def holds(text: str, entry: str) -> bool:
    """Search a text, character by character, for an entry as it may stand in a topic."""
    hay = folded(text)
    if entry[0] in "@\uff20" and _HANDLE.fullmatch(entry[1:]):
        return any(_holds_handle(hay, sign + entry[1:].lower()) for sign in "@\uff20")
    if entry[0] in "#\uff03" and all(
        c.isalnum() or c == "_" or is_mark(c) for c in entry[1:] or " "
    ):
        return any(_holds_hashtag(hay, sign + folded(entry[1:])) for sign in "#\uff03")
    needle = folded(entry).strip()
    return any(
        not (in_word(needle[0]) and in_word(before))
        and not (in_word(needle[-1]) and in_word(after[:1] or " "))
        and not is_mark(after[:1] or " ")
        for before, after in _places(hay, needle)
    )


def _holds_handle(hay: str, needle: str) -> bool:
    return any(
        not in_word(before)
        and before not in "@\uff20"
        and not in_word(after[:1] or " ")
        and not is_mark(after[:1] or " ")
        and not re.match(r"[.@-][a-z0-9_]", after)
        for before, after in _places(hay, needle)
    )


def _holds_hashtag(hay: str, needle: str) -> bool:
    return any(
        not in_word(before)
        and before != "/"
        and not (in_word(needle[-1]) and in_word(after[:1] or " "))
        and not is_mark(after[:1] or " ")
        for before, after in _places(hay, needle)
    )


def _places(hay: str, needle: str) -> Iterator[tuple[str, str]]:
    """Yield the character before and the text after each occurrence."""
    place = hay.find(needle)
    while place >= 0:
        yield hay[place - 1] if place else " ", hay[place + len(needle) :]
        place = hay.find(needle, place + 1)


def naive_match(text: str, topics: list[Topic], language: str | None = None) -> tuple[int, ...]:
    return tuple(
        number
        for number, topic in enumerate(topics)
        if any(
            holds(text, entry)
            for entry in (
                *topic.terms,
                *topic.phrases,
                *("@" + handle.lstrip("@") for handle in topic.handles),
                *("#" + tag.lstrip("#") for tag in topic.hashtags),
            )
        )
        and not any(holds(text, entry) for entry in topic.exclude)
        and (language is None or not topic.languages or language in topic.languages)
    )


@cache
def same_fold() -> dict[str, list[str]]:
    """Return folded text -> all single characters that fold to it."""
    table: dict[str, list[str]] = {}
    for code in (*range(0xD800), *range(0xE000, 0x30000)):
        table.setdefault(folded(chr(code)), []).append(chr(code))
    return {fold: chars for fold, chars in table.items() if len(chars) > 1 or chars != [fold]}


def disguised(text: str, rng: random.Random) -> str:
    """Return a text with the same folding: other cases, ligatures, compositions, spaces."""
    table = same_fold()
    base = folded(text)
    chance = rng.random
    shown = []
    place = 0
    while place < len(base):
        size = 1 + (chance() < 0.2) + (chance() < 0.1)
        spellings = table.get(base[place : place + size])
        if spellings is None:
            size = 1
            spellings = table.get(base[place], [base[place]])
        if chance() < 0.6:
            spelling = base[place : place + size]
        else:
            spelling = spellings[int(chance() * len(spellings))]
        shown.append(spelling.upper() if chance() < 0.3 else spelling)
        place += size
    out = "".join(shown)
    if chance() < 0.3:
        out = unicodedata.normalize("NFD" if chance() < 0.7 else "NFC", out)
    if " " in base:
        out = out.replace(" ", rng.choice((" ", "  ", "\n", "\t ", "\u00a0", "\u2003\r\n")))
    return out


def encoded(text: str, rng: random.Random) -> str:
    """Return text as the inside of a JSON string, as some encoder might write it."""
    style = rng.randrange(4)
    if style == 0:
        return json.dumps(text)[1:-1]
    if style == 1:
        return json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/")
    chance = rng.random
    share = rng.choice((0.02, 0.2, 0.7))
    return "".join(
        (_escaped(char).upper().replace("U", "u") if chance() < 0.5 else _escaped(char))
        if chance() < share
        else _raw(char)
        for char in text
    )


@cache
def _escaped(char: str) -> str:
    units = char.encode("utf-16-be").hex()
    return "".join("\\u" + units[first : first + 4] for first in range(0, len(units), 4))


@cache
def _raw(char: str) -> str:
    return json.dumps(char, ensure_ascii=False)[1:-1]


@cache
def _entity_names() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, meaning in html5.items():
        names.setdefault(meaning, []).append(name)
    return names


def with_entities(text: str, rng: random.Random) -> str:
    """Return HTML that `html.unescape` turns into the text again (or nearly always)."""
    out = []
    for char in text:
        chosen = rng.random()
        if char in "&<>" or chosen < 0.03:
            forms = [f"&#{ord(char)};", f"&#x{ord(char):x};", f"&#X{ord(char):04X};"]
            names = ["&" + name for name in _entity_names().get(char, [])]
            out.append(rng.choice(names or forms) if chosen < 0.9 else rng.choice(forms))
        else:
            out.append(char)
    return "".join(out)
