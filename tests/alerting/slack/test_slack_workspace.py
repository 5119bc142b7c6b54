"""Sending to Slack, through the real client, to a server that fails in Slack's ways."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import cast

import pytest

from alerting.delivery import Lane, OutcomeUnknownError, TooSoonError, UndeliveredError
from alerting.notices import ApprovalNotice, TextNotice
from alerting.slack.calls import Timing
from alerting.slack.connection import bolt_log, web_client
from alerting.slack.groups import Groups
from alerting.slack.limits import Limits
from alerting.slack.rooms import mark, purpose
from alerting.slack.sender import SlackWorkspace
from tests.alerting.slack.shown_notices import NOTICES, PAGE
from tests.doubles.fake_slack import FakeSlack

HELLO = TextNotice(head=None, title="Hello", lines=())
SINCE_S = 0.0


class Clock:
    """Monotonic time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.waited: list[float] = []

    def wait(self, for_s: float) -> None:
        """Let time pass, and remember it."""
        self.waited.append(for_s)
        self.now_s += for_s

    def timing(self) -> Timing:
        """Return it as the sender takes it."""
        return Timing(now_s=lambda: self.now_s, wait=self.wait)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(
        channels={"C0ROOM": "inc-air", "C0OTHER": "other"},
        users=("U0ADA", "U0GRACE"),
        open_directory=False,
        usergroups={"S0LEADS": ("U0ADA",)},
        closed_dms=("U0CLOSED",),
    ) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(slack: FakeSlack, clock: Clock) -> SlackWorkspace:
    client = web_client("xoxb-test", slack.url, timeout_s=0.4)
    return SlackWorkspace(client, timing=clock.timing())


def post(workspace: SlackWorkspace, place: str = "C0ROOM", key: str = "k", **more: str) -> str:
    return workspace.post(place, HELLO, key=key, lane=Lane.PAGE, **more)


def test_a_message_carries_its_key_and_is_found_again(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    reference = post(workspace)

    assert reference == f"C0ROOM/{slack.message('k')['ts']}"
    assert workspace.find("C0ROOM", key="k", since_s=SINCE_S) == reference
    assert workspace.find("C0ROOM", key="other", since_s=SINCE_S) is None
    assert workspace.find("C0OTHER", key="k", since_s=SINCE_S) is None


@pytest.mark.parametrize("name", NOTICES)
def test_slack_takes_every_kind_of_notice(
    slack: FakeSlack, workspace: SlackWorkspace, name: str
) -> None:
    reference = workspace.post("C0ROOM", HELLO, key=name, lane=Lane.PAGE)

    workspace.update(reference, NOTICES[name], lane=Lane.UPDATE)

    assert slack.message(name)["blocks"]


LONG = cast("ApprovalNotice", NOTICES["approval-too-long-for-one-message"])


def test_a_text_that_does_not_fit_is_told_whole_before_it_can_be_approved(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    reference = workspace.post("C0ROOM", LONG, key="k", lane=Lane.DECISION)

    said = [str(message["blocks"]) for message in slack.messages("C0ROOM")]
    assert "".join(said).count("sabemos.") == 400
    assert reference == f"C0ROOM/{slack.message('k')['ts']}"
    assert [call.method for call in slack.calls if call.method.startswith("chat.")] == [
        "chat.postMessage",
        "chat.postMessage",
        "chat.postMessage",
        "chat.update",
    ]
    assert "sha256" not in str(slack.calls_of("chat.postMessage")[0].args)
    assert "sha256" in said[0]


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_a_text_whose_rest_did_not_arrive_was_not_delivered(
    slack: FakeSlack, workspace: SlackWorkspace, clock: Clock, kind: str
) -> None:
    slack.fault(kind, "chat.postMessage", count=1, args_contain="sabemos")

    with pytest.raises(UndeliveredError) as raised:
        workspace.post("C0ROOM", LONG, key="k", lane=Lane.DECISION)

    assert raised.value.retry_in_s is not None
    assert workspace.find("C0ROOM", key="k", since_s=SINCE_S) is None
    clock.now_s += 10
    workspace.post("C0ROOM", LONG, key="k", lane=Lane.DECISION)
    assert "sha256" in str(slack.message("k")["blocks"])


def test_an_update_tells_the_rest_of_a_new_text_once(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    reference = post(workspace)

    for _ in range(3):
        workspace.update(reference, LONG, lane=Lane.UPDATE)

    assert len(slack.calls_of("chat.postMessage")) == 3
    assert "sha256" in str(slack.message("k")["blocks"])


def test_a_page_goes_to_the_persons_direct_messages_which_are_opened_once(
    slack: FakeSlack, workspace: SlackWorkspace, clock: Clock
) -> None:
    first = workspace.post("U0ADA", PAGE, key="p1", lane=Lane.PAGE)
    clock.now_s += 1
    workspace.post("U0ADA", PAGE, key="p2", lane=Lane.PAGE)

    assert first.startswith("D")
    assert len(slack.messages("U0ADA")) == 2
    assert len(slack.calls_of("conversations.open")) == 1
    assert workspace.find("U0ADA", key="p1", since_s=SINCE_S) == first


def test_an_answer_in_the_thread_of_an_old_message_is_found(
    slack: FakeSlack, workspace: SlackWorkspace, clock: Clock
) -> None:
    parent = post(workspace, key="parent")
    for number in range(3):
        clock.now_s += 1
        post(workspace, key=f"between-{number}")
    clock.now_s += 1
    reply = post(workspace, key="reply", thread=parent)
    replied_at_s = float(reply.partition("/")[2])

    assert slack.message("reply")["thread_ts"] == parent.partition("/")[2]
    assert workspace.find("C0ROOM", key="reply", since_s=replied_at_s - 0.000_001) == reply


def test_a_room_that_is_named_is_posted_to_without_looking_it_up(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    reference = post(workspace, "#other")

    assert reference.startswith("C0OTHER/")
    assert slack.calls_of("conversations.list") == []
    assert workspace.find("#other", key="k", since_s=SINCE_S) == reference
    with pytest.raises(UndeliveredError, match="there is no #gone"):
        workspace.find("#gone", key="k", since_s=SINCE_S)


def test_a_message_beyond_the_first_page_is_found(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    reference = post(workspace, key="early")
    with slack.locked():
        for _ in range(450):
            slack.workspace.store("C0ROOM", {"text": "chatter", "user": "U0ADA"})

    assert workspace.find("C0ROOM", key="early", since_s=SINCE_S) == reference


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        pytest.param("reset_before", {}, OutcomeUnknownError, id="reset-before"),
        pytest.param("reset_after", {}, OutcomeUnknownError, id="reset-after"),
        pytest.param("blackhole", {}, OutcomeUnknownError, id="no-answer"),
        pytest.param("status", {"status": 500}, OutcomeUnknownError, id="500"),
        pytest.param("status", {"status": 503}, OutcomeUnknownError, id="503"),
        pytest.param("status_after", {"status": 502}, OutcomeUnknownError, id="502-after"),
        pytest.param("error", {"error": "internal_error"}, OutcomeUnknownError, id="internal"),
        pytest.param("error", {"error": "fatal_error"}, OutcomeUnknownError, id="fatal"),
        pytest.param("error", {"error": "service_unavailable"}, 30.0, id="unavailable"),
        pytest.param("status", {"status": 429, "retry_after_s": 7}, 7.0, id="429"),
        pytest.param("error", {"error": "ratelimited"}, 30.0, id="ratelimited"),
        pytest.param("error", {"error": "channel_not_found"}, None, id="no-such-channel"),
        pytest.param("error", {"error": "invalid_auth"}, None, id="bad-token"),
        pytest.param("status", {"status": 403}, None, id="403"),
    ],
)
def test_a_failed_post_says_whether_it_may_have_happened(
    slack: FakeSlack,
    workspace: SlackWorkspace,
    kind: str,
    more: dict[str, object],
    expected: type[Exception] | float | None,
) -> None:
    slack.fault(kind, "chat.postMessage", count=1, **more)

    with pytest.raises((UndeliveredError, OutcomeUnknownError)) as raised:
        post(workspace)

    if expected is OutcomeUnknownError:
        assert isinstance(raised.value, OutcomeUnknownError)
    else:
        assert isinstance(raised.value, UndeliveredError)
        assert raised.value.retry_in_s == expected


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "status_after"])
def test_after_a_lost_answer_the_message_is_found_if_and_only_if_it_is_there(
    slack: FakeSlack, workspace: SlackWorkspace, kind: str
) -> None:
    slack.fault(kind, "chat.postMessage", count=1)

    with pytest.raises(OutcomeUnknownError):
        post(workspace)

    found = workspace.find("C0ROOM", key="k", since_s=SINCE_S)
    assert (found is not None) == (kind != "reset_before")


def test_a_server_that_is_not_there_got_nothing(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    slack.go_down()

    with pytest.raises(UndeliveredError) as raised:
        post(workspace)

    assert raised.value.retry_in_s == 5.0
    slack.come_back()
    post(workspace)


def test_a_name_that_nobody_knows_got_nothing(clock: Clock) -> None:
    nowhere = SlackWorkspace(
        web_client("xoxb-test", "http://slack.invalid/api/"), timing=clock.timing()
    )

    with pytest.raises(UndeliveredError, match="no connection"):
        post(nowhere)


@pytest.mark.parametrize("member", ["U0NOBODY", "U0BOT"])
def test_a_person_who_can_not_be_written_to_is_known_at_once(
    workspace: SlackWorkspace, slack: FakeSlack, member: str
) -> None:
    slack.workspace.closed_dms.add("U0BOT")

    with pytest.raises(UndeliveredError) as raised:
        workspace.post(member, PAGE, key="k", lane=Lane.PAGE)

    assert raised.value.retry_in_s is None


def test_a_failure_before_the_post_is_no_doubt_about_it(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    slack.fault("reset_after", "conversations.open", count=1)

    with pytest.raises(UndeliveredError):
        workspace.post("U0ADA", PAGE, key="k", lane=Lane.PAGE)


def test_after_429_nobody_asks_again_until_slack_says_and_other_channels_go_on(
    slack: FakeSlack, workspace: SlackWorkspace, clock: Clock
) -> None:
    slack.fault("status", "chat.postMessage", count=1, status=429, retry_after_s=60)
    with pytest.raises(UndeliveredError):
        post(workspace)
    asked = len(slack.calls)

    with pytest.raises(UndeliveredError) as raised:
        post(workspace)

    assert raised.value.retry_in_s == pytest.approx(60.0)
    assert len(slack.calls) == asked
    post(workspace, "C0OTHER", key="elsewhere")
    clock.now_s += 60
    post(workspace)


def test_a_page_waits_a_moment_for_a_token_and_an_update_comes_back_later(
    slack: FakeSlack, workspace: SlackWorkspace, clock: Clock
) -> None:
    post(workspace, key="first")
    post(workspace, key="second")
    assert clock.waited == [pytest.approx(1.0)]

    with pytest.raises(UndeliveredError) as raised:
        workspace.post("C0ROOM", HELLO, key="third", lane=Lane.UPDATE)

    assert raised.value.retry_in_s == pytest.approx(1.0)
    assert [message["ts"] for message in slack.messages()] == sorted(
        slack.message(key)["ts"] for key in ("first", "second")
    )


def test_two_workspaces_can_share_their_limits(slack: FakeSlack, clock: Clock) -> None:
    client, limits = web_client("xoxb-test", slack.url), Limits()
    one, other = (SlackWorkspace(client, limits=limits, timing=clock.timing()) for _ in range(2))
    post(one, key="one")

    with pytest.raises(UndeliveredError):
        other.post("C0ROOM", HELLO, key="other", lane=Lane.UPDATE)


def test_a_room_is_made_once_however_often_it_is_asked_for(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    first = workspace.open_room("Inc US Airways!", key="k")

    assert workspace.open_room("Inc US Airways!", key="k") == first
    assert slack.channel("inc-us-airways")["purpose"]["value"] == purpose("k")


def test_a_room_whose_name_is_taken_gets_a_number(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    slack.workspace.channels["C0ROOM"]["creator"] = "U0ADA"
    workspace.open_room("inc-air", key="one")
    second = workspace.open_room("inc-air", key="two")

    assert slack.channel("inc-air-3")["id"] == second
    assert workspace.open_room("inc-air", key="two") == second


def test_archived_rooms_keep_their_names(slack: FakeSlack, workspace: SlackWorkspace) -> None:
    with slack.locked():
        for name in ("inc", "inc-2", "inc-3"):
            slack.workspace.add_channel(name, is_archived=True)

    room = workspace.open_room("inc", key="k")

    assert slack.channel("inc-4")["id"] == room


def test_a_room_is_found_in_a_workspace_of_many_channels_however_few_pages_a_minute_are_allowed(
    slack: FakeSlack, workspace: SlackWorkspace, clock: Clock
) -> None:
    with slack.locked():
        for number in range(8_000):
            slack.workspace.add_channel(f"talk-{number}")
    slack.fault("reset_after", "conversations.setPurpose", count=1)
    with pytest.raises(OutcomeUnknownError):
        workspace.open_room("inc-new", key="k")

    failed: list[UndeliveredError] = []
    room = None
    while room is None and len(failed) < 10:  # a page each, at the least
        try:
            room = workspace.open_room("inc-new", key="k")
        except UndeliveredError as error:
            failed.append(error)
            clock.now_s += error.retry_in_s or 0.0

    assert failed
    assert not any(isinstance(error, TooSoonError) for error in failed)  # each counts as a try
    assert slack.channel("inc-new")["id"] == room
    assert "inc-new-2" not in slack.names()


@pytest.mark.parametrize(
    ("later_s", "begins_anew"), [(30.0, False), (3_600.0, True)], ids=["soon", "long-after"]
)
def test_a_listing_that_was_cut_short_goes_on_soon_or_begins_anew(
    slack: FakeSlack, workspace: SlackWorkspace, clock: Clock, later_s: float, *, begins_anew: bool
) -> None:
    with slack.locked():
        for number in range(8_000):
            slack.workspace.add_channel(f"talk-{number}")
    with pytest.raises(UndeliveredError):
        workspace.open_room("talk-1", key="k")
    before = len(slack.calls_of("conversations.list"))

    clock.now_s += later_s
    with suppress(UndeliveredError):  # whether the rest fits into the limit is not asked here
        workspace.open_room("talk-2", key="another")

    first = slack.calls_of("conversations.list")[before]
    assert ("cursor" not in first.args) is begins_anew


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        pytest.param("conversations.create", "reset_after", id="answer-to-create-lost"),
        pytest.param("conversations.setPurpose", "reset_before", id="died-before-the-mark"),
        pytest.param("conversations.setPurpose", "reset_after", id="answer-to-the-mark-lost"),
    ],
)
def test_a_half_made_room_is_adopted(
    slack: FakeSlack, workspace: SlackWorkspace, method: str, kind: str
) -> None:
    slack.fault(kind, method, count=1)
    with pytest.raises(OutcomeUnknownError):
        workspace.open_room("inc-new", key="k")

    room = workspace.open_room("inc-new", key="k")

    assert slack.channel("inc-new")["id"] == room
    assert mark("k") in slack.channel("inc-new")["purpose"]["value"]
    assert "inc-new-2" not in slack.names()


def test_a_long_topic_is_cut_to_what_slack_takes(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    workspace.set_topic("C0ROOM", "critical " * 100)

    assert len(slack.channel("inc-air")["topic"]["value"]) <= 250


def test_people_who_can_not_be_invited_are_named_and_all_others_are_in(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    with slack.locked():
        people = [f"U0P{number:02d}" for number in range(40)]
        for person in people:
            slack.workspace.add_user(person)

    refused = workspace.invite("C0ROOM", [*people, "U0NOBODY", "U0ADA"])

    assert refused == {"U0NOBODY": "user_not_found"}
    assert {*people, "U0ADA"} <= set(slack.channels["C0ROOM"]["members"])
    assert len(slack.calls_of("conversations.invite")) == 2
    assert workspace.invite("C0ROOM", ["U0ADA"]) == {}


def test_nobody_can_be_invited_into_a_room_that_is_not_there(workspace: SlackWorkspace) -> None:
    with pytest.raises(UndeliveredError, match="channel_not_found"):
        workspace.invite("C0GONE", ["U0ADA"])


def test_a_message_is_pinned_and_pinning_again_is_no_failure(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    reference = post(workspace)

    workspace.pin(reference)
    workspace.pin(reference)

    assert [message["ts"] for message in slack.pinned["C0ROOM"]] == [reference.partition("/")[2]]


def test_an_update_of_a_message_that_is_gone_is_never_worth_another_try(
    workspace: SlackWorkspace,
) -> None:
    with pytest.raises(UndeliveredError) as raised:
        workspace.update("C0ROOM/1.000001", HELLO, lane=Lane.UPDATE)

    assert raised.value.retry_in_s is None


def test_a_picture_is_shown_in_the_thread_and_found_by_its_key(
    slack: FakeSlack, workspace: SlackWorkspace
) -> None:
    parent = post(workspace, key="parent")

    reference = workspace.upload("C0ROOM", b"\x89PNG picture", "Posts", key="chart", thread=parent)

    ((file, content),) = slack.files.values()
    assert (file["title"], content) == ("Posts", b"\x89PNG picture")
    assert reference.startswith("C0ROOM/")
    assert workspace.find("C0ROOM", key="chart", since_s=SINCE_S) is not None


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("files.getUploadURLExternal", UndeliveredError),
        ("files.completeUploadExternal", OutcomeUnknownError),
    ],
)
def test_only_the_last_step_of_an_upload_can_be_in_doubt(
    slack: FakeSlack, workspace: SlackWorkspace, method: str, expected: type[Exception]
) -> None:
    slack.fault("reset_before", method, count=1)

    with pytest.raises(expected):
        workspace.upload("C0ROOM", b"png", "Posts", key="chart", thread=None)


def test_groups_are_asked_for_once_in_five_minutes_and_believed_for_an_hour(
    slack: FakeSlack, workspace: SlackWorkspace, clock: Clock
) -> None:
    groups = Groups(workspace.calls)

    assert groups.groups_of("U0ADA") == ("S0LEADS", "s0leads")
    assert groups.groups_of("U0GRACE") == ()
    assert len(slack.calls_of("usergroups.list")) == 1
    slack.go_down()
    clock.now_s += 3_000
    assert groups.groups_of("U0ADA") == ("S0LEADS", "s0leads")
    clock.now_s += 601
    assert groups.groups_of("U0ADA") == ()


def test_no_token_is_ever_logged(
    slack: FakeSlack, workspace: SlackWorkspace, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        post(workspace)
        logging.getLogger("crisiswatch.slack").error("failed with %s", "xoxb-1-secret xapp-2-x")
        slack.go_down()
        with pytest.raises(UndeliveredError):
            post(workspace, key="again")

        bolt_log().error("and with %s", "xoxb-3-secret")

    assert "failed with (token) (token)" in caplog.text
    assert "and with (token)" in caplog.text
    assert "xoxb" not in caplog.text
