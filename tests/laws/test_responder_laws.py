"""Laws of the responder: whenever it dies, nothing is forgotten, and nothing recorded repeated."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from alerting.action_log import MemoryActionLog
from alerting.actions import Announcement
from alerting.ports import Outcome
from alerting.responder import Responder
from alerting.signal_log import MemorySignalLog
from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.incidents.incident import Incident, IncidentPolicy
from tests.made_signals import made_signal, minute

AN_HOUR_LATER = minute(60 + 12 * 20)


class KilledError(BaseException):
    """The process is gone; nothing of ours may catch this."""


class Fuse:
    """Counts the moments at which a process can die, and kills it at the drawn ones."""

    def __init__(self, deaths: Sequence[int]) -> None:
        self._moments = 0
        self._deaths = frozenset(deaths)

    def burn(self) -> None:
        """Let one moment pass."""
        self._moments += 1
        if self._moments in self._deaths:
            raise KilledError


class World:
    """What outlives the responder: logs, and the people who heard it. It can die around each."""

    def __init__(self, signals: Sequence[Signal], fuse: Fuse) -> None:
        self.signals = MemorySignalLog()
        for signal in signals:
            self.signals.append(signal)
        self.heard: list[str] = []
        self.unrecorded: Counter[str] = Counter()
        self._actions = MemoryActionLog()
        self._fuse = fuse
        self._intended = ""
        self._just_heard = ""
        self.saved: tuple[Incident, ...] = ()

    def record(self, key: str, outcome: Outcome) -> None:
        """Keep a word on an action; dying before or after."""
        self._dies_unless_recorded()
        self._intended, self._just_heard = key, ""
        self._actions.record(key, outcome)
        self._fuse.burn()

    def _dies_unless_recorded(self) -> None:
        try:
            self._fuse.burn()
        except KilledError:
            if self._just_heard:
                self.unrecorded[self._just_heard] += 1
                self._just_heard = ""
            raise

    def outcome(self, key: str) -> Outcome | None:
        """Return the newest word on an action."""
        return self._actions.outcome(key)

    def notify(self, announcement: Announcement) -> None:
        """Let people hear it; dying before or after."""
        self._fuse.burn()
        step = announcement.incident.history[-1]
        assert self._intended == f"{announcement.incident.id}/{step.change}/{step.cause}"
        self.heard.append(self._intended)
        self._just_heard = self._intended
        self._dies_unless_recorded()

    def save(self, incidents: Sequence[Incident]) -> None:
        """Keep the incidents; dying before or after."""
        self._fuse.burn()
        self.saved = tuple(incidents)
        self._fuse.burn()

    def responder(self) -> Responder:
        """Start a process."""
        return Responder(
            signals=self.signals,
            actions=self,
            record=self,
            notifier=self,
            draft=lambda incident, _now: incident.topic,
            incident_policy=IncidentPolicy(fall_hold_s=1_200, reopen_within_s=600),
        )

    def run(self, work: Callable[[Responder], None]) -> None:
        """Do the work, by as many processes as it takes."""
        while True:
            try:
                work(self.responder())
            except KilledError:
                continue
            return


@st.composite
def logs(draw: st.DrawFn) -> list[Signal]:
    """Draw the signals of two topics, in order of time."""
    signals = []
    minutes = 0
    episodes = {"air": 1, "bus": 1}
    for topic, change, severity in draw(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(episodes)),
                st.sampled_from(Change),
                st.sampled_from(Severity),
            ),
            max_size=12,
        )
    ):
        minutes += draw(st.sampled_from([1, 5, 20]))
        signals.append(made_signal(minutes, change, severity, topic=topic, episode=episodes[topic]))
        episodes[topic] += change is Change.CLOSED
    return signals


deaths = st.lists(st.integers(min_value=1, max_value=120), max_size=8)


@given(logs(), deaths)
def test_a_replay_that_dies_anywhere_tells_each_thing_once(
    signals: list[Signal], dying: list[int]
) -> None:
    undisturbed, disturbed = World(signals, Fuse(())), World(signals, Fuse(dying))

    for world in (undisturbed, disturbed):
        world.run(lambda responder: responder.replay(until=AN_HOUR_LATER))

    assert_told_alike(undisturbed, disturbed)


@given(logs(), deaths)
def test_a_live_responder_that_dies_anywhere_tells_each_thing_once(
    signals: list[Signal], dying: list[int]
) -> None:
    undisturbed, disturbed = World((), Fuse(())), World((), Fuse(dying))

    for world in (undisturbed, disturbed):
        running = world.responder()

        def look(now: datetime, world: World = world) -> None:
            nonlocal running
            while True:
                try:
                    running.catch_up(now)
                except KilledError:
                    running = world.responder()
                    continue
                return

        for signal in signals:
            world.signals.append(signal)
            look(datetime.fromtimestamp(signal.at, UTC))
        look(AN_HOUR_LATER)

    assert_told_alike(undisturbed, disturbed)


def assert_told_alike(undisturbed: World, disturbed: World) -> None:
    """Nothing forgotten; repeated only what a process told and died before recording."""
    assert disturbed.saved == undisturbed.saved
    assert len(set(undisturbed.heard)) == len(undisturbed.heard)
    assert Counter(disturbed.heard) == Counter(undisturbed.heard) + disturbed.unrecorded
