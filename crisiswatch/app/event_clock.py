"""The clock of the response: the store's own, or that of a replay.

All responders of one store share one time. Live, it is the time of the store, so that
machines whose clocks differ agree. In a replay it is event time, which began at the first
post and runs as many times faster as the replay does: rotas, deadlines and escalation
are those of the recorded hours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from alerting.keeping import Store

CLOCK_DOCUMENT = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """At which real time which event time began, and how fast it runs."""

    wall: datetime
    event: datetime
    speed: float

    def at(self, wall: datetime) -> datetime:
        """Return the event time at a real time."""
        return self.event + timedelta(seconds=(wall - self.wall).total_seconds() * self.speed)


def keep_pace(store: Store, pace: Pace) -> Pace:
    """Tell all responders of the store how a replay's time runs; return how it does.

    The first word counts: whoever reads the recording anew after a death goes on in the
    time that the responders are in.
    """
    kept = store.kept(CLOCK_DOCUMENT)
    if kept is not None:
        return msgspec.json.decode(kept, type=Pace)
    store.keep(CLOCK_DOCUMENT, msgspec.json.encode(pace))
    return pace


class EventClock:
    """Tell the response's time. `wall` is the store's time.

    Until a replay has said how its time runs, there is nothing to respond to, and
    real time is as good as any.
    """

    def __init__(self, store: Store, wall: Callable[[], datetime]) -> None:
        self._store = store
        self._wall = wall
        self._pace: Pace | None = None
        self.refresh()

    @property
    def speed(self) -> float:
        """Return how many seconds of the response's time go by in a real one."""
        return 1.0 if self._pace is None else self._pace.speed

    @property
    def is_replay(self) -> bool:
        """Tell whether this is the time of a recording."""
        return self._pace is not None

    def now(self) -> datetime:
        """Return the response's time."""
        wall = self._wall()
        return wall if self._pace is None else self._pace.at(wall)

    def wall(self) -> datetime:
        """Return the store's time."""
        return self._wall()

    def refresh(self) -> None:
        """Learn how time runs, if a replay has said so."""
        kept = self._store.kept(CLOCK_DOCUMENT)
        if kept is not None and self._pace is None:
            self._pace = msgspec.json.decode(kept, type=Pace)
