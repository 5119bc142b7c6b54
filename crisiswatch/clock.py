"""The port through which shells learn the time, and the one way to write it."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tell the time; the only real one stands on the roof (`crisiswatch.app`).

    The core never holds a clock: its functions take `now` as an argument.
    """

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never go backwards, for timeouts and speeds."""
        ...


def at_utc(unix_s: float) -> datetime:
    """Return a unix time as an aware datetime in UTC."""
    return datetime.fromtimestamp(unix_s, UTC)
