"""What can happen to an incident: the tagged union that `apply` folds."""

from dataclasses import dataclass
from datetime import datetime

from crisiswatch.detection.signal import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalArrived:
    """Detection has said something new; its time is the signal's own event time."""

    signal: Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """It is now at least `now`; severities whose hold is over may fall."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A person has taken the incident on."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A person has declared the incident over, and says why."""

    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The people concerned have looked back at the incident; it is final."""

    at: datetime
    by: str


Event = SignalArrived | TimePassed | Acknowledged | Resolved | Reviewed
