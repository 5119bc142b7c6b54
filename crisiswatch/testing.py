"""What drills and tests need to move time and make posts, for users' own tests too."""

from datetime import datetime, timedelta

from crisiswatch.reading.post import Post


class ManualClock:
    """A clock that stands still until it is told to move; it keeps the Clock protocol."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._monotonic_s = 0.0

    def now(self) -> datetime:
        """Return the time it was set or moved to."""
        return self._now

    def monotonic_s(self) -> float:
        """Return the seconds it was moved by in all."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Move on; time in a test never runs backwards.

        Raises:
            ValueError: the seconds are negative.
        """
        if seconds < 0:
            raise ValueError(f"a clock was to advance by {seconds} s; time never runs backwards")
        self._now += timedelta(seconds=seconds)
        self._monotonic_s += seconds


def make_post(text: str, *, at: datetime, number: int = 1, author: str = "someone") -> Post:
    """Return a post of the canonical platform; `number` makes its id."""
    return Post(
        id=f"post-{number}",
        platform="other",
        author=author,
        text=text,
        posted_at_ms=round(at.timestamp() * 1000),
    )
