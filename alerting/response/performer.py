"""The outbox: intent, attempt, outcome; what only may have happened is looked for first.

    intent --> attempt --> done
       |          |-----> failed (surely not): tried again when it makes sense
       |          +-----> unknown: it may have arrived
       +--(we died)-----> intended
    intended, unknown --> found there: done
                      --> not there: attempted again; what must not appear twice and can
                          not be looked for waits for a person

The intent stands in the audit log before anything is tried, the outcome after.

A lease keeps two responders from doing the same; where one is held up for so long that
its lease runs out, each write says which word it was made upon. Only what is done is
written over another's word: a failure or a doubt that comes late changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

from alerting.delivery import (
    Lane,
    OutcomeUnknownError,
    Pager,
    Publisher,
    TooSoonError,
    UndeliveredError,
    Workspace,
)
from alerting.keeping import AuditEntry, Store
from alerting.notices import PublishedNotice
from alerting.ports import Outcome, Status
from alerting.response.actions import (
    Action,
    Invite,
    OpenRoom,
    PageElsewhere,
    Pin,
    Post,
    Publish,
    SetTopic,
    ShowChart,
    Update,
)
from alerting.response.case import CoursePoint
from alerting.response.planned import DOUBT, LOOK_AGAIN_AFTER_S, WITH
from alerting.response.recording import record_upon

_Way = TypeVar("_Way")

LONGEST_WAIT_S = {Lane.PAGE: 30, Lane.DECISION: 60, Lane.ROOM: 300, Lane.UPDATE: 300}
"""However often something has failed, it is tried again after this."""

LOOKS = 3
"""So often a page that may have arrived is looked for before it is sent again unseen."""

SEARCH_BACK = timedelta(minutes=5)
"""Clocks differ; a message is looked for from a little before its first attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Everything that actions reach: where people talk, second channels, the public.

    `draw` makes a PNG of an incident's course, or None where no picture can be made.
    """

    workspace: Workspace
    pagers: Mapping[str, Pager]
    publishers: Mapping[str, Publisher]
    draw: Callable[[tuple[CoursePoint, ...], str], bytes | None]


class Performer:
    """Do actions of cases, each recorded before and after.

    `pace` tells how fast the cases' clock runs: what a provider wants to be waited for is real time.
    """

    def __init__(
        self, store: Store, outside: Outside, *, pace: Callable[[], float] = lambda: 1.0
    ) -> None:
        self._store = store
        self._outside = outside
        self._pace = pace

    def perform(
        self,
        case_id: str,
        action: Action,
        known: Outcome | None,
        now: datetime,
        *,
        also_known: Mapping[str, Outcome | None] | None = None,
    ) -> Outcome:
        """Do one action that is due; return what became of it, which is recorded by then.

        `known` is the word on it as it was read, `also_known` those on what it settles along.
        """
        stored = {action.key: known, **(also_known or {})}
        if known is not None and known.status is Status.DONE:
            known = None  # done before and due again: a message whose content has changed
        first_at = now if known is None else known.first_at or known.at
        attempts = 1 if known is None else known.attempts + 1
        started = Outcome(
            status=Status.INTENDED, at=now, result="", attempts=attempts, first_at=first_at
        )
        if known is not None and known.status in {Status.INTENDED, Status.UNKNOWN}:
            cleared = self._clear(case_id, action, known, started, stored)
            if cleared is not None:
                return cleared
        busy_s = self._busy_s(action)
        if busy_s > 0:
            return self._put_off(case_id, action, started, busy_s, upon=stored)
        intended = _words(action, started, also_result=WITH + action.key)
        refused = self._intend(case_id, action, stored, started, intended)
        if refused is not None:
            return refused
        try:
            result = self._attempt(action)
        except TooSoonError as error:
            wait_s = error.retry_in_s or 0.0
            outcome = self._put_off(case_id, action, started, wait_s, upon=intended)
            later: dict[str, object] = {"status": "put off", "result": error.why}
            self._store.audit((_entry("outcome", case_id, action, now, later),))
            return outcome
        except UndeliveredError as error:
            outcome = replace(
                started,
                status=Status.FAILED,
                result=error.why,
                retry_at=self._retry_at(error.retry_in_s, action.lane, started),
            )
        except OutcomeUnknownError as error:
            retry_at = self._look_at(action.lane, started)
            outcome = replace(started, status=Status.UNKNOWN, result=error.why, retry_at=retry_at)
        else:
            done = replace(started, status=Status.DONE, result=result)
            return self._settle(case_id, action, done, "outcome")
        # What replaces something is rather done again than left in doubt: that does no harm.
        upon = None if isinstance(action, Update | SetTopic) else intended
        return self._settle(case_id, action, outcome, "outcome", upon=upon)

    def _intend(
        self,
        case_id: str,
        action: Action,
        stored: Mapping[str, Outcome | None],
        started: Outcome,
        words: Mapping[str, Outcome],
    ) -> Outcome | None:
        """Write down what is to be tried, if nobody has since `stored` was read; None: go on."""
        entry = _entry("intent", case_id, action, started.at, {"attempt": started.attempts})
        if record_upon(self._store, case_id, words, (entry,), upon=stored):
            return None
        found = self._store.outcomes(case_id)
        if any(found.get(key) != was for key, was in stored.items()):
            return started  # another responder has been faster; the next look will see
        # A stored word is damaged: it says nothing.
        if isinstance(action, Post | Publish) and action.asks_person_in_doubt:
            doubt = replace(started, status=Status.UNKNOWN, result=DOUBT)
            return self._settle(case_id, action, doubt, "doubt")
        self._store.record(case_id, words, (entry,))
        return None

    def _clear(
        self,
        case_id: str,
        action: Action,
        known: Outcome,
        started: Outcome,
        stored: Mapping[str, Outcome | None],
    ) -> Outcome | None:
        """Look for what may have happened; None where it is to be tried again.

        Where one can not look, nothing is known and nothing is sent; but a page that may
        come twice is better than one that may be lost, so those are sent after some looks.
        """
        # Nothing is attempted here: a person's word on the attempt before still counts.
        in_doubt = replace(started, status=Status.UNKNOWN, attempts=started.attempts - 1)
        try:
            found = self._look_for(action, started.first_at or started.at)
        except (UndeliveredError, OutcomeUnknownError) as error:
            is_page = action.lane is Lane.PAGE
            if _ends_by_itself(error) and not (is_page and started.attempts > LOOKS):
                looked = replace(
                    in_doubt if not is_page else started,
                    status=Status.UNKNOWN,
                    result=known.result or error.why,
                    retry_at=self._look_at(action.lane, started),
                )
                also_result = WITH + action.key
                words = _words(action, looked, also_result=also_result)
                record_upon(self._store, case_id, words, (), upon=stored)
                return looked
            found = None
        if found is not None:
            done = replace(started, status=Status.DONE, result=found)
            return self._settle(case_id, action, done, "found")
        if isinstance(action, Post | Publish) and action.asks_person_in_doubt:
            doubt = replace(in_doubt, result=DOUBT)
            return self._settle(case_id, action, doubt, "doubt", upon=stored)
        return None

    def _busy_s(self, action: Action) -> float:
        """Return how long the workspace would only refuse: that is known without an attempt."""
        match action:
            case Post(place=place, lane=lane):
                return self._outside.workspace.busy_s(place, lane=lane)
            case Update(lane=lane):
                return self._outside.workspace.busy_s(None, lane=lane)
            case _:
                return 0.0

    def _put_off(
        self,
        case_id: str,
        action: Action,
        started: Outcome,
        wait_s: float,
        *,
        upon: Mapping[str, Outcome | None],
    ) -> Outcome:
        """Leave it for later: nobody was asked, so it counts as no attempt."""
        outcome = replace(
            started,
            status=Status.FAILED,
            result="the provider's limit is used up",
            attempts=started.attempts - 1,
            retry_at=started.at + timedelta(seconds=wait_s * self._pace()),
        )
        record_upon(self._store, case_id, _words(action, outcome), (), upon=upon)
        return outcome

    def _settle(
        self,
        case_id: str,
        action: Action,
        outcome: Outcome,
        how: str,
        *,
        upon: Mapping[str, Outcome | None] | None = None,
    ) -> Outcome:
        """Write down what became of an action; where another's word stands, in the audit log only."""
        detail: dict[str, object] = {"status": outcome.status.value, "result": outcome.result}
        entry = _entry(how, case_id, action, outcome.at, detail)
        also_result = WITH + action.key if outcome.status is Status.UNKNOWN else None
        words = _words(action, outcome, also_result=also_result)
        if upon is None:
            self._store.record(case_id, words, (entry,))
        elif not record_upon(self._store, case_id, words, (entry,), upon=upon):
            self._store.audit((entry,))
        return outcome

    def _look_at(self, lane: Lane, tried: Outcome) -> datetime:
        """Return when to look for what may have happened: soon, and then less and less often."""
        wait_s = min(LOOK_AGAIN_AFTER_S * 2.0 ** (tried.attempts - 1), 2 * LONGEST_WAIT_S[lane])
        return tried.at + timedelta(seconds=wait_s * self._pace())

    def _retry_at(self, retry_in_s: float | None, lane: Lane, tried: Outcome) -> datetime | None:
        if retry_in_s is None:
            return None
        wait_s = max(retry_in_s, min(2.0 ** (tried.attempts - 1), LONGEST_WAIT_S[lane]))
        return tried.at + timedelta(seconds=wait_s * self._pace())

    def _look_for(self, action: Action, first_at: datetime) -> str | None:
        """Return the result of an action that did happen, None where it is not to be seen."""
        since_s = (first_at - SEARCH_BACK * max(self._pace(), 1.0)).timestamp()
        workspace = self._outside.workspace
        match action:
            case Post(place=place, key=key, posted_as=posted_as, or_in=or_in):
                found = workspace.find(place, key=posted_as or key, since_s=since_s)
                if found is None and or_in not in {None, place}:
                    return workspace.find(or_in, key=posted_as or key, since_s=since_s)
                return found
            case ShowChart(room=room, key=key):
                return workspace.find(room, key=key, since_s=since_s)
            case _:
                return None

    def _attempt(self, action: Action) -> str:  # noqa: C901, PLR0911  # one line for each kind of action
        workspace = self._outside.workspace
        match action:
            case OpenRoom(name=name, key=key):
                return workspace.open_room(name, key=key)
            case SetTopic(room=room, topic=topic, digest=digest):
                workspace.set_topic(room, topic)
                return digest
            case Invite(room=room, members=members):
                refused = workspace.invite(room, members)
                return ", ".join(f"{member}: {why}" for member, why in sorted(refused.items()))
            case Post(place=place, notice=notice, key=key, lane=lane, thread=thread):
                return workspace.post(place, notice, key=key, lane=lane, thread=thread)
            case Update(reference=reference, notice=notice, lane=lane, digest=digest):
                workspace.update(reference, notice, lane=lane)
                return digest
            case Pin(reference=reference):
                workspace.pin(reference)
                return ""
            case ShowChart(room=room, course=course, title=title, key=key, thread=thread):
                png = self._outside.draw(course, title)
                if png is None:
                    return "no picture"
                return workspace.upload(room, png, title, key=key, thread=thread)
            case PageElsewhere(channel=channel, address=address, notice=notice, key=key):
                _at_hand(self._outside.pagers, channel).page(address, notice, key=key)
                return ""
            case Publish(target=target, notice=notice, key=key):
                return _at_hand(self._outside.publishers, target).publish(notice, key=key)
            case _:
                assert_never(action)


def _is_published(action: Action) -> bool:
    """Tell whether an action puts an approved text before people, who must not get it twice."""
    return isinstance(action, Post) and isinstance(action.notice, PublishedNotice)


def _ends_by_itself(error: UndeliveredError | OutcomeUnknownError) -> bool:
    """Tell whether a search that failed will work later; where it never will, nobody waits."""
    return isinstance(error, OutcomeUnknownError) or error.retry_in_s is not None


def _at_hand(known: Mapping[str, _Way], name: str) -> _Way:
    """Return a way out; a rehearsal has none, and another responder may know others."""
    if name not in known:
        raise UndeliveredError(f"{name} can not be reached from here", retry_in_s=None)
    return known[name]


def _words(
    action: Action, outcome: Outcome, *, also_result: str | None = None
) -> dict[str, Outcome]:
    """Return the word on an action, and the same on all that it settles along with it."""
    also = action.also if isinstance(action, Post | PageElsewhere) else ()
    shared = outcome if also_result is None else replace(outcome, result=also_result)
    return {action.key: outcome, **dict.fromkeys(also, shared)}


def _entry(
    kind: str, case_id: str, action: Action, now: datetime, detail: dict[str, object]
) -> AuditEntry:
    what = {"action": type(action).__name__, "key": action.key, **_where(action), **detail}
    return AuditEntry(at=now, kind=kind, case_id=case_id, actor="crisiswatch", detail=what)


def _where(action: Action) -> dict[str, object]:
    """Return whom or what an action reaches and, of a publication, which very text."""
    match action:
        case Post(place=place, notice=notice):
            said: dict[str, object] = {"place": place, "notice": type(notice).__name__}
            if action.also:
                said["also"] = list(action.also)
            if hasattr(notice, "sha256"):
                said["sha256"] = notice.sha256
            return said
        case PageElsewhere(channel=channel):
            return {"channel": channel}
        case Publish(target=target, notice=notice):
            texts = [[w.language, w.audience, w.text] for w in notice.wordings]
            return {"target": target, "sha256": notice.sha256, "texts": texts}
        case OpenRoom(name=name):
            return {"name": name}
        case Invite(room=room, members=members):
            return {"room": room, "members": list(members)}
        case _:
            return {}
