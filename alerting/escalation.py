"""Who is paged next on a call, and when: pure, and the same answer after every restart.

A call goes through places: the steps of a pass, one after the other, pass after pass, and
the last resort. Where it stands is read from what became of its pages (the outbox), and
nothing else is remembered:

    pass 1                          pass 2                    without end
    step 1 --after--> step 2 --after--> step 1 ... --after--> last resort --again_after--> ...
       |  nobody reached  ^  |  nobody reached in the whole pass
       +----- at once ----+  +----- at once ----> last resort --pause--> the steps again

A step is *settled* when each of its people was reached or can not be. `after` counts from
there, so an outage makes everything later, never skips a step and never sends two at
once. Rounds that reach nobody pause longer each time, up to five minutes.

Contact methods are tried in their order until one works:

    no outcome --> due            done --> nothing more for this person at this step
    failed     --> due again at its `retry_at`, if that is within PATIENCE; else the next method
    put off    --> (a limit of Slack's was used up before anybody was asked) the same where another
                   provider is left to try; else it waits in line, up to IN_LINE
    in doubt   --> due again from its `retry_at` on, TRIES_IN_DOUBT times in all; counts as
                   reached from its first try on; and the next method is due too, once it
                   was looked for in vain and PATIENCE has passed since its first try

The next method of somebody in doubt belongs to the step where the call stands: once a
later step has begun, only the page in doubt itself is tried again.

Who has a duty is looked up for the moment at which the step falls due. From its first
page on, a step keeps the people of that moment: whoever takes over the duty is paged by
the next step. A step that is late (nobody had the duty, or nobody ran crisiswatch) is
looked up anew every minute, so that the page goes to whoever has the duty by now.

The key of a page is `<call>/<pass>/<step>/<person>/<method>`, with step 0 for the last
resort, in a pass of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import assert_never

from alerting.ports import Outcome, Status
from crisiswatch.config.people import SLACK_DM, SLACK_MENTION, Person
from crisiswatch.config.responding import PERSON, EscalationSettings
from crisiswatch.detection.signal import Severity

LAST_RESORT = 0
"""The step number of the last resort."""

PATIENCE = timedelta(seconds=10)
"""How long a method is tried again before the next one: a hiccup of a provider ends within
it, and a page by the next method is still within the 30 seconds that we promise."""

IN_LINE = timedelta(seconds=120)
"""How long a page waits for others to go before it, where nothing but Slack is left: one a second
goes to a person, so that with a hundred incidents at once all of their pages reach whoever is on
call. To take that person for one who can not be reached would wake the wrong people."""

TRIES_IN_DOUBT = 6
"""How often a page is tried whose arrival nobody can tell: with waits of 10, 20, 40, 80 and
160 seconds that is about five minutes. By then the other methods and the next steps have
taken over, and each more try may only be the same page once more."""

LOOKED_FOR = 2
"""A page in doubt is looked for before its second try: with so many tries it was not there."""

LOOKED_UP_EVERY = timedelta(seconds=60)
"""How often a step that is late is looked up anew: rotas change on whole minutes."""

AGAIN_WHEN_NOBODY = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 5))
"""The pause after each round in a row that reached nobody, the last one without end: most
outages of a provider end within minutes, a long one must not fill the outbox, and whoever
can be reached again is paged within five minutes. All are multiples of LOOKED_UP_EVERY, so
that every round looks duties up for the same moments."""

_SLACK = frozenset({SLACK_DM, SLACK_MENTION})

AFTER_S = 15 * 60
"""The wait of a step where neither the policy nor the runbook says one: the runbooks' own
deadline at high."""

Resolve = Callable[[str, datetime], tuple[Person, ...]]
"""Whom a target means at a time, with only those contact methods that can work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Somebody who has `duty` must answer, since `since`; `id` is never used again."""

    id: str
    duty: str
    since: datetime
    ack_within_s: int | None
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStep:
    """One page that is due. `targets` are what the step calls for, as the policy words it.

    `is_doubtful`: an earlier attempt may have arrived; look for it before paging again.
    `answer_within_s` is how long the step waits before the next one.
    """

    key: str
    person: str
    method: str
    pass_number: int
    step_number: int
    targets: tuple[str, ...]
    answer_within_s: int
    is_doubtful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """What is due now, when to ask again, and why.

    `next_at` is always later than now; it is None only where there is nothing to wait for
    but these pages. `skipped` says who or which step was passed over, `reasons` where the
    call stands.
    """

    pages: tuple[PageStep, ...]
    next_at: datetime | None
    skipped: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    pass_number: int
    step_number: int

    def __str__(self) -> str:
        if self.step_number == LAST_RESORT:
            return f"last resort (pass {self.pass_number})"
        return f"step {self.step_number} of pass {self.pass_number}"


Trace = dict[str, dict[str, Outcome]]
"""What became of one place's pages, by person and method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one place shows: its pages that are due, or how it ended.

    `waits_until` is when another page falls due. While `is_open`, somebody is neither
    reached nor given up. `settled_at` is the newest time at which somebody was, or could
    not be, reached; None: nobody was even tried.
    """

    pages: tuple[PageStep, ...] = ()
    waits_until: datetime | None = None
    is_open: bool = False
    unreachable: tuple[str, ...] = ()
    is_reached: bool
    settled_at: datetime | None


@dataclass(slots=True)
class _Notes:
    """What is gathered on the way along the places."""

    now: datetime
    pages: list[PageStep] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    next_at: datetime | None = None

    def wake(self, at: datetime) -> None:
        if at > self.now:
            self.next_at = at if self.next_at is None else min(at, self.next_at)

    def told(self, *reasons: str) -> Escalation:
        return Escalation(
            pages=tuple({page.key: page for page in self.pages}.values()),
            next_at=self.next_at,
            skipped=tuple(self.skipped),
            reasons=reasons,
        )


def due_steps(
    call: Call,
    settings: EscalationSettings,
    *,
    outcomes: Mapping[str, Outcome],
    resolve: Resolve,
    now: datetime,
    pace: float = 1.0,
) -> Escalation:
    """Return the pages of an unanswered call that are due now, and when to ask again.

    `outcomes` may hold those of other actions too. A page stays due until an outcome
    says that it was tried; one whose outcome is not known is due again, as doubtful, but
    counts as reached from its first attempt on: neither its retries nor the pages by the
    next methods hold the next step up. `pace` is how many seconds of `now`'s clock one
    real second takes (a replay).

    A policy may be edited under way: the call goes on from where it stands.
    """
    traces = _traces(call, outcomes)
    walk = _Walk(
        call=call,
        settings=settings,
        traces=traces,
        reached_passes=frozenset(
            place.pass_number
            for place, trace in traces.items()
            if place.step_number != LAST_RESORT and _has_reached(trace)
        ),
        resolve=resolve,
        now=now,
        patience=PATIENCE * pace,
        in_line=IN_LINE * pace,
        notes=_Notes(now=now),
    )
    return walk.escalation()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """One evaluation: along the places that left a trace, and on from the newest."""

    call: Call
    settings: EscalationSettings
    traces: dict[_Place, Trace]
    reached_passes: frozenset[int]
    resolve: Resolve
    now: datetime
    patience: timedelta
    in_line: timedelta
    notes: _Notes

    def escalation(self) -> Escalation:
        """Return what is due."""
        self._repeat_doubtful()
        place, due_at = self._newest()
        empty_places = 0
        while due_at <= self.now:
            look = self._look(place, due_at)
            self.notes.skipped += look.unreachable
            self.notes.pages += look.pages
            if look.waits_until is not None:
                self.notes.wake(look.waits_until)
            if look.is_open:
                return self.notes.told(f"{place} since {due_at:%H:%M:%S} UTC")
            if not look.is_reached:
                self.notes.skipped.append(f"{place}: nobody could be reached")
            if place not in self.traces:
                # Once round without anybody to page: later rounds would find the same.
                self.notes.wake(self._looked_up_at(due_at, self.now) + LOOKED_UP_EVERY)
                empty_places += 1
                if empty_places > len(self.settings.steps) + 1:
                    return self.notes.told("nobody can be paged")
            place, due_at = self._following(place, look, due_at)
        self.notes.wake(due_at)
        return self.notes.told(f"{place} begins at {due_at:%H:%M:%S} UTC unless somebody answers")

    def _repeat_doubtful(self) -> None:
        """Make pages due again of which nobody knows whether they arrived, at whatever place."""
        for place, trace in self.traces.items():
            for person, methods in trace.items():
                for method, outcome in _in_doubt(methods).items():
                    page = self._page(place, person, method, is_doubtful=True)
                    if not self.resolve(PERSON + person, self.now):
                        self.notes.skipped.append(f"{page.key}: there is no {person!r} any more")
                    elif outcome.attempts >= TRIES_IN_DOUBT:
                        why = f"may have arrived, not tried again after {outcome.attempts} tries"
                        self.notes.skipped.append(f"{page.key}: {why}")
                    elif outcome.retry_at is not None and outcome.retry_at > self.now:
                        self.notes.wake(outcome.retry_at)
                    else:
                        self.notes.pages.append(page)

    def _newest(self) -> tuple[_Place, datetime]:
        """Return the newest place that left a trace, or the first of all, and when it was due."""
        places = sorted(self.traces)
        if not places:
            return _Place(1, 1), self.call.since
        newest = places[-1]
        due_at = self.call.since
        for place in places[-2:-1]:
            _, due_at = self._following(place, self._past(place), due_at)
        return newest, min(due_at, _began_at(self.traces[newest]))

    def _past(self, place: _Place) -> _Look:
        """Return how a place ended that a later one has followed: nothing of it is due."""
        ends = [_end_of(methods) for methods in self.traces.get(place, {}).values()]
        return _Look(
            is_reached=any(is_reached for _, is_reached in ends),
            settled_at=max((at for at, _ in ends), default=None),
        )

    def _look(self, place: _Place, due_at: datetime) -> _Look:
        """Return what is due at a place, by person: each by the first method that works."""
        trace = self.traces.get(place, {})
        pages: list[PageStep] = []
        waits: list[datetime] = []
        unreachable: list[str] = []
        is_open = False
        for person in self._people(place, due_at):
            tried = trace.get(person.id, {})
            if any(outcome.status is Status.DONE for outcome in tried.values()):
                continue
            doubts = _in_doubt(tried)
            if any(
                doubts[method].attempts < LOOKED_FOR
                for method in person.contact
                if method in doubts
            ):
                continue
            method, begins_at = self._next_method(person, tried)
            if method is None:
                if not doubts:
                    unreachable.append(f"{place}: {person.id} can not be reached")
                continue
            is_open = is_open or not doubts
            begins_at = max(
                (begins_at, *(_first_at(one) + self.patience for one in doubts.values()))
            )
            if begins_at > self.now:
                waits.append(begins_at)
            else:
                pages.append(self._page(place, person.id, method, is_doubtful=False))
        return replace(
            self._past(place),
            pages=tuple(pages),
            waits_until=min(waits, default=None),
            is_open=is_open,
            unreachable=tuple(unreachable),
        )

    def _next_method(
        self, person: Person, tried: Mapping[str, Outcome]
    ) -> tuple[str | None, datetime]:
        """Return the first method not tried in vain or in doubt, and not before when."""
        for number, method in enumerate(person.contact):
            outcome = tried.get(method)
            if outcome is None:
                return method, self.now
            if outcome.status is not Status.FAILED or outcome.retry_at is None:
                continue
            was_put_off = outcome.attempts == 0
            untried = set(person.contact[number + 1 :]) - set(tried) - _SLACK
            patience = self.in_line if was_put_off and not untried else self.patience
            if outcome.retry_at - _first_at(outcome) <= patience:
                return method, outcome.retry_at
        return None, self.now

    def _people(self, place: _Place, due_at: datetime) -> tuple[Person, ...]:
        """Return whom a place calls, each once: those whom it has paged already, and the others.

        The others are looked up for the moment of the first page, so that a crash between
        two pages of a step loses nobody, and a handover adds nobody.
        """
        trace = self.traces.get(place)
        began_at = self.now if trace is None else _began_at(trace)
        moment = self._looked_up_at(due_at, began_at)
        paged = [person for one in trace or () for person in self.resolve(PERSON + one, self.now)]
        called = [p for target in self._targets(place) for p in self.resolve(target, moment)]
        return tuple({person.id: person for person in (*called, *paged)}.values())

    def _looked_up_at(self, due_at: datetime, at: datetime) -> datetime:
        """Return the moment for which a place due at `due_at` is looked up at `at`."""
        return due_at + (at - due_at) // LOOKED_UP_EVERY * LOOKED_UP_EVERY

    def _targets(self, place: _Place) -> tuple[str, ...]:
        if place.step_number == LAST_RESORT:
            return self.settings.last_resort
        if place.step_number > len(self.settings.steps):  # the policy has become shorter
            return ()
        return self.settings.steps[place.step_number - 1].notify

    def _wait_s(self, place: _Place) -> int:
        """Return how long a place waits for an answer before the next.

        A last resort that only stood in for a pass that reached nobody waits like a step.
        """
        is_last_resort = place.step_number == LAST_RESORT
        if is_last_resort and self._is_worn_out():
            return self.settings.again_after
        steps = self.settings.steps
        after = None if is_last_resort else steps[min(place.step_number, len(steps)) - 1].after
        for wait_s in (after, self.call.ack_within_s):
            if wait_s is not None:
                return wait_s
        return AFTER_S

    def _following(self, place: _Place, look: _Look, due_at: datetime) -> tuple[_Place, datetime]:
        """Return the place after a settled one, and when it falls due."""
        settled_at = due_at if look.settled_at is None else look.settled_at
        answered_by = settled_at + timedelta(seconds=self._wait_s(place))
        if place.step_number == LAST_RESORT:
            if look.is_reached:
                return self._next_round(place), answered_by
            return _Place(place.pass_number + 1, 1), settled_at + self._pause_after(place)
        if place.step_number < len(self.settings.steps):
            following = _Place(place.pass_number, place.step_number + 1)
            return following, answered_by if look.is_reached else settled_at
        if place.pass_number in self.reached_passes:
            return self._next_round(place), answered_by
        if self.settings.last_resort:
            return _Place(place.pass_number + 1, LAST_RESORT), settled_at
        return _Place(place.pass_number + 1, 1), settled_at + self._pause_after(place)

    def _pause_after(self, place: _Place) -> timedelta:
        """Return the pause after a round that reached nobody, by how many in a row did not.

        A round is a pass and the last resort that stood in for it, in the next pass.
        """
        traces = {one: trace for one, trace in self.traces.items() if one <= place}
        reached = max(
            (p.pass_number for p, trace in traces.items() if _has_reached(trace)), default=0
        )
        rounds = {
            one.pass_number - (one.step_number == LAST_RESORT)
            for one in traces
            if one.pass_number > reached
        }
        return AGAIN_WHEN_NOBODY[min(max(len(rounds), 1), len(AGAIN_WHEN_NOBODY)) - 1]

    def _next_round(self, place: _Place) -> _Place:
        """Return what follows a pass that reached somebody, who has not answered."""
        is_last = self._is_worn_out() and bool(self.settings.last_resort)
        return _Place(place.pass_number + 1, LAST_RESORT if is_last else 1)

    def _is_worn_out(self) -> bool:
        """Tell whether all passes are done; one that reached nobody does not count."""
        return len(self.reached_passes) > self.settings.repeat

    def _page(self, place: _Place, person: str, method: str, *, is_doubtful: bool) -> PageStep:
        return PageStep(
            key=f"{self.call.id}/{place.pass_number}/{place.step_number}/{person}/{method}",
            person=person,
            method=method,
            pass_number=place.pass_number,
            step_number=place.step_number,
            targets=self._targets(place),
            answer_within_s=self._wait_s(place),
            is_doubtful=is_doubtful,
        )


def _traces(call: Call, outcomes: Mapping[str, Outcome]) -> dict[_Place, Trace]:
    """Sort what became of the call's pages by place."""
    traces: dict[_Place, Trace] = {}
    prefix = f"{call.id}/"
    for key, outcome in outcomes.items():
        if not key.startswith(prefix):
            continue
        pass_number, step_number, person, method = key.removeprefix(prefix).split("/", 3)
        place = _Place(int(pass_number), int(step_number))
        traces.setdefault(place, {}).setdefault(person, {})[method] = outcome
    return traces


def _first_at(outcome: Outcome) -> datetime:
    """Return when a page was first tried."""
    return outcome.first_at or outcome.at


def _began_at(trace: Trace) -> datetime:
    """Return when the first page of a place was first tried."""
    return min(_first_at(outcome) for methods in trace.values() for outcome in methods.values())


def _in_doubt(methods: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Return the pages to one person that may have arrived; none if another surely has."""
    if any(outcome.status is Status.DONE for outcome in methods.values()):
        return {}
    return {
        method: outcome
        for method, outcome in methods.items()
        if outcome.status in {Status.INTENDED, Status.UNKNOWN}
    }


def _has_reached(trace: Trace) -> bool:
    """Tell whether a place has reached somebody, as far as is known."""
    return any(_end_of(methods)[1] for methods in trace.values())


def _end_of(methods: Mapping[str, Outcome]) -> tuple[datetime, bool]:
    """Return when a person was first reached, as far as is known, or else given up; and which."""
    reached: list[datetime] = []
    failed: list[datetime] = []
    for outcome in methods.values():
        match outcome.status:
            case Status.DONE:
                reached.append(outcome.at)
            case Status.INTENDED | Status.UNKNOWN:
                reached.append(_first_at(outcome))
            case Status.FAILED:
                failed.append(outcome.at)
            case _:
                assert_never(outcome.status)
    return (min(reached), True) if reached else (max(failed), False)
