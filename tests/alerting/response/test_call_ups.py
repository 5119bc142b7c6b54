"""Reserve agents are asked by a way that works, shown what became of it, and thanked."""

from dataclasses import replace

import pytest

from alerting.notices import OfferNotice, TextNotice
from alerting.ports import Outcome, Status
from alerting.reserves import Offer, Reserve, stood_down
from alerting.response.actions import Action, PageElsewhere, Post, Update
from alerting.response.call_ups import plan_reserve
from alerting.response.case import Case
from alerting.response.planned import TRIES
from alerting.response.world import World
from crisiswatch.config import Role
from tests.alerting.response.made_world import (
    a_person,
    an_outcome,
    made_case,
    made_world,
    planned,
)
from tests.made_signals import NOON, minute

OFFER = Offer(
    person="r1", wave=1, offered_at=NOON, answer_by=minute(10), reason="within their hours"
)


def case_with(*offers: Offer) -> Case:
    return replace(made_case(), reserve=Reserve(offers=offers, wanted=len(offers), reason="busy"))


def world_with(*contact: str) -> World:
    person = a_person("r1", Role.AGENT, contact=contact, addresses={"sms": "+49"})
    return made_world(people=(person,), channels=frozenset({"sms"}))


def due(
    case: Case, outcomes: dict[str, Outcome] | None = None, *, world: World | None = None
) -> list[Action]:
    plan = planned(outcomes=outcomes)
    plan_reserve(case, world or world_with("slack-dm", "sms"), plan)
    return plan.due


ASKED = f"{made_case().id}/reserve/1/r1/slack-dm"


def test_an_open_offer_is_made_by_the_first_way() -> None:
    (asked,) = due(case_with(OFFER))

    assert isinstance(asked, Post)
    assert isinstance(asked.notice, OfferNotice)
    assert (asked.key, asked.place, asked.notice.reason) == (ASKED, "U0R1", "busy")


@pytest.mark.parametrize(
    ("word", "next_way"),
    [
        pytest.param(an_outcome(), False, id="asked"),
        pytest.param(an_outcome(Status.UNKNOWN), False, id="perhaps-asked"),
        pytest.param(an_outcome(Status.FAILED, retry_at=minute(1)), False, id="tried-again"),
        pytest.param(an_outcome(Status.FAILED), True, id="refused"),
        pytest.param(
            an_outcome(Status.FAILED, retry_at=minute(1), attempts=TRIES), True, id="given-up"
        ),
    ],
)
def test_the_next_way_is_taken_where_the_first_has_failed(word: Outcome, *, next_way: bool) -> None:
    ways = due(case_with(OFFER), {ASKED: word})

    assert [one for one in ways if isinstance(one, PageElsewhere)] == (ways if next_way else [])
    assert bool(ways) is next_way


@pytest.mark.parametrize(
    "contact",
    [
        pytest.param(("mail",), id="a-channel-that-does-not-exist"),
        pytest.param((), id="none"),
    ],
)
def test_somebody_without_a_way_is_passed_over(contact: tuple[str, ...]) -> None:
    assert due(case_with(OFFER), world=world_with(*contact)) == []


def test_somebody_who_is_not_in_the_configuration_any_more_is_passed_over() -> None:
    assert due(case_with(replace(OFFER, person="gone"))) == []


@pytest.mark.parametrize(
    "offer",
    [
        pytest.param(replace(OFFER, accepted=True, answered_at=NOON), id="accepted"),
        pytest.param(replace(OFFER, accepted=False, answered_at=NOON), id="declined"),
        pytest.param(replace(OFFER, told_off_at=minute(10)), id="withdrawn"),
    ],
)
def test_an_offer_that_is_over_loses_its_buttons(offer: Offer) -> None:
    (shown,) = due(case_with(offer), {ASKED: an_outcome(result="U0R1/1")})

    assert isinstance(shown, Update)
    assert isinstance(shown.notice, OfferNotice)
    assert (shown.reference, shown.notice.is_open) == ("U0R1/1", False)
    assert shown.notice.state == offer.state_in_words


@pytest.mark.parametrize(("wanted", "is_open"), [(1, True), (0, False)])
def test_a_late_yes_still_counts_while_a_place_is_free(wanted: int, *, is_open: bool) -> None:
    silent = replace(OFFER, lapsed_at=minute(10))
    case = replace(made_case(), reserve=Reserve(offers=(silent,), wanted=wanted))

    (shown,) = due(case, {ASKED: an_outcome(result="U0R1/1")})

    assert isinstance(shown, Update)
    assert isinstance(shown.notice, OfferNotice)
    assert shown.notice.is_open is is_open


@pytest.mark.parametrize(
    ("accepted", "thanked"),
    [
        pytest.param(True, ["U0R1"], id="who-came"),
        pytest.param(False, [], id="who-declined"),
        pytest.param(None, [], id="who-did-not-answer"),
    ],
)
def test_whoever_came_is_thanked_at_the_end(
    accepted: bool | None,  # noqa: FBT001  # a column of the table
    thanked: list[str],
) -> None:
    reserve = Reserve(offers=(replace(OFFER, accepted=accepted),), wanted=1)
    case = replace(made_case(), reserve=stood_down(reserve, minute(30)))

    posts = [one for one in due(case) if isinstance(one, Post)]

    assert [one.place for one in posts if isinstance(one.notice, TextNotice)] == thanked
