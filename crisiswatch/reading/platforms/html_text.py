"""The HTML of a Mastodon status to the text that a reader sees."""

import re
from html import unescape

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^<>]*+)>|<[!?/][^<>]*+>")
_CLASS = re.compile(r"""\bclass\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")

_BREAK_BEFORE = {
    "p": "\n\n",
    "blockquote": "\n\n",
    "pre": "\n\n",
    "ul": "\n\n",
    "ol": "\n\n",
    "div": "\n",
    "li": "\n",
    **{f"h{level}": "\n\n" for level in range(1, 7)},
}
_VOID = frozenset({"br", "hr", "img", "wbr", "input"})
_UNSEEN_TAGS = frozenset({"script", "style", "template"})
_UNSEEN_CLASSES = frozenset({"invisible", "quote-inline"})


def plain_text(html: str) -> str:
    """Return the words of a status's HTML, entities turned back, blocks apart by a blank line.

    Elements of class `invisible` are left out but within links, where they are the
    parts of the address that Mastodon shortens on screen: so a link reads as its whole
    address. `quote-inline`, which only repeats a quoted post's address, is left out.
    Takes time linear in the length, whatever the input.
    """
    if "<" not in html:
        return unescape(html) if "&" in html else html
    page = _Page()
    first, *rest = _TAG.split(html)
    page.say(first)
    for slash, name, attributes, text in zip(*(rest[i::4] for i in range(4)), strict=True):
        if name is not None:
            page.tag(name.lower(), attributes, closing=slash == "/")
        page.say(text)
    text = unescape("".join(page.parts)).strip()
    return _BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text


class _Page:
    """What has been seen so far, and whether what comes next is seen."""

    __slots__ = ("_in_link", "_unseen_depth", "parts")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._unseen_depth = 0
        self._in_link = False

    def say(self, text: str) -> None:
        if self._unseen_depth == 0:
            self.parts.append(text)

    def tag(self, name: str, attributes: str, *, closing: bool) -> None:
        if name in _VOID:
            if name == "br":
                self.say("\n")
        elif self._unseen_depth > 0:
            self._unseen_depth += -1 if closing else 1
        elif name == "a":
            self._in_link = not closing
        elif not closing and _is_unseen(name, attributes, in_link=self._in_link):
            self._unseen_depth = 1
        elif name in _BREAK_BEFORE:
            self.say(_BREAK_BEFORE[name])


def _is_unseen(name: str, attributes: str, *, in_link: bool) -> bool:
    if name in _UNSEEN_TAGS:
        return True
    if in_link or not attributes:
        return False
    found = _CLASS.search(attributes)
    if found is None:
        return False
    classes = (found[1] or found[2] or found[3] or "").split()
    return not _UNSEEN_CLASSES.isdisjoint(classes)
