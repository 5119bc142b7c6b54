"""Laws of escalation: whatever providers, rotas and outages do, nobody who is due is left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.escalation import LAST_RESORT, TRIES_IN_DOUBT, Call, Escalation, PageStep, due_steps
from alerting.ports import Outcome, Status
from crisiswatch.config.people import Person
from crisiswatch.config.responding import EscalationSettings, EscalationStep
from crisiswatch.detection.signal import Severity

START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
CALL = Call(id="air/page/pr", duty="pr", since=START, ack_within_s=20, severity=Severity.CRITICAL)
METHODS = ("dm", "mention", "sms")
NAMES = ("ada", "ben", "cem", "dot")

seconds = st.integers(min_value=0, max_value=240)
words = st.sampled_from([Status.DONE, Status.FAILED, Status.UNKNOWN, Status.INTENDED])
tries = st.tuples(words, st.none() | st.sampled_from([1.0, 4.0, 30.0]))
contacts = st.lists(st.sampled_from(METHODS), unique=True, max_size=3).map(tuple)
targets = st.lists(
    st.sampled_from(["pr", "backup", "person:ada", "person:dot"]), min_size=1, max_size=2
).map(tuple)
policies = st.builds(
    lambda steps, repeat, last: EscalationSettings(
        duty="pr",
        steps=tuple(EscalationStep(notify=notify, after=after) for notify, after in steps),
        repeat=repeat,
        last_resort=last,
        again_after=70,
    ),
    st.lists(st.tuples(targets, st.none() | st.sampled_from([15, 90])), min_size=1, max_size=3).map(
        tuple
    ),
    st.integers(min_value=0, max_value=2),
    st.just(()) | targets,
)


@dataclass(slots=True)
class World:
    """A call in a world drawn at random: who can be reached how, when duties change hands."""

    policy: EscalationSettings
    people: dict[str, Person]
    handovers: Sequence[tuple[int, tuple[str, ...]]]
    tries: Sequence[tuple[Status, float | None]]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    works: str | None = None
    log: list[tuple[int, str]] = field(default_factory=list)
    doubted: set[str] = field(default_factory=set)

    def resolve(self, target: str, when: datetime) -> tuple[Person, ...]:
        """Return whom a target means."""
        if target.startswith("person:"):
            person = self.people.get(target.removeprefix("person:"))
            return () if person is None else (person,)
        on_duty: tuple[str, ...] = ()
        for second, names in self.handovers:
            if START + timedelta(seconds=second) <= when:
                on_duty = names if target == "pr" else names[:1]
        return tuple(self.people[name] for name in on_duty)

    def somebody_for(self, place: tuple[int, int]) -> bool:
        """Tell whether a step has somebody who can be paged, as duties are now."""
        notify = self.policy.steps[place[1] - 1].notify
        people = [person for target in notify for person in self.resolve(target, START)]
        return any(person.contact for person in people)

    def look(self, second: int) -> Escalation:
        """Return what is due at a second."""
        return due_steps(
            CALL,
            self.policy,
            outcomes=self.outcomes,
            resolve=self.resolve,
            now=START + timedelta(seconds=second),
        )

    def page(self, second: int, *, at_most: int = 100) -> Escalation:
        """Try what is due, up to so many pages; what is in doubt is tried once a second."""
        now = START + timedelta(seconds=second)
        tried: set[str] = set()
        while True:
            escalation = self.look(second)
            pages = [page for page in escalation.pages if page.key not in tried]
            if not pages or len(tried) >= at_most:
                return escalation
            page = pages[0]
            tried.add(page.key)
            known = self.outcomes.get(page.key)
            attempts = 1 if known is None else known.attempts + 1
            drawn = (sum(page.key.encode()) + attempts) % len(self.tries)
            status, retry_in_s = self.tries[drawn]
            if page.method == self.works:
                status = Status.DONE
            wait = retry_in_s if status is not Status.DONE else None
            if status in {Status.UNKNOWN, Status.INTENDED}:
                wait = wait or 7.0
                self.doubted.add(page.key)
            self.outcomes[page.key] = Outcome(
                status=status,
                at=now,
                result="",
                attempts=attempts,
                first_at=now if known is None else known.first_at,
                retry_at=None if wait is None else now + timedelta(seconds=wait),
            )
            self.log.append((second, page.key.removeprefix(f"{CALL.id}/")))


@st.composite
def worlds(draw: st.DrawFn) -> Callable[[], World]:
    """Draw a world; each call of what is returned makes it anew."""
    policy = draw(policies)
    people = {name: Person(id=name, name=name, contact=draw(contacts)) for name in NAMES}
    names = st.lists(st.sampled_from(NAMES), unique=True, max_size=2).map(tuple)
    handovers = sorted(draw(st.lists(st.tuples(seconds, names), max_size=4)))
    drawn_tries = draw(st.lists(tries, min_size=1, max_size=7))
    return lambda: World(policy, people, handovers, drawn_tries)


def second_of(at: datetime) -> int:
    """Return the first whole second not before a time."""
    return -int((START - at) // timedelta(seconds=1))


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_looking_every_second_pages_the_same_as_looking_only_when_told_to(
    made: Callable[[], World],
) -> None:
    each_second, when_told = made(), made()
    for second in range(240):
        each_second.page(second)
    second = 0
    while second < 240:
        escalation = when_told.page(second)
        assert escalation.next_at is not None
        second = second_of(escalation.next_at)

    assert when_told.log == each_second.log


@settings(max_examples=150, deadline=None)
@given(worlds(), st.lists(seconds, min_size=1, max_size=40), st.integers(1, 3))
def test_no_step_is_skipped_or_hurried_whenever_crisiswatch_runs_and_dies(
    made: Callable[[], World], moments: list[int], pages_before_it_dies: int
) -> None:
    world = made()
    world.handovers = [(0, world.handovers[0][1] if world.handovers else ("ben",))]
    for second in sorted(moments):
        world.page(second, at_most=pages_before_it_dies)
    traces: dict[tuple[int, int], dict[str, Outcome]] = {}
    for key, outcome in world.outcomes.items():
        traces.setdefault(place_of(key), {})[key] = outcome

    for place, following in pairwise(sorted(traces)):
        for passed in between(place, following, world.policy):
            assert not world.somebody_for(passed), f"{passed} is skipped, {following} was paged"
        began_at = min(one.first_at or one.at for one in traces[following].values())
        for at in first_reached(traces[place], world.doubted):
            assert began_at >= at + timedelta(seconds=shortest_wait_s(place, world.policy))


@settings(max_examples=100, deadline=None)
@given(worlds(), st.lists(seconds, min_size=1, max_size=30))
def test_what_is_due_has_one_key_each_and_was_not_done_and_the_rest_lies_ahead(
    made: Callable[[], World], moments: list[int]
) -> None:
    world = made()
    for second in sorted(moments):
        escalation = world.look(second)
        keys = [page.key for page in escalation.pages]
        known = [world.outcomes[key].status for key in keys if key in world.outcomes]

        assert len(set(keys)) == len(keys)
        assert Status.DONE not in known
        assert all(
            world.outcomes[page.key].attempts < TRIES_IN_DOUBT for page in doubtful(escalation)
        )
        assert escalation.next_at is None or second_of(escalation.next_at) > second
        assert escalation.pages or escalation.next_at is not None
        world.page(second, at_most=2)


@settings(max_examples=100, deadline=None)
@given(worlds(), st.lists(seconds, min_size=1, max_size=30), st.integers(0, 240))
def test_a_page_in_doubt_is_due_until_the_person_is_reached_or_it_was_tried_often_enough(
    made: Callable[[], World], moments: list[int], later_s: int
) -> None:
    world = made()
    for second in sorted(moments):
        world.page(second, at_most=2)
    at_s = max(moments) + later_s
    escalation = world.look(at_s)
    due = {page.key for page in doubtful(escalation)}
    reached = {
        key.rpartition("/")[0]
        for key, outcome in world.outcomes.items()
        if outcome.status is Status.DONE
    }

    for key, outcome in world.outcomes.items():
        if outcome.status in {Status.UNKNOWN, Status.INTENDED}:
            assert outcome.retry_at is not None
            if key.rpartition("/")[0] in reached or outcome.attempts >= TRIES_IN_DOUBT:
                assert key not in due
            elif second_of(outcome.retry_at) > at_s:
                assert escalation.next_at is not None
                assert escalation.next_at <= outcome.retry_at
            else:
                assert key in due


@settings(max_examples=100, deadline=None)
@given(worlds(), st.permutations(METHODS), st.sampled_from(METHODS))
def test_one_provider_that_works_is_found_before_the_next_step_whatever_the_others_say(
    made: Callable[[], World], contact: Sequence[str], works: str
) -> None:
    world = made()
    world.handovers = [(0, ("ben",))]
    world.people["ben"] = Person(id="ben", name="Ben", contact=tuple(contact))
    world.policy = EscalationSettings(duty="pr", steps=(EscalationStep(notify=("pr",), after=90),))
    world.works = works
    for second in range(90):
        world.page(second)

    assert Status.DONE in {
        outcome.status for key, outcome in world.outcomes.items() if place_of(key) == (1, 1)
    }


def doubtful(escalation: Escalation) -> list[PageStep]:
    """Return the pages that an earlier attempt may have brought already."""
    return [page for page in escalation.pages if page.is_doubtful]


def first_reached(trace: dict[str, Outcome], doubted: set[str]) -> list[datetime]:
    """Return when each person of a place was first tried with success, as far as was known."""
    people = {
        key.rpartition("/")[0] for key, one in trace.items() if one.status is not Status.FAILED
    }
    return [
        min(
            one.first_at or one.at
            for key, one in trace.items()
            if key.rpartition("/")[0] == person
            and (one.status is not Status.FAILED or key in doubted)
        )
        for person in people
    ]


def place_of(key: str) -> tuple[int, int]:
    """Return the pass and the step of a page."""
    pass_number, step_number = key.removeprefix(f"{CALL.id}/").split("/")[:2]
    return int(pass_number), int(step_number)


def between(
    place: tuple[int, int], following: tuple[int, int], policy: EscalationSettings
) -> list[tuple[int, int]]:
    """Return the steps that lie between two places; a last resort of a pass is all of it."""
    last = len(policy.steps)
    if place[0] == following[0]:
        return [(place[0], step) for step in range(place[1] + 1, following[1])]
    rest = [] if place[1] == LAST_RESORT else range(place[1] + 1, last + 1)
    return [(place[0], step) for step in rest] + [
        (following[0], step) for step in range(1, following[1])
    ]


def shortest_wait_s(place: tuple[int, int], policy: EscalationSettings) -> int:
    """Return the least that a place waits for an answer."""
    after = None if place[1] == LAST_RESORT else policy.steps[place[1] - 1].after
    return 20 if after is None else after
