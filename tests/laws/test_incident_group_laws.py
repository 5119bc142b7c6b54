"""Laws of incidents of several topics, of what people do to them, and of their bytes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.incidents.events import (
    Acknowledged,
    Active,
    Deed,
    Event,
    Noted,
    Resolved,
    Reviewed,
    SeverityOverridden,
    SignalArrived,
    TimePassed,
    TypeCorrected,
)
from crisiswatch.incidents.grouping import Relations, route
from crisiswatch.incidents.incident import Incident, IncidentPolicy, State, ack_expires_at, apply
from crisiswatch.incidents.incident_codec import decode_incident, encode_incident
from tests.made_signals import made_signal, minute

POLICY = IncidentPolicy(fall_hold_s=1_800, reopen_within_s=3_600, ack_expires_s=2_400)
TOPICS = ("air", "bus", "car")
RELATIONS = Relations(groups=(("air", "bus"),), by_theme=False)


def drawn_deed(draw: st.DrawFn, minutes: int, number: int) -> Deed:
    at, by, name = minute(minutes), draw(st.sampled_from(["Ada", "Grace"])), f"press-{number}"
    severity = draw(st.none() | st.sampled_from(Severity))
    deeds: list[Deed] = [
        Acknowledged(at=at, by=by, id=name),
        Active(at=at, by=by, what="approved", id=name),
        SeverityOverridden(at=at, by=by, severity=severity, reason="known", id=name),
        TypeCorrected(at=at, by=by, crisis_type="rumour", id=name),
        Noted(at=at, by=by, text="«hm» 😡", id=name),
        Resolved(at=at, by=by, note="answered", id=name),
        Reviewed(at=at, by=by, id=name),
    ]
    return draw(st.sampled_from(deeds))


@st.composite
def days(draw: st.DrawFn, *, with_deeds: bool = True) -> list[Event]:
    """Draw the signals of a few topics and what people do, in order of time, each once."""
    events: list[Event] = []
    minutes = 0
    episodes = dict.fromkeys(TOPICS, 1)
    for number in range(draw(st.integers(min_value=1, max_value=15))):
        minutes += draw(st.sampled_from([1, 5, 20, 31, 61, 200]))
        if with_deeds and events and draw(st.booleans()):
            events.append(drawn_deed(draw, minutes, number))
            continue
        topic, change = draw(st.sampled_from(TOPICS)), draw(st.sampled_from(Change))
        severity = draw(st.sampled_from(Severity))
        signal = made_signal(minutes, change, severity, topic=topic, episode=episodes[topic])
        late_s = draw(st.sampled_from([0, 7]))
        heard_at = datetime.fromtimestamp(signal.at, UTC) + timedelta(seconds=late_s)
        events.append(SignalArrived(signal=signal, heard_at=heard_at))
        episodes[topic] += change is Change.CLOSED
    return events


def all_told(events: list[Event]) -> list[Incident]:
    """Return the one incident that all is put to after each event, whichever it is by then."""
    told: list[Incident] = []
    for event in events:
        told.append(apply(told[-1] if told else None, event, policy=POLICY))
    return told


def grouped(signals: list[Signal], order: list[int] | None = None) -> dict[str, Incident]:
    """Route and apply, looking at the incidents in some order."""
    incidents: dict[str, Incident] = {}
    for signal in signals:
        seen = list(incidents.values())
        if order is not None:
            turns = sorted(range(len(seen)), key=lambda turn: (order[turn % len(order)], turn))
            seen = [seen[turn] for turn in turns]
        routed = route(signal, seen, RELATIONS)
        before = None if routed.incident_id is None else incidents[routed.incident_id]
        after = apply(before, SignalArrived(signal=signal, joins=routed.reason), policy=POLICY)
        incidents[after.id] = after
    return incidents


def signals_of(events: list[Event]) -> list[Signal]:
    return [event.signal for event in events if isinstance(event, SignalArrived)]


@given(days())
def test_an_incident_is_equal_after_a_trip_through_its_bytes(events: list[Event]) -> None:
    for incident in all_told(events):
        body = encode_incident(incident)
        assert decode_incident(body) == incident
        assert encode_incident(decode_incident(body)) == body


@given(st.data(), days())
def test_anything_a_second_time_changes_nothing(data: st.DataObject, events: list[Event]) -> None:
    told = all_told(events)
    number = data.draw(st.integers(min_value=0, max_value=len(events) - 1))
    later = data.draw(st.integers(min_value=number, max_value=len(events) - 1))
    incident = told[later]
    if incident.id == told[number].id:
        assert apply(incident, events[number], policy=POLICY) is incident


@given(days(with_deeds=False))
def test_without_a_person_s_word_it_is_never_below_the_highest_claim(events: list[Event]) -> None:
    for incident in all_told(events):
        claims = [standing.claimed for standing in incident.standings]
        if incident.is_open:
            assert incident.severity == incident.detected >= max(claims)
            assert not all(standing.is_closed for standing in incident.standings)


@given(days())
def test_a_person_s_word_is_the_severity_in_force(events: list[Event]) -> None:
    for incident in all_told(events):
        if incident.override is not None:
            assert incident.is_open
            assert incident.severity == incident.override.severity
        elif incident.is_open:
            assert incident.severity == incident.detected


@given(days())
def test_every_acknowledgement_is_owed_to_somebody_who_was_there(events: list[Event]) -> None:
    for incident in all_told(events):
        expires_at = ack_expires_at(incident)
        assert (expires_at is None) == (incident.state is not State.ACKNOWLEDGED)
        if expires_at is not None:
            assert apply(incident, TimePassed(now=expires_at)).state is State.TRIGGERED
        times = [step.at for step in incident.history]
        assert times == sorted(times)
        state_times = [change.at for change in incident.states]
        assert state_times == sorted(state_times)
        keys = [(step.change, step.cause) for step in incident.history]
        assert len(set(keys)) == len(keys)


@given(st.data(), days())
def test_looking_at_the_clock_more_often_changes_nothing_whatever_people_do(
    data: st.DataObject, events: list[Event]
) -> None:
    rarely = often = apply(None, events[0], policy=POLICY)
    last = rarely.last_at
    for event in events[1:]:
        at = _at(event)
        for share in sorted(data.draw(st.lists(st.floats(min_value=0, max_value=1), max_size=3))):
            often = apply(often, TimePassed(now=last + (at - last) * share))
        often, rarely = (apply(each, event, policy=POLICY) for each in (often, rarely))
        last = at
        looked = TimePassed(now=at)
        assert apply(often, looked) == apply(rarely, looked)


@given(
    st.data(),
    st.lists(st.sampled_from(Severity), min_size=3, max_size=3),
    st.lists(st.tuples(st.sampled_from(Change), st.sampled_from(Severity)), min_size=3, max_size=3),
)
def test_the_order_of_topics_at_one_moment_does_not_matter(
    data: st.DataObject, at_first: list[Severity], then: list[tuple[Change, Severity]]
) -> None:
    opened = [
        SignalArrived(signal=made_signal(0, Change.OPENED, severity, topic=topic))
        for topic, severity in zip(TOPICS, at_first, strict=True)
    ]
    at_once = [
        SignalArrived(signal=made_signal(10, change, severity, topic=topic))
        for topic, (change, severity) in zip(TOPICS, then, strict=True)
    ]
    shuffled = data.draw(st.permutations(at_once))

    one, other = all_told([*opened, *at_once])[-1], all_told([*opened, *shuffled])[-1]

    assert (one.severity, one.is_open) == (other.severity, other.is_open)
    later = TimePassed(now=minute(500))
    assert apply(one, later).severity == apply(other, later).severity


@given(st.permutations(range(5)), days(with_deeds=False))
def test_grouping_is_the_same_in_every_replay(order: list[int], events: list[Event]) -> None:
    signals = signals_of(events)

    assert grouped(signals, order) == grouped(signals)


@given(days(with_deeds=False))
def test_a_topic_is_in_one_open_incident_and_strangers_share_none(events: list[Event]) -> None:
    signals = signals_of(events)
    for count in range(1, len(signals) + 1):
        incidents = grouped(signals[:count]).values()
        going_on = [topic for each in incidents if each.is_open for topic in each.topics]
        assert len(set(going_on)) == len(going_on)
        assert all("car" not in each.topics or each.topics == ("car",) for each in incidents)


@given(days(with_deeds=False))
def test_topics_alone_are_as_if_there_were_no_others(events: list[Event]) -> None:
    signals = [signal for signal in signals_of(events) if signal.topic != "bus"]

    together = grouped(signals)

    apart: dict[str, Incident] = {}
    for topic in ("air", "car"):
        newest = None
        for signal in signals:
            if signal.topic == topic:
                newest = apply(newest, SignalArrived(signal=signal), policy=POLICY)
                apart[newest.id] = newest
    assert together == apart


def _at(event: Event) -> datetime:
    match event:
        case SignalArrived(signal=signal):
            return datetime.fromtimestamp(signal.at, UTC)
        case TimePassed(now=now):
            return now
        case _:
            return event.at
