"""Dates, times and spans of days as TOML and people write them.

TOML's own dates and times come marked (`toml_marks`).
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from crisiswatch.config.fault_words import OWN_CHECK
from crisiswatch.config.toml_marks import MARK, is_marked

_DAYS = re.compile(r"([0-9]{1,3})([dw])")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DAYS_IN_A_WEEK = 7
FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Years in which every local time has a UTC one, and a slip of the pen shows."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clock_time(text: str) -> time | None:
    """Return the time of day that `text` says, as in 09:00; None if it says none."""
    found = _CLOCK.fullmatch(text.strip())
    return None if found is None else time(int(found[1]), int(found[2]))


def _read_days(value: Any) -> Any:
    found = _DAYS.fullmatch(value.strip()) if isinstance(value, str) else None
    days = 0 if found is None else int(found[1]) * (_DAYS_IN_A_WEEK if found[2] == "w" else 1)
    if days == 0:
        raise _fault("is no number of days", "write it as in 1d, 7d or 2w", value)
    return days


def _read_time(value: Any) -> Any:
    read: time | None = None
    if isinstance(value, str):
        read = clock_time(value)
    elif is_marked(value):
        read = _parsed(value, time.fromisoformat)
    if read is None:
        raise _fault("is no time of day", 'write it as in "09:00"', value)
    return read


def _read_date(value: Any) -> Any:
    read = _parsed(value, date.fromisoformat) if is_marked(value) else None
    if read is None or not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise _fault("is no date", "write it without quotes, as in 2015-01-05", value)
    return read


def read_moment(value: Any) -> Any:
    """Return the datetime that a marked value holds, or fault it."""
    read = _parsed(value, datetime.fromisoformat) if is_marked(value) else None
    if (
        read is None
        or len(value[MARK]) == len(read.date().isoformat())
        or not FIRST_YEAR <= read.year <= LAST_YEAR
    ):
        raise _fault("is no date with a time", "write it as in 2015-01-05T09:00:00", value)
    return read


def _parsed(value: Any, read: Callable[[str], Any]) -> Any:
    try:
        return read(value[MARK])
    except (TypeError, ValueError):
        return None


def _fault(problem: str, remedy: str, value: Any) -> PydanticCustomError:
    shown = str(value[MARK]) if is_marked(value) else repr(value)
    context = {"problem": f"{shown[:60]} {problem}", "remedy": remedy}
    return PydanticCustomError(OWN_CHECK, "{problem}", context)


DAYS = BeforeValidator(_read_days)
"""Annotates an int field that is written as `7d` or `2w` and kept in days."""

Days = Annotated[int, DAYS]
ClockTime = Annotated[time, BeforeValidator(_read_time)]
"""A time of day, written `"09:00"` or, as TOML has it, 09:00:00."""
LocalDate = Annotated[date, BeforeValidator(_read_date)]
Moment = Annotated[datetime, BeforeValidator(read_moment)]
"""A date with a time: with an offset it is that instant, without one it is local time."""
