"""The incident's room: who is in it, what is told there, and where else if there is none."""

from dataclasses import replace

import pytest

from alerting.notices import StatusNotice, StepNotice
from alerting.ports import Outcome, Status
from alerting.response import holding
from alerting.response.actions import Action, Invite, OpenRoom, Post, SetTopic, ShowChart, Update
from alerting.response.case import Case, CoursePoint
from alerting.response.holding import HoldingMessage
from alerting.response.rooms import INVITED_AT_ONCE, ROOM_TRIES, plan_room, room_of, story
from alerting.response.words import digest
from alerting.response.world import World
from crisiswatch.config import Role
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.events import Acknowledged, Noted
from tests.alerting.response.made_world import (
    TEAM,
    a_person,
    an_outcome,
    made_case,
    made_world,
    planned,
    tended,
    with_deed,
)
from tests.made_signals import NOON, TOPICS, made_signal, minute

WORLD = made_world()


def opened(severity: Severity = Severity.HIGH) -> Case:
    return tended(made_case(made_signal(0, Change.OPENED, severity)), WORLD)


CASE = opened()
ROOM_OPEN = {f"{CASE.id}/room": an_outcome(result="C1")}
STATUS_SHOWN = {**ROOM_OPEN, f"{CASE.id}/status": an_outcome(result="C1/1")}


def due(
    case: Case,
    outcomes: dict[str, Outcome] | None = None,
    *,
    world: World = WORLD,
    minutes: float = 0,
) -> list[Action]:
    plan = planned(minute(minutes), outcomes)
    plan_room(case, world, plan, room_of(case, world, plan))
    return plan.due


def invited(actions: list[Action]) -> list[tuple[str, ...]]:
    return [one.members for one in actions if isinstance(one, Invite)]


@pytest.mark.parametrize(
    ("outcome", "room"),
    [
        pytest.param(None, None, id="not-yet-made"),
        pytest.param(an_outcome(result="C1"), "C1", id="its-own"),
        pytest.param(an_outcome(Status.UNKNOWN), None, id="who-knows"),
        pytest.param(
            an_outcome(Status.FAILED, retry_at=minute(1)), None, id="a-hiccup-is-waited-for"
        ),
        pytest.param(
            an_outcome(Status.FAILED, retry_at=minute(1), attempts=ROOM_TRIES),
            "C0CRISIS",
            id="failed-often-so-the-standing-one",
        ),
        pytest.param(an_outcome(Status.FAILED), "C0CRISIS", id="refused-so-the-standing-one"),
    ],
)
def test_where_a_case_is_talked_about(outcome: Outcome | None, room: str | None) -> None:
    outcomes = {} if outcome is None else {f"{CASE.id}/room": outcome}

    assert room_of(CASE, WORLD, planned(outcomes=outcomes)) == room


@pytest.mark.parametrize(
    ("case", "opens"),
    [
        pytest.param(opened(Severity.LOW), False, id="not-at-low"),
        pytest.param(opened(Severity.MEDIUM), True, id="from-medium-on"),
        pytest.param(made_case(stale=True), False, id="not-for-old-news"),
    ],
)
def test_a_room_is_opened(case: Case, *, opens: bool) -> None:
    assert [one.name for one in due(case) if isinstance(one, OpenRoom)] == (
        ["crisis-air-0222-1200"] if opens else []
    )


def test_a_room_that_failed_is_tried_again_while_the_standing_one_is_used() -> None:
    failed = an_outcome(Status.FAILED, retry_at=NOON, attempts=ROOM_TRIES)

    actions = due(CASE, {f"{CASE.id}/room": failed})

    assert [type(one).__name__ for one in actions] == ["OpenRoom", "Post"]
    assert isinstance(actions[1], Post)
    assert actions[1].place == "C0CRISIS"


def test_the_standing_room_keeps_its_topic_and_its_people() -> None:
    actions = due(CASE, {f"{CASE.id}/room": an_outcome(Status.FAILED)})

    assert not [one for one in actions if isinstance(one, SetTopic | Invite)]


def test_whoever_was_paged_asked_or_comes_is_invited_once() -> None:
    assert CASE.message is not None
    offers = tuple(
        replace(offer, accepted=True) if offer.person == "r2" else offer
        for offer in CASE.reserve.offers
    )
    case = replace(CASE, reserve=replace(CASE.reserve, offers=offers))
    page = f"{case.id}/page/pr-on-call/x/1/1/pia/slack-dm"
    asked = f"{CASE.message.id}/abc/ask/ada"
    outcomes = {**ROOM_OPEN, page: an_outcome(), asked: an_outcome()}

    (first,) = invited(due(case, outcomes))
    assert first == ("U0PIA", "U0ADA", "U0R2")

    done = {**outcomes, f"{case.id}/invite/{'+'.join(first)}": an_outcome()}
    assert invited(due(case, done)) == []

    later = {**done, f"{case.id}/page/pr-on-call/x/1/2/lea/slack-dm": an_outcome()}
    assert invited(due(case, later)) == [("U0LEA",)]


def test_a_batch_that_failed_keeps_its_members() -> None:
    key = f"{CASE.id}/invite/U0PIA+U0OLU"
    outcomes = {**ROOM_OPEN, key: an_outcome(Status.FAILED, retry_at=NOON)}

    assert invited(due(CASE, outcomes)) == [("U0PIA", "U0OLU")]


def test_many_are_invited_in_batches() -> None:
    crowd = [a_person(f"x{number}", Role.AGENT) for number in range(INVITED_AT_ONCE + 5)]
    world = made_world(people=(*TEAM, *crowd))
    outcomes = dict(ROOM_OPEN)
    for person in crowd:
        outcomes[f"{CASE.id}/page/pr-on-call/x/1/1/{person.id}/slack-dm"] = an_outcome()

    (first,) = invited(due(CASE, outcomes, world=world))
    outcomes[f"{CASE.id}/invite/{'+'.join(first)}"] = an_outcome()
    (second,) = invited(due(CASE, outcomes, world=world))

    assert (len(first), len(second)) == (INVITED_AT_ONCE, 5)
    assert not set(first) & set(second)


def test_the_status_is_shown_pinned_and_kept_up_to_date() -> None:
    (status,) = [one for one in due(CASE, ROOM_OPEN) if isinstance(one, Post)]
    assert isinstance(status.notice, StatusNotice)

    (shown,) = [one for one in due(CASE, STATUS_SHOWN) if isinstance(one, Update)]
    up_to_date = {
        **STATUS_SHOWN,
        shown.key: an_outcome(result=shown.digest),
    }
    assert not [one for one in due(CASE, up_to_date, minutes=5) if isinstance(one, Update)]

    noted = with_deed(CASE, Noted(at=minute(5), by="lea", text="Call the press."))
    (again,) = [one for one in due(noted, up_to_date, minutes=5) if isinstance(one, Update)]
    assert isinstance(again.notice, StatusNotice)
    assert again.notice.notes == ("12:05 Lea: Call the press.",)


def test_the_story_is_told_in_its_order() -> None:
    assert CASE.message is not None
    approved = holding.approve(
        CASE.message, by="ada", at=minute(4), sha256=CASE.message.sha256, needed=1, topics=TOPICS
    )
    assert isinstance(approved, HoldingMessage)
    case = with_deed(CASE, Acknowledged(at=minute(2), by="pia")).with_message(approved)
    course = made_case(
        made_signal(0, Change.OPENED), made_signal(7, Change.WORSE, Severity.CRITICAL)
    )
    case = replace(case, incident=replace(case.incident, history=course.incident.history))

    told = list(story(case, WORLD))

    assert [step.title for step in told] == [
        "opened at high",
        "acknowledged",
        "Ada approved the holding message",
        "holding message approved",
        "worse at critical",
    ]
    assert [step.at for step in told] == sorted(step.at for step in told)


def test_every_line_of_the_story_is_told_once_in_the_thread() -> None:
    posts = [
        one
        for one in due(CASE, STATUS_SHOWN)
        if isinstance(one, Post) and isinstance(one.notice, StepNotice)
    ]
    assert [one.thread for one in posts] == ["C1/1"]

    told = {**STATUS_SHOWN, posts[0].key: an_outcome()}
    assert not [
        one
        for one in due(CASE, told)
        if isinstance(one, Post) and isinstance(one.notice, StepNotice)
    ]


def test_a_picture_shows_the_course_up_to_its_step() -> None:
    points = tuple(
        CoursePoint(
            at=minute(minutes),
            topic="air",
            severity=Severity.HIGH,
            posts_per_min=1.0,
            expected_posts_per_min=1.0,
            negatives_per_min=None,
            expected_negatives_per_min=None,
        )
        for minutes in (0, 5)
    )

    charts = [
        one for one in due(replace(CASE, course=points), STATUS_SHOWN) if isinstance(one, ShowChart)
    ]

    assert [one.course for one in charts] == [points[:1]]


def test_when_a_status_was_written_makes_no_difference() -> None:
    (status,) = [one.notice for one in due(CASE, ROOM_OPEN) if isinstance(one, Post)]
    assert isinstance(status, StatusNotice)

    assert digest(status) == digest(replace(status, updated_at=minute(9)))
    assert digest(status) != digest(replace(status, state="acknowledged"))
