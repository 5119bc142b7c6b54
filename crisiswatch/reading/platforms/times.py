"""Times as platforms write them, to unix milliseconds; exact, and without a time zone database."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.post import Reason

EARLIEST_MS = 946_684_800_000
"""2000-01-01T00:00:00Z: no platform read here is older."""

LATEST_MS = 4_102_444_800_000
"""2100-01-01T00:00:00Z: later times are faults of a clock or of a unit."""

SECONDS_BELOW = 100_000_000_000
"""Unix times below are seconds (until the year 5138), from here on milliseconds (since 1973)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # only ever subtracted from naive UTC times
_MILLISECOND = timedelta(milliseconds=1)
_MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_TWITTER_LENGTH = len("Wed Oct 10 20:19:24 +0000 2018")
_WITH_SECONDS = len("2018-10-10T20:19:24Z")
_WITH_MILLISECONDS = len("2018-10-10T20:19:24.123Z")
_LONGEST = 64
_LONGEST_SHOWN = 60

_from_iso = datetime.fromisoformat
_looks_like_iso = re.compile(
    r"[-0-9W]+(?:[Tt ][0-9:]*[0-9](?:[.,][0-9]+)?(?:Z|[-+][0-9:.]+)?)?"
).fullmatch


def _parse(text: str) -> datetime:
    """Read ISO 8601 and nothing besides.

    `fromisoformat` alone lets through what stands behind a NUL, before the zone, or between
    date and time. The two lengths that platforms write leave no room for that; they go fast.
    """
    length = len(text)
    if length > _LONGEST:
        raise ValueError("too long for a time, and for being remembered")
    usual = (length == _WITH_MILLISECONDS and text[10::13] == "TZ" and text[19] == ".") or (
        length == _WITH_SECONDS and text[10::9] == "TZ"
    )
    if (usual and "\0" not in text) or _looks_like_iso(text) is not None:
        return _from_iso(text)
    raise ValueError("not the characters of an ISO 8601 time")


@lru_cache(maxsize=1 << 12)
def iso_ms(text: str) -> int:
    """Return the unix milliseconds of an ISO 8601 time that names its zone.

    Digits beyond the millisecond are cut off. Raises `UnreadableError` (absurd
    date) where the text is no such time or names no zone. Remembered, because platforms
    that write whole seconds write the same one for thousands of posts.
    """
    try:
        return (_parse(text) - _EPOCH) // _MILLISECOND
    except ValueError:
        raise absurd(text, "is no ISO 8601 time") from None
    except TypeError:
        raise absurd(text, "names no zone; append Z or an offset") from None


def number_ms(number: float) -> int:
    """Return the unix milliseconds of a unix time in seconds or milliseconds.

    Raises `UnreadableError` (absurd date) for NaN and the infinities.
    """
    try:
        if -SECONDS_BELOW < number < SECONDS_BELOW:
            return round(number * 1000)
        return int(number)
    except (ValueError, OverflowError):
        raise absurd(number, "is no time") from None


def moment_ms(value: str | float) -> int:
    """Return the unix milliseconds of an ISO 8601 time or of a unix number."""
    return iso_ms(value) if isinstance(value, str) else number_ms(value)


def twitter_ms(text: str) -> int:
    """Return the unix milliseconds of a time like `Wed Oct 10 20:19:24 +0000 2018`."""
    month = _MONTHS.get(text[4:7])
    if month is None or len(text) != _TWITTER_LENGTH:
        raise absurd(text, "is no time like 'Wed Oct 10 20:19:24 +0000 2018'")
    return iso_ms(f"{text[26:]}-{month}-{text[8:10]}T{text[11:19]}{text[20:25]}")


def any_ms(value: str | float) -> int:
    """Return the unix milliseconds of a time in any of the ways that exports write it.

    Read are ISO 8601 (with a blank before the offset too), the form of X v1.1, and
    unix seconds or milliseconds as a number or as its digits. A time without zone
    is taken as UTC. Raises `UnreadableError` (absurd date) for anything else.
    """
    if not isinstance(value, str):
        return number_ms(value)
    text = value.strip()
    try:
        return number_ms(float(text))
    except ValueError:
        pass
    if text[4:7] in _MONTHS:
        return twitter_ms(text)
    try:
        time = _parse(text.replace(" +", "+").replace(" -", "-").replace(" UTC", "Z"))
        return (time - (_NAIVE_EPOCH if time.tzinfo is None else _EPOCH)) // _MILLISECOND
    except ValueError:
        raise absurd(text, "is no time in a form that is known") from None


def iso(posted_at_ms: int) -> str:
    """Return unix milliseconds as ISO 8601 in UTC, with three digits of fraction."""
    time = _EPOCH + timedelta(milliseconds=posted_at_ms)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def absurd(value: object, why: str) -> UnreadableError:
    """Return the error for a time that can not be."""
    shown = repr(value)
    if len(shown) > _LONGEST_SHOWN:
        shown = f"{shown[:_LONGEST_SHOWN]}..."
    return UnreadableError(Reason.ABSURD_DATE, f"posted_at {shown} {why}")
