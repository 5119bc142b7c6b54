"""What can happen to an incident: the tagged union that `apply` folds.

What a person did carries the `id` of the press that it came from: the same id a second
time changes nothing. None: it is named by who did what at which moment.
"""

from dataclasses import dataclass
from datetime import datetime

from crisiswatch.detection.signal import Severity, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalArrived:
    """Detection has said something new; its time is the signal's own event time.

    `heard_at` is when the responder learned of it, from which deadlines count; None, as
    over a recording: at its own time. `joins` is why a signal of another topic belongs
    to the incident, as `grouping.route` found.
    """

    signal: Signal
    heard_at: datetime | None = None
    joins: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """It is now at least `now`: falls whose hold is over and acknowledgements take their end."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A person has taken the incident on, or says again that they are on it."""

    at: datetime
    by: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """A person has done something for the incident; `what` in words."""

    at: datetime
    by: str
    what: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityOverridden:
    """A person says how bad it is, and why; None gives detection the word again."""

    at: datetime
    by: str
    severity: Severity | None
    reason: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCorrected:
    """A person says what kind of crisis it is."""

    at: datetime
    by: str
    crisis_type: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A person has something worth keeping."""

    at: datetime
    by: str
    text: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A person has declared the incident over, and says why."""

    at: datetime
    by: str
    note: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The people concerned have looked back at the incident; it is final."""

    at: datetime
    by: str
    id: str | None = None


Deed = Acknowledged | Active | SeverityOverridden | TypeCorrected | Noted | Resolved | Reviewed
"""What a person did."""

Event = SignalArrived | TimePassed | Deed
