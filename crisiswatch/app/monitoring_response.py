"""What the response tells the outside about itself."""

import logging
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Self

from alerting.keeping import URGENT
from alerting.metrics import ResponseMetrics
from alerting.response.backlog import LATE_S, Backlog, Waiting, waiting
from alerting.response.canary import Arrived, newest_canary
from alerting.response.case import Case, UnreadableCaseError, readable_cases
from alerting.response.figures import FROM, Figures
from crisiswatch.app.audit_log import audit_entries
from crisiswatch.app.clock import SystemClock
from crisiswatch.app.drills import drill_ended_s
from crisiswatch.app.loops import Loop
from crisiswatch.app.monitoring import Check, new_registry, start_monitoring
from crisiswatch.app.reach import Ear
from crisiswatch.app.response import Response
from crisiswatch.app.store_watch import StoreWatch
from crisiswatch.config import Config
from crisiswatch.config.monitoring import RESPOND_ADDRESS
from crisiswatch.config.people import SLACK_DM, SLACK_MENTION
from crisiswatch.errors import StoreError
from crisiswatch.incidents.audit import AuditFault
from crisiswatch.incidents.incident_values import State

ALIVE_S = 60.0
"""A worker that has not come round for longer is stuck: a step ends after seconds."""

LOOK_EVERY_S = 5.0

log = logging.getLogger("crisiswatch")


class ResponseMonitoring:
    """Figures and health of one responder; it looks at the store in a thread of its own."""

    def __init__(self, config: Config, response: Response) -> None:
        self._settings = config.monitoring
        self._response = response
        self._clock = SystemClock()
        self._backlog = Backlog()
        self._figures = Figures()
        self._over = threading.Event()
        self._canary: Arrived | None = None
        self._canary_at_s = 0.0
        self._drill_at_s = 0.0
        self.registry = new_registry()
        channels = (SLACK_DM, SLACK_MENTION, *(channel.name for channel in config.channels))
        self.metrics = ResponseMetrics(self.registry, channels=channels)

    @contextmanager
    def serving(self, store: StoreWatch, loops: Sequence[Loop], ear: Ear) -> Iterator[Self]:
        """Look and listen for as long as the block lasts."""
        server = start_monitoring(
            self._settings.respond_listen,
            RESPOND_ADDRESS,
            registry=self.registry,
            alive=lambda: self._alive(loops),
            ready=lambda: self._ready(store, loops, ear),
        )
        self.metrics.is_store_up = lambda: store.is_up
        thread = threading.Thread(target=self._run, name="figures", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()
            if server is not None:
                server.close()

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except StoreError:
                pass  # the figures stay as they were; that the store is away is one of its own
            except Exception:  # the outermost frame of this thread
                log.exception("the figures of the response could not be read")
            if self._over.wait(LOOK_EVERY_S):
                return

    def look(self) -> None:
        """Bring the figures up to date; raise StoreError where the store can not be reached."""
        store, clock = self._response.store, self._response.clock
        for entry in audit_entries(store, self._figures.seq):
            if isinstance(entry, AuditFault):
                # Passed by, so that it is said once and holds up neither counters nor gauges.
                self._figures.seq = entry.seq
                log.error("the figures leave out what the audit log can not say: %s", entry)
            else:
                self._figures.note(entry)
                self._drill_at_s = max(self._drill_at_s, drill_ended_s(entry))
        # Only the whole log: what was there before the start is no news to whoever asks for increases.
        self.metrics.figures = self._figures
        now, pace = clock.now(), clock.speed
        cases = list(readable_cases(store.cases(open_only=True)))
        severities = Counter(
            case.incident.severity.label for case in cases if case.incident.is_open
        )
        late_at = now - timedelta(seconds=LATE_S * pace)
        canary = newest_canary(store)
        if canary is not None:
            took_s = (canary.told_at - canary.posted_at).total_seconds() / pace
            told_s = canary.told_at.timestamp() if pace == 1 else self._canary_seen_s(canary)
            self.metrics.seen = replace(self.metrics.seen, canary_at_s=told_s, canary_took_s=took_s)
        self.metrics.seen = replace(
            self.metrics.seen,
            incidents_open=severities,
            unanswered_s=max((_unanswered_s(case, now) for case in cases), default=0.0) / pace,
            backlog=self._backlog.look(
                self._waiting(cases), now, monotonic_s=self._clock.monotonic_s(), pace=pace
            ),
            overdue=store.overdue(URGENT, late_at),
            drill_at_s=self._drill_at_s,
        )

    def _canary_seen_s(self, canary: Arrived) -> float:
        """Return when a canary of a recording was first seen here: its own times are not of today."""
        if canary != self._canary:
            self._canary, self._canary_at_s = canary, self._clock.now().timestamp()
        return self._canary_at_s

    def _waiting(self, cases: list[Case]) -> Iterator[Waiting]:
        response = self._response
        for case in cases:
            try:
                world = response.world_of(case)
            except UnreadableCaseError:
                continue  # the worker writes it down
            yield from waiting(case, world, response.store.outcomes(case.id), response.clock.now())

    def _alive(self, loops: Sequence[Loop]) -> Iterator[Check]:
        now_s = self._clock.monotonic_s()
        for loop in loops:
            still_s = now_s - loop.moved_at_s
            yield Check(
                name=f"worker-{loop.name}",
                ok=loop.is_alive() and still_s <= ALIVE_S,
                reason=f"moved {still_s:.1f} s ago, {ALIVE_S:.0f} s are allowed",
            )

    def _ready(self, store: StoreWatch, loops: Sequence[Loop], ear: Ear) -> Iterator[Check]:
        yield from self._alive(loops)
        yield store.check()
        fault = ear.fault()
        yield Check(name="desk", ok=fault is None, reason=fault or "presses arrive")


def _unanswered_s(case: Case, now: datetime) -> float:
    """Return since when a case waits for somebody to acknowledge it, 0 where it does not."""
    incident = case.incident
    if case.fresh_since is None or incident.severity < FROM:
        return 0.0
    if incident.state is not State.TRIGGERED:
        return 0.0
    since = max(incident.states[-1].at, case.fresh_since)
    return max(0.0, (now - since).total_seconds())
