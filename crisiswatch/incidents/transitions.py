"""The single moves of an incident: rise, fall, close, change of state."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crisiswatch.detection.signal import Change, Severity, Verdict
from crisiswatch.incidents.incident_values import (
    Incident,
    State,
    StateChange,
    Step,
    ack_expires_at,
)
from crisiswatch.incidents.severity import Fall, due, with_verdict
from crisiswatch.incidents.standing import reading, top_claim

_NEEDS_A_NEW_ANSWER = Severity.HIGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What brings a step about: when, named how, heard when, and why."""

    at: datetime
    heard_at: datetime
    name: str
    reasons: tuple[str, ...]


def moved(incident: Incident, state: State, at: datetime, reason: str) -> Incident:
    """Enter a state."""
    change = StateChange(at=max(at, incident.states[-1].at), state=state, reason=reason)
    return replace(incident, states=(*incident.states, change))


def stepped(incident: Incident, change: Change, severity: Severity, cause: Cause) -> Incident:
    """Add a step to the history, never before the last one: time may have been told ahead."""
    at = max(cause.at, incident.history[-1].at)
    step = Step(
        at=at,
        heard_at=max(cause.heard_at, incident.history[-1].heard_at),
        cause=cause.name,
        change=change,
        severity=severity,
        reasons=cause.reasons,
    )
    return replace(incident, history=(*incident.history, step))


def settled(incident: Incident, now: datetime) -> Incident:
    """Let what is due by `now` through time alone happen, each dated to when it fell due."""
    return _with_ack_expired(_fallen(incident, now), now)


def _fallen(incident: Incident, now: datetime) -> Incident:
    hold = timedelta(seconds=incident.policy.fall_hold_s)
    over = due(incident.falls, hold, now)
    if not over:
        return incident
    rest = incident.falls[len(over) :]
    fallen = replace(incident, detected=over[-1].severity, falls=rest)
    if incident.override is not None:
        return fallen
    held = f"for {incident.policy.fall_hold_s // 60} min"
    for fall in over:
        at = fall.since + hold
        cause = Cause(
            at=at,
            heard_at=at,
            name=f"{fall.severity.label} since {fall.since.isoformat()}",
            reasons=(f"no higher than {fall.severity.label} {held}", *fall.reasons),
        )
        fallen = stepped(fallen, Change.BETTER, fall.severity, cause)
    return fallen


def _with_ack_expired(incident: Incident, now: datetime) -> Incident:
    expires_at = ack_expires_at(incident)
    if expires_at is None or now < expires_at:
        return incident
    at, by = incident.acks[-1]
    reason = f"acknowledged by {by} at {at:%H:%M %Z} and nothing since"
    return moved(incident, State.TRIGGERED, expires_at, reason)


def reckoned(incident: Incident, verdict: Verdict, cause: Cause, *, rose_to: Severity) -> Incident:
    """Take the topics' standings into account: rise at once, or begin a fall.

    `rose_to` is what a topic claims now if it claimed less before, else none. It ends an
    override that is lower; nothing else does.
    """
    top = top_claim(incident.standings)
    if top > incident.detected:
        worst = worse_of(incident.worst, verdict)
        return told(replace(incident, detected=top, falls=(), worst=worst), cause, rose_to)
    if top == incident.detected:
        return told(replace(incident, falls=()), cause, rose_to)
    return told(falling_to(incident, top, cause), cause, rose_to)


def falling_to(incident: Incident, severity: Severity, cause: Cause) -> Incident:
    """Begin a fall, at the earliest with the newest signal of any topic."""
    since = max(cause.at, incident.last_at)
    fall = Fall(since=since, severity=severity, reasons=cause.reasons)
    return replace(incident, falls=with_verdict(incident.falls, fall))


def told(incident: Incident, cause: Cause, rose_to: Severity) -> Incident:
    """Let what detection says count, unless a person's word stands against it."""
    override = incident.override
    if override is None:
        return risen(incident, cause)
    if rose_to <= override.severity:
        return incident
    ended = f"above {override.severity.label}, which {override.by} had set"
    outdone = replace(cause, reasons=(*cause.reasons, ended))
    return risen(replace(incident, override=None), outdone)


def risen(incident: Incident, cause: Cause) -> Incident:
    """Let the severity in force rise to the detected one, if that is higher."""
    if incident.detected <= incident.severity:
        return incident
    return asking_again(stepped(incident, Change.WORSE, incident.detected, cause))


def asking_again(incident: Incident) -> Incident:
    """Trigger anew where it is high or critical and worse than what was acknowledged.

    Whoever took on a complaint has not said that they are up to a catastrophe.
    """
    severity, acked = incident.severity, incident.acked_severity
    if incident.state is not State.ACKNOWLEDGED:
        return incident
    if severity < _NEEDS_A_NEW_ANSWER or severity <= acked:
        return incident
    reason = f"now {severity.label}, and {incident.acks[-1][1]} acknowledged it at {acked.label}"
    return moved(incident, State.TRIGGERED, incident.history[-1].at, reason)


def closed(incident: Incident, cause: Cause) -> Incident:
    """Close the incident; the severity stays the last one in force, and overrides are over."""
    over = replace(incident, falls=(), override=None)
    over = stepped(over, Change.CLOSED, incident.severity, cause)
    return moved(over, State.RESOLVED, over.history[-1].at, first(cause.reasons))


def worse_of(worst: Verdict, verdict: Verdict) -> Verdict:
    """Return the worse verdict; the first where both are as bad."""
    return verdict if reading(verdict) > reading(worst) else worst


def first(reasons: tuple[str, ...]) -> str:
    """Return the foremost reason."""
    return reasons[0] if reasons else "no reason given"
