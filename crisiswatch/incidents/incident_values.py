"""What an incident is made of: values that `apply` folds events into."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crisiswatch.detection.signal import Change, Severity, Verdict
from crisiswatch.incidents.peak import Peak
from crisiswatch.incidents.severity import Fall
from crisiswatch.incidents.standing import Standing

REMEMBERED = 1_000
"""How many signals and deeds an incident knows again.

Both come again within minutes, when a sender resumes from its last snapshot or a click
was not answered in time. At a signal a minute a thousand are most of a day; a year-long
incident stays small.
"""


class State(StrEnum):
    """Where people stand with an incident."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPolicy:
    """How long an incident waits before it believes that things are better, or in hand.

    `fall_hold_s`: two hours, the pace of updates at high; nobody should hear better and
    worse and better again between two updates.
    `reopen_within_s`: four hours, the pace of updates at medium; a second wave within
    it is the same crisis to everybody who was told of the first.
    `ack_expires_s`: one hour, the pace of updates at critical; whoever has the crisis in
    hand leaves some trace by the time that the public was promised more.
    """

    fall_hold_s: int = 7_200
    reopen_within_s: int = 14_400
    ack_expires_s: int = 3_600


DEFAULT_POLICY = IncidentPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of an incident that people are told of: when, to which severity, and why.

    A reopening is a step `opened`. `closed` keeps the severity that held until then.
    `cause` is the id of the signal, or what else brought it about: with `change` it
    names the step once and for all, even where time was told ahead of the signals and
    a retelling dates the step otherwise. `at` is event time; `heard_at` is when the
    responder learned of it, and deadlines count from there.
    """

    at: datetime
    heard_at: datetime
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
class Override:
    """A person's word on the severity, in force until it is taken back or outdone."""

    severity: Severity
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A crisis and all that has happened to it, in event time.

    `history` and `states` are never empty and ordered by time. `standings` are the topics'
    words, the lead's first, and `joined` says of the others (topic, when, why).
    `detected` is the severity by detection's word alone: the one in force unless there is
    an `override`. `falls` is a staircase of pending falls of it: later and lower.
    `worst` is the verdict that first reached the highest severity, `latest` the newest
    one. `applied` are the ids of the newest signals counted in, and `handled` those of
    people's deeds; `last_at` is the newest event time among the signals.

    `acks` are (when, by whom), `acked_severity` is how bad it was at the newest one, and
    `active_at` is when a person last did anything. `notes` are (when, by whom, text) and
    `corrections` (when, by whom, crisis type).
    """

    id: str
    topic: str
    policy: IncidentPolicy
    history: tuple[Step, ...]
    states: tuple[StateChange, ...]
    standings: tuple[Standing, ...]
    detected: Severity
    falls: tuple[Fall, ...]
    worst: Verdict
    latest: Verdict
    peak: Peak
    episodes: tuple[str, ...]
    applied: tuple[str, ...]
    last_at: datetime
    joined: tuple[tuple[str, datetime, str], ...] = ()
    override: Override | None = None
    acks: tuple[tuple[datetime, str], ...] = ()
    acked_severity: Severity = Severity.NONE
    active_at: datetime | None = None
    notes: tuple[tuple[datetime, str, str], ...] = ()
    corrections: tuple[tuple[datetime, str, str], ...] = ()
    handled: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Return where people stand with it now."""
        return self.states[-1].state

    @property
    def is_open(self) -> bool:
        """Tell whether somebody may still have to do something."""
        return self.state in {State.TRIGGERED, State.ACKNOWLEDGED}

    @property
    def topics(self) -> tuple[str, ...]:
        """Return all topics that are part of it, the lead first."""
        return tuple(standing.topic for standing in self.standings)

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
        """Return the kind of crisis: a person's word, else that of the verdict at its worst."""
        return self.corrections[-1][2] if self.corrections else self.worst.crisis_type

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why the highest severity was reached."""
        return self.worst.reasons

    @property
    def severity_changes(self) -> tuple[Step, ...]:
        """Return the steps that set a severity: opened, worse and better."""
        return tuple(step for step in self.history if step.change is not Change.CLOSED)

    def standing(self, topic: str) -> Standing | None:
        """Return where a topic stands, or None if it is no part of the incident."""
        return next((standing for standing in self.standings if standing.topic == topic), None)

    def as_of(self, step: Step) -> "Incident":
        """Return the incident with the history up to `step`, for telling of it afterwards.

        Verdicts, standings, peak and themes stay the newest known. Raises ValueError for a
        step that is not in the history.
        """
        history = self.history[: self.history.index(step) + 1]
        states = tuple(change for change in self.states if change.at <= step.at)
        return replace(self, history=history, states=states, falls=())


def ack_expires_at(incident: Incident, expires_s: float | None = None) -> datetime | None:
    """Return when the acknowledgement ends unless somebody does something; None without one.

    `expires_s` is the incident's own policy where it is not given.
    """
    if incident.state is not State.ACKNOWLEDGED or incident.active_at is None:
        return None
    lasts_s = incident.policy.ack_expires_s if expires_s is None else expires_s
    return incident.active_at + timedelta(seconds=lasts_s)
