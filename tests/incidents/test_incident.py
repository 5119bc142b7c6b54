"""How events change an incident."""

from datetime import timedelta

import pytest

from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.incidents.events import (
    Acknowledged,
    Event,
    Resolved,
    Reviewed,
    SignalArrived,
    TimePassed,
)
from crisiswatch.incidents.incident import Incident, IncidentPolicy, State, apply
from tests.made_signals import NOON, made_signal, minute

OPENED, WORSE, BETTER = Change.OPENED, Change.WORSE, Change.BETTER
REFRESHED, CLOSED = Change.REFRESHED, Change.CLOSED
LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL

POLICY = IncidentPolicy(fall_hold_s=1_800, reopen_within_s=3_600)


def after(*events: Event | Signal, incident: Incident | None = None) -> Incident:
    for event in events:
        told = SignalArrived(signal=event) if isinstance(event, Signal) else event
        incident = apply(incident, told, policy=POLICY)
    assert incident is not None
    return incident


def story(incident: Incident) -> list[tuple[float, Change, Severity]]:
    return [
        ((step.at - NOON) / timedelta(minutes=1), step.change, step.severity)
        for step in incident.history
    ]


STORIES: dict[str, tuple[list[Event | Signal], list[tuple[float, Change, Severity]]]] = {
    "opens-at-the-first-signal": (
        [made_signal(0, OPENED, MEDIUM)],
        [(0, OPENED, MEDIUM)],
    ),
    "opens-even-when-the-opening-signal-never-came": (
        [made_signal(5, WORSE, HIGH)],
        [(5, OPENED, HIGH)],
    ),
    "rises-at-once": (
        [made_signal(0, OPENED, LOW), made_signal(1, WORSE, CRITICAL)],
        [(0, OPENED, LOW), (1, WORSE, CRITICAL)],
    ),
    "does-not-fall-within-the-hold": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, BETTER, LOW),
            TimePassed(now=minute(39.9)),
        ],
        [(0, OPENED, HIGH)],
    ),
    "falls-when-the-hold-is-over": (
        [made_signal(0, OPENED, HIGH), made_signal(10, BETTER, LOW), TimePassed(now=minute(40))],
        [(0, OPENED, HIGH), (40, BETTER, LOW)],
    ),
    "dates-the-fall-to-the-end-of-the-hold-however-late-somebody-looks": (
        [made_signal(0, OPENED, HIGH), made_signal(10, BETTER, LOW), TimePassed(now=minute(999))],
        [(0, OPENED, HIGH), (40, BETTER, LOW)],
    ),
    "falls-by-the-next-signal-when-nobody-tells-the-time": (
        [made_signal(0, OPENED, HIGH), made_signal(10, BETTER, LOW), made_signal(50, CLOSED, LOW)],
        [(0, OPENED, HIGH), (40, BETTER, LOW), (50, CLOSED, LOW)],
    ),
    # 0 HIGH | 10 LOW | 20 MEDIUM: from 10 on never above MEDIUM, from 50 on at most MEDIUM
    "falls-only-to-the-highest-verdict-of-the-hold": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, BETTER, LOW),
            made_signal(20, WORSE, MEDIUM),
            TimePassed(now=minute(120)),
        ],
        [(0, OPENED, HIGH), (40, BETTER, MEDIUM)],
    ),
    "falls-in-two-steps-when-the-verdicts-did": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, BETTER, MEDIUM),
            made_signal(20, BETTER, LOW),
            TimePassed(now=minute(120)),
        ],
        [(0, OPENED, HIGH), (40, BETTER, MEDIUM), (50, BETTER, LOW)],
    ),
    "keeps-the-earlier-start-when-a-verdict-repeats": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, BETTER, LOW),
            made_signal(30, BETTER, LOW),
            TimePassed(now=minute(41)),
        ],
        [(0, OPENED, HIGH), (40, BETTER, LOW)],
    ),
    "a-refresh-does-not-begin-a-fall": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, REFRESHED, LOW),
            TimePassed(now=minute(120)),
        ],
        [(0, OPENED, HIGH)],
    ),
    "a-refresh-does-not-deepen-a-fall": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, BETTER, MEDIUM),
            made_signal(20, REFRESHED, LOW),
            TimePassed(now=minute(120)),
        ],
        [(0, OPENED, HIGH), (40, BETTER, MEDIUM)],
    ),
    "a-refresh-lifts-a-fall": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, BETTER, LOW),
            made_signal(20, REFRESHED, MEDIUM),
            TimePassed(now=minute(120)),
        ],
        [(0, OPENED, HIGH), (40, BETTER, MEDIUM)],
    ),
    "forgets-the-fall-when-it-is-as-bad-again": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, BETTER, LOW),
            made_signal(30, REFRESHED, HIGH),
            TimePassed(now=minute(120)),
        ],
        [(0, OPENED, HIGH)],
    ),
    "never-falls-below-low-while-open": (
        [
            made_signal(0, OPENED, MEDIUM),
            made_signal(5, BETTER, Severity.NONE),
            TimePassed(now=minute(60)),
        ],
        [(0, OPENED, MEDIUM), (35, BETTER, LOW)],
    ),
    "closes-at-once-and-keeps-the-severity": (
        [made_signal(0, OPENED, HIGH), made_signal(10, CLOSED, LOW)],
        [(0, OPENED, HIGH), (10, CLOSED, HIGH)],
    ),
    "a-new-episode-within-the-window-joins": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, CLOSED, LOW),
            made_signal(70, OPENED, MEDIUM, episode=2),
        ],
        [(0, OPENED, HIGH), (10, CLOSED, HIGH), (70, OPENED, MEDIUM)],
    ),
    "a-new-episode-after-the-window-opens-another-incident": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, CLOSED, LOW),
            made_signal(71, OPENED, MEDIUM, episode=2),
        ],
        [(71, OPENED, MEDIUM)],
    ),
    "a-new-episode-on-an-open-incident-joins": (
        [made_signal(0, OPENED, MEDIUM), made_signal(5, OPENED, HIGH, episode=2)],
        [(0, OPENED, MEDIUM), (5, WORSE, HIGH)],
    ),
    "only-a-close-was-seen": (
        [made_signal(9, CLOSED, LOW)],
        [(9, OPENED, LOW), (9, CLOSED, LOW)],
    ),
    "only-the-close-of-a-second-wave-was-seen": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, CLOSED, LOW),
            made_signal(20, CLOSED, LOW, episode=2),
        ],
        [(0, OPENED, HIGH), (10, CLOSED, HIGH), (20, OPENED, LOW), (20, CLOSED, LOW)],
    ),
    "a-late-signal-never-lowers": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(20, REFRESHED, HIGH),
            made_signal(5, BETTER, LOW),
        ],
        [(0, OPENED, HIGH)],
    ),
    "a-late-close-does-not-close": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(20, REFRESHED, HIGH),
            made_signal(5, CLOSED, LOW),
        ],
        [(0, OPENED, HIGH)],
    ),
    "a-late-alarm-raises-from-the-newest-time-on": (
        [
            made_signal(0, OPENED, MEDIUM),
            made_signal(20, REFRESHED, MEDIUM),
            made_signal(15, WORSE, CRITICAL),
            TimePassed(now=minute(60)),
        ],
        [(0, OPENED, MEDIUM), (20, WORSE, CRITICAL), (50, BETTER, MEDIUM)],
    ),
    "a-signal-of-an-earlier-incident-changes-nothing": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, CLOSED, LOW),
            made_signal(100, OPENED, LOW, episode=2),
            made_signal(5, WORSE, CRITICAL),
        ],
        [(100, OPENED, LOW)],
    ),
    "time-told-ahead-of-the-signals-keeps-the-history-in-order": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, BETTER, LOW),
            TimePassed(now=minute(60)),
            made_signal(39, WORSE, HIGH),
        ],
        [(0, OPENED, HIGH), (40, BETTER, LOW), (40, WORSE, HIGH)],
    ),
    "a-person-resolves": (
        [
            made_signal(0, OPENED, HIGH),
            Resolved(at=minute(12), by="Ada", note="answered by the airline"),
        ],
        [(0, OPENED, HIGH), (12, CLOSED, HIGH)],
    ),
    "worse-after-a-person-resolved-opens-again": (
        [
            made_signal(0, OPENED, MEDIUM),
            Resolved(at=minute(12), by="Ada", note="answered"),
            made_signal(15, REFRESHED, MEDIUM),
            made_signal(500, WORSE, HIGH),
        ],
        [(0, OPENED, MEDIUM), (12, CLOSED, MEDIUM), (500, OPENED, HIGH)],
    ),
    "worse-after-the-review-opens-another": (
        [
            made_signal(0, OPENED, MEDIUM),
            Resolved(at=minute(12), by="Ada", note="answered"),
            Reviewed(at=minute(20), by="Grace"),
            made_signal(25, WORSE, HIGH),
        ],
        [(25, OPENED, HIGH)],
    ),
}


@pytest.mark.parametrize(("events", "expected"), STORIES.values(), ids=STORIES)
def test_the_history_tells_what_happened(
    events: list[Event | Signal], expected: list[tuple[float, Change, Severity]]
) -> None:
    assert story(after(*events)) == expected


STATES: dict[str, tuple[list[Event | Signal], list[State]]] = {
    "taken-on-then-over": (
        [
            made_signal(0, OPENED),
            Acknowledged(at=minute(1), by="Ada"),
            made_signal(9, CLOSED),
            Reviewed(at=minute(30), by="Grace"),
        ],
        [State.TRIGGERED, State.ACKNOWLEDGED, State.RESOLVED, State.REVIEWED],
    ),
    "acknowledged-twice-counts-once": (
        [
            made_signal(0, OPENED),
            Acknowledged(at=minute(1), by="Ada"),
            Acknowledged(at=minute(2), by="Grace"),
        ],
        [State.TRIGGERED, State.ACKNOWLEDGED],
    ),
    "an-open-incident-can-not-be-reviewed": (
        [made_signal(0, OPENED), Reviewed(at=minute(1), by="Grace")],
        [State.TRIGGERED],
    ),
    "a-resolved-incident-can-not-be-acknowledged-or-resolved-again": (
        [
            made_signal(0, OPENED),
            made_signal(9, CLOSED),
            Acknowledged(at=minute(10), by="Ada"),
            Resolved(at=minute(11), by="Ada", note="over"),
        ],
        [State.TRIGGERED, State.RESOLVED],
    ),
    "a-second-wave-has-to-be-taken-on-anew": (
        [
            made_signal(0, OPENED),
            Acknowledged(at=minute(1), by="Ada"),
            made_signal(9, CLOSED),
            made_signal(20, OPENED, episode=2),
        ],
        [State.TRIGGERED, State.ACKNOWLEDGED, State.RESOLVED, State.TRIGGERED],
    ),
}


@pytest.mark.parametrize(("events", "expected"), STATES.values(), ids=STATES)
def test_states_follow_the_diagram(events: list[Event | Signal], expected: list[State]) -> None:
    assert [change.state for change in after(*events).states] == expected


def test_every_change_has_its_reason() -> None:
    incident = after(
        made_signal(0, OPENED, HIGH),
        Acknowledged(at=minute(1), by="Ada"),
        made_signal(5, BETTER, LOW),
        Resolved(at=minute(60), by="Ada", note="answered by the airline"),
        Reviewed(at=minute(70), by="Grace"),
    )

    assert [step.reasons for step in incident.history] == [
        ("opened at 0 min: 80 posts/min",),
        ("no higher than low for 30 min", "better at 5 min: 80 posts/min"),
        ("resolved by Ada: answered by the airline",),
    ]
    assert [change.reason for change in incident.states] == [
        "opened at 0 min: 80 posts/min",
        "acknowledged by Ada",
        "resolved by Ada: answered by the airline",
        "reviewed by Grace",
    ]


def test_the_peak_is_the_highest_rate_ever_seen_late_signals_included() -> None:
    incident = after(
        made_signal(0, OPENED, posts=40.0),
        made_signal(10, REFRESHED, posts=90.0),
        made_signal(20, REFRESHED, posts=60.0),
        made_signal(15, REFRESHED, posts=120.0),
    )

    assert (incident.peak.posts_per_min, incident.peak.posts_at) == (120.0, minute(15))
    assert (incident.peak.negatives_per_min, incident.peak.negatives_at) == (90.0, minute(15))
    assert incident.latest.evidence.posts == 60.0


def test_the_reasons_are_those_of_the_highest_severity() -> None:
    incident = after(
        made_signal(0, OPENED, MEDIUM),
        made_signal(5, WORSE, CRITICAL),
        made_signal(10, BETTER, LOW),
        made_signal(15, REFRESHED, CRITICAL),
    )

    assert incident.highest_severity is CRITICAL
    assert incident.reasons == ("worse at 5 min: 80 posts/min",)
    assert incident.latest.reasons == ("refreshed at 15 min: 80 posts/min",)


def test_an_incident_keeps_the_policy_it_opened_with() -> None:
    hasty = IncidentPolicy(fall_hold_s=60, reopen_within_s=60)
    opened = after(made_signal(0, OPENED, HIGH), made_signal(10, BETTER, LOW))

    later = apply(opened, TimePassed(now=minute(15)), policy=hasty)

    assert later.severity is HIGH


def test_the_same_signal_again_returns_the_same_object() -> None:
    signal = made_signal(0, OPENED)
    incident = after(signal)

    assert apply(incident, SignalArrived(signal=signal)) is incident


def test_the_id_comes_from_topic_and_event_time() -> None:
    assert after(made_signal(75, OPENED)).id == "air/20150222T131500Z"


def test_an_incident_as_of_a_step_knows_nothing_later() -> None:
    incident = after(
        made_signal(0, OPENED, MEDIUM),
        made_signal(5, WORSE, HIGH),
        Acknowledged(at=minute(6), by="Ada"),
        made_signal(9, CLOSED),
    )

    then = incident.as_of(incident.history[1])

    assert (then.severity, then.state, then.closed_at) == (HIGH, State.TRIGGERED, None)
    assert incident.closed_at == minute(9)


def test_an_event_without_an_incident_is_refused() -> None:
    with pytest.raises(ValueError, match="Acknowledged needs an incident"):
        apply(None, Acknowledged(at=NOON, by="Ada"))
