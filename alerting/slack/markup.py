"""Text as Slack takes it: nothing foreign can mention, link or break out of its place.

Lengths are UTF-16 units, the larger of the ways in which a limit of Slack's can be read.
"""

import re
from datetime import UTC, datetime

from crisiswatch.report.shown_text import moment, tame

SHORTENED = "… (shortened)"
EMPTY = "—"
LONGEST_LINE = 20_000
_HIGH_SURROGATE = 0xD8

_MEMBER = re.compile(r"[UW][A-Z0-9]{1,20}")
_GROUP = re.compile(r"S[A-Z0-9]{2,20}")
_ROOM = re.compile(r"[CGD][A-Z0-9]{2,20}")
_OPEN_MARKUP = re.compile(r"(<[^>]*|&[a-z]{0,3})$")

# Bold, struck-out and code would end or swallow what stands around them; these look the same.
_LOOKALIKES = str.maketrans(
    {
        "*": "\N{ASTERISK OPERATOR}",
        "~": "\N{TILDE OPERATOR}",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
    }
)


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """Return the text, or as much of it as fits with an ending that says that it was cut.

    Works on plain text and on mrkdwn: no entity and no `<...>` is left open.
    """
    if units(text) <= limit:
        return text
    ending = SHORTENED if limit > 3 * len(SHORTENED) else SHORTENED[0]
    room = max(limit - units(ending), 0)
    return _OPEN_MARKUP.sub("", _head(text, room)).rstrip("\u200d ") + ending


def spoken(text: str, limit: int = 400) -> str:
    """Return foreign text on one line of mrkdwn, with nothing in it that Slack would read."""
    tamed = tame(text, limit).translate(_LOOKALIKES) or EMPTY
    return tamed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def spoken_lines(text: str) -> str:
    """Return foreign text with its lines as mrkdwn, with nothing in it that Slack would read."""
    return "\n".join(spoken(line, LONGEST_LINE) for line in text.splitlines()) or EMPTY


def verbatim(text: str) -> str:
    """Return foreign text with its lines as a plain text object shows it; markup is no markup there."""
    return "\n".join(tame(line, LONGEST_LINE) for line in text.splitlines()).strip() or EMPTY


def pieces(text: str, limit: int) -> tuple[str, ...]:
    """Split a text at lines or words into pieces of at most `limit` units; nothing is lost but the gap."""
    found = []
    while units(text) > limit:
        head = _head(text, limit)
        at = max(head.rfind("\n"), head.rfind(" "))
        at = at if at > len(head) // 2 else len(head)
        found.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return (*found, text) if text or not found else tuple(found)


def clock_time(at: datetime) -> str:
    """Return the time of day in the reader's own zone; the day too where Slack thinks it helps."""
    return _date(at, "{date_short_pretty} {time}")


def mention(name: str) -> str | None:
    """Return a mention of a member or user group, or None if it is the id of neither."""
    if _MEMBER.fullmatch(name):
        return f"<@{name}>"
    return f"<!subteam^{name}>" if _GROUP.fullmatch(name) else None


def mentions(names: tuple[str, ...]) -> str:
    """Return mentions of all that can be mentioned, with a space behind, or nothing."""
    found = [named for name in names if (named := mention(name)) is not None]
    return " ".join(found) + " " if found else ""


def room_link(room: str) -> str:
    """Return a link to a room by its id; another name is only shown."""
    return f"<#{room}>" if _ROOM.fullmatch(room) else spoken(room, 80)


def is_member(place: str) -> bool:
    """Say whether a place is a person's member id rather than a room's."""
    return _MEMBER.fullmatch(place) is not None


def _head(text: str, room: int) -> str:
    """Return as much of the text as has `room` units; no character is torn apart."""
    encoded = text[:room].encode("utf-16-le", "surrogatepass")[: 2 * room]
    if encoded and encoded[-1] & 0xFC == _HIGH_SURROGATE:
        encoded = encoded[:-2]
    return encoded.decode("utf-16-le", "surrogatepass")


def _date(at: datetime, shape: str) -> str:
    at = at.astimezone(UTC)
    return f"<!date^{int(at.timestamp())}^{shape}|{moment(at)} UTC>"
