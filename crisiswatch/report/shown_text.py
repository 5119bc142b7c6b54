"""Text, numbers and times as people are shown them, on pages and in terminals."""

import re
from datetime import UTC, datetime
from math import isfinite

from crisiswatch.detection.signal import Severity

SAMPLE_LIMIT = 400
"""Characters of a post that are shown: more than most posts have, fewer than a flood."""

MISSING = "—"

# Control characters can steer a terminal, bidirectional overrides can reorder what
# stands beside them, surrogates can not be written as UTF-8, stacked combining marks
# paint over their neighbours.
_WHITESPACE = re.compile(r"[\s\u0085\u2028\u2029]+")
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u206a-\u206f\ud800-\udfff\ufff9-\ufffb]"
)
_STACKED_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)

_SYMBOLS = {
    Severity.NONE: "○",
    Severity.LOW: "◔",
    Severity.MEDIUM: "◑",
    Severity.HIGH: "◕",
    Severity.CRITICAL: "●",
}


def tame(text: str, limit: int = SAMPLE_LIMIT) -> str:
    """Return foreign text on one line, harmless to what stands beside it, at most `limit` long.

    Whitespace becomes single spaces; control characters, bidirectional overrides and
    surrogates become U+FFFD; joiners of emoji and letters of any script stay. This does
    not escape markup: that is the renderer's task.
    """
    kept = text[: 4 * limit]
    kept = _WHITESPACE.sub(" ", kept).strip()
    kept = _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", kept)
    kept = _STACKED_MARKS.sub(r"\1", kept)
    if len(kept) <= limit and len(text) <= 4 * limit:
        return kept
    return kept[: limit - 1].rstrip("\u200d ") + "\N{HORIZONTAL ELLIPSIS}"


def isolated(text: str, limit: int) -> str:
    """Return foreign text that can stand within a sentence, whatever direction it runs in."""
    return f"\N{FIRST STRONG ISOLATE}{tame(text, limit)}\N{POP DIRECTIONAL ISOLATE}"


def severity_symbol(severity: int) -> str:
    """Return a circle that fills with the severity, so that it reads without colour."""
    return _SYMBOLS[Severity(severity)]


def severity_word(severity: int) -> str:
    """Return the severity's name (`none` reads `normal` to people)."""
    return "normal" if severity == Severity.NONE else Severity(severity).label


def count(number: int, noun: str) -> str:
    """Return `1 post` or `2,345 posts`; the plural of `noun` takes an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def amount(number: float | None) -> str:
    """Return a number with as many digits as help: `0.4`, `7.5`, `1,240`; unknown as a dash."""
    if number is None or not isfinite(number):
        return MISSING
    if abs(number) >= 10 or number == round(number):  # noqa: PLR2004  # two digits are enough
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= 0.1 else f"{number:.2f}"  # noqa: PLR2004  # as above


def percent(share: float) -> str:
    """Return a share of 0 to 1 as whole per cent."""
    return f"{share:.0%}"


def moment(at: datetime) -> str:
    """Return a time in UTC without the year: `22 Feb 07:05`."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %H:%M}"


def full_moment(at: datetime) -> str:
    """Return a time with year and zone: `22 Feb 2015 07:05 UTC`."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y %H:%M} UTC"


def span(seconds: float) -> str:
    """Return a length of time in its two largest units: `4 h 10 min`, `2 days 3 h`."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return count(days, "day") + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min"
