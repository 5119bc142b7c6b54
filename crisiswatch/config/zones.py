"""Time zones by their IANA names."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crisiswatch.errors import ConfigError


def zone_of(name: str) -> tzinfo:
    """Return the time zone of that name, or raise ConfigError; UTC needs no database."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(
            f"time_zone {name!r} is not known", "write it as in Europe/Berlin or UTC"
        ) from None


def earliest_reading(moment: datetime, zone: tzinfo) -> datetime:
    """Return in UTC what a moment says, if it names no zone itself: in `zone`.

    A local time that a clock change repeats or leaves out can be read in two ways; this
    is the earlier one, `latest_reading` the later. Elsewhere both are the same.
    """
    return min(_readings(moment, zone))


def latest_reading(moment: datetime, zone: tzinfo) -> datetime:
    """Return in UTC the later way to read a moment; see `earliest_reading`."""
    return max(_readings(moment, zone))


def _readings(moment: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    if moment.tzinfo is not None:
        return (moment.astimezone(UTC),)
    return tuple(moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
