"""How what people do changes an incident."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.events import (
    Acknowledged,
    Active,
    Deed,
    Noted,
    Resolved,
    Reviewed,
    SeverityOverridden,
    TypeCorrected,
)
from crisiswatch.incidents.incident_values import REMEMBERED, Incident, Override, State
from crisiswatch.incidents.transitions import (
    Cause,
    asking_again,
    closed,
    moved,
    settled,
    stepped,
)


def with_deed(incident: Incident, deed: Deed) -> Incident:
    """Return the incident after a deed; one that is known already changes nothing.

    One without effect is remembered too: a click that comes again later, when it could
    have one, was still meant for then.
    """
    name = _name(deed)
    if name in incident.handled:
        return incident
    changed = _done(incident, deed)
    return replace(changed, handled=(*changed.handled, name)[-REMEMBERED:])


def _done(incident: Incident, deed: Deed) -> Incident:
    if incident.state is State.REVIEWED:
        return incident
    now = _active(settled(incident, deed.at), deed.at) if incident.is_open else incident
    match deed:
        case Noted(at=at, by=by, text=text):
            now = replace(now, notes=(*now.notes, (at, by, text)))
        case TypeCorrected(at=at, by=by, crisis_type=kind):
            now = replace(now, corrections=(*now.corrections, (at, by, kind)))
        case Reviewed(at=at, by=by) if not now.is_open:
            now = moved(now, State.REVIEWED, at, f"reviewed by {by}")
        case Acknowledged() if now.is_open:
            now = _acknowledged(now, deed)
        case SeverityOverridden(severity=None) if now.is_open:
            now = _given_back(now, deed)
        case SeverityOverridden(severity=severity) if now.is_open and severity is not None:
            now = _overridden(now, deed, severity)
        case Resolved(by=by, note=note) if now.is_open:
            now = closed(now, _cause(deed, f"resolved by {by}: {note}"))
        case Active() | Acknowledged() | SeverityOverridden() | Resolved() | Reviewed():
            pass
        case _:
            assert_never(deed)
    return now


def _active(incident: Incident, at: datetime) -> Incident:
    newest = at if incident.active_at is None else max(at, incident.active_at)
    return replace(incident, active_at=newest)


def _acknowledged(incident: Incident, deed: Acknowledged) -> Incident:
    acknowledged = replace(
        incident, acks=(*incident.acks, (deed.at, deed.by)), acked_severity=incident.severity
    )
    if incident.state is State.ACKNOWLEDGED:
        return acknowledged
    return moved(acknowledged, State.ACKNOWLEDGED, deed.at, f"acknowledged by {deed.by}")


def _overridden(incident: Incident, deed: SeverityOverridden, severity: Severity) -> Incident:
    """Set the severity; people are called again, unless whoever is on it raised it themselves."""
    severity = max(severity, Severity.LOW)
    override = Override(severity=severity, at=deed.at, by=deed.by, reason=deed.reason)
    changed = _set(
        replace(incident, override=override),
        severity,
        _cause(deed, f"set to {severity.label} by {deed.by}: {deed.reason}"),
    )
    if incident.acks and incident.acks[-1][1] == deed.by:
        return replace(changed, acked_severity=max(changed.acked_severity, severity))
    return asking_again(changed)


def _given_back(incident: Incident, deed: SeverityOverridden) -> Incident:
    """Give detection the word again, and close what it has seen the end of."""
    if incident.override is None:
        return incident
    cause = _cause(deed, f"left to detection by {deed.by}: {deed.reason}")
    changed = _set(replace(incident, override=None), incident.detected, cause)
    if all(standing.is_closed for standing in incident.standings):
        return closed(changed, cause)
    return asking_again(changed)


def _set(incident: Incident, severity: Severity, cause: Cause) -> Incident:
    if severity == incident.severity:
        return incident
    change = Change.WORSE if severity > incident.severity else Change.BETTER
    return stepped(incident, change, severity, cause)


def _cause(deed: SeverityOverridden | Resolved, reason: str) -> Cause:
    return Cause(
        at=deed.at,
        heard_at=deed.at,
        name=f"{deed.by}/{deed.at.isoformat() if deed.id is None else deed.id}",
        reasons=(reason,),
    )


def _name(deed: Deed) -> str:
    if deed.id is not None:
        return deed.id
    return f"{type(deed).__name__} by {deed.by} at {deed.at.isoformat()}"
