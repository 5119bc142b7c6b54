"""Holding messages before their approvers and out to the public."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerting.notices import ApprovalNotice, DoubtNotice, PublishedNotice, TextNotice
from alerting.ports import Outcome, Status
from alerting.response import holding
from alerting.response.actions import Action, Post, Publish, Update
from alerting.response.approving import may_approve, needed_for, plan_messages
from alerting.response.case import Case
from alerting.response.holding import HoldingMessage, Stage, put_aside
from alerting.response.planned import DOUBT, Planned
from alerting.response.world import Rooms, World
from crisiswatch.config import ApprovalSettings
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.events import Acknowledged
from tests.alerting.response.made_world import (
    ROTAS,
    an_outcome,
    made_case,
    made_policy,
    made_world,
    planned,
    tended,
    with_deed,
)
from tests.made_signals import NOON, TOPICS, made_signal, minute

WORLD = made_world(targets={"blog": None, "status": "en"})
ROOM = "C1"


def opened(severity: Severity = Severity.HIGH) -> Case:
    return tended(made_case(made_signal(0, Change.OPENED, severity)), WORLD)


def message(case: Case) -> HoldingMessage:
    assert case.message is not None
    return case.message


def approved(case: Case, *people: str, minutes: float = 1) -> Case:
    one = message(case)
    for person in people:
        after = holding.approve(
            one, by=person, at=minute(minutes), sha256=one.sha256, needed=len(people), topics=TOPICS
        )
        assert isinstance(after, HoldingMessage)
        one = after
    return case.with_message(one)


def plan_of(
    case: Case,
    now: datetime = NOON,
    outcomes: dict[str, Outcome] | None = None,
    *,
    world: World = WORLD,
    room: str | None = ROOM,
) -> Planned:
    plan = planned(now, outcomes)
    plan_messages(case, world, plan, room)
    return plan


def asked(due: list[Action]) -> list[str]:
    """Return who is asked by direct message."""
    return [one.place for one in due if isinstance(one, Post) and "/ask/" in one.key]


def text_key(case: Case) -> str:
    return f"{message(case).id}/{message(case).sha256[:12]}"


@pytest.mark.parametrize(
    ("minutes", "who"),
    [
        pytest.param(0, ["U0ADA"], id="first-ada"),
        pytest.param(9.9, ["U0ADA"], id="who-has-ten-minutes"),
        pytest.param(10, ["U0ADA", "U0BEN"], id="then-the-backup-too"),
        pytest.param(20, ["U0ADA", "U0BEN", "U0CEM"], id="then-everybody-who-may"),
    ],
)
def test_who_is_asked_when(minutes: float, who: list[str]) -> None:
    assert asked(plan_of(opened(), minute(minutes)).due) == who


def test_when_more_are_asked_the_case_is_looked_at_again() -> None:
    assert minute(10) in plan_of(opened()).times["urgent"].values()


@pytest.mark.parametrize(
    ("approval", "who"),
    [
        pytest.param(
            ApprovalSettings(ask=("crisis-lead",)), [], id="only-approvers-are-asked-at-all"
        ),
        pytest.param(
            ApprovalSettings(ask=("person:nobody",), within=0),
            ["U0ADA", "U0BEN", "U0CEM"],
            id="without-a-backup-everybody-who-may",
        ),
        pytest.param(ApprovalSettings(ask=("pr-text",)), ["U0CEM"], id="whoever-has-the-duty"),
    ],
)
def test_groups(approval: ApprovalSettings, who: list[str]) -> None:
    world = made_world(made_policy(approval=approval), rotas={**ROTAS, "pr-text": ("cem",)})

    assert asked(plan_of(opened(), world=world).due) == who


def test_only_approvers_may_approve_and_two_of_them_at_critical() -> None:
    playbook = made_policy().playbook
    lax = replace(
        playbook,
        runbooks=tuple(
            replace(
                runbook,
                levels=tuple((at, replace(level, approvals=1)) for at, level in runbook.levels),
            )
            for runbook in playbook.runbooks
        ),
    )
    world = made_world(made_policy(playbook=lax))

    assert may_approve(world) == {"ada", "ben", "cem"}
    assert needed_for(opened(Severity.HIGH), world) == 1
    assert needed_for(opened(Severity.CRITICAL), world) == 2


def test_the_room_is_asked_too_with_the_names_of_those_asked() -> None:
    (in_room,) = [one for one in plan_of(opened()).due if one.key.endswith("/ask-room")]

    assert isinstance(in_room, Post)
    assert isinstance(in_room.notice, ApprovalNotice)
    assert (in_room.place, in_room.notice.mention, in_room.notice.asked) == (
        ROOM,
        ("U0ADA",),
        ("Ada",),
    )
    assert in_room.notice.decide_by == minute(10)


def test_whoever_was_asked_stays_asked_though_the_duty_has_changed_hands() -> None:
    case = opened()
    outcomes = {f"{text_key(case)}/ask/cem": an_outcome(result="U0CEM/1")}

    (in_room,) = [
        one for one in plan_of(case, outcomes=outcomes).due if one.key.endswith("/ask-room")
    ]

    assert isinstance(in_room, Post)
    assert isinstance(in_room.notice, ApprovalNotice)
    assert in_room.notice.asked == ("Ada", "Cem")


def test_an_edited_text_is_asked_for_anew_and_the_old_copies_lose_their_buttons() -> None:
    case = opened()
    old_key = f"{text_key(case)}/ask/ada"
    one = message(case)
    texts = (("en", "public", "Our words."),)
    edited = holding.edit(one, by="ben", at=minute(5), sha256=one.sha256, texts=texts)
    assert isinstance(edited, HoldingMessage)

    due = plan_of(case.with_message(edited), minute(5), {old_key: an_outcome(result="U0ADA/1")}).due

    assert asked(due) == ["U0ADA"]
    (shown,) = [action for action in due if isinstance(action, Update)]
    assert isinstance(shown.notice, ApprovalNotice)
    assert (shown.reference, shown.notice.is_open, shown.notice.wordings) == ("U0ADA/1", False, ())


def test_an_edit_back_to_an_older_text_is_asked_for_anew_with_buttons() -> None:
    case = opened()
    outcomes = {f"{text_key(case)}/ask/ada": an_outcome(result="U0ADA/1")}
    one = message(case)
    for words in ("Our wordz.", dict(_public(one))["en"]):
        after = holding.edit(
            one, by="ben", at=minute(5), sha256=one.sha256, texts=(("en", "public", words),)
        )
        assert isinstance(after, HoldingMessage)
        one = after

    due = plan_of(case.with_message(one), minute(5), outcomes).due

    assert one.sha256 == message(case).sha256
    assert asked(due) == ["U0ADA"]
    (shown,) = [action for action in due if isinstance(action, Update)]
    assert isinstance(shown.notice, ApprovalNotice)
    assert (shown.reference, shown.notice.is_open) == ("U0ADA/1", False)


def _public(one: HoldingMessage) -> list[tuple[str, str]]:
    return [(language, text) for language, audience, text in one.texts if audience == "public"]


def test_an_edited_text_stands_before_its_approvers_with_warnings() -> None:
    case = opened()
    one = message(case)
    texts = (("en", "public", "Probably our supplier's fault."),)
    edited = holding.edit(one, by="ben", at=minute(5), sha256=one.sha256, texts=texts)
    assert isinstance(edited, HoldingMessage)

    def warnings(text: HoldingMessage) -> tuple[str, ...]:
        due = plan_of(case.with_message(text), minute(5)).due
        (notice,) = [
            action.notice
            for action in due
            if isinstance(action, Post) and action.key.endswith("/ask-room")
        ]
        assert isinstance(notice, ApprovalNotice)
        return notice.warnings

    assert warnings(one) == ()
    assert warnings(edited) == (
        "en: blames: “supplier”",
        "en: speculates: “Probably”",
        "en: promises no time of the next update",
    )


def test_whoever_has_approved_is_not_asked_and_the_copies_say_so() -> None:
    case = approved(opened(Severity.CRITICAL), "ada")
    waits = case.with_message(replace(message(case), stage=Stage.WAITING, decided_at=None))
    outcomes = {f"{text_key(case)}/ask/ada": an_outcome(result="U0ADA/1")}

    due = plan_of(waits, minute(10), outcomes).due

    assert asked(due) == ["U0BEN"]
    (shown,) = [action for action in due if isinstance(action, Update)]
    assert isinstance(shown.notice, ApprovalNotice)
    assert shown.notice.approved_by == ("Ada",)
    assert shown.notice.is_open


def published(due: list[Action]) -> list[str]:
    """Return where the text goes."""
    found = []
    for one in due:
        if isinstance(one, Publish):
            found.append(one.target)
        elif isinstance(one, Post) and isinstance(one.notice, PublishedNotice):
            found.append(one.place)
    return found


@pytest.mark.parametrize(
    "stage", [stage for stage in Stage if stage is not Stage.APPROVED], ids=str
)
@pytest.mark.parametrize("minutes", [0, 60, 115, 10_000])
def test_no_time_publishes_what_nobody_approved(stage: Stage, minutes: float) -> None:
    case = opened()
    if stage is not Stage.WAITING:
        case = case.with_message(put_aside(message(case), stage=stage, at=NOON, why="so"))

    assert published(plan_of(case, minute(minutes)).due) == []


def test_what_was_approved_goes_to_the_agents_and_every_target() -> None:
    case = approved(opened(), "ada")

    assert published(plan_of(case, minute(1)).due) == ["C0AGENTS", "blog", "status"]


def test_without_a_channel_for_agents_the_room_is_told() -> None:
    world = replace(WORLD, rooms=Rooms())

    assert published(plan_of(approved(opened(), "ada"), minute(1), world=world).due)[0] == ROOM


def test_an_approval_that_comes_too_late_publishes_nothing() -> None:
    one = message(opened())

    answer = holding.approve(
        one, by="ada", at=one.lapses_at, sha256=one.sha256, needed=1, topics=TOPICS
    )

    assert isinstance(answer, holding.Refusal)
    assert published(plan_of(tended(opened(), WORLD, one.lapses_at), one.lapses_at).due) == []


@pytest.mark.parametrize(
    ("status", "result", "is_asked"),
    [
        pytest.param(Status.UNKNOWN, DOUBT, True, id="in-doubt"),
        pytest.param(Status.DONE, "url", False, id="published"),
        pytest.param(Status.FAILED, "refused", False, id="surely-not-published"),
        pytest.param(Status.INTENDED, "", False, id="under-way"),
    ],
)
def test_a_person_is_asked_where_nobody_knows(
    status: Status, result: str, *, is_asked: bool
) -> None:
    case = approved(opened(), "ada")
    key = f"{text_key(case)}/publish/blog"

    due = plan_of(case, minute(1), {key: an_outcome(status, result)}).due

    doubts = [one for one in due if isinstance(one, Post) and isinstance(one.notice, DoubtNotice)]
    assert bool(doubts) is is_asked


def test_a_doubt_that_is_settled_is_shown_so() -> None:
    case = approved(opened(), "ada")
    key = f"{text_key(case)}/publish/blog"
    outcomes = {
        key: an_outcome(Status.DONE, "seen by lea"),
        f"{key}/doubt": an_outcome(result="C1/9"),
    }

    shown = [one for one in plan_of(case, minute(2), outcomes).due if isinstance(one, Update)]

    assert [(one.reference, isinstance(one.notice, DoubtNotice)) for one in shown] == [
        ("C1/9", True)
    ]
    assert all(isinstance(one.notice, DoubtNotice) and not one.notice.is_open for one in shown)


def reminders(
    case: Case, minutes: float, outcomes: dict[str, Outcome] | None = None
) -> list[tuple[str, tuple[str, ...]]]:
    due = plan_of(case, minute(minutes), outcomes).due
    return [
        (one.notice.title, one.notice.mention)
        for one in due
        if isinstance(one, Post) and isinstance(one.notice, TextNotice)
        if "/not-published/" not in one.key
    ]


def test_what_could_not_be_published_before_its_promise_is_over_never_is() -> None:
    case = approved(opened(), "ada")
    failed = an_outcome(Status.FAILED, "Slack is down", retry_at=minute(121))
    outcomes = {f"{text_key(case)}/publish/agents": failed}

    def published_at(minutes: float) -> list[str]:
        due = plan_of(case, minute(minutes), outcomes).due
        return [one.key.rsplit("/", 1)[-1] for one in due if "/publish/" in one.key]

    assert published_at(119) == ["blog", "status"]
    assert published_at(122) == []
    (told,) = [
        one.notice
        for one in plan_of(case, minute(122), outcomes).due
        if isinstance(one, Post) and "/not-published/" in one.key
    ]
    assert isinstance(told, TextNotice)
    assert told.lines[0] == "Not, or not surely, at: agents, blog, status."


def test_reminders_of_the_promised_update() -> None:
    case = approved(opened(), "ada")
    case = with_deed(case, Acknowledged(at=minute(2), by="lea"))

    assert reminders(case, 89.9) == []
    assert reminders(case, 90) == [("The next update is due soon", ("U0LEA",))]
    assert [title for title, _ in reminders(case, 120)] == [
        "The next update is due soon",
        "The promised update is due now",
    ]


def test_whoever_has_the_duty_is_reminded_of_a_first_message_that_is_overdue() -> None:
    assert reminders(opened(), 59.9) == []
    assert reminders(opened(), 60) == [("The holding message is overdue", ("U0PIA",))]


def test_an_update_that_went_out_in_time_needs_no_reminder() -> None:
    first = approved(opened(), "ada")
    second = tended(first, WORLD, minute(90))
    both = approved(second, "ben", minutes=95)
    done = {f"{message(first).id}/update-soon": an_outcome()}

    assert reminders(both, 120, done) == []
