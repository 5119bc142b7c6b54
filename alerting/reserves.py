"""Reserve agents: how many are needed, who is asked next, and who is coming.

Pure. An offer goes its way once:

    asked --accepts--> accepted --declines--> declined
      |  `--declines--> declined                  |
      `--answer_by--> silent                      |
                        `---- accepts, while a place is free ----> accepted

Agents are asked in waves. A wave asks as many as are still missing: those whom nobody has
asked, and who neither accepted nor may still answer. Whoever declines or stays silent is
made up for by the next wave, at once. Nobody is asked twice until all were stood down.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerting.erlang_c import agents_needed
from crisiswatch.config.people import Person
from crisiswatch.config.responding import ReserveSettings
from crisiswatch.detection.signal import Evidence, Severity

MEASURED_FROM = Severity.HIGH
"""Below it the shift on duty copes, or a runbook says otherwise: nobody is disturbed at home
for a number that may be gone in an hour."""

LOOK_AGAIN_AFTER = timedelta(minutes=15)
"""Look for somebody whose hours have begun on every quarter of an hour: shifts begin then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A question to one person, and what became of it.

    `accepted` is None until they answer. `lapsed_at` is when they were given up on,
    `told_off_at` when the call-up ended for them: thanked, or the offer withdrawn.
    """

    person: str
    wave: int
    offered_at: datetime
    answer_by: datetime
    reason: str
    answered_at: datetime | None = None
    accepted: bool | None = None
    lapsed_at: datetime | None = None
    told_off_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether an answer is still awaited."""
        return self.accepted is None and self.lapsed_at is None and self.told_off_at is None

    @property
    def is_coming(self) -> bool:
        """Tell whether the person has accepted and is still needed."""
        return self.accepted is True and self.told_off_at is None

    @property
    def state_in_words(self) -> str:
        """Say where it stands."""
        match self.accepted, self.told_off_at, self.lapsed_at:
            case True, None, _:
                return "accepted"
            case True, _, _:
                return "stood down with thanks"
            case False, _, _:
                return "declined"
            case None, None, None:
                return f"asked, answer by {self.answer_by:%H:%M} UTC"
            case None, _, None:
                return "withdrawn"
            case _:
                return "no answer in time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """The call-up of one incident; `wanted` never falls until all are stood down.

    `reason` says in words with numbers why so many. `look_again_at` is when somebody may
    come into their hours who could not be asked before.
    """

    offers: tuple[Offer, ...] = ()
    wanted: int = 0
    reason: str = ""
    look_again_at: datetime | None = None

    @property
    def current(self) -> tuple[Offer, ...]:
        """Return the offers of the call-up that is going on."""
        return tuple(offer for offer in self.offers if offer.told_off_at is None)

    @property
    def coming(self) -> tuple[str, ...]:
        """Return who has accepted, in the order in which they were asked."""
        return tuple(offer.person for offer in self.offers if offer.is_coming)

    @property
    def missing(self) -> int:
        """Return how many nobody has been found for, counting those who may still answer."""
        found = sum(offer.is_coming or offer.is_open for offer in self.current)
        return max(0, self.wanted - found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """How many reserve agents are needed, and why in words with numbers."""

    agents: int
    reason: str


def arrivals_per_h(evidence: Evidence, share_answered: float) -> float:
    """Return how many messages an hour ask for an answer.

    Those are complaints where they are known, else negative posts, else all posts, and
    of them the share that agents answer.
    """
    asking_per_min = evidence.posts
    if evidence.complaint_share is not None:
        asking_per_min = evidence.posts * evidence.complaint_share
    elif evidence.negatives is not None:
        asking_per_min = evidence.negatives
    return asking_per_min * share_answered * 60


def normal_arrivals_per_h(evidence: Evidence, share_answered: float) -> float:
    """Return what arrives normally: less by as much as posts, or negatives, are expected to be."""
    rate, expected = evidence.posts, evidence.expected_posts
    if evidence.negatives is not None and evidence.expected_negatives is not None:
        rate, expected = evidence.negatives, evidence.expected_negatives
    growth = 1.0 if rate <= 0 else min(1.0, expected / rate)
    return arrivals_per_h(evidence, share_answered) * growth


def needed(
    level_reserve: int,
    evidence: Evidence,
    severity: Severity,
    settings: ReserveSettings,
) -> Need:
    """Return how many reserve agents to call up.

    The runbook's number, or what Erlang C says the load needs beyond the regular shift,
    whichever is more, but at most `at_most`. The regular shift is taken to be sized for
    what arrives normally.
    """
    now_per_h = arrivals_per_h(evidence, settings.share_answered)
    measured = 0
    if severity >= MEASURED_FROM:
        normal_per_h = normal_arrivals_per_h(evidence, settings.share_answered)
        measured = _agents(now_per_h, settings) - _agents(normal_per_h, settings)
    wanted = max(level_reserve, measured)
    agents = min(wanted, settings.at_most)
    if measured > level_reserve:
        reason = (
            f"{now_per_h:.0f} messages an hour ask for an answer: {measured} agents more than"
            f" normally, to take up {settings.service_level:.0%} of them within"
            f" {settings.answered_within // 60} min"
        )
    else:
        reason = f"the runbook calls up {level_reserve} at {severity.label}"
    if agents < wanted:
        reason += f"; at most {settings.at_most} may be called up"
    return Need(agents=agents, reason=reason)


def call_up(
    reserve: Reserve,
    *,
    pool: Sequence[Person],
    level_reserve: int,
    evidence: Evidence,
    severity: Severity,
    languages: Sequence[str],
    settings: ReserveSettings,
    now: datetime,
    skills: Sequence[str] = (),
) -> Reserve:
    """Give up on those who stay silent, and ask as many others as are missing.

    Returns the reserve unchanged where there is nothing to do.
    """
    offers = tuple(_lapsed(offer, now) for offer in reserve.offers)
    need = needed(level_reserve, evidence, severity, settings)
    wanted, reason = reserve.wanted, reserve.reason
    if need.agents > wanted:
        wanted, reason = need.agents, need.reason
    changed = replace(reserve, offers=offers, wanted=wanted, reason=reason)
    if changed.missing == 0:
        return replace(changed, look_again_at=None)
    wave = _next_wave(changed, pool, severity=severity, languages=languages, skills=skills, now=now)
    number = max((offer.wave for offer in offers), default=0) + 1
    asked = tuple(
        Offer(
            person=person.id,
            wave=number,
            offered_at=now,
            answer_by=now + timedelta(seconds=settings.answer_within),
            reason=why,
        )
        for person, why in wave
    )
    changed = replace(changed, offers=(*offers, *asked))
    return replace(changed, look_again_at=_look_again_at(changed, pool, now))


def answer(reserve: Reserve, person: str, *, accepts: bool, now: datetime) -> Reserve | str:
    """Return the reserve with a person's answer, or in words why it does not count.

    Whoever has accepted can still decline. Whoever declined or was silent can still
    accept, as long as a place is free.
    """
    theirs = [offer for offer in reserve.offers if offer.person == person]
    if not theirs:
        return f"{person} has not been asked to come"
    offer = theirs[-1]
    if offer.told_off_at is not None:
        return "the call-up is over, thank you"
    if offer.accepted is accepts:
        return f"{person} has {'accepted' if accepts else 'declined'} already"
    if accepts and not offer.is_open and len(reserve.coming) >= reserve.wanted:
        return "thank you, but all places have been taken since"
    answered = replace(offer, accepted=accepts, answered_at=now)
    offers = tuple(answered if one is offer else one for one in reserve.offers)
    return replace(reserve, offers=offers)


def stood_down(reserve: Reserve, now: datetime) -> Reserve:
    """End the call-up: whoever accepted is thanked, what is open is withdrawn."""
    offers = tuple(
        offer if offer.told_off_at is not None else replace(offer, told_off_at=now)
        for offer in reserve.offers
    )
    return Reserve(offers=offers)


def due_at(reserve: Reserve) -> datetime | None:
    """Return when `call_up` has something to do even if nothing happens; None: never."""
    times = [offer.answer_by for offer in reserve.offers if offer.is_open]
    if reserve.look_again_at is not None:
        times.append(reserve.look_again_at)
    return min(times, default=None)


def in_words(reserve: Reserve) -> str:
    """Say how the call-up stands, in one line.

    >>> in_words(Reserve())
    'nobody called up'
    """
    offers = reserve.current
    if not offers and reserve.wanted == 0:
        return "nobody called up"
    parts = [f"{len(reserve.coming)} of {reserve.wanted} are coming"]
    counts = (
        ("asked", sum(offer.is_open for offer in offers)),
        ("declined", sum(offer.accepted is False for offer in offers)),
        ("silent", sum(o.accepted is None and o.lapsed_at is not None for o in offers)),
    )
    parts += [f"{count} {word}" for word, count in counts if count > 0]
    if reserve.missing > 0:
        parts.append(f"{reserve.missing} missing and nobody to ask now")
    return ", ".join(parts)


def _agents(per_h: float, settings: ReserveSettings) -> int:
    return agents_needed(
        per_h,
        handling_time_s=settings.handling_time,
        answered_within_s=settings.answered_within,
        service_level=settings.service_level,
        occupancy=settings.occupancy,
    )


def _lapsed(offer: Offer, now: datetime) -> Offer:
    if offer.is_open and offer.answer_by <= now:
        return replace(offer, lapsed_at=offer.answer_by)
    return offer


def _unasked(reserve: Reserve, pool: Sequence[Person]) -> tuple[Person, ...]:
    asked = {offer.person for offer in reserve.current}
    return tuple({person.id: person for person in pool if person.id not in asked}.values())


def _next_wave(
    reserve: Reserve,
    pool: Sequence[Person],
    *,
    severity: Severity,
    languages: Sequence[str],
    skills: Sequence[str],
    now: datetime,
) -> list[tuple[Person, str]]:
    """Return whom to ask, the best first, and why each of them.

    People within their hours come first; the others are asked only at critical. Then
    counts who has more of the skills, then of the languages, then the pool's order.
    """
    may_wake = severity >= Severity.CRITICAL
    ranked = [
        (
            not person.works_at(now),
            -len(set(person.skills) & set(skills)),
            -len(set(person.languages) & set(languages)),
            place,
            person,
        )
        for place, person in enumerate(_unasked(reserve, pool))
        if may_wake or person.works_at(now)
    ]
    ranked.sort(key=lambda rank: rank[:4])
    return [(rank[4], _why(rank[4], languages, skills, now)) for rank in ranked[: reserve.missing]]


def _why(person: Person, languages: Sequence[str], skills: Sequence[str], now: datetime) -> str:
    if person.works_at(now):
        parts = ["within their hours" if person.hours is not None else "at any hour"]
    else:
        parts = [f"outside {person.hours}, because it is critical and nobody else is left"]
    parts += [f"speaks {one}" for one in languages if one in person.languages]
    parts += [f"knows {one}" for one in skills if one in person.skills]
    return ", ".join(parts)


def _look_again_at(reserve: Reserve, pool: Sequence[Person], now: datetime) -> datetime | None:
    """Return when somebody may have come into their hours, if that could help."""
    if reserve.missing == 0 or not _unasked(reserve, pool):
        return None
    if reserve.look_again_at is not None and reserve.look_again_at > now:
        return reserve.look_again_at
    quarter = timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    return now - quarter % LOOK_AGAIN_AFTER + LOOK_AGAIN_AFTER
