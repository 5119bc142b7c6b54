"""A clock that stands still until it is moved."""

from datetime import datetime, timedelta

from tests.made_signals import NOON


class StillClock:
    """Keeps `crisiswatch.clock.Clock`; it is noon of one fixed day until `move`."""

    def __init__(self, at: datetime = NOON) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the time it stands at."""
        return self._at

    def monotonic_s(self) -> float:
        """Return seconds that move with it."""
        return self._at.timestamp()

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self._at += by
