from dataclasses import replace
from datetime import UTC, datetime

from alerting.directory import Directory
from alerting.rota import Rota
from crisiswatch.config import load_config
from crisiswatch.config.people import Role

NOW = datetime(2015, 2, 22, tzinfo=UTC)

TEAM = """
[[people]]
id = "ada"
name = "Ada"
slack = "U0ADA"
roles = ["approver"]

[[people]]
id = "bo"
name = "Bo"
slack = "U0BO"
roles = ["approver", "lead"]

[[people]]
id = "cy"
name = "Cy"

[[rotas]]
name = "pr-on-call"
always = ["ada", "gone"]

[[rotas]]
name = "pr-on-call-backup"
always = ["bo"]

[[rotas]]
name = "crisis-lead"
always = ["bo"]

[[rotas]]
name = "legal"
always = ["cy"]

[[escalation]]
duty = "legal"
steps = [{ notify = ["legal"], after = "5m" }]
repeat = 3
last_resort = ["person:cy"]
again_after = "1h"
"""
CONFIG = load_config(TEAM, "c.toml")
DIRECTORY = Directory.of(CONFIG, [Rota(rota) for rota in CONFIG.rotas])


def ids(target: str) -> list[str]:
    return [person.id for person in DIRECTORY.resolve(target, NOW)]


def test_people_are_found_by_id_and_by_their_slack_member_id() -> None:
    ada = DIRECTORY.person("ada")
    assert ada is not None
    assert DIRECTORY.by_slack("U0ADA") == ada
    assert DIRECTORY.person("eve") is None
    assert DIRECTORY.by_slack("U0EVE") is None


def test_a_target_means_a_duty_a_person_or_a_role() -> None:
    assert ids("crisis-lead") == ["bo"]
    assert ids("person:cy") == ["cy"]
    assert ids("role:approver") == ["ada", "bo"]
    assert [person.id for person in DIRECTORY.with_role(Role.LEAD)] == ["bo"]


def test_what_is_not_known_means_nobody() -> None:
    assert ids("pr-on-call") == ["ada"]  # and not "gone", who is no longer there
    assert ids("marketing") == []
    assert ids("person:eve") == []
    assert ids("role:boss") == []


def test_several_targets_name_each_person_once() -> None:
    found = DIRECTORY.resolve_all(("crisis-lead", "role:approver", "person:cy"), NOW)
    assert [person.id for person in found] == ["bo", "ada", "cy"]


def test_a_policy_of_its_own_is_taken_as_it_is() -> None:
    assert DIRECTORY.escalation_of("legal") == CONFIG.escalation[0]


def test_without_a_policy_the_backup_and_then_the_crisis_lead_are_called() -> None:
    policy = DIRECTORY.escalation_of("pr-on-call")
    assert [step.notify for step in policy.steps] == [
        ("pr-on-call",),
        ("pr-on-call-backup",),
        ("crisis-lead",),
    ]
    assert all(step.after is None for step in policy.steps)


def test_the_crisis_lead_is_not_called_as_their_own_backup() -> None:
    steps = DIRECTORY.escalation_of("crisis-lead").steps
    assert [step.notify for step in steps] == [("crisis-lead",)]


def test_a_duty_without_a_rota_still_reaches_the_crisis_lead() -> None:
    steps = DIRECTORY.escalation_of("marketing").steps
    assert [step.notify for step in steps] == [("marketing",), ("crisis-lead",)]


def test_the_last_resort_is_the_leads() -> None:
    policy = DIRECTORY.escalation_of("pr-on-call")
    assert policy.last_resort == ("role:lead",)


def test_without_a_lead_the_last_resort_is_everyone_who_can_be_reached() -> None:
    people = tuple(replace(person, roles=()) for person in DIRECTORY.people)
    policy = Directory(people).escalation_of("pr-on-call")
    assert policy.last_resort == ("person:ada", "person:bo")
