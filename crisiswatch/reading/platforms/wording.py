"""Small parts that platforms spell differently: languages, entities, numbers of people."""

MOST_PEOPLE = 10_000_000_000
"""Follower counts are cut here: more than there are people is a fault of the source."""

_RENAMED = {"in": "id", "iw": "he", "ji": "yi"}
_NO_LANGUAGE = frozenset({"und", "zxx", "mis", "mul"})
_SHORTEST_TAG, _LONGEST_TAG, _PRIVATE_TAG = 2, 8, 3


_MOST_REMEMBERED = 4_096
_LONGEST_REMEMBERED = 64
"""Platforms hand on what their users write: what is remembered must not be of any length."""


class _Remembered(dict[str | None, str | None]):
    """What was asked for before, at the cost of a look into a dictionary."""

    def __missing__(self, tag: str | None) -> str | None:
        primary = None if tag is None else _primary(tag)
        if tag is None or len(tag) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[tag] = primary
        return primary


def _primary(tag: str) -> str | None:
    primary = tag.strip().replace("_", "-").partition("-")[0].lower()
    if not (_SHORTEST_TAG <= len(primary) <= _LONGEST_TAG and primary.isascii()):
        return None
    if not primary.isalpha() or primary in _NO_LANGUAGE:
        return None
    if len(primary) == _PRIVATE_TAG and primary[0] == "q" and primary < "qu":
        return None
    return _RENAMED.get(primary, primary)


remembered_languages = _Remembered()

primary_language = remembered_languages.__getitem__
"""Return the primary tag of a BCP 47 language, lower-cased (`en` of `en-GB`), or None.

None stands for every way to say "not known": `und`, `zxx`, the private codes of X
(`qme`, `qht`), and text that is no tag. Withdrawn codes are renewed (`iw` is `he`).
"""


def without_entities(text: str) -> str:
    """Return text with `&amp;`, `&lt;` and `&gt;` turned back, the only three that X and Reddit use."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def people(count: int | None) -> int:
    """Return a number of followers within 0 and `MOST_PEOPLE`; unknown is 0."""
    if count is None or count < 0:
        return 0
    return MOST_PEOPLE if count > MOST_PEOPLE else count  # noqa: FURB136  # `min` takes several times as long
