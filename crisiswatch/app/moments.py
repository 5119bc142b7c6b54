"""Times as people type them after an option."""

from datetime import datetime, tzinfo

from crisiswatch.config.toml_times import FIRST_YEAR, LAST_YEAR
from crisiswatch.errors import InputError


def moment_of(text: str, zone: tzinfo) -> datetime:
    """Return the time that `text` says; without an offset, in this zone.

    Raises:
        InputError: it says none, or one of a year in which nobody works.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        remedy = "write it as in 2015-02-22T03:00 or 2015-02-22T03:00+01:00"
        raise InputError(f"{text!r} is no time", remedy) from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InputError(
            f"{text!r} is in the year {moment.year}",
            f"give a time of the years {FIRST_YEAR} to {LAST_YEAR}",
        )
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
