"""The same words as different people type them."""

import re
from collections.abc import Callable

from crisiswatch.demo.grammar import Dice

_NAMES_AND_LINKS = re.compile(r"(https?://\S+|[@#]\w+|\S+@\S+)")
_STRETCHABLE = re.compile(r"\b(?:so|no|please|why|yes|wow|love|really|omg|cute)\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z]{6,}")


def in_style_of(text: str, author: int, dice: Dice) -> str:
    """Return `text` as author number `author` types: the same author, the same habits.

    Links, handles, hashtags and mail addresses stay as they are.
    """
    habit = (author * 2654435761 >> 7) % len(_HABITS)
    return _HABITS[habit](text, dice)


def _outside_names(text: str, change: Callable[[str], str]) -> str:
    """Change what stands between handles, hashtags and links."""
    pieces = _NAMES_AND_LINKS.split(text)
    pieces[::2] = [change(piece) for piece in pieces[::2]]
    return "".join(pieces)


def _with_slip(text: str, dice: Dice) -> str:
    """Swap two letters inside one longer word; a capitalised one (a name) never."""
    pieces = _NAMES_AND_LINKS.split(text)
    words = [
        (place, word.start())
        for place in range(0, len(pieces), 2)
        for word in _WORD.finditer(pieces[place])
        if word.start() == 0 or pieces[place][word.start() - 1] == " "
    ]
    if not words:
        return text
    place, start = words[dice.below(len(words))]
    piece = pieces[place]
    at = start + 1 + dice.below(3)
    pieces[place] = piece[:at] + piece[at + 1] + piece[at] + piece[at + 2 :]
    return "".join(pieces)


def _stretched(word: str, dice: Dice) -> str:
    """Hold the last vowel (soooo), or the last letter where there is none."""
    for at in range(len(word) - 1, -1, -1):
        if word[at] in "aeiouAEIOU":
            return word[:at] + word[at] * (2 + dice.below(4)) + word[at + 1 :]
    return word + word[-1] * 2


def _plain(text: str, _dice: Dice) -> str:
    return text


def _lazy(text: str, _dice: Dice) -> str:
    small = _outside_names(text, str.lower)
    return small.replace(". ", " ").replace("'", "").rstrip(".")


def _small(text: str, _dice: Dice) -> str:
    return _outside_names(text, str.lower)


def _shouting(text: str, _dice: Dice) -> str:
    return _outside_names(text, str.upper)


def _with_long_vowels(text: str, dice: Dice) -> str:
    return _STRETCHABLE.sub(lambda word: _stretched(word.group(0), dice), text)


def _excited(text: str, dice: Dice) -> str:
    return text.rstrip(".!") + "!" * (1 + dice.below(3))


def _trailing_off(text: str, _dice: Dice) -> str:
    return text.replace(". ", "... ").rstrip(".") + "..."


_HABITS: tuple[Callable[[str, Dice], str], ...] = (
    *[_plain] * 7,
    *[_lazy] * 4,
    *[_small] * 2,
    _shouting,
    *[_with_slip] * 2,
    *[_with_long_vowels] * 2,
    _excited,
    _trailing_off,
)
"""What authors do to their words; one stands here as often as it is common."""
