"""What becomes of an approved message when time, topics, targets and newer messages move on."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerting.notices import DoubtNotice, PublishedNotice, TextNotice
from alerting.ports import Outcome, Status
from alerting.response import holding
from alerting.response.actions import Post, Publish
from alerting.response.approving import plan_messages
from alerting.response.case import Case
from alerting.response.holding import HoldingMessage
from alerting.response.planned import DOUBT, TRIES, Planned
from alerting.response.world import World
from crisiswatch.detection.signal import Change, Severity
from tests.alerting.response.made_world import an_outcome, made_case, made_world, planned, tended
from tests.made_signals import made_signal, minute

WORLD = made_world(targets={"blog": None})
OPENED = made_signal(0, Change.OPENED, Severity.HIGH)
ROOM = "C1"


def approved(case: Case, minutes: float) -> Case:
    assert case.message is not None
    text = case.message
    after = holding.approve(
        text,
        by="ada",
        at=minute(minutes),
        sha256=text.sha256,
        needed=1,
        topics=case.incident.topics,
    )
    assert isinstance(after, HoldingMessage)
    return case.with_message(after)


def plan_of(
    case: Case, now: datetime, outcomes: dict[str, Outcome] | None = None, world: World = WORLD
) -> Planned:
    plan = planned(now, outcomes)
    plan_messages(case, world, plan, ROOM)
    return plan


def key_of(message: HoldingMessage, target: str = "blog") -> str:
    return f"{message.id}/{message.sha256[:12]}/publish/{target}"


def published(plan: Planned) -> list[tuple[str, str]]:
    """Return what goes out: (message, where)."""
    found = []
    for one in plan.due:
        if isinstance(one, Publish):
            found.append((one.notice.message_id, one.target))
        elif isinstance(one, Post) and isinstance(one.notice, PublishedNotice):
            found.append((one.notice.message_id, one.place))
    return found


def told(plan: Planned) -> list[tuple[str, ...]]:
    return [
        one.notice.lines
        for one in plan.due
        if isinstance(one, Post) and isinstance(one.notice, TextNotice)
        if "/not-published/" in one.key
    ]


def test_a_topic_that_joins_after_the_approval_does_not_get_the_text() -> None:
    world = made_world(
        targets={"air-blog": None, "rail-blog": None},
        target_topics={"air-blog": ("air",), "rail-blog": ("rail",)},
    )
    before = tended(made_case(OPENED), world)
    joined = made_case(OPENED, made_signal(2, Change.OPENED, Severity.HIGH, topic="rail"))

    late = replace(approved(before, 1), incident=joined.incident)
    in_time = approved(replace(before, incident=joined.incident), 3)

    assert [where for _, where in published(plan_of(late, minute(4), world=world))] == [
        "C0AGENTS",
        "air-blog",
    ]
    assert [where for _, where in published(plan_of(in_time, minute(4), world=world))] == [
        "C0AGENTS",
        "air-blog",
        "rail-blog",
    ]


def two_approved() -> tuple[Case, HoldingMessage, HoldingMessage]:
    first = approved(tended(made_case(OPENED), WORLD), 1)
    both = approved(tended(first, WORLD, minute(90)), 95)
    old, new = both.messages
    return both, old, new


def test_a_newer_approved_message_ends_what_was_open_of_the_older_one() -> None:
    case, old, new = two_approved()
    failed = an_outcome(Status.FAILED, "down", retry_at=minute(96))

    plan = plan_of(case, minute(97), {key_of(old): failed})

    assert minute(97) < old.promised_at
    assert published(plan) == [(new.id, "C0AGENTS"), (new.id, "blog")]


def test_a_doubt_about_the_older_message_is_asked_all_the_same() -> None:
    case, old, _ = two_approved()

    plan = plan_of(case, minute(97), {key_of(old): an_outcome(Status.UNKNOWN, DOUBT)})

    (doubt,) = [one.notice for one in plan.due if isinstance(one, Post) and "/doubt" in one.key]
    assert isinstance(doubt, DoubtNotice)
    assert doubt.action_key == key_of(old)


def test_a_doubt_calls_those_who_can_settle_it() -> None:
    case = approved(tended(made_case(OPENED), WORLD), 1)
    assert case.message is not None

    plan = plan_of(case, minute(2), {key_of(case.message): an_outcome(Status.UNKNOWN, DOUBT)})

    (doubt,) = [one.notice for one in plan.due if isinstance(one, Post) and "/doubt" in one.key]
    assert isinstance(doubt, DoubtNotice)
    assert doubt.mention == ("U0PIA", "U0ADA")


@pytest.mark.parametrize("attempts", [6, TRIES, 10 * TRIES])
def test_a_target_that_is_away_is_tried_until_the_promise_is_over_and_people_know(
    attempts: int,
) -> None:
    case = approved(tended(made_case(OPENED), WORLD), 1)
    assert case.message is not None
    failed = an_outcome(
        Status.FAILED, "no connection", attempts=attempts, retry_at=minute(30), at=minute(29)
    )

    plan = plan_of(case, minute(31), {key_of(case.message): failed})

    assert (case.message.id, "blog") in published(plan)
    assert told(plan) == [
        (
            "Not, or not surely, at: blog.",
            "It is tried on until 14:00 UTC; if that is too late, publish it by hand.",
        )
    ]


def test_a_first_failure_is_nothing_to_tell() -> None:
    case = approved(tended(made_case(OPENED), WORLD), 1)
    assert case.message is not None
    failed = an_outcome(Status.FAILED, "no connection", attempts=1, retry_at=minute(2))

    assert told(plan_of(case, minute(3), {key_of(case.message): failed})) == []
