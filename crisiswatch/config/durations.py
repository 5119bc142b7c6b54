"""Durations as people write them: `90s`, `30m`, `4h`, `1h30m`."""

import re

from crisiswatch.errors import ConfigError

_DURATION = re.compile(r"(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")
_UNITS = ((3_600, "h"), (60, "m"), (1, "s"))


def duration_s(text: str) -> int:
    """Return the seconds that `text` says; at least 1, else ConfigError.

    >>> duration_s("1h30m")
    5400
    """
    found = _DURATION.fullmatch(text.strip())
    parts = found.groups(default="0") if found else ()
    total_s = sum(int(part) * unit_s for part, (unit_s, _) in zip(parts, _UNITS, strict=False))
    if total_s == 0:
        raise ConfigError(f"{text!r} is no duration", "write it as in 90s, 30m, 4h or 1h30m")
    return total_s


def duration_in_words(seconds: int) -> str:
    """Write seconds as `duration_s` reads them.

    >>> duration_in_words(5400)
    '1h30m'
    """
    words = ""
    for unit_s, unit in _UNITS:
        count, seconds = divmod(seconds, unit_s)
        words += f"{count}{unit}" if count else ""
    return words or "0s"
