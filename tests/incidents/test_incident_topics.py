"""An incident of several topics: each has its word, and the highest counts."""

from datetime import timedelta

import pytest

from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.incidents.events import Event, Resolved, SignalArrived, TimePassed
from crisiswatch.incidents.incident import Incident, IncidentPolicy, State, apply
from tests.made_signals import NOON, made_signal, minute

OPENED, WORSE, BETTER = Change.OPENED, Change.WORSE, Change.BETTER
REFRESHED, CLOSED = Change.REFRESHED, Change.CLOSED
LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL

POLICY = IncidentPolicy(fall_hold_s=1_800, reopen_within_s=3_600)


def after(*events: Event | Signal) -> Incident:
    incident = None
    for event in events:
        told = SignalArrived(signal=event) if isinstance(event, Signal) else event
        incident = apply(incident, told, policy=POLICY)
    assert incident is not None
    return incident


def bus(minutes: int, change: Change, severity: Severity = HIGH, *, episode: int = 1) -> Signal:
    return made_signal(minutes, change, severity, topic="bus", episode=episode)


def story(incident: Incident) -> list[tuple[float, Change, Severity]]:
    return [
        ((step.at - NOON) / timedelta(minutes=1), step.change, step.severity)
        for step in incident.history
    ]


STORIES: dict[str, tuple[list[Event | Signal], list[tuple[float, Change, Severity]]]] = {
    "a-topic-that-joins-as-bad-changes-nothing": (
        [made_signal(0, OPENED, HIGH), bus(5, OPENED, HIGH)],
        [(0, OPENED, HIGH)],
    ),
    "a-topic-that-joins-worse-makes-it-worse": (
        [made_signal(0, OPENED, MEDIUM), bus(5, OPENED, CRITICAL)],
        [(0, OPENED, MEDIUM), (5, WORSE, CRITICAL)],
    ),
    "one-topic-s-relief-is-none-while-the-other-is-as-bad": (
        [
            made_signal(0, OPENED, HIGH),
            bus(5, OPENED, HIGH),
            made_signal(10, BETTER, LOW),
            TimePassed(now=minute(500)),
        ],
        [(0, OPENED, HIGH)],
    ),
    # air HIGH until 10, bus MEDIUM from 5 on: at most MEDIUM since 10
    "it-falls-to-what-the-other-claims": (
        [
            made_signal(0, OPENED, HIGH),
            bus(5, OPENED, MEDIUM),
            made_signal(10, BETTER, LOW),
            TimePassed(now=minute(500)),
        ],
        [(0, OPENED, HIGH), (40, BETTER, MEDIUM)],
    ),
    "it-falls-when-the-worst-topic-is-over-and-closes-with-the-last": (
        [
            made_signal(0, OPENED, HIGH),
            bus(5, OPENED, LOW),
            made_signal(10, CLOSED),
            bus(50, CLOSED),
        ],
        [(0, OPENED, HIGH), (40, BETTER, LOW), (50, CLOSED, LOW)],
    ),
    "a-refresh-of-one-topic-does-not-lower-the-other": (
        [
            made_signal(0, OPENED, HIGH),
            bus(5, OPENED, MEDIUM),
            bus(10, REFRESHED, LOW),
            made_signal(20, BETTER, LOW),
            TimePassed(now=minute(500)),
        ],
        [(0, OPENED, HIGH), (50, BETTER, MEDIUM)],
    ),
    "what-is-late-for-one-topic-is-news-of-another": (
        [made_signal(0, OPENED, HIGH), made_signal(20, BETTER, LOW), bus(10, OPENED, CRITICAL)],
        [(0, OPENED, HIGH), (10, WORSE, CRITICAL)],
    ),
    # the bus is better since 5, which is heard when air has been at LOW since 20 already
    "a-fall-counts-from-the-newest-signal-of-any-topic": (
        [
            made_signal(0, OPENED, LOW),
            bus(0, OPENED, HIGH),
            made_signal(20, REFRESHED, LOW),
            bus(5, BETTER, LOW),
            TimePassed(now=minute(49)),
        ],
        [(0, OPENED, LOW), (0, WORSE, HIGH)],
    ),
    "a-refresh-of-a-topic-that-is-over-opens-nothing": (
        [
            made_signal(0, OPENED, LOW),
            bus(5, OPENED, HIGH),
            bus(10, CLOSED),
            bus(20, REFRESHED, CRITICAL),
            TimePassed(now=minute(500)),
        ],
        [(0, OPENED, LOW), (5, WORSE, HIGH), (40, BETTER, LOW)],
    ),
    "a-second-wave-of-a-topic-joins-again": (
        [
            made_signal(0, OPENED, LOW),
            bus(5, OPENED, LOW),
            bus(10, CLOSED),
            bus(20, OPENED, HIGH, episode=2),
        ],
        [(0, OPENED, LOW), (20, WORSE, HIGH)],
    ),
    "it-opens-again-as-bad-as-what-never-ended": (
        [
            made_signal(0, OPENED, MEDIUM),
            bus(5, OPENED, CRITICAL),
            Resolved(at=minute(10), by="Ada", note="answered"),
            made_signal(30, WORSE, HIGH),
        ],
        [(0, OPENED, MEDIUM), (5, WORSE, CRITICAL), (10, CLOSED, CRITICAL), (30, OPENED, CRITICAL)],
    ),
}


@pytest.mark.parametrize(("events", "expected"), STORIES.values(), ids=STORIES)
def test_the_highest_claim_of_the_hold_counts(
    events: list[Event | Signal], expected: list[tuple[float, Change, Severity]]
) -> None:
    assert story(after(*events)) == expected


def test_the_lead_stays_and_those_who_joined_say_when_and_why() -> None:
    incident = apply(
        after(made_signal(0, OPENED)),
        SignalArrived(signal=bus(5, OPENED), joins="related to air"),
    )

    assert (incident.topic, incident.topics) == ("air", ("air", "bus"))
    assert incident.joined == (("bus", minute(5), "related to air"),)
    assert incident.id == "air/20150222T120000Z"


def test_a_join_without_a_reason_given_still_says_something() -> None:
    incident = after(made_signal(0, OPENED), bus(5, OPENED))

    assert incident.joined == (
        ("bus", minute(5), "its signals were put together with those of air"),
    )


def test_the_reasons_are_those_of_the_topic_that_was_worst() -> None:
    incident = after(made_signal(0, OPENED, MEDIUM), bus(5, OPENED, CRITICAL))

    assert incident.worst == bus(5, OPENED, CRITICAL).verdict


def test_only_the_last_close_resolves() -> None:
    events = [made_signal(0, OPENED), bus(5, OPENED), made_signal(10, CLOSED)]

    assert after(*events).state is State.TRIGGERED
    assert after(*events, bus(12, CLOSED)).state is State.RESOLVED


def test_a_step_tells_when_the_responder_heard() -> None:
    incident = apply(
        None, SignalArrived(signal=made_signal(0, OPENED), heard_at=minute(3)), policy=POLICY
    )
    incident = apply(incident, SignalArrived(signal=made_signal(4, WORSE, CRITICAL)))
    incident = apply(incident, SignalArrived(signal=made_signal(5, BETTER, LOW)))
    incident = apply(incident, TimePassed(now=minute(99)))

    assert [(step.at, step.heard_at) for step in incident.history] == [
        (minute(0), minute(3)),
        (minute(4), minute(4)),
        (minute(35), minute(35)),
    ]


def test_an_incident_knows_its_newest_thousand_signals() -> None:
    incident = after(*(made_signal(number, REFRESHED) for number in range(1_005)))

    assert len(incident.applied) == 1_000
    assert incident.applied[-1] == made_signal(1_004, REFRESHED).id
