"""How a signal changes an incident: in order, late, or after the close."""

from dataclasses import replace
from datetime import datetime, timedelta

from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.events import SignalArrived
from crisiswatch.incidents.incident_values import (
    REMEMBERED,
    Incident,
    IncidentPolicy,
    State,
    StateChange,
    Step,
)
from crisiswatch.incidents.peak import Peak
from crisiswatch.incidents.standing import event_time, reading, standing_of, top_claim
from crisiswatch.incidents.transitions import (
    Cause,
    closed,
    falling_to,
    first,
    moved,
    reckoned,
    settled,
    stepped,
    told,
    worse_of,
)


def opened(event: SignalArrived, policy: IncidentPolicy) -> Incident:
    """Open an incident with its first signal."""
    signal, cause = event.signal, _cause(event)
    verdict = signal.verdict
    severity = reading(verdict)
    step = Step(
        at=cause.at,
        heard_at=cause.heard_at,
        cause=cause.name,
        change=Change.OPENED,
        severity=severity,
        reasons=cause.reasons,
    )
    state = StateChange(at=cause.at, state=State.TRIGGERED, reason=first(cause.reasons))
    incident = Incident(
        id=f"{signal.topic}/{cause.at:%Y%m%dT%H%M%SZ}",
        topic=signal.topic,
        policy=policy,
        history=(step,),
        states=(state,),
        standings=(standing_of(signal),),
        detected=severity,
        falls=(),
        worst=verdict,
        latest=verdict,
        peak=Peak.of(signal),
        episodes=(signal.episode,),
        applied=(signal.id,),
        last_at=cause.at,
    )
    return closed(incident, cause) if signal.change is Change.CLOSED else incident


def with_signal(incident: Incident, event: SignalArrived, policy: IncidentPolicy) -> Incident:
    """Return the incident after a signal, or another that the signal opens."""
    signal = event.signal
    if signal.id in incident.applied:
        return incident
    standing = incident.standing(signal.topic)
    if standing is not None and event_time(signal) < standing.last_at:
        return _with_late(incident, event)
    if incident.is_open:
        return _with_next(incident, event)
    return _after_the_close(incident, event, policy)


def _with_next(incident: Incident, event: SignalArrived) -> Incident:
    signal, cause = event.signal, _cause(event)
    before = _claim(incident, signal.topic)
    seen = _seen(settled(incident, cause.at), event)
    if signal.change is Change.CLOSED and _is_over(seen):
        return closed(seen, cause)
    claim = _claim(seen, signal.topic)
    rose_to = claim if claim > before else Severity.NONE
    return reckoned(seen, signal.verdict, cause, rose_to=rose_to)


def _is_over(incident: Incident) -> bool:
    """Tell whether all topics are over, and no person holds that it is worse than it looks."""
    override = incident.override
    is_held = override is not None and override.severity > incident.detected
    return not is_held and all(standing.is_closed for standing in incident.standings)


def _after_the_close(incident: Incident, event: SignalArrived, policy: IncidentPolicy) -> Incident:
    """Open again, open another, or only remember what the closed episode's signal showed."""
    signal = event.signal
    is_known_episode = signal.episode in incident.episodes
    if is_known_episode and signal.change is not Change.WORSE:
        return _seen(incident, event)
    same_crisis = is_known_episode or is_same_crisis(incident, event_time(signal))
    if incident.state is State.REVIEWED or not same_crisis:
        return opened(event, policy)
    return _reopened(incident, event)


def is_same_crisis(incident: Incident, at: datetime) -> bool:
    """Tell whether a new episode at `at` is a second wave of the closed incident."""
    window = timedelta(seconds=incident.policy.reopen_within_s)
    return incident.closed_at is not None and at - incident.closed_at <= window


def _reopened(incident: Incident, event: SignalArrived) -> Incident:
    """Open again at what the topics claim now: the new one, and those that never ended."""
    signal, cause = event.signal, _cause(event)
    afresh = tuple(
        replace(standing, claimed=Severity.NONE) if standing.topic == signal.topic else standing
        for standing in incident.standings
    )
    seen = _seen(replace(incident, standings=afresh), event)
    severity = max(reading(signal.verdict), top_claim(seen.standings))
    worst = seen.worst
    for standing in seen.standings:
        worst = worst if standing.claimed < severity else worse_of(worst, standing.latest)
    again = replace(seen, detected=severity, falls=(), worst=worse_of(worst, signal.verdict))
    again = stepped(again, Change.OPENED, severity, cause)
    again = moved(again, State.TRIGGERED, again.history[-1].at, first(cause.reasons))
    return closed(again, cause) if signal.change is Change.CLOSED else again


def _with_late(incident: Incident, event: SignalArrived) -> Incident:
    """Count a late signal in; it may raise the severity, from the newest time on, never lower it."""
    signal = event.signal
    if signal.episode not in incident.episodes:
        return incident
    counted = _seen(incident, event)
    standing = counted.standing(signal.topic)
    severity = signal.verdict.severity
    is_news = counted.is_open and severity > max(counted.severity, counted.detected)
    if standing is None or standing.is_closed or not is_news:
        return counted
    now = replace(_cause(event), at=counted.last_at)
    worst = worse_of(counted.worst, signal.verdict)
    raised = told(replace(counted, detected=severity, falls=(), worst=worst), now, severity)
    back = replace(now, reasons=standing.latest.reasons)
    return falling_to(raised, top_claim(raised.standings), back)


def _seen(incident: Incident, event: SignalArrived) -> Incident:
    """Remember the signal and what it showed, whatever becomes of the severity."""
    signal = event.signal
    at = event_time(signal)
    is_known = signal.episode in incident.episodes
    is_newest = at >= incident.last_at
    seen = replace(
        incident,
        latest=signal.verdict if is_newest else incident.latest,
        peak=incident.peak.or_higher(Peak.of(signal)),
        episodes=incident.episodes if is_known else (*incident.episodes, signal.episode),
        applied=(*incident.applied, signal.id)[-REMEMBERED:],
        last_at=max(at, incident.last_at),
    )
    standing = incident.standing(signal.topic)
    if standing is None:
        why = event.joins or f"its signals were put together with those of {incident.topic}"
        return replace(
            seen,
            standings=(*seen.standings, standing_of(signal)),
            joined=(*seen.joined, (signal.topic, at, why)),
        )
    if at < standing.last_at:
        return seen
    changed = standing.after(signal, is_known_episode=is_known)
    return replace(
        seen,
        standings=tuple(changed if old is standing else old for old in seen.standings),
    )


def _claim(incident: Incident, topic: str) -> Severity:
    standing = incident.standing(topic)
    return Severity.NONE if standing is None else standing.claimed


def _cause(event: SignalArrived) -> Cause:
    signal = event.signal
    at = event_time(signal)
    return Cause(
        at=at,
        heard_at=at if event.heard_at is None else event.heard_at,
        name=signal.id,
        reasons=signal.verdict.reasons,
    )
