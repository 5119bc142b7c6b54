"""From signals to announcements, on real parts in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from alerting.action_log import MemoryActionLog
from alerting.actions import Announcement
from alerting.ports import START, Entry, NotDeliveredError, Status
from alerting.responder import Responder
from alerting.signal_log import MemorySignalLog
from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.incidents.grouping import Relations
from crisiswatch.incidents.incident import Incident, IncidentPolicy
from tests.made_signals import made_signal, minute

OPENED, WORSE, BETTER, CLOSED = Change.OPENED, Change.WORSE, Change.BETTER, Change.CLOSED
LOW, HIGH = Severity.LOW, Severity.HIGH


@dataclass
class KeptIncidents:
    """An incident record in memory."""

    saves: list[tuple[str, ...]] = field(default_factory=list)

    def save(self, incidents: Sequence[Incident]) -> None:
        """Remember that they were saved."""
        self.saves.append(tuple(incident.id for incident in incidents))


@dataclass
class Bell:
    """A notifier that people hear, unless it is unplugged."""

    heard: list[Announcement] = field(default_factory=list)
    unplugged: bool = False

    def notify(self, announcement: Announcement) -> None:
        """Ring, or tell that nobody heard."""
        if self.unplugged:
            raise NotDeliveredError("unplugged")
        self.heard.append(announcement)

    def story(self) -> list[tuple[str, Change, Severity, datetime]]:
        """Return what was heard, in short."""
        return [
            (
                heard.incident.topic,
                heard.change,
                heard.incident.severity,
                heard.incident.history[-1].at,
            )
            for heard in self.heard
        ]


class Desk:
    """Everything that outlives a responder, and responders on it."""

    def __init__(self, *signals: Signal) -> None:
        self.signals = MemorySignalLog()
        self.actions = MemoryActionLog()
        self.record = KeptIncidents()
        self.bell = Bell()
        self.add(*signals)

    def add(self, *signals: Signal) -> None:
        """Put signals into the log."""
        for signal in signals:
            self.signals.append(signal)

    def responder(self) -> Responder:
        """Return a new responder that knows nothing yet."""
        return Responder(
            signals=self.signals,
            actions=self.actions,
            record=self.record,
            notifier=self.bell,
            draft=worded,
            incident_policy=IncidentPolicy(fall_hold_s=1_800),
        )


def worded(incident: Incident, now: datetime) -> str | None:
    return f"{incident.topic} at {incident.severity.label}, said {now:%H:%M}"


A_DAY = (
    made_signal(0, OPENED, LOW),
    made_signal(3, OPENED, HIGH, topic="bus"),
    made_signal(5, WORSE, HIGH),
    made_signal(10, BETTER, LOW),
    made_signal(60, CLOSED, LOW, topic="bus"),
)


def test_a_replay_tells_every_change_at_its_own_time() -> None:
    desk = Desk(*A_DAY)

    desk.responder().replay(until=minute(90))

    assert desk.bell.story() == [
        ("air", OPENED, LOW, minute(0)),
        ("bus", OPENED, HIGH, minute(3)),
        ("air", WORSE, HIGH, minute(5)),
        ("bus", CLOSED, HIGH, minute(60)),
        ("air", BETTER, LOW, minute(40)),
    ]


def test_the_draft_is_told_along_with_the_trouble_it_is_for() -> None:
    desk = Desk(*A_DAY)

    desk.responder().replay(until=minute(90))

    assert [heard.holding_message_text for heard in desk.bell.heard] == [
        None,
        "bus at high, said 12:03",
        "air at high, said 12:05",
        None,
        None,
    ]


def test_a_draft_promises_from_the_time_of_its_own_step() -> None:
    desk = Desk(
        made_signal(0, OPENED, HIGH),
        made_signal(10, BETTER, LOW),
        made_signal(300, WORSE, HIGH),
    )

    desk.responder().replay()

    assert [heard.holding_message_text for heard in desk.bell.heard] == [
        "air at high, said 12:00",
        None,
        "air at high, said 17:00",
    ]


def test_without_a_wording_trouble_is_told_without_a_draft() -> None:
    desk = Desk(*A_DAY)
    responder = Responder(
        signals=desk.signals,
        actions=desk.actions,
        record=desk.record,
        notifier=desk.bell,
        draft=lambda _incident, _now: None,
    )

    responder.replay()

    assert [heard.holding_message_text for heard in desk.bell.heard] == [None] * 4


def test_live_and_replay_come_to_the_same_incidents_and_tell_the_same() -> None:
    recorded, live = Desk(*A_DAY), Desk()
    replayed, watching = recorded.responder(), live.responder()

    replayed.replay(until=minute(90))
    for signal in A_DAY:
        live.add(signal)
        watching.catch_up(datetime.fromtimestamp(signal.at, UTC))
    watching.catch_up(minute(90))

    assert watching.incidents == replayed.incidents
    assert sorted(live.bell.story()) == sorted(recorded.bell.story())


def test_time_alone_makes_a_severity_fall() -> None:
    desk = Desk(made_signal(0, OPENED, HIGH), made_signal(10, BETTER, LOW))
    responder = desk.responder()

    responder.catch_up(minute(39))
    assert [change for _, change, _, _ in desk.bell.story()] == [OPENED]

    responder.catch_up(minute(40))
    assert [change for _, change, _, _ in desk.bell.story()] == [OPENED, BETTER]


def test_looking_again_tells_nothing_twice_and_saves_only_changes() -> None:
    desk = Desk(*A_DAY)
    responder = desk.responder()

    for _ in range(3):
        responder.catch_up(minute(60))

    assert len(desk.bell.heard) == 5
    assert desk.record.saves == [("air/20150222T120000Z", "bus/20150222T120300Z")]


def test_a_new_responder_tells_nothing_that_was_told() -> None:
    desk = Desk(*A_DAY)
    desk.responder().catch_up(minute(60))
    told = desk.bell.story()

    desk.responder().catch_up(minute(61))

    assert desk.bell.story() == told


def test_after_an_outage_only_what_is_still_worth_saying_is_said() -> None:
    two_days = 2 * 24 * 60
    desk = Desk(
        made_signal(0, OPENED, HIGH),
        made_signal(5, CLOSED),
        made_signal(0, OPENED, HIGH, topic="bus"),
        made_signal(two_days, OPENED, LOW, topic="car"),
    )

    desk.responder().catch_up(minute(two_days + 1))

    assert desk.bell.story() == [
        ("bus", OPENED, HIGH, minute(0)),
        ("car", OPENED, LOW, minute(two_days)),
    ]


def test_an_announcement_that_did_not_arrive_is_made_again() -> None:
    desk = Desk(made_signal(0, OPENED, LOW))
    responder = desk.responder()
    key = f"air/20150222T120000Z/opened/{made_signal(0, OPENED).id}"

    desk.bell.unplugged = True
    responder.catch_up(minute(1))
    failed = desk.actions.outcome(key)
    assert failed is not None
    assert (failed.status, failed.result) == (Status.FAILED, "unplugged")

    desk.bell.unplugged = False
    responder.catch_up(minute(2))
    assert desk.bell.story() == [("air", OPENED, LOW, minute(0))]
    settled = desk.actions.outcome(key)
    assert settled is not None
    assert settled.status is Status.DONE


def test_a_second_crisis_of_a_topic_is_an_incident_of_its_own() -> None:
    desk = Desk(
        made_signal(0, OPENED, HIGH),
        made_signal(5, CLOSED),
        made_signal(600, OPENED, LOW, episode=2),
    )
    responder = desk.responder()

    responder.replay()

    assert [incident.id for incident in responder.incidents] == [
        "air/20150222T120000Z",
        "air/20150222T220000Z",
    ]
    assert desk.record.saves == [("air/20150222T120000Z", "air/20150222T220000Z")]


def test_related_topics_share_an_incident_in_a_replay() -> None:
    desk = Desk(*A_DAY)
    responder = Responder(
        signals=desk.signals,
        actions=desk.actions,
        record=desk.record,
        notifier=desk.bell,
        draft=worded,
        relations=Relations(groups=(("air", "bus"),)),
    )

    responder.replay(until=minute(90))

    (incident,) = responder.incidents
    assert incident.topics == ("air", "bus")
    assert incident.joined == (
        ("bus", minute(3), f"related to air, whose incident {incident.id} is open"),
    )
    assert desk.bell.story() == [
        ("air", OPENED, LOW, minute(0)),
        ("air", WORSE, HIGH, minute(3)),
    ]


def test_a_responder_without_signals_keeps_an_empty_record() -> None:
    desk = Desk()

    desk.responder().replay()

    assert desk.record.saves == [()]


def test_the_record_waits_where_it_is_told_to() -> None:
    desk = Desk(*A_DAY)
    responder = desk.responder()

    responder.replay(save=False)
    assert desk.record.saves == []

    responder.replay()
    assert desk.record.saves == [("air/20150222T120000Z", "bus/20150222T120300Z")]


def test_every_signal_is_read_once() -> None:
    desk = Desk(*A_DAY[:2])
    asked: list[str] = []

    class Reading(MemorySignalLog):
        """A log that tells where reading began."""

        def read(self, after: str = START) -> Sequence[Entry]:
            """Read the desk's log."""
            asked.append(after)
            return desk.signals.read(after)

    responder = Responder(
        signals=Reading(),
        actions=desk.actions,
        record=desk.record,
        notifier=desk.bell,
        draft=worded,
    )
    responder.replay()
    desk.add(*A_DAY[2:])
    responder.replay()

    assert asked == [START, desk.signals.read()[1].position]
