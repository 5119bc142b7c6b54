"""Who may do what, role by role and command by command."""

from dataclasses import replace
from typing import get_args

import pytest

from alerting.access import RULES, may, roles_of
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
from crisiswatch.config.people import Person, Role
from crisiswatch.detection.signal import Severity
from tests.made_signals import NOON

BEN = Person(id="ben", name="Ben Ortiz", slack="U0BEN")
FROM_BEN = Origin(id="press-1", by="ben", at=NOON, via="slack")
CASE = "air/1"
COMMANDS: dict[str, Command] = {
    "acknowledge": Acknowledge(case_id=CASE, origin=FROM_BEN),
    "note": AddNote(case_id=CASE, origin=FROM_BEN, text="x"),
    "resolve": Resolve(case_id=CASE, origin=FROM_BEN, note="x"),
    "severity": SetSeverity(case_id=CASE, origin=FROM_BEN, severity=Severity.LOW, reason="x"),
    "type": CorrectType(case_id=CASE, origin=FROM_BEN, crisis_type="rumour"),
    "doubt": SettleDoubt(case_id=CASE, origin=FROM_BEN, action_key="x", happened=True),
    "approve": Approve(case_id=CASE, origin=FROM_BEN, message_id="m", sha256="0"),
    "edit": EditMessage(case_id=CASE, origin=FROM_BEN, message_id="m", sha256="0", texts=()),
    "reject": Reject(case_id=CASE, origin=FROM_BEN, message_id="m", sha256="0", reason="x"),
    "own-offer": AnswerOffer(case_id=CASE, origin=FROM_BEN, person="ben", accepts=True),
}
ON_IT = {"acknowledge", "note", "own-offer"}
LEADS = ON_IT | {"resolve", "severity", "type", "doubt"}
ALLOWED = {
    Role.VIEWER: {"own-offer"},
    Role.AGENT: ON_IT,
    Role.APPROVER: ON_IT | {"approve", "edit", "reject", "doubt"},
    Role.LEAD: LEADS,
    Role.ADMIN: LEADS,
}


def test_every_command_has_a_rule_and_a_line_in_this_test() -> None:
    assert set(RULES) == set(get_args(Command))
    assert {type(command) for command in COMMANDS.values()} == set(RULES)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says_and_nothing_else(role: Role, name: str) -> None:
    decision = may(COMMANDS[name], BEN, roles={role}, approvers={"ben"})

    assert decision.allowed is (name in ALLOWED[role])
    assert bool(decision.reason) is not decision.allowed


@pytest.mark.parametrize("name", COMMANDS)
def test_a_stranger_may_do_nothing_whatever_roles_are_claimed(name: str) -> None:
    command = replace(COMMANDS[name], origin=replace(FROM_BEN, by="slack:U9"))
    decision = may(command, None, roles=set(Role), approvers={"slack:U9", "ben"})

    assert not decision.allowed
    assert "slack:U9 is nobody known here" in decision.reason


@pytest.mark.parametrize("name", ["approve", "edit", "reject"])
def test_an_approver_who_is_not_listed_is_refused_even_with_all_roles(name: str) -> None:
    decision = may(COMMANDS[name], BEN, roles=set(Role), approvers={"ada"})

    assert not decision.allowed
    assert decision.reason.startswith("Ben Ortiz may not ")
    assert decision.reason.endswith("is not listed as an approver of this message")


def test_being_listed_does_not_replace_the_role() -> None:
    decision = may(COMMANDS["approve"], BEN, roles={Role.ADMIN}, approvers={"ben"})

    assert decision.reason == "Ben Ortiz may not approve: needs the role approver"


def test_a_refusal_names_the_roles_that_would_do() -> None:
    decision = may(COMMANDS["resolve"], BEN, roles={Role.AGENT}, approvers=())

    assert decision.reason == "Ben Ortiz may not resolve: needs the role lead or admin"


def test_nobody_answers_the_offer_to_somebody_else() -> None:
    command = AnswerOffer(case_id=CASE, origin=FROM_BEN, person="ada", accepts=True)
    decision = may(command, BEN, roles=set(Role), approvers=())

    assert not decision.allowed
    assert "the offer is to ada" in decision.reason


def test_roles_come_from_the_person_and_from_their_groups() -> None:
    groups = {"S0PR": (Role.APPROVER, Role.LEAD), "S0IT": (Role.ADMIN,)}

    assert roles_of(BEN, ["S0PR", "S0NONE"], groups) == {Role.VIEWER, Role.APPROVER, Role.LEAD}
    assert roles_of(BEN, [], groups) == {Role.VIEWER}
    assert roles_of(None, ["S0IT"], groups) == frozenset()
