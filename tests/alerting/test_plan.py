"""Which actions an incident calls for."""

import pytest

from alerting.actions import Announce
from alerting.plan import PlanPolicy, plan
from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.incidents.events import SignalArrived, TimePassed
from crisiswatch.incidents.incident import Incident, IncidentPolicy, apply
from tests.made_signals import made_signal, minute

OPENED, WORSE, BETTER, CLOSED = Change.OPENED, Change.WORSE, Change.BETTER, Change.CLOSED
LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL


POLICY = IncidentPolicy(fall_hold_s=1_800)


def incident_of(*signals: Signal) -> Incident:
    incident = None
    for signal in signals:
        incident = apply(incident, SignalArrived(signal=signal), policy=POLICY)
    assert incident is not None
    return apply(incident, TimePassed(now=minute(60)))


def planned(incident: Incident, minutes: int = 60) -> list[str]:
    """Return what is planned, in the words of the table below."""
    return [
        f"tell {action.step.change} {action.step.severity.label}"
        if isinstance(action, Announce)
        else f"draft for {action.step.severity.label}"
        for action in plan(incident, minute(minutes))
    ]


PLANS: dict[str, tuple[list[Signal], list[str]]] = {
    "low-is-only-told": (
        [made_signal(0, OPENED, LOW)],
        ["tell opened low"],
    ),
    "medium-is-drafted-for-first": (
        [made_signal(0, OPENED, MEDIUM)],
        ["draft for medium", "tell opened medium"],
    ),
    "each-severity-is-drafted-for": (
        [made_signal(0, OPENED, LOW), made_signal(1, WORSE, MEDIUM), made_signal(2, WORSE, HIGH)],
        [
            "tell opened low",
            "draft for medium",
            "tell worse medium",
            "draft for high",
            "tell worse high",
        ],
    ),
    "a-severity-reached-again-is-drafted-for-again": (
        [made_signal(0, OPENED, HIGH), made_signal(1, CLOSED), made_signal(9, OPENED, episode=2)],
        [
            "draft for high",
            "tell opened high",
            "tell closed high",
            "draft for high",
            "tell opened high",
        ],
    ),
    "getting-better-and-closing-need-no-draft": (
        [made_signal(0, OPENED, HIGH), made_signal(9, BETTER, MEDIUM), made_signal(50, CLOSED)],
        ["draft for high", "tell opened high", "tell better medium", "tell closed medium"],
    ),
}


@pytest.mark.parametrize(("signals", "expected"), PLANS.values(), ids=PLANS)
def test_every_step_is_told_and_trouble_is_drafted_for(
    signals: list[Signal], expected: list[str]
) -> None:
    assert planned(incident_of(*signals)) == expected


HALF_A_DAY = 12 * 60


def test_old_news_is_told_only_while_it_is_still_true() -> None:
    going_on = incident_of(made_signal(0, OPENED, LOW), made_signal(60, WORSE, CRITICAL))
    over = incident_of(made_signal(0, OPENED, LOW), made_signal(60, CLOSED, LOW))

    assert planned(going_on, HALF_A_DAY + 30) == ["draft for critical", "tell worse critical"]
    assert planned(going_on, 99 * HALF_A_DAY) == ["draft for critical", "tell worse critical"]
    assert planned(over, HALF_A_DAY + 30) == ["tell closed low"]
    assert planned(over, 99 * HALF_A_DAY) == []


def test_the_lowest_severity_to_draft_for_is_configured() -> None:
    incident = incident_of(made_signal(0, OPENED, HIGH))

    actions = plan(incident, minute(1), PlanPolicy(draft_from=CRITICAL))

    assert [type(action) for action in actions] == [Announce]


def test_keys_are_the_same_however_time_was_told() -> None:
    """A signal that lags behind the clock dates its step otherwise, but names it the same."""
    opened = apply(None, SignalArrived(signal=made_signal(0, OPENED, HIGH)), policy=POLICY)
    better = apply(opened, SignalArrived(signal=made_signal(10, BETTER, LOW)))
    critical = SignalArrived(signal=made_signal(39, WORSE, CRITICAL))

    ahead = apply(apply(better, TimePassed(now=minute(60))), critical)
    behind = apply(better, critical)

    assert ahead.history[-1].at != behind.history[-1].at
    assert plan(ahead, minute(60))[-1].key() == plan(behind, minute(60))[-1].key()


def test_keys_tell_actions_apart() -> None:
    incident = incident_of(
        made_signal(0, OPENED, MEDIUM),
        made_signal(1, WORSE, HIGH),
        made_signal(5, CLOSED),
        made_signal(9, CLOSED, Severity.MEDIUM, episode=2),
    )

    keys = [action.key() for action in plan(incident, minute(60))]

    assert len(keys) == len(set(keys)) == 8


def test_each_announcement_shows_the_incident_as_it_was_then() -> None:
    incident = incident_of(made_signal(0, OPENED, LOW), made_signal(1, WORSE, HIGH))

    shown = [action.incident.severity for action in plan(incident, minute(2))]

    assert shown == [LOW, HIGH, HIGH]
