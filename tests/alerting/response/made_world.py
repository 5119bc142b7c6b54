"""A small crisis team, its world, and cases of it: the shipped runbooks, noon, one topic."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from alerting.directory import Directory
from alerting.ports import Outcome, Status
from alerting.response.case import Case
from alerting.response.planned import Planned
from alerting.response.tending import tend
from alerting.response.world import Policy, Rooms, World
from alerting.rota import Rota
from crisiswatch.config import (
    ApprovalSettings,
    EscalationSettings,
    Person,
    ReserveSettings,
    ResponseSettings,
    Role,
    RotaSettings,
)
from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.incidents.events import SignalArrived
from crisiswatch.incidents.incident import apply
from crisiswatch.incidents.playbook import Playbook
from crisiswatch.incidents.runbook import load_packaged_runbooks
from tests.made_signals import NOON, made_signal

PLAYBOOK = Playbook(runbooks=tuple(load_packaged_runbooks().values()))
OPENED = made_signal(0, Change.OPENED, Severity.HIGH)


def a_person(name: str, *roles: Role, **more: object) -> Person:
    """Return a person whose Slack id is `U0` and the name."""
    settings: dict[str, object] = {"slack": f"U0{name.upper()}", "roles": roles, **more}
    return Person(id=name, name=name.title(), **settings)  # type: ignore[arg-type]  # as the test names them


TEAM = (
    a_person("pia", Role.AGENT),
    a_person("lea", Role.AGENT, Role.LEAD),
    a_person("olu", Role.AGENT),
    a_person("lex", Role.VIEWER),
    a_person("ceo", Role.VIEWER),
    a_person("ada", Role.AGENT, Role.APPROVER),
    a_person("ben", Role.AGENT, Role.APPROVER),
    a_person("cem", Role.APPROVER),
    *(a_person(f"r{number}", Role.AGENT) for number in range(1, 7)),
)
ROTAS = {
    "pr-on-call": ("pia",),
    "crisis-lead": ("lea",),
    "operations": ("olu",),
    "legal": ("lex",),
    "leadership": ("ceo",),
}
RESERVE = tuple(f"r{number}" for number in range(1, 7))


def made_policy(
    *,
    escalation: tuple[EscalationSettings, ...] = (),
    approval: ApprovalSettings | None = None,
    reserve: tuple[str, ...] = RESERVE,
    languages: tuple[str, ...] = ("en",),
    playbook: Playbook = PLAYBOOK,
) -> Policy:
    """Return a policy: Ada is asked first, then Ben, then everybody who may approve."""
    return Policy(
        playbook=playbook,
        escalation=escalation,
        approval=approval
        or ApprovalSettings(ask=("person:ada",), backup=("person:ben",), within=600),
        reserve=ReserveSettings(people=reserve),
        response=ResponseSettings(brand="Acme", languages=languages),
    )


def made_world(
    policy: Policy | None = None,
    *,
    people: Iterable[Person] = TEAM,
    rotas: Mapping[str, tuple[str, ...]] = ROTAS,
    **more: object,
) -> World:
    """Return a world in which each of `rotas` is always with the same people."""
    policy = made_policy() if policy is None else policy
    made = [Rota(RotaSettings(name=name, always=ids)) for name, ids in rotas.items()]
    settings: dict[str, object] = {
        "targets": {},
        "rooms": Rooms(crisis_channel="C0CRISIS", agents_channel="C0AGENTS"),
        **more,
    }
    return World(
        policy=policy,
        directory=Directory(tuple(people), made, policy.escalation),
        **settings,  # type: ignore[arg-type]  # as the test names them
    )


def made_case(*signals: Signal, stale: bool = False, policy: str = "policy") -> Case:
    """Return the case of these signals, each heard when it was made, before any tending."""
    incident = None
    for signal in signals or (OPENED,):
        incident = apply(incident, SignalArrived(signal=signal))
    assert incident is not None
    return Case(incident=incident, policy=policy, fresh_since=None if stale else NOON)


def tended(case: Case, world: World, now: datetime = NOON) -> Case:
    """Return the case as it is at that time."""
    return tend(case, world, now)


def planned(now: datetime = NOON, outcomes: dict[str, Outcome] | None = None) -> Planned:
    """Return an empty plan."""
    return Planned(outcomes=outcomes or {}, now=now, pace=1.0)


def an_outcome(
    status: Status = Status.DONE,
    result: str = "",
    *,
    at: datetime = NOON,
    attempts: int = 1,
    retry_at: datetime | None = None,
) -> Outcome:
    """Return a word on an action whose first try was at the same time."""
    return Outcome(
        status=status, at=at, result=result, attempts=attempts, first_at=at, retry_at=retry_at
    )


def with_deed(case: Case, event: object) -> Case:
    """Return the case after something that a person did to the incident."""
    return replace(case, incident=apply(case.incident, event))  # type: ignore[arg-type]  # any event
