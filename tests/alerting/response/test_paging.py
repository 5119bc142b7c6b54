"""Who is called for a case, how, and until when."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerting.notices import PageNotice
from alerting.ports import Outcome, Status
from alerting.response.actions import PageElsewhere, Post
from alerting.response.case import Case
from alerting.response.paging import calls, paged, plan_pages
from alerting.response.planned import WITH, Planned
from alerting.response.world import World
from alerting.silences import Silence
from crisiswatch.config import Role
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.events import Acknowledged, SeverityOverridden, TypeCorrected
from crisiswatch.incidents.playbook import Playbook
from crisiswatch.incidents.runbook_types import Runbook
from tests.alerting.response.made_world import (
    PLAYBOOK,
    ROTAS,
    TEAM,
    a_person,
    an_outcome,
    made_case,
    made_policy,
    made_world,
    planned,
    tended,
    with_deed,
)
from tests.made_signals import NOON, made_signal, minute

WORLD = made_world()


def opened(severity: Severity = Severity.HIGH) -> Case:
    return made_case(made_signal(0, Change.OPENED, severity))


def duties(case: Case, plan: Planned | None = None, world: World = WORLD) -> dict[str, datetime]:
    """Return the duties that are called, with since when."""
    return {call.duty: call.since for call in calls(case, world, plan or planned())}


def pages(
    case: Case,
    now: datetime = NOON,
    outcomes: dict[str, Outcome] | None = None,
    world: World = WORLD,
    room: str | None = None,
) -> list[Post | PageElsewhere]:
    plan = planned(now, outcomes)
    plan_pages(case, world, plan, room)
    assert all(isinstance(action, Post | PageElsewhere) for action in plan.due)
    return [action for action in plan.due if isinstance(action, Post | PageElsewhere)]


@pytest.mark.parametrize(
    ("severity", "called"),
    [
        pytest.param(Severity.LOW, (), id="nobody-at-low"),
        pytest.param(Severity.MEDIUM, ("pr-on-call",), id="pr-at-medium"),
        pytest.param(
            Severity.HIGH, ("pr-on-call", "operations", "legal"), id="legal-and-operations-at-high"
        ),
        pytest.param(
            Severity.CRITICAL,
            ("pr-on-call", "crisis-lead", "operations", "legal", "leadership"),
            id="everybody-at-critical",
        ),
    ],
)
def test_which_duties_are_called(severity: Severity, called: tuple[str, ...]) -> None:
    assert duties(opened(severity)) == dict.fromkeys(called, NOON)


def test_old_news_call_nobody_until_something_fresh_is_heard() -> None:
    stale = made_case(stale=True)

    assert duties(stale) == {}
    assert set(duties(replace(stale, fresh_since=minute(9))).values()) == {minute(9)}


def test_an_acknowledgement_by_whoever_is_on_it_answers_the_first_call_only() -> None:
    case = with_deed(opened(), Acknowledged(at=minute(3), by="pia"))

    assert set(duties(case)) == {"operations", "legal"}


@pytest.mark.parametrize(
    ("by", "still_called"),
    [
        pytest.param("olu", {"legal"}, id="operations-itself"),
        pytest.param("lex", {"operations"}, id="legal-itself"),
        pytest.param("lea", {"legal"}, id="the-lead-who-was-paged-for-operations"),
        pytest.param("ceo", {"operations", "legal"}, id="somebody-else"),
    ],
)
def test_other_calls_end_with_those_who_were_called(by: str, still_called: set[str]) -> None:
    case = with_deed(opened(), Acknowledged(at=minute(3), by=by))
    call = f"{case.id}/page/operations/20150222T120000Z"
    plan = planned(outcomes={f"{call}/1/2/lea/slack-dm": an_outcome()})

    assert set(duties(case, plan)) == still_called


def test_who_was_called_before_it_got_worse_is_not_called_again() -> None:
    case = with_deed(opened(Severity.MEDIUM), Acknowledged(at=minute(3), by="pia"))
    event = SeverityOverridden(at=minute(9), by="lea", severity=Severity.HIGH, reason="seen")

    assert duties(with_deed(case, event)) == {
        "pr-on-call": minute(9),  # triggered again: worse than what was acknowledged
        "operations": minute(9),
        "legal": minute(9),
    }


def test_a_forgotten_acknowledgement_calls_again_from_when_it_expired() -> None:
    case = with_deed(opened(), Acknowledged(at=minute(3), by="pia"))

    later = tended(case, WORLD, minute(200))

    assert duties(later)["pr-on-call"] == minute(63)


def test_a_page_says_why_and_where_to_press() -> None:
    first, *_ = pages(opened())

    assert isinstance(first, Post)
    assert isinstance(first.notice, PageNotice)
    assert (first.place, first.notice.duty) == ("U0PIA", "pr-on-call")
    assert first.key.endswith("/page/pr-on-call/20150222T120000Z/1/1/pia/slack-dm")
    assert first.notice.ack_by == minute(15)
    assert first.notice.reasons == opened().incident.history[-1].reasons


def test_one_message_carries_all_that_a_person_is_called_for() -> None:
    world = made_world(rotas={**ROTAS, "operations": ("pia",)})

    together, legal = pages(opened(), world=world)

    assert isinstance(together.notice, PageNotice)
    assert together.notice.duty == "pr-on-call, operations"
    assert ["operations" in key for key in together.also] == [True]
    assert (legal.also, isinstance(legal, Post) and legal.place) == ((), "U0LEX")


def test_a_page_in_doubt_is_its_own_question_and_looks_for_the_message_that_carried_it() -> None:
    world = made_world(rotas={**ROTAS, "operations": ("pia",)})
    (together, _) = pages(opened(), world=world)
    intended = an_outcome(Status.INTENDED, WITH + together.key, at=minute(-1))
    outcomes = dict.fromkeys((together.key, *together.also), intended)

    doubted = [
        one for one in pages(opened(), outcomes=outcomes, world=world) if one.key in outcomes
    ]

    assert {one.key for one in doubted} == set(outcomes)
    assert all(one.also == () for one in doubted)
    assert {one.posted_as for one in doubted if isinstance(one, Post)} == {together.key}


def test_the_next_step_comes_when_nobody_has_answered() -> None:
    case = opened(Severity.MEDIUM)
    (first,) = pages(case)
    outcomes = {first.key: an_outcome()}

    assert pages(case, minute(29.9), outcomes) == []
    assert [one.key.split("/")[-2] for one in pages(case, minute(30), outcomes)] == ["lea"]


@pytest.mark.parametrize(
    ("severity", "topics", "are_paged"),
    [
        pytest.param(Severity.HIGH, ("air",), False, id="silenced"),
        pytest.param(Severity.HIGH, ("sea",), True, id="another-topic"),
        pytest.param(Severity.CRITICAL, ("air",), True, id="critical-is-never-silent"),
    ],
)
def test_silences(severity: Severity, topics: tuple[str, ...], *, are_paged: bool) -> None:
    silence = Silence(
        id="s",
        topics=topics,
        owner="lea",
        reason="works",
        starts_at=minute(-5),
        ends_at=minute(30),
    )
    plan = planned()

    plan_pages(opened(severity), made_world(silences=(silence,)), plan, None)

    assert bool(plan.due) is are_paged
    assert ("silence-ends" in plan.times["urgent"]) is not are_paged


CONTACTS = ("slack-mention", "sms", "slack-dm")


@pytest.mark.parametrize(
    ("more", "room", "channels", "reached"),
    [
        pytest.param({}, "C1", ("sms",), "C1", id="mentioned-in-the-room"),
        pytest.param({}, None, ("sms",), "C0CRISIS", id="or-in-the-standing-one"),
        pytest.param({"slack": None}, "C1", ("sms",), "+49", id="by-phone-without-slack"),
        pytest.param({"slack": None}, "C1", (), None, id="where-no-phone-works-nobody"),
        pytest.param(
            {"slack": None, "addresses": {}}, "C1", ("sms",), None, id="without-a-number-nobody"
        ),
    ],
)
def test_by_which_way(
    more: dict[str, object], room: str | None, channels: tuple[str, ...], reached: str | None
) -> None:
    settings: dict[str, object] = {"contact": CONTACTS, "addresses": {"sms": "+49"}, **more}
    pia = a_person("pia", Role.AGENT, **settings)
    world = made_world(people=(pia,), rotas={"pr-on-call": ("pia",)}, channels=frozenset(channels))

    found = [
        one.address if isinstance(one, PageElsewhere) else one.place
        for one in pages(opened(Severity.MEDIUM), world=world, room=room)
    ]

    assert found == ([] if reached is None else [reached])


def test_a_mention_names_the_person() -> None:
    pia = a_person("pia", Role.AGENT, contact=("slack-mention",))
    world = made_world(people=(pia,), rotas={"pr-on-call": ("pia",)})

    (page,) = pages(opened(Severity.MEDIUM), world=world, room="C1")

    assert isinstance(page.notice, PageNotice)
    assert page.notice.mention == ("U0PIA",)


def test_the_next_way_follows_at_once_where_one_is_refused_for_good() -> None:
    pia = a_person("pia", Role.AGENT, contact=("slack-dm", "sms"), addresses={"sms": "+49"})
    world = made_world(people=(pia,), rotas={"pr-on-call": ("pia",)}, channels=frozenset({"sms"}))
    case = opened(Severity.MEDIUM)
    (first,) = pages(case, world=world)

    (second,) = pages(case, outcomes={first.key: an_outcome(Status.FAILED)}, world=world)

    assert isinstance(second, PageElsewhere)


def test_everybody_paged_is_known_in_the_order_of_it() -> None:
    case = opened()
    call = f"{case.id}/page/pr-on-call/x"
    outcomes = {
        f"{call}/1/2/lea/slack-dm": an_outcome(at=minute(15)),
        f"{call}/1/1/pia/slack-dm": an_outcome(at=NOON),
        f"{call}/1/1/pia/sms": an_outcome(at=minute(1)),
        f"{case.id}/status": an_outcome(),
        "sea/other/page/pr-on-call/x/1/1/olu/slack-dm": an_outcome(),
    }

    assert paged(planned(outcomes=outcomes), case) == ("pia", "lea")
    assert {person.id for person in TEAM} >= {"pia", "lea", "olu"}


def safety_first() -> World:
    """Return a world in which product safety calls `safety` before all others, from high on."""

    def with_page(runbook: Runbook) -> Runbook:
        page = ("safety", "crisis-lead", "pr-on-call")
        levels = tuple(
            (severity, replace(level, page=page) if severity >= Severity.HIGH else level)
            for severity, level in runbook.levels
        )
        return replace(runbook, levels=levels)

    runbooks = tuple(
        with_page(runbook) if runbook.crisis_type == "product-safety" else runbook
        for runbook in PLAYBOOK.runbooks
    )
    policy = made_policy(playbook=Playbook(runbooks=runbooks))
    return made_world(policy, rotas={**ROTAS, "safety": ("cem",)})


def acknowledged_as_an_outage() -> Case:
    return with_deed(opened(), Acknowledged(at=minute(2), by="pia"))


def corrected(case: Case, minutes: float = 3, to: str = "product-safety") -> Case:
    return with_deed(case, TypeCorrected(at=minute(minutes), by="pia", crisis_type=to))


def test_a_duty_that_comes_first_by_a_type_corrected_after_the_answer_is_called() -> None:
    world = safety_first()
    case = corrected(acknowledged_as_an_outage())

    assert "safety" in duties(case, world=world)
    assert "pr-on-call" not in duties(case, world=world)  # has answered
    answered = with_deed(case, Acknowledged(at=minute(4), by="cem"))
    assert "safety" not in duties(answered, world=world)


def test_an_answer_to_the_corrected_type_is_one_for_its_first_duty() -> None:
    world = safety_first()
    case = with_deed(corrected(opened(), minutes=1), Acknowledged(at=minute(2), by="pia"))

    assert "safety" not in duties(case, world=world)


def test_a_correction_to_a_type_with_the_same_first_duty_calls_nobody_again() -> None:
    case = corrected(acknowledged_as_an_outage(), to="rumour")

    assert "pr-on-call" not in duties(case)


def test_a_duty_that_comes_first_by_a_severity_raised_after_the_answer_is_called() -> None:
    world = safety_first()
    case = corrected(made_case(made_signal(0, Change.OPENED, Severity.MEDIUM)), minutes=1)
    case = with_deed(case, Acknowledged(at=minute(2), by="pia"))
    raised = with_deed(
        case,
        SeverityOverridden(at=minute(3), by="pia", severity=Severity.HIGH, reason="fire", id="1"),
    )

    assert "safety" in duties(raised, world=world)
