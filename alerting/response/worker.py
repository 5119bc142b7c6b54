"""One worker of a responder: looks at the cases that are due in its queue, and does what they need.

Whoever looks at a case holds its lease, renewed before every action, so that no two
responders do the same thing; should one die, its lease runs out and another goes on. A look
takes it for a short time only: who dies holds many cases, and acts on one.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from alerting.delivery import Lane
from alerting.keeping import URGENT, AuditEntry, CaseWrite, Commit, Kept, Store
from alerting.ports import Outcome, Status
from alerting.response.actions import Action, PageElsewhere, Post, queue_of
from alerting.response.case import Case, UnreadableCaseError, decode_case, encode_case
from alerting.response.performer import Performer
from alerting.response.plan import plan
from alerting.response.planned import Planned
from alerting.response.recording import record_upon
from alerting.response.tending import tend
from alerting.response.world import World
from crisiswatch.errors import CrisiswatchError, StoreError

CASES_AT_ONCE = 20
CASES_OFFERED = 100
"""Another responder may hold the first ones; further down the list there is work as well."""

LEASE_S = 20.0
"""For an action.

Longer than the slowest single request with its retries and less than anybody's patience.
"""

UNREADABLE_AGAIN_S = 600
DEFECT_AGAIN_S = 60

LONGEST_STEP_S = 2.0
"""After so long a step ends, so that what has become urgent meanwhile comes first.

No older is the time with which leases are taken, either.
"""

LOOK_LEASE_S = 3 * LONGEST_STEP_S
"""From the look until the case's first action, and between its actions: longer than most steps."""


log = logging.getLogger("crisiswatch")

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    case_id: str
    stirred: int
    action: Action
    planned: Planned


class Worker:
    """Work on one queue.

    `now` tells the cases' time, `lease_now` real time, which is another one in a replay;
    `monotonic_s` limits how long a step takes.
    """

    def __init__(
        self,
        queue: str,
        *,
        owner: str,
        store: Store,
        performer: Performer,
        world_of: Callable[[Case], World],
        now: Callable[[], datetime],
        lease_now: Callable[[], datetime],
        monotonic_s: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._owner = owner
        self._store = store
        self._performer = performer
        self._world_of = world_of
        self._now = now
        self._lease_now = lease_now
        self._monotonic_s = monotonic_s

    def step(self) -> int:
        """Look at the longest overdue cases; return how many were looked at or acted on.

        Raises StoreError where the store can not be reached; nothing is lost by that.
        """
        now = self._now()
        offered = self._store.due(self._queue, now, CASES_OFFERED)
        if not offered:
            return 0
        errands: list[_Errand] = []
        looked_at = 0
        fresh_until: dict[str, datetime] = {}
        # Asked once for many looks: each answer is a request to the store.
        looks_at, until_s = self._lease_now(), self._monotonic_s() + LONGEST_STEP_S
        for case_id in offered:
            if looked_at == CASES_AT_ONCE:
                break
            if self._monotonic_s() > until_s:
                looks_at, until_s = self._lease_now(), self._monotonic_s() + LONGEST_STEP_S
            if self._hold(case_id, looks_at, LOOK_LEASE_S):
                fresh_until[case_id] = looks_at + timedelta(seconds=LEASE_S)
                looked_at += 1
                errands += self._guarded(case_id, partial(self._look, case_id, now)) or []
        errands.sort(key=lambda errand: errand.action.lane)
        return looked_at + self._act(errands, fresh_until)

    def _act(self, errands: Sequence[_Errand], looks_fresh_until: Mapping[str, datetime]) -> int:
        """Do the most urgent first, as long as a step may take; return how many were done.

        Nothing is done on a look that is not fresh any more. The long lease is that of the case
        in hand: should we die, the others wait for a look's. A case of which nothing but
        decisions is left goes behind all that are due: its place may be another's page's.
        """
        left = Counter(errand.case_id for errand in errands)
        fresh_until = {case_id: looks_fresh_until[case_id] for case_id in left}
        until_s = self._monotonic_s() + LONGEST_STEP_S
        done = 0
        before: str | None = None
        for number, errand in enumerate(errands):
            if self._monotonic_s() > until_s:
                self._let_others_pass(errands[number:])
                break
            case_id, acts_at = errand.case_id, self._lease_now()
            if before in fresh_until and before != case_id:
                self._hold(before, acts_at, LOOK_LEASE_S)
            # Another may have held it in between: where it did something, the words differ.
            if acts_at < fresh_until[case_id] and self._hold(case_id, acts_at, LEASE_S):
                fresh_until[case_id] = acts_at + timedelta(seconds=LEASE_S)
                self._guarded(case_id, partial(self._perform, errand))
                done += 1
                before = case_id
            left[case_id] -= 1
            if not left[case_id]:
                self._give_back(case_id)
                del fresh_until[case_id]
        for case_id in fresh_until:
            self._give_back(case_id)
        return done

    def _let_others_pass(self, undone: Sequence[_Errand]) -> None:
        """Put the cases of what was not done behind all that are due now, but those with a page.

        One that something was recorded of since the look keeps its place until the next one.
        """
        paging = {errand.case_id for errand in undone if errand.action.lane is Lane.PAGE}
        stirred = {one.case_id: one.stirred for one in undone if one.case_id not in paging}
        times = {"let others pass": self._now()}
        for case_id, known in stirred.items():
            self._store.set_times(self._queue, case_id, stirred=known, times=times)

    def _guarded(self, case_id: str, work: Callable[[], _Made]) -> _Made | None:
        """Do work on one case; what goes wrong with it costs that case a pause, and no other.

        Raises StoreError: that is no fault of the case.
        """
        try:
            return work()
        except UnreadableCaseError as error:
            self._put_off(case_id, error, UNREADABLE_AGAIN_S)
        except StoreError:
            raise
        except Exception as error:
            # the outermost frame for this case: whatever is wrong with it, others must go on
            why = ("case %s is put off for %d s", case_id, DEFECT_AGAIN_S)
            log.exception(*why, extra={"incident": case_id})
            self._put_off(case_id, error, DEFECT_AGAIN_S)
        return None

    def _perform(self, errand: _Errand) -> None:
        action, outcomes = errand.action, errand.planned.outcomes
        also = action.also if isinstance(action, Post | PageElsewhere) else ()
        self._performer.perform(
            errand.case_id,
            action,
            outcomes.get(action.key),
            self._now(),
            also_known={key: outcomes.get(key) for key in also},
        )

    def _look(self, case_id: str, now: datetime) -> list[_Errand]:
        """Bring a case up to date and return what is to be done; with nothing to do, let it rest."""
        kept = self._store.case(case_id)
        if kept is None:
            self._store.set_times(self._queue, case_id, stirred=0, times={})
            return []
        case = decode_case(kept.body)
        world = self._world_of(case)
        outcomes = self._store.outcomes(case_id)
        if self._queue == URGENT:
            tended = tend(case, world, now, outcomes)
            if tended != case or kept.is_open != tended.is_live(now):
                self._store_tended(kept, case, tended, now)
                return []
        settled = dict(settled_words(case, outcomes, now))
        if settled:
            # In vain where the other queue's worker was faster: then it is at work on it.
            upon = {key: outcomes[key] for key in settled}
            record_upon(self._store, case_id, settled, (), upon=upon)
            return []
        if not case.is_live(now):
            # What is refused even now has been tried for as long as the case mattered.
            self._rest(case_id, kept, {})
            return []
        planned = plan(case, world, outcomes, now)
        due = [
            _Errand(case_id=case_id, stirred=kept.stirred, action=action, planned=planned)
            for action in planned.due
            if queue_of(action) == self._queue
        ]
        if not due:
            self._rest(case_id, kept, planned.times[self._queue])
        return due

    def _rest(self, case_id: str, kept: Kept, times: Mapping[str, datetime]) -> None:
        self._store.set_times(self._queue, case_id, stirred=kept.stirred, times=times)
        self._give_back(case_id)

    def _store_tended(self, kept: Kept, before: Case, after: Case, now: datetime) -> None:
        """Store what time has done to a case; if it has changed meanwhile, the next look will."""
        write = CaseWrite(
            case_id=after.id,
            body=encode_case(after),
            expected_version=kept.version,
            is_open=after.is_live(now),
        )
        audit = tuple(_what_time_did(before, after, now))
        self._store.commit(Commit(writes=(write,), audit=audit))

    def _put_off(self, case_id: str, error: Exception, again_s: int) -> None:
        """Look at a case later, so that it holds up no other; say so each time."""
        now = self._now()
        kept = self._store.case(case_id)
        why = error.problem if isinstance(error, CrisiswatchError) else type(error).__name__
        entry = AuditEntry(
            at=now,
            kind="put-off",
            case_id=case_id,
            actor="crisiswatch",
            detail={"why": why, "for_s": again_s},
        )
        self._store.audit((entry,))
        if kept is not None:
            times = {"put-off": now + timedelta(seconds=again_s)}
            self._store.set_times(self._queue, case_id, stirred=kept.stirred, times=times)
        self._give_back(case_id)

    def _hold(self, case_id: str, now: datetime, for_s: float) -> bool:
        return self._store.claim(self._lease(case_id), self._owner, now=now, for_s=for_s)

    def _give_back(self, case_id: str) -> None:
        self._store.release(self._lease(case_id), self._owner)

    def _lease(self, case_id: str) -> str:
        return f"{self._queue}/{case_id}"


def settled_words(
    case: Case, outcomes: Mapping[str, Outcome], now: datetime
) -> Iterator[tuple[str, Outcome]]:
    """Yield what people's words make of publications in doubt: done, or to be tried again."""
    for word in case.settled:
        outcome = outcomes.get(word.action_key)
        if outcome is None or (outcome.status, outcome.attempts) != (Status.UNKNOWN, word.attempt):
            continue
        if word.happened:
            seen = replace(outcome, status=Status.DONE, at=now, result=f"seen by {word.by}")
            yield word.action_key, seen
        else:
            not_seen = f"not seen by {word.by}"
            failed = replace(outcome, status=Status.FAILED, at=now, result=not_seen, retry_at=now)
            yield word.action_key, failed


def _what_time_did(before: Case, after: Case, now: datetime) -> list[AuditEntry]:
    """Say in the audit log what changed without anybody's doing."""

    def entry(kind: str, **detail: object) -> AuditEntry:
        return AuditEntry(
            at=now, kind=kind, case_id=after.id, actor="crisiswatch", detail=dict(detail)
        )

    entries = [
        entry(
            "severity",
            change=step.change.value,
            severity=step.severity.label,
            reasons=list(step.reasons),
        )
        for step in after.incident.history[len(before.incident.history) :]
    ]
    entries += [
        entry("state", state=change.state.value, reason=change.reason)
        for change in after.incident.states[len(before.incident.states) :]
    ]
    known = {message.id: message for message in before.messages}
    for message in after.messages:
        if message.id not in known:
            texts = [list(text) for text in message.texts]
            entries.append(
                entry(
                    "draft",
                    message=message.id,
                    cause=message.cause,
                    sha256=message.sha256,
                    texts=texts,
                    promised_at=message.promised_at.isoformat(),
                )
            )
        elif message.stage is not known[message.id].stage:
            entries.append(
                entry("message", message=message.id, stage=message.stage.value, why=message.why)
            )
    if after.reserve != before.reserve:
        offers = [[o.person, o.wave, o.state_in_words] for o in after.reserve.offers]
        entries.append(entry("reserve", reason=after.reserve.reason, offers=offers))
    if not entries:
        entries.append(entry("archived"))
    return entries
