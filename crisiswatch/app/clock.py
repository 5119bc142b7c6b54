"""The one real clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Tell the machine's own time."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds that never go backwards."""
        return time.monotonic()
