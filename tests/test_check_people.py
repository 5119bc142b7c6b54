"""What `check` says about people, on a small team with one thing wrong at a time."""

from datetime import UTC, datetime

import pytest

from crisiswatch.check_people import check_people, paged_duties
from crisiswatch.config import load_config
from crisiswatch.incidents.runbook import load_packaged_runbooks

RUNBOOKS = load_packaged_runbooks()
DUTIES = sorted(paged_duties(RUNBOOKS))
NOW = datetime(2015, 2, 22, tzinfo=UTC)

TOPICS = """
[[topics]]
name = "Air"
handles = ["@air"]
"""
PEOPLE = """
[[people]]
id = "ada"
name = "Ada Lindt"
slack = "U0ADA"
roles = ["approver", "lead"]
languages = ["en"]

[[people]]
id = "bo"
name = "Bo Berg"
slack = "U0BO"
roles = ["approver"]
"""
ROTAS = "".join(f'[[rotas]]\nname = "{duty}"\nalways = ["ada"]\n' for duty in DUTIES)
TEAM = TOPICS + PEOPLE + ROTAS


def found(text: str) -> list[str]:
    config = load_config(text, "c.toml")
    findings = check_people(config, RUNBOOKS, source="c", now=NOW)
    return [f"{finding.level}: {finding}" for finding in findings]


def test_a_sound_team_has_no_findings() -> None:
    assert found(TEAM) == []


def test_runbooks_call_legal_and_leadership_besides_the_duties_of_their_ladders() -> None:
    assert {"pr-on-call", "crisis-lead", "operations", "legal", "leadership"} <= set(DUTIES)
    assert "service-outage at critical" in paged_duties(RUNBOOKS)["operations"]


def test_without_any_people_one_warning_says_that_nobody_can_be_paged() -> None:
    assert found(TOPICS) == [
        (
            "warning: c: people: nobody can be paged: there are no [[people]]; "
            "add people, and [[rotas]] that say who has which duty"
        )
    ]


WRONG = {
    "unknown-person-in-a-layer": (
        TEAM
        + '[[rotas]]\nname = "x"\n[[rotas.layers]]\npeople = ["ada", "eve"]\nstart = 2015-01-05\n',
        (
            f"error: c: rotas[{len(DUTIES) + 1}].layers[1].people: 'eve' is nobody in [[people]]; "
            "correct the id, or add the person"
        ),
    ),
    "unknown-person-in-an-override": (
        TEAM
        + '[[rotas.overrides]]\nperson = "eve"\nstart = 2015-01-05T00:00:00\nend = 2015-01-06T00:00:00\n',
        (
            f"error: c: rotas[{len(DUTIES)}].overrides[1].person: 'eve' is nobody in [[people]]; "
            "correct the id, or add the person"
        ),
    ),
    "unknown-person-in-the-reserve": (
        TEAM + '[reserve]\npeople = ["ada", "eve"]\n',
        "error: c: reserve.people: 'eve' is nobody in [[people]]; correct the id, or add the person",
    ),
    "duty-without-rota": (
        TEAM.replace('name = "operations"', 'name = "ops"'),
        (
            "error: c: rotas: runbooks call 'operations' (service-outage at high, "
            "service-outage at critical), and no rota has that name; "
            'add [[rotas]] with name = "operations", or change the runbooks'
        ),
    ),
    "nobody-knows-where": (
        TEAM.replace('slack = "U0ADA"\n', ""),
        (
            "error: c: people[1]: 'ada' (Ada Lindt) can not be reached at all; "
            "give slack, the member id, or an address of a second channel"
        ),
    ),
    "contact-that-is-no-channel": (
        TEAM.replace('id = "bo"', 'id = "bo"\ncontact = ["slack-dm", "pager"]'),
        (
            "error: c: people[2].contact: 'bo' is contacted by 'pager', and no channel has that name; "
            'add [[channels]] with name = "pager", or use slack-dm or slack-mention'
        ),
    ),
    "channel-without-address": (
        TEAM.replace('id = "bo"', 'id = "bo"\ncontact = ["slack-dm", "sms"]')
        + '[[channels]]\nname = "sms"\nkind = "webhook"\nurl_env = "SMS_URL"\n',
        (
            "error: c: people[2].contact: 'bo' has no address for 'sms'; "
            'add it: addresses = { sms = "..." }'
        ),
    ),
    "address-that-is-never-used": (
        TEAM.replace('id = "bo"', 'id = "bo"\naddresses = { sms = "+49" }')
        + '[[channels]]\nname = "sms"\nkind = "webhook"\nurl_env = "SMS_URL"\n',
        (
            "warning: c: people[2].addresses: 'bo' has an address for 'sms', and is never contacted "
            'by it; add "sms" to contact'
        ),
    ),
    "address-of-no-channel": (
        TEAM.replace('id = "bo"', 'id = "bo"\naddresses = { sms = "+49" }'),
        (
            "warning: c: people[2].addresses: 'bo' has an address for 'sms', which is no channel; "
            "correct the name, or remove it"
        ),
    ),
    "asking-somebody-who-can-not-approve": (
        TEAM.replace('id = "bo"', 'id = "cy"\nname = "Cy"\nslack = "U0CY"\n[[people]]\nid = "bo"')
        + '[approval]\nask = ["person:cy", "person:ada"]\n',
        (
            "warning: c: approval.ask: 'person:cy' asks 'cy', who has not the role approver; "
            "give the role, or ask somebody else"
        ),
    ),
    "asking-nobody": (
        TEAM + '[approval]\nask = ["role:approver"]\nbackup = ["press-room"]\n',
        (
            "error: c: approval.backup: 'press-room' is neither a rota nor a person; "
            "write a rota's name, person:<id>, or role:<role>"
        ),
    ),
    "step-for-nobody": (
        TEAM + '[[escalation]]\nduty = "legal"\nsteps = [{ notify = ["person:eve"] }]\n',
        (
            "error: c: escalation[1].steps[1]: 'person:eve' is neither a rota nor a person; "
            "write a rota's name, person:<id>, or role:<role>"
        ),
    ),
    "policy-for-no-duty": (
        TEAM + '[[escalation]]\nduty = "press"\nsteps = [{ notify = ["legal"] }]\n',
        "error: c: escalation[1].duty: 'press' is no rota; give the name of a rota",
    ),
    "nobody-leads": (
        TEAM.replace(', "lead"]', "]"),
        (
            "warning: c: people: nobody has the role lead: the last resort of every escalation is "
            'everyone; give at least one person roles = ["lead"]'
        ),
    ),
    "reserve-without-a-language": (
        TEAM + '[reserve]\npeople = ["ada"]\n[response]\nlanguages = ["en", "de"]\n',
        (
            "warning: c: reserve.people: nobody in the reserve answers in 'de', which messages are "
            'drafted in; add people with languages = ["de"]'
        ),
    ),
    "silence-that-is-over": (
        TEAM
        + '[[silences]]\ntopics = ["Air"]\nowner = "ada"\nreason = "r"\n'
        + "start = 2015-01-05T00:00:00\nend = 2015-01-06T00:00:00\n",
        (
            "warning: c: silences[1]: the silence of 'ada' is over since 2015-01-06T00:00:00; "
            "remove it, so that the ones that count are seen"
        ),
    ),
    "silence-of-no-topic": (
        TEAM
        + '[[silences]]\ntopics = ["Aix"]\nowner = "ada"\nreason = "r"\n'
        + "start = 2015-03-05T00:00:00\nend = 2015-03-06T00:00:00\n",
        "error: c: silences[1].topics: 'Aix' is no topic; write the name as in [[topics]]",
    ),
    "silence-of-a-stranger": (
        TEAM
        + '[[silences]]\ntopics = ["Air"]\nowner = "eve"\nreason = "r"\n'
        + "start = 2015-03-05T00:00:00\nend = 2015-03-06T00:00:00\n",
        (
            "warning: c: silences[1].owner: the owner 'eve' is nobody in [[people]]; "
            "give the id of whoever answers for it"
        ),
    ),
    "topic-in-two-groups": (
        TEAM
        + '[[topics]]\nname = "Sea"\nhandles = ["@sea"]\n'
        + '[response]\nrelated = [["Air", "Sea"], ["Sea"]]\n',
        (
            "error: c: response.related: 'Sea' stands in 2 groups; "
            "put all that belong together into one group"
        ),
    ),
    "publishing-what-is-not-drafted": (
        TEAM + '[[publish]]\nname = "n"\nkind = "webhook"\nurl_env = "N"\nlanguage = "fr"\n',
        (
            "error: c: publish[1].language: no holding message is drafted in 'fr'; "
            "add it to response.languages"
        ),
    ),
}


@pytest.mark.parametrize(("text", "finding"), WRONG.values(), ids=WRONG)
def test_one_thing_that_is_wrong_is_the_one_finding(text: str, finding: str) -> None:
    assert found(text) == [finding]


def test_fewer_approvers_than_runbooks_want_is_an_error() -> None:
    (finding,) = found(TEAM.replace('roles = ["approver"]', 'roles = ["agent"]'))
    assert finding.startswith("error: c: people: nothing can be published at ")
    assert "runbooks want 2 different approvers, and 1 have that role" in finding


def test_approvers_of_a_slack_group_are_not_counted_and_not_missed() -> None:
    one = TEAM.replace('roles = ["approver"]', 'roles = ["agent"]')
    assert found(one + '[slack]\ngroup_roles = { S024BE7LT = ["approver"] }\n') == []
