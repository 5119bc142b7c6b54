"""Which incident a signal is put to."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from crisiswatch.detection.signal import Change, Severity, Signal, Theme
from crisiswatch.incidents.events import Event, Resolved, Reviewed, SignalArrived
from crisiswatch.incidents.grouping import ALONE, Relations, Routed, resemblance, route
from crisiswatch.incidents.incident import Incident, IncidentPolicy, apply
from tests.made_signals import made_signal, minute

OPENED, WORSE, BETTER, CLOSED = Change.OPENED, Change.WORSE, Change.BETTER, Change.CLOSED
HIGH, LOW = Severity.HIGH, Severity.LOW
POLICY = IncidentPolicy(fall_hold_s=1_800, reopen_within_s=3_600)
TOGETHER = Relations(groups=(("maker", "phone", "store"),), by_theme=False)
BY_THEME = Relations()

BATTERY = "the battery of my new phone caught fire last night on the table"
REPOSTED = "RT @fay: The battery of my new phone caught FIRE last night! https://t.co/x"
CANCELLED = "cancelled again, no answer"


def after(*events: Event | Signal) -> Incident:
    incident = None
    for event in events:
        told = SignalArrived(signal=event) if isinstance(event, Signal) else event
        incident = apply(incident, told, policy=POLICY)
    assert incident is not None
    return incident


def saying(signal: Signal, text: str, share: float = 0.4) -> Signal:
    theme = Theme(text=text, posts=int(share * 100), share=share)
    evidence = replace(signal.verdict.evidence, themes=(theme,))
    return replace(signal, verdict=replace(signal.verdict, evidence=evidence))


PHONE = after(made_signal(0, OPENED, topic="phone"))
FIRE = after(saying(made_signal(0, OPENED, topic="phone"), BATTERY))
OVER = after(made_signal(0, OPENED, topic="phone"), made_signal(10, CLOSED, topic="phone"))
REVIEWED = apply(OVER, Reviewed(at=minute(20), by="Grace"))

CASES: dict[str, tuple[Signal, Sequence[Incident], Relations, str | None, str]] = {
    "the-first-signal-of-all": (
        made_signal(0, OPENED, topic="phone"),
        [],
        TOGETHER,
        None,
        "nothing open that it belongs to",
    ),
    "its-own-episode": (
        made_signal(5, WORSE, topic="phone"),
        [PHONE],
        ALONE,
        PHONE.id,
        f"the same episode as in {PHONE.id}",
    ),
    "another-episode-of-an-open-incident": (
        made_signal(5, OPENED, topic="phone", episode=2),
        [PHONE],
        ALONE,
        PHONE.id,
        f"{PHONE.id} of the same topic is open",
    ),
    "a-second-wave": (
        made_signal(60, OPENED, topic="phone", episode=2),
        [OVER],
        ALONE,
        OVER.id,
        f"{OVER.id} of the same topic closed not long ago",
    ),
    "a-second-wave-too-late": (
        made_signal(71, OPENED, topic="phone", episode=2),
        [OVER],
        ALONE,
        None,
        "nothing open that it belongs to",
    ),
    "worse-after-the-review": (
        made_signal(30, WORSE, topic="phone"),
        [REVIEWED],
        ALONE,
        None,
        "nothing open that it belongs to",
    ),
    "late": (
        made_signal(5, BETTER, topic="phone", episode=9),
        [OVER],
        ALONE,
        OVER.id,
        f"older than what {OVER.id} has heard of phone",
    ),
    "a-related-topic": (
        made_signal(5, OPENED, topic="store"),
        [PHONE],
        TOGETHER,
        PHONE.id,
        f"related to phone, whose incident {PHONE.id} is open",
    ),
    "a-related-topic-that-is-over": (
        made_signal(15, OPENED, topic="store"),
        [OVER],
        TOGETHER,
        None,
        "nothing open that it belongs to",
    ),
    "a-related-topic-s-signal-of-yesterday": (
        made_signal(-61, OPENED, topic="store"),
        [PHONE],
        TOGETHER,
        None,
        "nothing open that it belongs to",
    ),
    "a-topic-of-no-group": (
        made_signal(5, OPENED, topic="bus"),
        [PHONE],
        TOGETHER,
        None,
        "nothing open that it belongs to",
    ),
    "the-same-story-reposted": (
        saying(made_signal(5, OPENED, topic="store"), REPOSTED),
        [FIRE],
        BY_THEME,
        FIRE.id,
        f"40% of its posts say what those of {FIRE.id} say: {REPOSTED}",
    ),
    "the-same-story-where-themes-do-not-count": (
        saying(made_signal(5, OPENED, topic="store"), REPOSTED),
        [FIRE],
        ALONE,
        None,
        "nothing open that it belongs to",
    ),
    "the-same-story-told-by-few": (
        saying(made_signal(5, OPENED, topic="store"), REPOSTED, share=0.1),
        [FIRE],
        BY_THEME,
        None,
        "nothing open that it belongs to",
    ),
    "the-same-story-half-a-day-later": (
        saying(made_signal(6 * 60 + 1, OPENED, topic="store"), REPOSTED),
        [FIRE],
        BY_THEME,
        None,
        "nothing open that it belongs to",
    ),
    "another-story": (
        saying(
            made_signal(5, OPENED, topic="store"), "the queue at the store goes around the block"
        ),
        [FIRE],
        BY_THEME,
        None,
        "nothing open that it belongs to",
    ),
    "words-that-everybody-writes": (
        saying(made_signal(5, OPENED, topic="bus"), CANCELLED),
        [after(saying(made_signal(0, OPENED), CANCELLED))],
        BY_THEME,
        None,
        "nothing open that it belongs to",
    ),
}


@pytest.mark.parametrize(
    ("signal", "incidents", "relations", "incident_id", "reason"), CASES.values(), ids=CASES
)
def test_a_signal_is_put_where_it_belongs_and_says_why(
    signal: Signal,
    incidents: Sequence[Incident],
    relations: Relations,
    incident_id: str | None,
    reason: str,
) -> None:
    assert route(signal, incidents, relations) == Routed(incident_id=incident_id, reason=reason)


def test_the_topic_s_own_incident_comes_before_a_related_one() -> None:
    own = after(made_signal(10, OPENED, topic="store"))

    routed = route(made_signal(20, WORSE, topic="store"), [PHONE, own], TOGETHER)

    assert routed.incident_id == own.id


def test_a_topic_stays_with_the_incident_that_it_joined() -> None:
    joined = after(
        made_signal(0, OPENED, topic="phone"),
        made_signal(5, OPENED, topic="store"),
        made_signal(8, CLOSED, topic="store"),
    )
    before = replace(after(made_signal(3, OPENED, topic="store")), id="earlier")

    routed = route(made_signal(9, OPENED, topic="store", episode=2), [before, joined], ALONE)

    assert routed == Routed(incident_id=joined.id, reason=f"{joined.id} of the same topic is open")


def test_where_several_related_topics_have_incidents_the_oldest_is_joined() -> None:
    maker = after(made_signal(3, OPENED, topic="maker"))
    signal = made_signal(5, OPENED, topic="store")

    assert {
        route(signal, incidents, TOGETHER).incident_id
        for incidents in ([PHONE, maker], [maker, PHONE])
    } == {PHONE.id}


def test_an_incident_that_a_person_closed_is_not_joined_by_others() -> None:
    resolved = apply(PHONE, Resolved(at=minute(3), by="Ada", note="answered"))

    assert route(made_signal(5, OPENED, topic="store"), [resolved], TOGETHER).incident_id is None


def test_resemblance_is_of_word_pairs() -> None:
    assert resemblance(BATTERY, BATTERY.upper()) == 1.0
    assert resemblance(BATTERY, REPOSTED) == pytest.approx(9 / 12)
    assert resemblance("fire", "fire") == 0.0
