"""Presses over Socket Mode, from a server that delivers as Slack does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest

from alerting.commands import (
    Acknowledge,
    AddNote,
    AnswerOffer,
    Approve,
    Command,
    CorrectType,
    EditMessage,
    Origin,
    Reject,
    Resolve,
    SetSeverity,
    SettleDoubt,
)
from alerting.delivery import Lane
from alerting.notices import Notice, Wording
from alerting.slack.calls import Timing
from alerting.slack.clicks import Clicks
from alerting.slack.connection import web_client
from alerting.slack.sender import SlackWorkspace
from alerting.slack.socket_mode import SocketMode
from crisiswatch.detection.signal import Severity
from tests.alerting.slack.made_desk import MadeDesk
from tests.alerting.slack.shown_notices import (
    APPROVAL,
    AT,
    DOUBT,
    HEAD,
    NOTICES,
    OFFER,
    PAGE,
    SHA,
    STATUS,
)
from tests.doubles.fake_slack import FakeSlack

PEOPLE = {"U0ADA": "ada"}
CASE = HEAD.case_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A workspace, the program that listens to it, and the desk it serves."""

    slack: FakeSlack
    desk: MadeDesk
    workspace: SlackWorkspace

    def show(self, notice: Notice, key: str = "shown") -> None:
        """Post a notice."""
        self.workspace.post("C0ROOM", notice, key=key, lane=Lane.PAGE)

    def told(self, text: str) -> bool:
        """Wait until somebody was told this, and nobody else was shown it."""
        return self.slack.wait_until(
            lambda slack: any(
                text in str(answer) for answer in (*slack.responses, *slack.ephemerals)
            )
        )

    def view(self) -> str:
        """Wait for a dialog and return its id."""
        return self.slack.wait_until(lambda slack: next(iter(slack.views), ""))


def who(member: str) -> str:
    return PEOPLE.get(member, f"slack:{member}")


@contextmanager
def open_office(
    desk: MadeDesk, *, connections: int = 1, away_at_start: bool = False
) -> Iterator[Office]:
    with FakeSlack(channels={"C0ROOM": "inc-air"}) as slack:
        slack.workspace.channels["C0ROOM"]["members"] += ["U0ADA", "U0EVE"]
        client = web_client("xoxb-test", slack.url)
        clicks = Clicks(client, desk, who=who, now=lambda: AT)
        sockets = SocketMode(clicks.app, client, "xapp-test", connections=connections)
        if away_at_start:
            slack.go_down()
        sockets.start()
        try:
            if away_at_start:
                assert sockets.connected() == 0
                slack.come_back()
            assert slack.wait_connected(connections)
            # Ten seconds pass between any two looks at the clock: no post waits for a token.
            timing = Timing(now_s=count(step=10).__next__)
            yield Office(slack=slack, desk=desk, workspace=SlackWorkspace(client, timing=timing))
        finally:
            desk.hold.set()
            sockets.close()
            clicks.close()


@pytest.fixture(scope="module")
def shared_office() -> Iterator[Office]:
    with open_office(MadeDesk()) as office:
        yield office


@pytest.fixture
def office(shared_office: Office) -> Office:
    desk = shared_office.desk
    desk.taken.clear()
    desk.rooms.clear()
    desk.packets.clear()
    desk.refuse, desk.broken = "", False
    with shared_office.slack.locked():
        shared_office.slack.workspace.views.clear()
    return shared_office


def without_origin(command: Command) -> Command:
    return replace(command, origin=ORIGIN)


ORIGIN = Origin(id="", by="", at=AT, via="")
CLICKS: dict[str, tuple[Notice, str, Command]] = {
    "page-ack": (PAGE, "acknowledge", Acknowledge(case_id=CASE, origin=ORIGIN)),
    "status-ack": (STATUS, "I'm on it", Acknowledge(case_id=CASE, origin=ORIGIN)),
    "approve": (
        APPROVAL,
        "approve",
        Approve(case_id=CASE, origin=ORIGIN, message_id="m1", sha256=SHA),
    ),
    "accept": (
        OFFER,
        "accept",
        AnswerOffer(case_id=CASE, origin=ORIGIN, person="linus", accepts=True),
    ),
    "decline": (
        OFFER,
        "decline",
        AnswerOffer(case_id=CASE, origin=ORIGIN, person="linus", accepts=False),
    ),
    "it-went-out": (
        DOUBT,
        "it-went-out",
        SettleDoubt(case_id=CASE, origin=ORIGIN, action_key=DOUBT.action_key, happened=True),
    ),
    "it-did-not": (
        DOUBT,
        "it-did-not",
        SettleDoubt(case_id=CASE, origin=ORIGIN, action_key=DOUBT.action_key, happened=False),
    ),
}


@pytest.mark.parametrize("name", CLICKS)
def test_a_press_becomes_its_command(office: Office, name: str) -> None:
    notice, action, command = CLICKS[name]
    office.show(notice, key=name)

    acted = office.slack.press(name, action, user="U0ADA")

    (taken,) = office.desk.wait_for(1)
    assert without_origin(taken) == command
    assert (taken.origin.by, taken.origin.at, taken.origin.via) == ("ada", AT, "slack")
    assert acted.acked
    assert office.told(f"Done: {type(command).__name__}.")


def test_a_press_that_is_delivered_three_times_has_one_id_and_another_press_another(
    office: Office,
) -> None:
    office.show(PAGE, key="thrice")
    office.slack.press("thrice", "acknowledge", user="U0ADA", times=3)
    office.slack.press("thrice", "acknowledge", user="U0ADA")

    ids = [command.origin.id for command in office.desk.wait_for(4)]

    assert sorted(ids.count(each) for each in set(ids)) == [1, 3]


def test_whoever_is_not_known_is_named_by_their_member_id_and_told_why_not(office: Office) -> None:
    office.desk.refuse = "Only approvers may approve <!channel>."
    office.show(APPROVAL, key="stranger")

    office.slack.press("stranger", "approve", user="U0EVE")

    (taken,) = office.desk.wait_for(1)
    assert taken.origin.by == "slack:U0EVE"
    assert office.told("Only approvers may approve &lt;!channel&gt;.")
    assert all(
        answer.get("response_type", "ephemeral") == "ephemeral" for answer in office.slack.responses
    )


def test_the_kind_of_crisis_is_corrected_with_one_choice(office: Office) -> None:
    office.show(STATUS, key="kind")

    office.slack.select("kind", "correct-type", "data-breach", user="U0ADA")

    assert without_origin(office.desk.wait_for(1)[0]) == CorrectType(
        case_id=CASE, origin=ORIGIN, crisis_type="data-breach"
    )


DIALOGS: dict[str, tuple[Notice, str, dict[str, Any], Command]] = {
    "resolve": (
        STATUS,
        "resolve",
        {"reason": " flights are back "},
        Resolve(case_id=CASE, origin=ORIGIN, note="flights are back"),
    ),
    "raise": (
        NOTICES["status-of-a-young-incident"],
        "raise",
        {"severity": "critical", "reason": "it spreads"},
        SetSeverity(case_id=CASE, origin=ORIGIN, severity=Severity.CRITICAL, reason="it spreads"),
    ),
    "lower": (
        STATUS,
        "lower",
        {"severity": "medium", "reason": "one author"},
        SetSeverity(case_id=CASE, origin=ORIGIN, severity=Severity.MEDIUM, reason="one author"),
    ),
    "back-to-detection": (
        STATUS,
        "lower",
        {"severity": "detection", "reason": "my mistake"},
        SetSeverity(case_id=CASE, origin=ORIGIN, severity=None, reason="my mistake"),
    ),
    "reject": (
        APPROVAL,
        "reject",
        {"reason": "names a victim"},
        Reject(case_id=CASE, origin=ORIGIN, message_id="m1", sha256=SHA, reason="names a victim"),
    ),
    "edit": (
        APPROVAL,
        "edit",
        {"wording-0": "We are sorry."},
        EditMessage(
            case_id=CASE,
            origin=ORIGIN,
            message_id="m1",
            sha256=SHA,
            texts=(
                ("en", "public", "We are sorry."),
                ("de", "refund", "Wir erstatten den vollen Preis <sofort>."),
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_opens_and_becomes_its_command(office: Office, name: str) -> None:
    notice, action, values, command = DIALOGS[name]
    office.desk.packets[CASE, "m1"] = APPROVAL
    office.show(notice, key=name)

    office.slack.press(name, action, user="U0ADA")
    office.slack.submit_view(office.view(), values, user="U0ADA", times=2)

    taken = office.desk.wait_for(2)
    assert [without_origin(each) for each in taken] == [command, command]
    assert taken[0].origin.id == taken[1].origin.id
    assert office.told(f"Done: {type(command).__name__}.")


@pytest.mark.parametrize(
    ("packet", "told"),
    [
        pytest.param(replace(APPROVAL, sha256="0" * 64), "changed meanwhile", id="newer-version"),
        pytest.param(None, "no incident that is known", id="unknown"),
        pytest.param(
            replace(
                APPROVAL, wordings=(Wording(language="en", audience="public", text="a" * 3_001),)
            ),
            "too long for a dialog",
            id="too-long",
        ),
    ],
)
def test_what_can_not_be_edited_says_why(office: Office, packet: Any, told: str) -> None:
    if packet is not None:
        office.desk.packets[CASE, "m1"] = packet
    office.show(APPROVAL, key=told)

    office.slack.press(told, "edit", user="U0ADA")

    assert office.told(told)
    assert office.slack.views == {}


def test_a_dialog_that_came_too_late_says_so(office: Office) -> None:
    office.show(STATUS, key="late")
    office.slack.fault("error", "views.open", count=1, error="expired_trigger_id")

    office.slack.press("late", "resolve", user="U0ADA")

    assert office.told("came too late")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("list", "open, for ada"),
        ("show", f"{CASE}, for ada"),
        ("show other/case", "other/case, for ada"),
        ("who legal", "legal: Ada, for ada"),
        ("help", "/crisis resolve REASON"),
        ("ack <#C0NOWHERE|x>", "no incident that is known"),
    ],
)
def test_a_question_is_answered_to_whoever_asked(office: Office, typed: str, told: str) -> None:
    office.desk.rooms["C0ROOM"] = CASE

    acted = office.slack.slash("/crisis", typed, channel="C0ROOM", user="U0ADA")

    assert acted.acked
    assert office.told(told)
    assert office.desk.taken == []


def test_a_slash_command_in_an_incidents_channel_is_about_it(office: Office) -> None:
    office.desk.rooms["C0ROOM"] = CASE

    office.slack.slash("/crisis", "note spoke to ops", channel="C0ROOM", user="U0ADA", times=2)

    first, second = office.desk.wait_for(2)
    assert without_origin(first) == AddNote(case_id=CASE, origin=ORIGIN, text="spoke to ops")
    assert first.origin.id == second.origin.id


def test_a_desk_that_breaks_is_told_without_its_secrets(office: Office) -> None:
    office.desk.broken = True
    office.show(PAGE, key="broken")

    office.slack.press("broken", "acknowledge", user="U0ADA")

    assert office.told("That did not work")
    assert "on fire" not in str(office.slack.responses)


def test_presses_are_acknowledged_while_the_desk_stands_still(office: Office) -> None:
    office.desk.hold.clear()
    office.show(PAGE, key="slow")

    acted = [office.slack.press("slow", "acknowledge", user="U0ADA") for _ in range(20)]

    assert all(each.acked for each in acted)
    assert office.desk.taken == []
    office.desk.hold.set()
    assert len(office.desk.wait_for(20)) == 20


def test_listening_begins_before_slack_is_there_and_goes_on_after_it_was_away() -> None:
    desk = MadeDesk()
    with open_office(desk, connections=2, away_at_start=True) as office:
        office.show(PAGE)
        office.slack.refresh_connections()
        assert office.slack.wait_connected(2, timeout_s=10)

        office.slack.press("shown", "acknowledge", user="U0ADA")

        assert len(desk.wait_for(1)) == 1
