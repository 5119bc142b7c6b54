"""What time does to a case: drafts appear, lapse and follow each other; the reserve is called up."""

from dataclasses import replace

import pytest

from alerting.response import holding
from alerting.response.case import Case
from alerting.response.holding import HoldingMessage
from alerting.response.tending import next_draft_at, tending_times
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.events import Acknowledged, Resolved, SeverityOverridden, TypeCorrected
from crisiswatch.incidents.incident import State
from tests.alerting.response.made_world import (
    made_case,
    made_policy,
    made_world,
    tended,
    with_deed,
)
from tests.made_signals import TOPICS, made_signal, minute

WORLD = made_world()
"""At high the next update is promised two hours on, and drafted half an hour before."""


def opened(severity: Severity = Severity.HIGH) -> Case:
    return tended(made_case(made_signal(0, Change.OPENED, severity)), WORLD)


def decided(case: Case, what: str, minutes: float = 1) -> Case:
    """Return the case whose message was approved, edited or rejected by Ada."""
    one = case.message
    assert one is not None
    at, sha256 = minute(minutes), one.sha256
    after: HoldingMessage | holding.Refusal
    match what:
        case "approve":
            after = holding.approve(one, by="ada", at=at, sha256=sha256, needed=1, topics=TOPICS)
        case "edit":
            texts = (("en", "public", "Our words."),)
            after = holding.edit(one, by="ada", at=at, sha256=sha256, texts=texts)
        case _:
            after = holding.reject(one, by="ada", at=at, sha256=sha256, reason="no")
    assert isinstance(after, HoldingMessage)
    return case.with_message(after)


def story(case: Case) -> list[str]:
    return [f"{message.cause}: {message.stage}" for message in case.messages]


def raised(case: Case, minutes: float, severity: Severity = Severity.CRITICAL) -> Case:
    event = SeverityOverridden(at=minute(minutes), by="lea", severity=severity, reason="seen")
    return with_deed(case, event)


@pytest.mark.parametrize(
    ("severity", "drafts"),
    [
        pytest.param(Severity.LOW, [], id="nothing-at-low"),
        pytest.param(Severity.MEDIUM, ["opened: waiting"], id="from-medium-on"),
        pytest.param(Severity.CRITICAL, ["opened: waiting"], id="critical"),
    ],
)
def test_the_first_message_is_drafted_when_a_crisis_opens(
    severity: Severity, drafts: list[str]
) -> None:
    assert story(opened(severity)) == drafts


def test_old_news_drafts_nothing_and_calls_nobody_up() -> None:
    case = tended(made_case(stale=True), WORLD)

    assert (case.messages, case.reserve.offers) == ((), ())


def test_nothing_is_drafted_in_a_language_that_no_runbook_speaks() -> None:
    world = made_world(made_policy(languages=("tlh",)))

    assert story(tended(made_case(), world)) == []


def test_a_draft_that_nobody_approves_is_replaced_when_its_promise_comes_too_close() -> None:
    case = opened()

    assert story(tended(case, WORLD, minute(114.9))) == ["opened: waiting"]
    assert story(tended(case, WORLD, minute(115))) == ["opened: lapsed", "lapsed: waiting"]


def test_worse_means_a_sooner_promise() -> None:
    case = tended(raised(opened(), 10), WORLD, minute(10))

    assert story(case) == ["opened: superseded", "worse: waiting"]
    assert case.message is not None
    assert case.message.promised_at == minute(70)


@pytest.mark.parametrize(
    "event",
    [
        SeverityOverridden(at=minute(10), by="lea", severity=Severity.CRITICAL, reason="seen"),
        TypeCorrected(at=minute(10), by="lea", crisis_type="data-breach"),
    ],
    ids=["worse", "another-type"],
)
def test_what_a_person_has_worded_is_not_drafted_over(
    event: SeverityOverridden | TypeCorrected,
) -> None:
    case = with_deed(decided(opened(), "edit"), event)

    assert story(tended(case, WORLD, minute(10))) == ["opened: waiting"]


def test_a_corrected_type_is_worded_anew() -> None:
    before = opened()
    event = TypeCorrected(at=minute(10), by="lea", crisis_type="data-breach")

    case = tended(with_deed(before, event), WORLD, minute(10))

    assert story(case) == ["opened: superseded", "type-corrected: waiting"]
    assert case.message is not None
    assert before.message is not None
    assert case.message.texts != before.message.texts


def test_the_next_update_is_drafted_before_the_promised_time() -> None:
    case = decided(opened(), "approve")

    assert next_draft_at(case, WORLD.policy) == minute(90)
    assert story(tended(case, WORLD, minute(89.9))) == ["opened: approved"]
    assert story(tended(case, WORLD, minute(90))) == ["opened: approved", "next-update: waiting"]


@pytest.mark.parametrize(
    ("happens", "then"),
    [
        pytest.param("nothing", ["opened: rejected"], id="rejected-is-rejected"),
        pytest.param("worse", ["opened: rejected", "worse: waiting"], id="but-it-got-worse"),
        pytest.param(
            "type", ["opened: rejected", "type-corrected: waiting"], id="but-it-is-something-else"
        ),
    ],
)
def test_after_a_rejection_only_news_brings_a_new_draft(happens: str, then: list[str]) -> None:
    case = decided(opened(), "reject")
    if happens == "worse":
        case = raised(case, 10)
    if happens == "type":
        event = TypeCorrected(at=minute(10), by="lea", crisis_type="rumour")
        case = with_deed(case, event)

    assert story(tended(case, WORLD, minute(600)))[: len(then)] == then
    assert len(story(tended(case, WORLD, minute(10)))) == len(then)


def test_the_end_takes_the_draft_away_and_stands_the_reserve_down() -> None:
    case = opened()
    assert case.reserve.offers

    over = with_deed(case, Resolved(at=minute(20), by="lea", note="fixed"))
    over = tended(over, WORLD, minute(20))

    assert story(over) == ["opened: superseded"]
    assert {offer.told_off_at for offer in over.reserve.offers} == {minute(20)}
    assert over.is_live(minute(21))
    # detection has not closed the episode: its signals still belong here
    assert over.is_live(minute(20 + 240))
    assert not over.is_live(minute(20 + 7 * 24 * 60))


def test_a_crisis_that_comes_back_gets_a_new_draft() -> None:
    case = decided(opened(), "approve")
    over = tended(with_deed(case, Resolved(at=minute(20), by="lea", note="ok")), WORLD, minute(20))
    back = made_case(
        made_signal(0, Change.OPENED),
        made_signal(20, Change.CLOSED),
        made_signal(60, Change.OPENED, episode=2),
    )
    assert back.incident.state is State.TRIGGERED

    again = tended(replace(over, incident=back.incident), WORLD, minute(60))

    assert story(again) == ["opened: approved", "opened: waiting"]


def test_when_to_look_again() -> None:
    case = with_deed(opened(), Acknowledged(at=minute(2), by="pia"))

    assert dict(tending_times(case, WORLD)) == {
        "ack-expires": minute(62),
        "draft-lapses": minute(115),
        "offer-lapses": minute(10),
    }
    assert dict(tending_times(decided(case, "approve"), WORLD))["next-update"] == minute(90)

    over = with_deed(case, Resolved(at=minute(20), by="lea", note="fixed"))
    assert dict(tending_times(over, WORLD)) == {
        "archive-0": minute(260),
        "archive-1": minute(20 + 7 * 24 * 60),
    }


def test_offers_that_run_out_are_given_up_on() -> None:
    case = opened()
    assert {offer.person for offer in case.reserve.offers} == {"r1", "r2", "r3", "r4", "r5", "r6"}

    assert tended(case, WORLD, minute(9.9)) == case
    later = tended(case, WORLD, minute(10))

    assert {offer.lapsed_at for offer in later.reserve.offers} == {minute(10)}
