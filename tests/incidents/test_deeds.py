"""How what people do changes an incident."""

from datetime import timedelta

import pytest

from crisiswatch.detection.signal import Change, Severity, Signal
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
from crisiswatch.incidents.incident import (
    Incident,
    IncidentPolicy,
    State,
    ack_expires_at,
    apply,
)
from tests.made_signals import NOON, made_signal, minute

OPENED, WORSE, BETTER = Change.OPENED, Change.WORSE, Change.BETTER
REFRESHED, CLOSED = Change.REFRESHED, Change.CLOSED
LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL
TRIGGERED, ACKNOWLEDGED = State.TRIGGERED, State.ACKNOWLEDGED

POLICY = IncidentPolicy(fall_hold_s=1_800, reopen_within_s=3_600, ack_expires_s=1_200)


def after(*events: Event | Signal) -> Incident:
    incident = None
    for event in events:
        told = SignalArrived(signal=event) if isinstance(event, Signal) else event
        incident = apply(incident, told, policy=POLICY)
    assert incident is not None
    return incident


def ack(minutes: float, by: str = "Ada") -> Acknowledged:
    return Acknowledged(at=minute(minutes), by=by)


def override(minutes: float, severity: Severity | None, by: str = "Ada") -> SeverityOverridden:
    return SeverityOverridden(at=minute(minutes), by=by, severity=severity, reason="I know more")


def passed(minutes: float) -> TimePassed:
    return TimePassed(now=minute(minutes))


STATES: dict[str, tuple[list[Event | Signal], list[tuple[float, State]]]] = {
    "an-acknowledgement-lasts-until-it-expires": (
        [made_signal(0, OPENED), ack(1), passed(20.9)],
        [(0, TRIGGERED), (1, ACKNOWLEDGED)],
    ),
    "and-is-over-at-that-moment-however-late-somebody-looks": (
        [made_signal(0, OPENED), ack(1), passed(999)],
        [(0, TRIGGERED), (1, ACKNOWLEDGED), (21, TRIGGERED)],
    ),
    "a-signal-tells-the-time-too": (
        [made_signal(0, OPENED), ack(1), made_signal(40, REFRESHED)],
        [(0, TRIGGERED), (1, ACKNOWLEDGED), (21, TRIGGERED)],
    ),
    "acknowledging-again-renews": (
        [made_signal(0, OPENED), ack(1), ack(15, "Grace"), passed(34)],
        [(0, TRIGGERED), (1, ACKNOWLEDGED)],
    ),
    "any-deed-renews": (
        [
            made_signal(0, OPENED),
            ack(1),
            Active(at=minute(15), by="Grace", what="approved"),
            Noted(at=minute(30), by="Ada", text="talked to operations"),
            passed(49),
        ],
        [(0, TRIGGERED), (1, ACKNOWLEDGED)],
    ),
    "a-deed-after-the-expiry-comes-too-late": (
        [made_signal(0, OPENED), ack(1), Active(at=minute(30), by="Ada", what="edited")],
        [(0, TRIGGERED), (1, ACKNOWLEDGED), (21, TRIGGERED)],
    ),
    "it-can-be-taken-on-again": (
        [made_signal(0, OPENED), ack(1), ack(30)],
        [(0, TRIGGERED), (1, ACKNOWLEDGED), (21, TRIGGERED), (30, ACKNOWLEDGED)],
    ),
    "high-where-medium-was-acknowledged-needs-a-new-answer": (
        [made_signal(0, OPENED, MEDIUM), ack(1), made_signal(5, WORSE, HIGH)],
        [(0, TRIGGERED), (1, ACKNOWLEDGED), (5, TRIGGERED)],
    ),
    "medium-where-low-was-acknowledged-does-not": (
        [made_signal(0, OPENED, LOW), ack(1), made_signal(5, WORSE, MEDIUM)],
        [(0, TRIGGERED), (1, ACKNOWLEDGED)],
    ),
    "as-bad-again-as-acknowledged-does-not": (
        [
            made_signal(0, OPENED, HIGH),
            ack(1),
            made_signal(2, BETTER, LOW),
            ack(20),
            passed(32),
            Active(at=minute(33), by="Ada", what="approved"),
            made_signal(34, WORSE, HIGH),
        ],
        [(0, TRIGGERED), (1, ACKNOWLEDGED)],
    ),
    "a-person-raising-it-calls-whoever-is-on-it-again": (
        [made_signal(0, OPENED, MEDIUM), ack(1), override(3, CRITICAL, "Grace")],
        [(0, TRIGGERED), (1, ACKNOWLEDGED), (3, TRIGGERED)],
    ),
    "unless-they-raised-it-themselves": (
        [made_signal(0, OPENED, MEDIUM), ack(1), override(3, CRITICAL)],
        [(0, TRIGGERED), (1, ACKNOWLEDGED)],
    ),
}


@pytest.mark.parametrize(("events", "expected"), STATES.values(), ids=STATES)
def test_an_acknowledgement_holds_only_for_what_was_known_and_while_somebody_is_there(
    events: list[Event | Signal], expected: list[tuple[float, State]]
) -> None:
    states = after(*events).states

    assert [((s.at - NOON) / timedelta(minutes=1), s.state) for s in states] == expected


HISTORIES: dict[str, tuple[list[Event | Signal], list[tuple[float, Change, Severity]]]] = {
    "raised-by-a-person": (
        [made_signal(0, OPENED, MEDIUM), override(5, CRITICAL)],
        [(0, OPENED, MEDIUM), (5, WORSE, CRITICAL)],
    ),
    "set-to-what-it-is-tells-nothing": (
        [made_signal(0, OPENED, MEDIUM), override(5, MEDIUM)],
        [(0, OPENED, MEDIUM)],
    ),
    "and-it-does-not-fall": (
        [
            made_signal(0, OPENED, HIGH),
            override(5, HIGH),
            made_signal(6, BETTER, LOW),
            passed(500),
        ],
        [(0, OPENED, HIGH)],
    ),
    "lowered-and-what-was-as-bad-before-does-not-lift-it": (
        [made_signal(0, OPENED, HIGH), override(5, LOW), made_signal(9, REFRESHED, HIGH)],
        [(0, OPENED, HIGH), (5, BETTER, LOW)],
    ),
    "lowered-until-a-verdict-rises-above-it": (
        [
            made_signal(0, OPENED, HIGH),
            override(5, LOW),
            made_signal(9, BETTER, LOW),
            made_signal(50, WORSE, MEDIUM),
        ],
        [(0, OPENED, HIGH), (5, BETTER, LOW), (50, WORSE, MEDIUM)],
    ),
    "lowered-until-another-topic-joins-above-it": (
        [
            made_signal(0, OPENED, HIGH),
            override(5, LOW),
            made_signal(9, OPENED, MEDIUM, topic="bus"),
        ],
        [(0, OPENED, HIGH), (5, BETTER, LOW), (9, WORSE, HIGH)],
    ),
    "lowered-until-a-late-alarm-is-above-it": (
        [
            made_signal(0, OPENED, HIGH),
            made_signal(10, REFRESHED, HIGH),
            override(11, LOW),
            made_signal(8, WORSE, CRITICAL),
        ],
        [(0, OPENED, HIGH), (11, BETTER, LOW), (11, WORSE, CRITICAL)],
    ),
    "given-back-it-is-what-detection-says-by-now": (
        [
            made_signal(0, OPENED, MEDIUM),
            override(5, CRITICAL),
            made_signal(8, WORSE, HIGH),
            made_signal(20, BETTER, MEDIUM),
            override(60, None),
        ],
        [(0, OPENED, MEDIUM), (5, WORSE, CRITICAL), (60, BETTER, MEDIUM)],
    ),
    "given-back-without-having-been-taken": (
        [made_signal(0, OPENED, MEDIUM), override(5, None)],
        [(0, OPENED, MEDIUM)],
    ),
    "held-up-by-a-person-it-does-not-close-by-itself": (
        [made_signal(0, OPENED, MEDIUM), override(5, CRITICAL), made_signal(9, CLOSED)],
        [(0, OPENED, MEDIUM), (5, WORSE, CRITICAL)],
    ),
    "until-they-let-go": (
        [
            made_signal(0, OPENED, MEDIUM),
            override(5, CRITICAL),
            made_signal(9, CLOSED),
            override(12, None),
        ],
        [(0, OPENED, MEDIUM), (5, WORSE, CRITICAL), (12, BETTER, MEDIUM), (12, CLOSED, MEDIUM)],
    ),
    "or-resolve-it": (
        [
            made_signal(0, OPENED, MEDIUM),
            override(5, CRITICAL),
            made_signal(9, CLOSED),
            Resolved(at=minute(15), by="Ada", note="answered"),
        ],
        [(0, OPENED, MEDIUM), (5, WORSE, CRITICAL), (15, CLOSED, CRITICAL)],
    ),
    "held-down-by-a-person-it-closes": (
        [made_signal(0, OPENED, HIGH), override(5, LOW), made_signal(9, CLOSED)],
        [(0, OPENED, HIGH), (5, BETTER, LOW), (9, CLOSED, LOW)],
    ),
    "a-second-wave-knows-no-override": (
        [
            made_signal(0, OPENED, HIGH),
            override(5, LOW),
            made_signal(9, CLOSED),
            made_signal(20, OPENED, HIGH, episode=2),
        ],
        [(0, OPENED, HIGH), (5, BETTER, LOW), (9, CLOSED, LOW), (20, OPENED, HIGH)],
    ),
    "an-open-incident-is-never-below-low": (
        [made_signal(0, OPENED, HIGH), override(5, Severity.NONE)],
        [(0, OPENED, HIGH), (5, BETTER, LOW)],
    ),
}


@pytest.mark.parametrize(("events", "expected"), HISTORIES.values(), ids=HISTORIES)
def test_a_person_s_word_on_the_severity_is_in_force(
    events: list[Event | Signal], expected: list[tuple[float, Change, Severity]]
) -> None:
    history = after(*events).history

    assert [
        ((step.at - NOON) / timedelta(minutes=1), step.change, step.severity) for step in history
    ] == expected


def test_steps_name_the_person_and_say_when_their_word_is_over() -> None:
    incident = after(
        made_signal(0, OPENED, MEDIUM),
        SeverityOverridden(at=minute(5), by="Ada", severity=LOW, reason="a joke", id="press-7"),
        made_signal(9, WORSE, HIGH),
    )

    assert [(step.cause, step.reasons) for step in incident.history[1:]] == [
        ("Ada/press-7", ("set to low by Ada: a joke",)),
        (
            made_signal(9, WORSE, HIGH).id,
            ("worse at 9 min: 80 posts/min", "above low, which Ada had set"),
        ),
    ]
    assert incident.override is None


def test_every_change_of_state_says_why() -> None:
    incident = after(
        made_signal(0, OPENED, MEDIUM),
        ack(1),
        made_signal(5, WORSE, HIGH),
        ack(6, "Grace"),
        passed(60),
    )

    assert [change.reason for change in incident.states[2:]] == [
        "now high, and Ada acknowledged it at medium",
        "acknowledged by Grace",
        "acknowledged by Grace at 12:06 UTC and nothing since",
    ]


def test_it_says_when_the_acknowledgement_expires() -> None:
    triggered = after(made_signal(0, OPENED))
    acknowledged = apply(triggered, ack(1))

    assert ack_expires_at(triggered) is None
    assert ack_expires_at(acknowledged) == minute(21)
    assert ack_expires_at(acknowledged, 60) == minute(2)
    assert ack_expires_at(apply(acknowledged, ack(7))) == minute(27)


def test_all_acknowledgements_are_kept() -> None:
    incident = after(made_signal(0, OPENED), ack(1), ack(2, "Grace"))

    assert incident.acks == ((minute(1), "Ada"), (minute(2), "Grace"))


def test_the_same_press_counts_once_even_if_it_came_too_early_to_matter() -> None:
    early = Acknowledged(at=minute(10), by="Ada", id="press-1")
    resolved = after(made_signal(0, OPENED), made_signal(9, CLOSED), early)
    again = apply(resolved, SignalArrived(signal=made_signal(20, OPENED, episode=2)))

    assert apply(again, early) is again
    assert again.state is TRIGGERED


def test_notes_and_corrections_are_kept_with_whose_they_are() -> None:
    incident = after(
        made_signal(0, OPENED),
        Noted(at=minute(1), by="Ada", text="it is a hoax"),
        TypeCorrected(at=minute(2), by="Grace", crisis_type="rumour"),
        made_signal(3, CLOSED),
        Noted(at=minute(4), by="Ada", text="told the press"),
    )

    assert incident.crisis_type == "rumour"
    assert incident.worst.crisis_type == "service-outage"
    assert incident.corrections == ((minute(2), "Grace", "rumour"),)
    assert incident.notes == (
        (minute(1), "Ada", "it is a hoax"),
        (minute(4), "Ada", "told the press"),
    )


def test_a_reviewed_incident_is_final() -> None:
    reviewed = after(
        made_signal(0, OPENED), made_signal(9, CLOSED), Reviewed(at=minute(20), by="Grace")
    )

    for deed in (
        Noted(at=minute(30), by="Ada", text="too late"),
        TypeCorrected(at=minute(30), by="Ada", crisis_type="rumour"),
        override(30, CRITICAL),
        ack(30),
    ):
        later = apply(reviewed, deed)
        assert (later.notes, later.corrections, later.history, later.states) == (
            reviewed.notes,
            reviewed.corrections,
            reviewed.history,
            reviewed.states,
        )
