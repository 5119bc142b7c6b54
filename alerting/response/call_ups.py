"""Reserve agents: each is offered, shown what became of it, and thanked at the end."""

from collections.abc import Iterator

from alerting.delivery import Lane
from alerting.notices import OfferNotice, TextNotice
from alerting.ports import Status
from alerting.reserves import Offer
from alerting.response.actions import Action, PageElsewhere, Post, Update
from alerting.response.case import Case
from alerting.response.planned import TRIES, Planned
from alerting.response.words import digest, headline
from alerting.response.world import World
from crisiswatch.config.people import SLACK_DM, SLACK_MENTION, Person


def plan_reserve(case: Case, world: World, planned: Planned) -> None:
    """Plan asking, showing and thanking."""
    for offer in case.reserve.offers:
        person = world.directory.person(offer.person)
        if person is None:
            continue
        notice = _notice(offer, case)
        if offer.is_open:
            for action in _ways(offer, person, notice, case, world):
                planned.add(action)
                if not _has_failed(action, planned):
                    break
        _show(offer, notice, case, planned)
        if offer.told_off_at is not None and offer.accepted and person.slack is not None:
            thanks = TextNotice(
                head=headline(case.incident),
                title="Thank you. You can stand down",
                lines=(case.incident.states[-1].reason,),
            )
            planned.add(
                Post(
                    key=f"{case.id}/reserve/thanks/{offer.wave}/{offer.person}",
                    place=person.slack,
                    notice=thanks,
                    lane=Lane.ROOM,
                )
            )


def _notice(offer: Offer, case: Case) -> OfferNotice:
    return OfferNotice(
        head=headline(case.incident),
        person=offer.person,
        reason=case.reserve.reason or offer.reason,
        answer_by=offer.answer_by,
        state=offer.state_in_words,
        is_open=_can_be_answered(offer, case),
    )


def _can_be_answered(offer: Offer, case: Case) -> bool:
    """Tell whether an answer still counts: a late yes does, while a place is free."""
    if offer.is_open:
        return True
    is_silent = offer.accepted is None and offer.told_off_at is None
    return is_silent and len(case.reserve.coming) < case.reserve.wanted


def _ways(
    offer: Offer, person: Person, notice: OfferNotice, case: Case, world: World
) -> Iterator[Action]:
    """Yield the ways to ask a person, in their order."""
    key = f"{case.id}/reserve/{offer.wave}/{person.id}"
    for method in person.contact:
        if method in {SLACK_DM, SLACK_MENTION}:
            if person.slack is not None:
                yield Post(
                    key=f"{key}/{SLACK_DM}", place=person.slack, notice=notice, lane=Lane.DECISION
                )
        elif method in world.channels and method in person.addresses:
            yield PageElsewhere(
                key=f"{key}/{method}",
                channel=method,
                address=person.addresses[method],
                notice=notice,
                lane=Lane.DECISION,
            )


def _has_failed(action: Action, planned: Planned) -> bool:
    outcome = planned.outcomes.get(action.key)
    return (
        outcome is not None
        and outcome.status is Status.FAILED
        and (outcome.retry_at is None or outcome.attempts >= TRIES)
    )


def _show(offer: Offer, notice: OfferNotice, case: Case, planned: Planned) -> None:
    """Take the buttons away once an offer is answered, withdrawn or has lapsed."""
    key = f"{case.id}/reserve/{offer.wave}/{offer.person}/{SLACK_DM}"
    reference = planned.result(key)
    if reference is not None and not offer.is_open:
        planned.add(
            Update(key=f"{key}/shown", reference=reference, notice=notice, digest=digest(notice))
        )
