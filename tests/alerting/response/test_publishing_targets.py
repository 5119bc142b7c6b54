"""A target that is for some topics gets approved messages about these, and about no others."""

import pytest

from alerting.response import holding
from alerting.response.actions import Publish
from alerting.response.approving import plan_messages
from alerting.response.holding import HoldingMessage
from crisiswatch.detection.signal import Change, Severity
from tests.alerting.response.made_world import made_case, made_world, planned, tended
from tests.made_signals import NOON, TOPICS, made_signal, minute

OPENED = made_signal(0, Change.OPENED, Severity.HIGH)


@pytest.mark.parametrize(
    ("target_topics", "published_at"),
    [
        pytest.param({}, ["blog", "site"], id="without-topics-gets-all"),
        pytest.param({"blog": ()}, ["blog", "site"], id="an-empty-list-is-no-limit"),
        pytest.param({"blog": (OPENED.topic,)}, ["blog", "site"], id="of-this-topic"),
        pytest.param(
            {"blog": ("another", OPENED.topic)}, ["blog", "site"], id="of-this-among-others"
        ),
        pytest.param({"blog": ("another",)}, ["site"], id="of-another-topic-only"),
    ],
)
def test_an_approved_message_goes_to_the_targets_of_its_topics(
    target_topics: dict[str, tuple[str, ...]], published_at: list[str]
) -> None:
    world = made_world(targets={"blog": None, "site": None}, target_topics=target_topics)
    case = tended(made_case(OPENED), world)
    assert case.message is not None
    text = case.message
    approved = holding.approve(
        text, by="ada", at=minute(1), sha256=text.sha256, needed=1, topics=TOPICS
    )
    assert isinstance(approved, HoldingMessage)
    plan = planned(NOON, None)
    plan_messages(case.with_message(approved), world, plan, "C1")
    assert [one.target for one in plan.due if isinstance(one, Publish)] == published_at
