"""Laws over the whole response, on a real Redis: whatever fails when, whoever works when.

Signals, wishes and time come in random order; two responders step as chance has it; calls
outside are refused, get lost or end the process in their midst. Afterwards all goes well
again, and then everything that was due has been done.
"""

from collections import Counter
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerting.commands import Acknowledge, AddNote, Approve, Resolve, SetSeverity
from alerting.response.holding import Stage
from alerting.response.plan import plan
from alerting.response.worker import LEASE_S
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.audit import verify
from tests.alerting.response.made_office import Office
from tests.doubles.recording_workspace import DeathError, Fate
from tests.doubles.redis_server import MakeStore, RedisServer
from tests.made_signals import NOON, made_signal

Act = tuple[str, int]

FATES = st.lists(
    st.sampled_from([Fate.WORKS] * 4 + [fate for fate in Fate if fate is not Fate.WORKS]),
    max_size=12,
)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["step", "step", "step", "time", "signal", "ack", "note", "approve", "raise", "resolve"]
        ),
        st.integers(0, 5),
    ),
    min_size=3,
    max_size=14,
)
SEVERITIES = (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
MINUTES = (0.2, 1, 6, 16, 31, 65)


class Run:
    """One random run, with what was asked for and granted."""

    def __init__(self, make_store: MakeStore, fates: Sequence[Fate]) -> None:
        self.office = Office(make_store, *fates, responders=2)
        self.notes = 0
        self.approved: set[str] = set()
        self.deaths = 0
        self.office.hears(made_signal(0, Change.OPENED))

    def does(self, act: Act) -> None:
        """Let one thing happen."""
        what, number = act
        office = self.office
        match what:
            case "step":
                self.steps(number % 2)
            case "time":
                office.moves(minutes=MINUTES[number])
            case "signal":
                minutes = int((office.now - NOON).total_seconds() // 60)
                change = (Change.WORSE, Change.BETTER)[number % 2]
                office.hears(made_signal(minutes, change, SEVERITIES[number % 3]))
            case _:
                self.asks(what, number)

    def asks(self, what: str, number: int) -> None:
        """Let somebody ask for something; remember what was granted."""
        office, case = self.office, self.office.case
        by = office.origin(("pia", "lea", "ada", "ben", "cem", "olu")[number])
        lead = office.origin("lea")
        message = case.message
        match what:
            case "ack":
                office.asks(Acknowledge(case_id=case.id, origin=by))
            case "note":
                self.notes += office.asks(AddNote(case_id=case.id, origin=by, text="so")).ok
            case "raise":
                severity = SEVERITIES[number % 3]
                office.asks(
                    SetSeverity(case_id=case.id, origin=lead, severity=severity, reason="so")
                )
            case "resolve" if number == 0:
                office.asks(Resolve(case_id=case.id, origin=lead, note="so"))
            case "approve" if message is not None:
                office.asks(
                    Approve(
                        case_id=case.id, origin=by, message_id=message.id, sha256=message.sha256
                    )
                )

    def steps(self, responder: int) -> int:
        """Let a responder work; should it die, it comes back with nothing but the store."""
        try:
            return self.office.step(responder)
        except DeathError:
            self.deaths += 1
            return 1

    def drains(self) -> None:
        """Let all go well again, for long enough that whatever failed has been tried again."""
        self.office.outdoors.fates.clear()
        for _ in range(9):
            self.office.moves(seconds=LEASE_S + 41)
            for _ in range(300):
                if not any([self.steps(0), self.steps(1)]):
                    break
            else:
                raise AssertionError("the responders never come to rest")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS, fates=FATES)
def test_whatever_fails_everything_due_is_done_and_no_page_twice_for_nothing(
    acts: list[Act], fates: list[Fate], make_store: MakeStore, running_redis: RedisServer
) -> None:
    running_redis.flush()
    run = Run(make_store, fates)
    for act in acts:
        run.does(act)
    run.drains()

    office = run.office
    case = office.case
    outcomes = office.store.outcomes(case.id)

    # Nothing is left to do but what failed for good, was answered meanwhile, or rests until a
    # person has looked.
    assert plan(case, office.world, outcomes, office.now).due == []
    # No wish that was granted is lost.
    assert len(case.incident.notes) == run.notes
    # Whatever was posted is posted once: each key that may have arrived is looked for first.
    for key, times in Counter(office.outdoors.keys("post")).items():
        assert times == 1, key
    for key, times in Counter(office.outdoors.keys("publish")).items():
        assert times == 1, key
    # What is public was approved, by as many as it took.
    published = {one.notice.sha256 for one in office.outdoors.happened if one.what == "publish"}  # type: ignore[union-attr]  # a PublishedNotice
    assert published <= {m.sha256 for m in case.messages if m.stage is Stage.APPROVED}
    assert verify(office.store.audit_records(), office.store.audit_head()) == ()


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_two_responders_do_what_one_would(
    acts: list[Act], make_store: MakeStore, running_redis: RedisServer
) -> None:
    done = []
    for both in (False, True):
        running_redis.flush()
        run = Run(make_store, ())
        for act in acts:
            if act[0] != "step":
                run.does(act)
            for _ in range(200):
                stepped = [run.steps(0), run.steps(1)] if both else [run.steps(0)]
                if not any(stepped):
                    break
        done.append(sorted(run.office.outdoors.keys("post")))

    assert done[0] == done[1]
