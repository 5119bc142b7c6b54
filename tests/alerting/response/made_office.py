"""A response on a real store and a moved clock, with a recording workspace: all but the wiring.

office = Office(make_store, Fate.WORKS, Fate.LOST)
office.hears(made_signal(0, Change.OPENED))
office.works()
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count, repeat

from alerting.commands import Answer, Command, Origin
from alerting.keeping import QUEUES, URGENT, Store
from alerting.response.case import Case, decode_case
from alerting.response.desk import Desk
from alerting.response.front_desk import FrontDesk
from alerting.response.intake import Intake
from alerting.response.performer import Performer
from alerting.response.worker import Worker
from alerting.response.world import World
from crisiswatch.config import Role
from crisiswatch.detection.signal import Signal
from crisiswatch.incidents.grouping import ALONE
from crisiswatch.incidents.incident import DEFAULT_POLICY, IncidentPolicy
from tests.alerting.response.made_world import made_world
from tests.doubles.recording_workspace import Fate, Outdoors
from tests.doubles.redis_server import MakeStore
from tests.made_signals import NOON

MAX_AGE_S = 3_600.0


class Office:
    """Responders on one store; `responder(n)` is the n-th, each with workers of its own."""

    def __init__(
        self, make_store: MakeStore, *fates: Fate, responders: int = 1, world: World | None = None
    ) -> None:
        self.now = NOON
        self.lease_now = NOON
        self.ticks_s: Iterator[float] = repeat(0.0)
        self.world = made_world(targets={"blog": None}) if world is None else world
        self.outdoors = Outdoors(*fates)
        self.store = make_store()
        self._presses = count(1)
        self.workers = [
            {queue: self.a_worker(make_store(), queue, f"r{number}") for queue in QUEUES}
            for number in range(responders)
        ]
        self.intakes = [an_intake(make_store()) for _ in range(responders)]
        self.desk = a_desk(self.store, self.world, lambda: self.now)
        self.front = FrontDesk(
            self.desk,
            self.store,
            world_of=lambda _: self.world,
            directory=self.world.directory,
            now=lambda: self.now,
            roles_of=roles_in(self.world),
        )

    def a_worker(
        self, store: Store, queue: str, owner: str, world_of: Callable[[Case], World] | None = None
    ) -> Worker:
        """Return a worker of this office."""
        outside = self.outdoors.outside("sms", targets=("blog",))
        return Worker(
            queue,
            owner=owner,
            store=store,
            performer=Performer(store, outside),
            world_of=world_of or (lambda _: self.world),
            now=lambda: self.now,
            lease_now=lambda: self.lease_now,
            monotonic_s=lambda: next(self.ticks_s),
        )

    def hears(self, *signals: Signal) -> None:
        """Let signals come in, and be taken in by the first responder."""
        for signal in signals:
            self.store.append(signal)
        self.intakes[0].take(self.now)

    def moves(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Let time go by without anybody at work."""
        self.now += timedelta(minutes=minutes, seconds=seconds)
        self.lease_now += timedelta(minutes=minutes, seconds=seconds)

    def takes(self, case_id: str, *, after_s: float) -> bool:
        """Tell whether somebody else could work on what is urgent in a case then; nobody does."""
        name, then = f"{URGENT}/{case_id}", self.lease_now + timedelta(seconds=after_s)
        is_free = self.store.claim(name, "another", now=then, for_s=1)
        self.store.release(name, "another")
        return is_free

    def step(self, responder: int = 0) -> int:
        """Let a responder's workers look once at each queue."""
        return sum(worker.step() for worker in self.workers[responder].values())

    def works(self, responder: int = 0) -> None:
        """Let a responder work until there is nothing to do at this moment."""
        for _ in range(200):
            if not self.step(responder):
                return
        raise AssertionError("the responder never comes to rest")

    def passes(self, *, minutes: int, step_s: float = 30) -> None:
        """Let time go by with the first responder at work."""
        for _ in range(int(minutes * 60 / step_s)):
            self.moves(seconds=step_s)
            self.works()

    @property
    def case(self) -> Case:
        """Return the only case."""
        (kept,) = self.store.cases(open_only=False)
        return decode_case(kept.body)

    def origin(self, by: str, press: str | None = None) -> Origin:
        """Return who presses what now; each press is another unless it is named."""
        return Origin(id=press or f"press-{next(self._presses)}", by=by, at=self.now, via="test")

    def asks(self, command: Command) -> Answer:
        """Let somebody ask for something."""
        return self.desk.take(command)

    def audited(self, *kinds: str) -> list[str]:
        """Return the kinds of what the audit log says, in order; those asked for."""
        return [
            record.kind
            for record in self.store.audit_records()
            if not kinds or record.kind in kinds
        ]


def an_intake(store: Store, policy: IncidentPolicy = DEFAULT_POLICY) -> Intake:
    """Return an intake for the topics of `made_signals`."""
    return Intake(
        store,
        policy_id="policy",
        incident_policy=policy,
        relations=ALONE,
        max_age_s=MAX_AGE_S,
    )


def roles_in(world: World) -> Callable[[str], frozenset[Role]]:
    """Return who may do what by their own roles alone."""

    def roles(person_id: str) -> frozenset[Role]:
        person = world.directory.person(person_id)
        return frozenset() if person is None else frozenset(person.roles)

    return roles


def a_desk(store: Store, world: World, now: Callable[[], datetime]) -> Desk:
    """Return a desk."""
    return Desk(store, world_of=lambda _: world, now=now, roles_of=roles_in(world))
