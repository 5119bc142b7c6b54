"""Configuration to objects: everything that the response is made of."""

import logging
import os
import socket
import threading
import time
import uuid
from functools import lru_cache, partial
from pathlib import Path

from alerting.directory import Directory
from alerting.keeping import QUEUES, URGENT
from alerting.response.canary import DryNotifier, take_canaries
from alerting.response.case import Case, UnreadableCaseError
from alerting.response.desk import Desk
from alerting.response.front_desk import FrontDesk
from alerting.response.intake import Intake
from alerting.response.performer import Outside, Performer
from alerting.response.worker import Worker
from alerting.response.world import (
    Policy,
    Rooms,
    World,
    decode_policy,
    encode_policy,
    policy_id,
)
from alerting.rota import Rota
from alerting.silences import Silence
from alerting.store.redis_store import RedisStore
from crisiswatch.app.event_clock import EventClock
from crisiswatch.app.kept_calendars import standing_directory
from crisiswatch.app.loops import Loop
from crisiswatch.app.reach import Draw, Reach, roles_of
from crisiswatch.app.setting_up import runbooks_of
from crisiswatch.config import Config
from crisiswatch.incidents.grouping import Relations
from crisiswatch.incidents.incident import IncidentPolicy
from crisiswatch.incidents.playbook import Playbook

POLICY_DOCUMENT = "policy/"

CANARY_EVERY_S = 1.0
"""There is one a minute; to ask for it with every step would double what an idle responder asks."""

log = logging.getLogger("crisiswatch")


def policy_of(config: Config, config_path: Path | None) -> Policy:
    """Return the policy under which new cases open."""
    runbooks = runbooks_of(config, config_path)
    return Policy(
        playbook=Playbook(runbooks=tuple(runbooks.values())),
        escalation=config.escalation,
        approval=config.approval,
        reserve=config.reserve,
        response=config.response,
    )


class Worlds:
    """What each case's decisions depend on: its own policy, and what holds for all now."""

    def __init__(
        self,
        config: Config,
        rotas: tuple[Rota, ...],
        store: RedisStore,
        clock: EventClock,
        reach: Reach,
    ) -> None:
        self._config = config
        self._rotas = rotas
        self._store = store
        self._clock = clock
        self._reach = reach
        self._of_policy = lru_cache(maxsize=64)(self._make)

    def keep(self, policy: Policy) -> str:
        """Store a policy for the cases that will open under it; return its name."""
        body = encode_policy(policy)
        name = policy_id(body)
        self._store.keep(POLICY_DOCUMENT + name, body)
        return name

    def __call__(self, case: Case) -> World:
        """Return the world of a case.

        Raises:
            UnreadableCaseError: the case's policy is not in the store.
        """
        return self._of_policy(case.policy, self._clock.speed)

    def _make(self, name: str, pace: float) -> World:
        body = self._store.kept(POLICY_DOCUMENT + name)
        if body is None:
            raise UnreadableCaseError(
                f"policy {name} of an open case is not in the store", "restore it from a backup"
            )
        policy = decode_policy(body)
        config = self._config
        slack = config.slack
        return World(
            policy=policy,
            directory=Directory(config.people, self._rotas, policy.escalation),
            silences=tuple(Silence.of(settings) for settings in config.silences),
            channels=frozenset(self._reach.pagers),
            targets={
                target.name: target.language
                for target in config.publish
                if target.name in self._reach.publishers
            },
            target_topics={target.name: target.topics for target in config.publish},
            rooms=Rooms(
                prefix=slack.channel_prefix,
                crisis_channel=slack.crisis_channel,
                agents_channel=slack.agents_channel,
            ),
            pace=pace,
        )


class Response:
    """One responder: two workers, the intake, and the desk, on one store.

    `draw` makes pictures of an incident's course. Without `keeps_calendars` it only takes what
    a responder has kept: the files beside a command's configuration may be older.
    """

    def __init__(
        self,
        config: Config,
        config_path: Path | None,
        *,
        store: RedisStore,
        reach: Reach,
        draw: Draw,
        clock: EventClock | None = None,
        keeps_calendars: bool = True,
    ) -> None:
        self.store = store
        self.clock = EventClock(store, store.redis_now) if clock is None else clock
        self.reach = reach
        self.directory, damaged = standing_directory(
            config, config_path, self.clock.now(), store, keeps=keeps_calendars
        )
        for finding in damaged:
            log.error("%s", finding)
        rotas = tuple(self.directory.rotas.values())
        self.world_of = Worlds(config, rotas, store, self.clock, reach)
        roles = roles_of(self.directory, config, reach.groups_of)
        desk = Desk(store, world_of=self.world_of, now=self.clock.now, roles_of=roles)
        self.desk = FrontDesk(
            desk,
            store,
            world_of=self.world_of,
            directory=self.directory,
            now=self.clock.now,
            roles_of=roles,
        )
        self.intake = Intake(
            store,
            policy_id=self.world_of.keep(policy_of(config, config_path)),
            incident_policy=IncidentPolicy(ack_expires_s=config.response.ack_expires),
            relations=Relations(groups=config.response.related),
            max_age_s=config.response.max_age,
        )
        self.dry_notifier = DryNotifier()
        self._canaries_at_s = -CANARY_EVERY_S
        outside = Outside(
            workspace=reach.workspace,
            pagers=reach.pagers,
            publishers=reach.publishers,
            draw=draw,
        )
        owner = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
        self.workers = {
            queue: Worker(
                queue,
                owner=owner,
                store=store,
                performer=Performer(store, outside, pace=lambda: self.clock.speed),
                world_of=self.world_of,
                now=self.clock.now,
                lease_now=self.clock.wall,
                monotonic_s=time.monotonic,
            )
            for queue in QUEUES
        }

    def step(self, queue: str) -> int:
        """Do what is due in one queue; return how much was done."""
        self.clock.refresh()
        worker = self.workers[queue]
        if queue != URGENT:
            return worker.step()
        try:
            self._take_canaries()
            taken = self.intake.take(self.clock.now())
        except Exception:
            worker.step()  # what is known already must not wait for what can not be taken in
            raise
        return taken + worker.step()

    def _take_canaries(self) -> None:
        """Take canaries where pages are made: what holds those up must hold these up."""
        now_s = time.monotonic()
        if now_s - self._canaries_at_s >= CANARY_EVERY_S:
            self._canaries_at_s = now_s
            take_canaries(self.store, self.dry_notifier, self.clock.now())

    def loops(self, stop: threading.Event) -> list[Loop]:
        """Return the threads that do the work until `stop` is set."""
        return [Loop(queue, partial(self.step, queue), stop) for queue in QUEUES]
