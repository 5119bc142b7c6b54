"""Laws of incidents, whatever signals come, and however often."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.incidents.events import SignalArrived, TimePassed
from crisiswatch.incidents.incident import Incident, IncidentPolicy, apply
from tests.made_signals import made_signal, minute

POLICY = IncidentPolicy(fall_hold_s=1_800, reopen_within_s=3_600)


@st.composite
def streams(draw: st.DrawFn) -> list[Signal]:
    """Draw what detection may say of one topic: in order of time, each id once."""
    signals = []
    minutes, episode = 0, 1
    for change in draw(st.lists(st.sampled_from(Change), min_size=1, max_size=12)):
        minutes += draw(st.sampled_from([1, 5, 20, 31, 61, 200]))
        severity = draw(st.sampled_from(Severity))
        posts = draw(st.floats(min_value=0, max_value=500))
        signals.append(made_signal(minutes, change, severity, episode=episode, posts=posts))
        episode += change is Change.CLOSED
    return signals


@st.composite
def resent(draw: st.DrawFn, signals: list[Signal]) -> list[Signal]:
    """Draw how a stream arrives when its sender dies and resumes from a snapshot: at least once."""
    delivered: list[Signal] = []
    sent = 0
    for _ in range(draw(st.integers(min_value=0, max_value=4))):
        resumed = draw(st.integers(min_value=0, max_value=sent))
        died = draw(st.integers(min_value=resumed, max_value=len(signals)))
        delivered += signals[resumed:died]
        sent = max(sent, died)
    resumed = draw(st.integers(min_value=0, max_value=sent))
    return delivered + signals[resumed:]


def told(signals: list[Signal]) -> dict[str, Incident]:
    """Return all incidents of one topic by id, as the responder keeps them."""
    incidents: dict[str, Incident] = {}
    newest = None
    for signal in signals:
        newest = apply(newest, SignalArrived(signal=signal), policy=POLICY)
        incidents[newest.id] = newest
    return incidents


@given(st.data(), streams())
def test_at_least_once_delivery_equals_once(data: st.DataObject, signals: list[Signal]) -> None:
    assert told(data.draw(resent(signals))) == told(signals)


@given(st.data(), streams())
def test_any_shuffle_with_repeats_never_makes_anything_look_better(
    data: st.DataObject, signals: list[Signal]
) -> None:
    incident = None
    for signal in data.draw(st.permutations(signals + signals)):
        arrived = SignalArrived(signal=signal)
        before, incident = incident, apply(incident, arrived, policy=POLICY)
        is_late = before is not None and minute(0) + _after_noon(signal) < before.last_at
        if before is not None and is_late:
            assert incident.severity >= before.severity
            assert incident.is_open >= before.is_open
            assert incident.peak.posts_per_min >= before.peak.posts_per_min
        assert apply(incident, arrived, policy=POLICY) is incident


@given(st.data(), streams())
def test_looking_at_the_clock_more_often_changes_nothing(
    data: st.DataObject, signals: list[Signal]
) -> None:
    rarely = often = apply(None, SignalArrived(signal=signals[0]), policy=POLICY)
    for signal in signals[1:]:
        gap = minute(0) + _after_noon(signal) - often.last_at
        for share in sorted(data.draw(st.lists(st.floats(min_value=0, max_value=1), max_size=4))):
            often = apply(often, TimePassed(now=often.last_at + gap * share))
        often = apply(often, SignalArrived(signal=signal), policy=POLICY)
        rarely = apply(rarely, SignalArrived(signal=signal), policy=POLICY)
        assert often == rarely


@given(streams())
def test_the_severity_is_the_highest_verdict_of_the_hold(signals: list[Signal]) -> None:
    """Compare the staircase of falls with looking at every verdict again."""
    hold = timedelta(seconds=POLICY.fall_hold_s)
    in_force: list[tuple[timedelta, Severity]] = []
    incident = None
    for signal in signals:
        before, now = incident, _after_noon(signal)
        incident = apply(incident, SignalArrived(signal=signal), policy=POLICY)
        if not incident.is_open:
            continue
        if before is None or before.id != incident.id or not before.is_open:
            in_force = []
        severity = max(signal.verdict.severity, Severity.LOW)
        if signal.change is Change.REFRESHED and in_force:
            severity = max(severity, in_force[-1][1])
        in_force.append((now, severity))
        ends = [at for at, _ in in_force[1:]] + [None]
        assert incident.severity == max(
            severity
            for (_, severity), end in zip(in_force, ends, strict=True)
            if end is None or end > now - hold
        )


@given(streams())
def test_histories_are_in_order_and_every_change_has_its_reason(signals: list[Signal]) -> None:
    for incident in told(signals).values():
        times = [step.at for step in incident.history]
        assert times == sorted(times)
        assert all(step.reasons for step in incident.history)
        assert all(change.reason for change in incident.states)
        keys = [(step.change, step.cause) for step in incident.history]
        assert len(set(keys)) == len(keys)
        assert incident.highest_severity == max(incident.worst.severity, Severity.LOW)
        assert (incident.closed_at is None) == incident.is_open


def _after_noon(signal: Signal) -> timedelta:
    return timedelta(seconds=signal.at - minute(0).timestamp())
