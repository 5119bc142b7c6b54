"""One open crisis per topic and narrative, and how events change it.

      first signal
           |
           v         Acknowledged
    +-----------+ ----------------> +--------------+
    | triggered |                   | acknowledged |
    +-----------+                   +--------------+
       ^     |                             |
       |     |  signal closed, Resolved    |  signal closed, Resolved
       |     +-------------+   +-----------+
       |                   v   v
       |               +----------+   Reviewed   +----------+
       +---------------| resolved |------------->| reviewed |
         signal worse, +----------+              +----------+
         or a new episode within
         `reopen_within_s` of the close

An event that a state has no arrow for changes nothing. A reviewed incident is final:
whatever comes after it opens a new one.

Severity rises at once. It falls only when every verdict of the last `fall_hold_s`
was lower, so an incident's severity is the highest verdict in force at any time
within that hold. (A signal `refreshed` can confirm or lift the verdict in force, not
lower it.) A fall is dated to the end of its hold, not to the moment somebody looked, so
the history does not depend on how often time is told.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from crisiswatch.detection.signal import Change, Severity, Signal, Verdict
from crisiswatch.incidents.events import (
    Acknowledged,
    Event,
    Resolved,
    Reviewed,
    SignalArrived,
    TimePassed,
)
from crisiswatch.incidents.peak import Peak
from crisiswatch.incidents.severity import Fall, due, with_verdict


class State(StrEnum):
    """Where people stand with an incident."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPolicy:
    """How long an incident waits before it believes that things are better.

    `fall_hold_s`: two hours, the pace of updates at high; nobody should hear better and
    worse and better again between two updates.
    `reopen_within_s`: four hours, the pace of updates at medium; a second wave within
    it is the same crisis to everybody who was told of the first.
    """

    fall_hold_s: int = 7_200
    reopen_within_s: int = 14_400


DEFAULT_POLICY = IncidentPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of an incident that people are told of: when, to which severity, and why.

    A reopening is a step `opened`. `closed` keeps the severity that held until then.
    `cause` is the id of the signal, or what else brought it about: with `change` it
    names the step once and for all, even where time was told ahead of the signals and
    a retelling dates the step otherwise.
    """

    at: datetime
    cause: str
    change: Change
    severity: Severity
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """When an incident entered a state, and why."""

    at: datetime
    state: State
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A crisis and all that has happened to it, in event time.

    `history` and `states` are never empty and ordered by time. `falls` is a staircase
    of pending falls: later and lower. `worst` is the verdict that first reached the
    highest severity, `latest` the newest one. `applied` are the ids of the signals
    already counted in; `last_at` is the newest event time among them.
    """

    id: str
    topic: str
    policy: IncidentPolicy
    history: tuple[Step, ...]
    states: tuple[StateChange, ...]
    falls: tuple[Fall, ...]
    worst: Verdict
    latest: Verdict
    peak: Peak
    episodes: tuple[str, ...]
    applied: tuple[str, ...]
    last_at: datetime

    @property
    def state(self) -> State:
        """Return where people stand with it now."""
        return self.states[-1].state

    @property
    def is_open(self) -> bool:
        """Tell whether somebody may still have to do something."""
        return self.state in {State.TRIGGERED, State.ACKNOWLEDGED}

    @property
    def severity(self) -> Severity:
        """Return the severity in force, or the last one that was."""
        return self.history[-1].severity

    @property
    def highest_severity(self) -> Severity:
        """Return the highest severity reached."""
        return max(step.severity for step in self.history)

    @property
    def opened_at(self) -> datetime:
        """Return when the first signal tripped."""
        return self.history[0].at

    @property
    def closed_at(self) -> datetime | None:
        """Return when it was resolved, or None while it is open."""
        last = self.history[-1]
        return last.at if last.change is Change.CLOSED else None

    @property
    def crisis_type(self) -> str:
        """Return the kind of crisis, by the verdict at the highest severity."""
        return self.worst.crisis_type

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why the highest severity was reached."""
        return self.worst.reasons

    @property
    def severity_changes(self) -> tuple[Step, ...]:
        """Return the steps that set a severity: opened, worse and better."""
        return tuple(step for step in self.history if step.change is not Change.CLOSED)

    def as_of(self, step: Step) -> "Incident":
        """Return the incident with the history up to `step`, for telling of it afterwards.

        Verdicts, peak and themes stay the newest known. Raises ValueError for a step
        that is not in the history.
        """
        history = self.history[: self.history.index(step) + 1]
        states = tuple(change for change in self.states if change.at <= step.at)
        return replace(self, history=history, states=states, falls=())


def apply(
    incident: Incident | None, event: Event, *, policy: IncidentPolicy = DEFAULT_POLICY
) -> Incident:
    """Return the topic's incident after `event`; the answer may be a new incident.

    `incident` is the topic's newest one, or None if it never had one. It is returned
    unchanged (the same object) where the event is known already or changes nothing;
    where it is final and a signal opens another, the answer has a different id, and
    the caller keeps both. `policy` is given to incidents that open; they keep it.

    Guarantees: the same signal twice changes nothing. A signal that is older than the
    newest one applied never lowers, closes or reopens anything; one of an earlier
    incident changes nothing at all. Raises ValueError for an event other than a
    signal where there is no incident.
    """
    if incident is None:
        if isinstance(event, SignalArrived):
            return _opened(event.signal, policy)
        raise ValueError(f"{type(event).__name__} needs an incident to happen to")
    match event:
        case SignalArrived(signal=signal):
            changed = _with_signal(incident, signal, policy)
        case TimePassed(now=now) if incident.is_open:
            changed = _settled(incident, now)
        case Acknowledged(at=at, by=by) if incident.state is State.TRIGGERED:
            changed = _moved(incident, State.ACKNOWLEDGED, at, f"acknowledged by {by}")
        case Resolved(at=at, by=by, note=note) if incident.is_open:
            reason = f"resolved by {by}: {note}"
            changed = _closed(_settled(incident, at), at, f"{by}/{at.isoformat()}", (reason,))
        case Reviewed(at=at, by=by) if incident.state is State.RESOLVED:
            changed = _moved(incident, State.REVIEWED, at, f"reviewed by {by}")
        case TimePassed() | Acknowledged() | Resolved() | Reviewed():
            changed = incident
        case _:
            assert_never(event)
    return changed


def _opened(signal: Signal, policy: IncidentPolicy) -> Incident:
    at = _at(signal)
    verdict = signal.verdict
    step = Step(
        at=at,
        cause=signal.id,
        change=Change.OPENED,
        severity=_reading(verdict),
        reasons=verdict.reasons,
    )
    incident = Incident(
        id=f"{signal.topic}/{at:%Y%m%dT%H%M%SZ}",
        topic=signal.topic,
        policy=policy,
        history=(step,),
        states=(StateChange(at=at, state=State.TRIGGERED, reason=_first(verdict.reasons)),),
        falls=(),
        worst=verdict,
        latest=verdict,
        peak=Peak.of(signal),
        episodes=(signal.episode,),
        applied=(signal.id,),
        last_at=at,
    )
    if signal.change is Change.CLOSED:
        return _closed(incident, at, signal.id, verdict.reasons)
    return incident


def _with_signal(incident: Incident, signal: Signal, policy: IncidentPolicy) -> Incident:
    if signal.id in incident.applied:
        return incident
    if _at(signal) < incident.last_at:
        return _with_late(incident, signal)
    if incident.is_open:
        return _with_next(incident, signal)
    return _after_the_close(incident, signal, policy)


def _with_next(incident: Incident, signal: Signal) -> Incident:
    at = _at(signal)
    seen = _seen(_settled(incident, at), signal)
    if signal.change is Change.CLOSED:
        return _closed(seen, at, signal.id, signal.verdict.reasons)
    return _read(seen, signal.verdict, at, signal.id, lowers=signal.change is not Change.REFRESHED)


def _after_the_close(incident: Incident, signal: Signal, policy: IncidentPolicy) -> Incident:
    """Open again, open another, or only remember what the closed episode's signal showed."""
    known_episode = signal.episode in incident.episodes
    if known_episode and signal.change is not Change.WORSE:
        return _seen(incident, signal)
    same_crisis = known_episode or _is_same_crisis(incident, _at(signal))
    if incident.state is State.REVIEWED or not same_crisis:
        return _opened(signal, policy)
    return _reopened(_seen(incident, signal), signal)


def _is_same_crisis(incident: Incident, at: datetime) -> bool:
    window = timedelta(seconds=incident.policy.reopen_within_s)
    return incident.closed_at is not None and at - incident.closed_at <= window


def _with_late(incident: Incident, signal: Signal) -> Incident:
    """Count a late signal in; it may raise the severity, from the newest time on, never lower it."""
    if signal.episode not in incident.episodes:
        return incident
    counted = _seen(incident, signal)
    if not incident.is_open or signal.verdict.severity <= incident.severity:
        return counted
    raised = _read(counted, signal.verdict, incident.last_at, signal.id, lowers=True)
    return _read(raised, incident.latest, incident.last_at, signal.id, lowers=True)


def _seen(incident: Incident, signal: Signal) -> Incident:
    """Remember the signal and what it showed, whatever becomes of the severity."""
    at = _at(signal)
    verdict = signal.verdict
    is_newest = at >= incident.last_at
    episodes = incident.episodes
    return replace(
        incident,
        latest=verdict if is_newest else incident.latest,
        peak=incident.peak.or_higher(Peak.of(signal)),
        episodes=episodes if signal.episode in episodes else (*episodes, signal.episode),
        applied=(*incident.applied, signal.id),
        last_at=max(at, incident.last_at),
    )


def _read(
    incident: Incident, verdict: Verdict, at: datetime, cause: str, *, lowers: bool
) -> Incident:
    """Raise at once, or put a lower verdict on the staircase of falls.

    A refresh (`lowers` false) confirms or lifts what was last claimed: detection
    sends one from time to time and says nothing when things are as bad again a
    minute later, so a moment's relief in it is no news.
    """
    claimed = incident.falls[-1].severity if incident.falls else incident.severity
    severity = _reading(verdict) if lowers else max(_reading(verdict), claimed)
    if severity > incident.severity:
        return _stepped_up(incident, Change.WORSE, verdict, at, cause)
    if severity == incident.severity:
        return replace(incident, falls=())
    fall = Fall(since=at, severity=severity, reasons=verdict.reasons)
    return replace(incident, falls=with_verdict(incident.falls, fall))


def _stepped_up(
    incident: Incident, change: Change, verdict: Verdict, at: datetime, cause: str
) -> Incident:
    severity = _reading(verdict)
    step = Step(
        at=max(at, incident.history[-1].at),  # time may have been told ahead of the signals
        cause=cause,
        change=change,
        severity=severity,
        reasons=verdict.reasons,
    )
    return replace(
        incident,
        history=(*incident.history, step),
        falls=(),
        worst=verdict if severity > incident.highest_severity else incident.worst,
    )


def _settled(incident: Incident, now: datetime) -> Incident:
    """Let the severity fall by every fall whose hold is over."""
    hold = timedelta(seconds=incident.policy.fall_hold_s)
    over = due(incident.falls, hold, now)
    if not over:
        return incident
    held = f"for {incident.policy.fall_hold_s // 60} min"
    steps = tuple(
        Step(
            at=fall.since + hold,
            cause=f"{fall.severity.label} since {fall.since.isoformat()}",
            change=Change.BETTER,
            severity=fall.severity,
            reasons=(f"no higher than {fall.severity.label} {held}", *fall.reasons),
        )
        for fall in over
    )
    return replace(incident, history=(*incident.history, *steps), falls=incident.falls[len(over) :])


def _closed(incident: Incident, at: datetime, cause: str, reasons: tuple[str, ...]) -> Incident:
    at = max(at, incident.history[-1].at)
    step = Step(
        at=at, cause=cause, change=Change.CLOSED, severity=incident.severity, reasons=reasons
    )
    closed = replace(incident, history=(*incident.history, step), falls=())
    return _moved(closed, State.RESOLVED, at, _first(reasons))


def _reopened(incident: Incident, signal: Signal) -> Incident:
    verdict = signal.verdict
    at = max(_at(signal), incident.history[-1].at)
    reopened = _stepped_up(incident, Change.OPENED, verdict, at, signal.id)
    reopened = _moved(reopened, State.TRIGGERED, at, _first(verdict.reasons))
    if signal.change is Change.CLOSED:
        return _closed(reopened, at, signal.id, verdict.reasons)
    return reopened


def _moved(incident: Incident, state: State, at: datetime, reason: str) -> Incident:
    change = StateChange(at=max(at, incident.states[-1].at), state=state, reason=reason)
    return replace(incident, states=(*incident.states, change))


def _reading(verdict: Verdict) -> Severity:
    """Return the verdict's severity; an open incident is never below low."""
    return max(verdict.severity, Severity.LOW)


def _first(reasons: tuple[str, ...]) -> str:
    return reasons[0] if reasons else "no reason given"


def _at(signal: Signal) -> datetime:
    return datetime.fromtimestamp(signal.at, UTC)
