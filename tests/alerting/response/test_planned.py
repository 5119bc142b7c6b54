"""What is due, by what became of it: the table."""

from datetime import datetime

import pytest

from alerting.delivery import Lane
from alerting.keeping import ROUTINE, URGENT
from alerting.notices import PublishedNotice, TextNotice
from alerting.ports import Outcome, Status
from alerting.response.actions import Action, Post, Publish, Update
from alerting.response.planned import DOUBT, LOOK_AGAIN_AFTER_S, TRIES, Planned
from tests.alerting.response.made_world import an_outcome, planned
from tests.made_notices import PUBLISHED
from tests.made_signals import NOON, minute

assert isinstance(PUBLISHED, PublishedNotice)
NOTICE = TextNotice(head=None, title="Hello", lines=())
POST = Post(key="k", place="C1", notice=NOTICE, lane=Lane.PAGE)
UPDATE = Update(key="k", reference="C1/1", notice=NOTICE, digest="new")
PUBLISH = Publish(key="k", target="blog", notice=PUBLISHED)

NOW, LATER = NOON, minute(1)


@pytest.mark.parametrize(
    ("action", "outcome", "due_at"),
    [
        pytest.param(POST, None, NOW, id="never-tried"),
        pytest.param(POST, an_outcome(), None, id="done"),
        pytest.param(UPDATE, an_outcome(result="new"), None, id="shown"),
        pytest.param(UPDATE, an_outcome(result="old"), NOW, id="shows-something-older"),
        pytest.param(
            POST, an_outcome(Status.FAILED, retry_at=LATER), LATER, id="failed-tried-again-later"
        ),
        pytest.param(POST, an_outcome(Status.FAILED), None, id="failed-for-good"),
        pytest.param(
            POST,
            an_outcome(Status.FAILED, retry_at=NOW, attempts=TRIES),
            None,
            id="failed-too-often",
        ),
        pytest.param(
            POST,
            an_outcome(Status.INTENDED, at=minute(1 - LOOK_AGAIN_AFTER_S / 60)),
            LATER,
            id="the-process-may-still-be-at-it",
        ),
        pytest.param(
            POST, an_outcome(Status.UNKNOWN, at=minute(-1)), NOW, id="unknown-for-a-minute"
        ),
        pytest.param(
            PUBLISH,
            an_outcome(Status.UNKNOWN, DOUBT, at=minute(-60)),
            None,
            id="a-doubt-rests-until-somebody-looked",
        ),
        pytest.param(
            UPDATE,
            an_outcome(Status.UNKNOWN, DOUBT, at=minute(-60)),
            NOW,
            id="an-update-does-no-harm-twice",
        ),
    ],
)
def test_when_an_action_is_due(
    action: Action, outcome: Outcome | None, due_at: datetime | None
) -> None:
    plan = planned(outcomes={} if outcome is None else {"k": outcome})

    plan.add(action)

    times = {at for times in plan.times.values() for at in times.values()}
    assert plan.due == ([action] if due_at == NOW else [])
    assert times == ({due_at} if due_at == LATER else set())


def test_a_time_stands_in_the_queue_of_its_action() -> None:
    failed = an_outcome(Status.FAILED, retry_at=LATER)
    plan = planned(outcomes={"page": failed, "show": failed})

    plan.add(Post(key="page", place="C1", notice=NOTICE, lane=Lane.PAGE))
    plan.add(Update(key="show", reference="C1/1", notice=NOTICE, digest="d"))

    assert plan.times == {URGENT: {"page": LATER}, ROUTINE: {"show": LATER}}


def test_the_earliest_reason_to_look_again_counts_and_the_past_is_none() -> None:
    plan = planned()

    for at in (NOW, LATER, minute(5), minute(2)):
        plan.wake("page", at)

    assert plan.times[URGENT] == {"page": LATER}


def test_in_a_replay_a_lost_answer_is_waited_for_in_real_time() -> None:
    outcome = an_outcome(Status.UNKNOWN)
    plan = Planned(outcomes={"k": outcome}, now=NOON, pace=60.0)

    plan.add(POST)

    assert plan.times[URGENT] == {"k": minute(LOOK_AGAIN_AFTER_S)}


def test_only_what_is_done_has_a_result() -> None:
    plan = planned(outcomes={"a": an_outcome(result="C1/1"), "b": an_outcome(Status.FAILED, "no")})

    assert [plan.result(key) for key in "abc"] == ["C1/1", None, None]
