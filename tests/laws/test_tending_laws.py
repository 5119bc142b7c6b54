"""Laws of time: looking twice changes nothing, and nothing changes between the times to look.

Cases are led through random days: signals, people's deeds, decisions on messages, answers.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerting import reserves
from alerting.response import holding
from alerting.response.case import Case, UnreadableCaseError, decode_case, encode_case
from alerting.response.holding import HoldingMessage, Stage
from alerting.response.tending import tend, tending_times
from alerting.response.world import World, decode_policy, encode_policy, policy_id
from crisiswatch.config import Role
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.events import (
    Acknowledged,
    Active,
    Resolved,
    SeverityOverridden,
    SignalArrived,
    TypeCorrected,
)
from crisiswatch.incidents.incident import apply
from crisiswatch.incidents.playbook import Playbook
from tests.alerting.response.made_world import (
    PLAYBOOK,
    TEAM,
    a_person,
    made_case,
    made_policy,
    made_world,
)
from tests.made_signals import NOON, TOPICS, made_signal, minute

SEVERITIES = st.sampled_from([Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL])
SHIFTS = (
    a_person("r7", Role.AGENT, hours="13:00-15:00"),
    a_person("r8", Role.AGENT, hours="12:10-12:50"),
)
ACTS = st.one_of(
    st.tuples(
        st.sampled_from([Change.WORSE, Change.BETTER, Change.REFRESHED, Change.CLOSED]), SEVERITIES
    ),
    st.tuples(st.just("override"), st.none() | SEVERITIES),
    st.tuples(st.just("correct"), st.sampled_from(["rumour", "data-breach", "unheard-of"])),
    st.tuples(
        st.sampled_from(["ack", "active", "resolve", "approve", "approve", "edit", "reject"]),
        st.none(),
    ),
    st.tuples(st.sampled_from(["accept", "decline"]), st.sampled_from(["r1", "r2", "r7"])),
)
DAYS = st.lists(st.tuples(st.sampled_from([0, 1, 7, 29, 61, 130, 250]), ACTS), max_size=8)
LOOKS = 30
"""At a quarter of an hour from one to the next, most of a day."""

CADENCES = st.sampled_from([None, 300, 540, 900])


def world_with(cadence_s: int | None, *more_reserve: str) -> World:
    """Return a world whose runbooks promise updates that often."""
    playbook = PLAYBOOK
    if cadence_s is not None:
        playbook = Playbook(
            runbooks=tuple(
                replace(
                    runbook,
                    levels=tuple(
                        (severity, replace(level, update_every_s=cadence_s))
                        for severity, level in runbook.levels
                    ),
                )
                for runbook in PLAYBOOK.runbooks
            )
        )
    policy = made_policy(playbook=playbook, reserve=("r1", "r2", "r3", *more_reserve))
    return made_world(policy, people=(*TEAM, *SHIFTS))


def after(case: Case, act: tuple[object, object], now: datetime, number: int) -> Case:
    what, value = act
    by = f"p{number}"
    incident = case.incident
    match what:
        case Change():
            assert isinstance(value, Severity)
            signal = made_signal(int((now - NOON).total_seconds() // 60), what, value)
            incident = apply(incident, SignalArrived(signal=signal, heard_at=now))
        case "override":
            assert value is None or isinstance(value, Severity)
            event = SeverityOverridden(at=now, by=by, severity=value, reason="I know", id=by)
            incident = apply(incident, event)
        case "correct":
            incident = apply(incident, TypeCorrected(at=now, by=by, crisis_type=str(value), id=by))
        case "ack":
            incident = apply(incident, Acknowledged(at=now, by=by, id=by))
        case "active":
            incident = apply(incident, Active(at=now, by=by, what="something", id=by))
        case "resolve":
            incident = apply(incident, Resolved(at=now, by=by, note="over", id=by))
        case _:
            return answered(case, str(what), str(value), now, by)
    if incident.id != case.incident.id:
        return case  # another case opened: not this one's business
    return replace(case, incident=incident)


def answered(case: Case, what: str, person: str, now: datetime, by: str) -> Case:
    if what in {"accept", "decline"}:
        reserve = reserves.answer(case.reserve, person, accepts=what == "accept", now=now)
        return case if isinstance(reserve, str) else replace(case, reserve=reserve)
    if case.message is None:
        return case
    decided = decision(what, case.message, now, by)
    return case.with_message(decided) if isinstance(decided, HoldingMessage) else case


def decision(
    what: str, message: HoldingMessage, now: datetime, by: str
) -> HoldingMessage | holding.Refusal:
    match what:
        case "approve":
            return holding.approve(
                message, by=by, at=now, sha256=message.sha256, needed=1, topics=TOPICS
            )
        case "edit":
            texts = (("en", "public", f"It is now {now:%H:%M}."),)
            return holding.edit(message, by=by, at=now, sha256=message.sha256, texts=texts)
        case _:
            return holding.reject(message, by=by, at=now, sha256=message.sha256, reason="no")


def led_through(
    day: list[tuple[int, tuple[object, object]]], severity: Severity, world: World
) -> Iterator[tuple[Case, datetime]]:
    """Yield the case as it stands, tended, after each thing that happened."""
    now = NOON
    case = tend(made_case(made_signal(0, Change.OPENED, severity)), world, now)
    yield case, now
    for number, (minutes, act) in enumerate(day):
        now += timedelta(minutes=minutes, seconds=number)
        case = tend(after(tend(case, world, now), act, now, number), world, now)
        yield case, now


@given(DAYS, SEVERITIES, CADENCES)
@settings(max_examples=60, deadline=None)
def test_looking_twice_changes_nothing(
    day: list[tuple[int, tuple[object, object]]], severity: Severity, cadence_s: int | None
) -> None:
    world = world_with(cadence_s, "r7", "r8")
    for case, now in led_through(day, severity, world):
        assert tend(case, world, now) == case


@given(DAYS, SEVERITIES, CADENCES)
@example(day=[(1, ("approve", None))], severity=Severity.HIGH, cadence_s=None)
@settings(max_examples=40, deadline=None)
def test_nothing_changes_before_the_time_to_look_again(
    day: list[tuple[int, tuple[object, object]]], severity: Severity, cadence_s: int | None
) -> None:
    # without people who have hours: for those, it is only looked again every quarter of an hour
    world = world_with(cadence_s)
    *_, (case, now) = led_through(day, severity, world)
    for _ in range(LOOKS):
        next_at = min((at for _, at in tending_times(case, world) if at > now), default=None)
        until = now + timedelta(days=2) if next_at is None else next_at
        moments = [now + timedelta(minutes=minutes) for minutes in (1, 5, 14, 31, 61, 241, 2_000)]
        for at in (*moments, until - timedelta(seconds=1)):
            if now < at < until:
                assert tend(case, world, at) == case
        if next_at is None:
            break
        case, now = tend(case, world, next_at), next_at


@given(DAYS, SEVERITIES)
@settings(max_examples=40, deadline=None)
def test_at_most_one_message_waits_and_only_approval_lets_one_out(
    day: list[tuple[int, tuple[object, object]]], severity: Severity
) -> None:
    world = world_with(None)
    for case, _ in led_through(day, severity, world):
        assert [message.is_waiting for message in case.messages[:-1]].count(True) == 0
        for message in case.messages:
            assert (message.stage is Stage.APPROVED) <= bool(message.approvals)


@given(DAYS, SEVERITIES)
@settings(max_examples=40, deadline=None)
def test_a_case_comes_back_from_the_store_as_it_was(
    day: list[tuple[int, tuple[object, object]]], severity: Severity
) -> None:
    for case, _ in led_through(day, severity, world_with(None)):
        assert decode_case(encode_case(case)) == case


def test_a_policy_comes_back_as_it_was_under_the_same_name() -> None:
    policy = made_policy()
    body = encode_policy(policy)

    assert decode_policy(body) == policy
    assert policy_id(encode_policy(decode_policy(body))) == policy_id(body)
    assert policy_id(encode_policy(made_policy(languages=("de",)))) != policy_id(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{}", id="empty"),
        pytest.param(b'{"incident": 3}', id="a-number"),
        pytest.param(b"\xff", id="no-json"),
        pytest.param(
            b'{"incident":{"id":"\xff"},"playbook":{"runbooks":[{"crisis_type":"\xff"}]}}',
            id="no-text",
        ),
    ],
)
def test_what_is_no_case_or_policy_is_said_to_be_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableCaseError):
        decode_case(body)
    with pytest.raises(UnreadableCaseError):
        decode_policy(body)


def test_a_signal_from_a_clock_ahead_of_ours_is_drafted_for_once() -> None:
    world = world_with(None)
    case = replace(made_case(made_signal(5, Change.OPENED)), fresh_since=NOON)

    for minutes in range(10):
        case = tend(case, world, minute(minutes))

    assert len(case.messages) == 1
