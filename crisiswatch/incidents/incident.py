"""One open crisis per topic and narrative, and how events change it.

      first signal
           |            Acknowledged
           v         ------------------->
    +-----------+                          +--------------+
    | triggered |                          | acknowledged |---+ Acknowledged again,
    +-----------+    <-------------------  +--------------+<--+ anything else done: renewed
       ^     |        nothing done for            |
       |     |        `ack_expires_s`, or         |
       |     |        worse than acknowledged     |
       |     |        (high and critical)         |
       |     |                                    |
       |     |  last topic closed,                |  last topic closed,
       |     |  Resolved                          |  Resolved
       |     +-----------------+   +--------------+
       |                       v   v
       |                   +----------+   Reviewed   +----------+
       +-------------------| resolved |------------->| reviewed |
         signal worse,     +----------+              +----------+
         or a new episode within
         `reopen_within_s` of the close

An event that a state has no arrow for changes no state. A reviewed incident is final:
whatever comes after it opens a new one.

Signals of several topics may be routed to one incident (`grouping.route`). Each topic
claims a severity until its episode closes; what counts is the highest claim, and the
incident closes with the last episode.

Severity rises at once. It falls only when every claim of the last `fall_hold_s`
was lower, so an incident's severity is the highest claim in force at any time
within that hold. (A signal `refreshed` can confirm or lift a claim, not lower it.)
A fall is dated to the end of its hold, and an acknowledgement's end to the moment it
expires, not to the moment somebody looked, so that the history does not depend on how
often time is told.

A person may set the severity. It is then in force, either way, until they give detection
the word again, the incident closes, or a topic's claim rises above it: what is known to
a person does not fall, and what has become worse since is not muted. An incident that a
person holds to be worse than detection does not close by itself.
"""

from typing import assert_never

from crisiswatch.incidents.deeds import with_deed
from crisiswatch.incidents.events import (
    Acknowledged,
    Active,
    Event,
    Noted,
    Resolved,
    Reviewed,
    SeverityOverridden,
    SignalArrived,
    TimePassed,
    TypeCorrected,
)
from crisiswatch.incidents.hearing import opened, with_signal
from crisiswatch.incidents.incident_values import (
    DEFAULT_POLICY,
    Incident,
    IncidentPolicy,
    Override,
    State,
    StateChange,
    Step,
    ack_expires_at,
)
from crisiswatch.incidents.transitions import settled

__all__ = [
    "DEFAULT_POLICY",
    "Incident",
    "IncidentPolicy",
    "Override",
    "State",
    "StateChange",
    "Step",
    "ack_expires_at",
    "apply",
]


def apply(
    incident: Incident | None, event: Event, *, policy: IncidentPolicy = DEFAULT_POLICY
) -> Incident:
    """Return the incident after `event`; the answer may be a new incident.

    `incident` is the one that the signal was routed to, or None if it opens one. It is
    returned unchanged (the same object) where the event is known already; where it is
    final, or was closed too long ago, and a signal opens another, the answer has a
    different id, and the caller keeps both. `policy` is given to incidents that open;
    they keep it.

    Guarantees: the same signal or deed twice changes nothing. A signal that is older than
    the newest one of its topic never lowers, closes or reopens anything; one of an earlier
    incident changes nothing at all. Raises ValueError for an event other than a
    signal where there is no incident.
    """
    if incident is None:
        if isinstance(event, SignalArrived):
            return opened(event, policy)
        raise ValueError(f"{type(event).__name__} needs an incident to happen to")
    match event:
        case SignalArrived():
            return with_signal(incident, event, policy)
        case TimePassed(now=now):
            return settled(incident, now) if incident.is_open else incident
        case (
            Acknowledged()
            | Active()
            | SeverityOverridden()
            | TypeCorrected()
            | Noted()
            | Resolved()
            | Reviewed()
        ):
            return with_deed(incident, event)
        case _:
            assert_never(event)
