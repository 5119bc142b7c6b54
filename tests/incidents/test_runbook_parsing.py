import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crisiswatch.config import FaultsError
from crisiswatch.detection.crisis_type import RULES, VIRAL_COMPLAINT
from crisiswatch.detection.signal import Severity
from crisiswatch.errors import ConfigError
from crisiswatch.incidents.front_matter import CrisisType, Strategy
from crisiswatch.incidents.runbook import (
    LADDER,
    load_packaged_runbooks,
    missing_wordings,
    packaged_runbook_texts,
    parse_runbook,
    parse_runbooks,
)

REPOSITORY = Path(__file__).resolve().parents[2]

PLAIN = """\
+++
title = "Rumour"
summary = "Something is being said."
crisis_type = "rumour"
strategy = "victim"
languages = ["en"]
[severity.high]
page = ["pr-on-call", "marketing"]
ack_within = "10m"
[legal]
from_severity = "high"
when = ["a person is accused"]
[leadership]
from_severity = "critical"
when = ["it is in the news"]
[slots.en]
what_happened = "a claim about us"
+++

# Rumour

## What this is

A claim.

## First ten minutes

1. Read it.
2. Ask whether it is true.

## Do

- Say what is true.

## Do not

- Do not mock.

## Who decides

The PR on-call.

## Holding message (en, public)

We know about {{ what_happened }}
and will say more by {{ next_update_at }}. {{ brand }}
"""


def swap(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return edit


FAULTY = {
    "no-front-matter": (
        lambda _: "# Rumour\n",
        "rumour.md:1: no front matter; begin the file with a line +++, TOML, and another line +++",
    ),
    "broken-toml": (
        swap('strategy = "victim"', "strategy = victim"),
        'rumour.md:5: not TOML: invalid value; write text in quotes, lists in square brackets: key = "text"',
    ),
    "unknown-key": (
        swap('summary = "', 'sumary = "'),
        "rumour.md:3: sumary: unknown key; did you mean summary?",
    ),
    "unknown-severity-key": (
        swap("ack_within", "ack_in"),
        "rumour.md:9: severity.high.ack_in: unknown key; did you mean ack_within?",
    ),
    "unknown-severity": (
        swap("[severity.high]", "[severity.higher]"),
        "rumour.md:7: severity.higher: unknown key; did you mean high?",
    ),
    "bad-duration": (
        swap('"10m"', '"10 minutes"'),
        (
            "rumour.md:9: severity.high.ack_within: '10 minutes' is no duration; "
            "write it as in 90s, 30m, 4h or 1h30m"
        ),
    ),
    "duration-without-unit": (
        swap('"10m"', "10"),
        "rumour.md:9: severity.high.ack_within: expected text, not 10; put it in quotes",
    ),
    "unknown-strategy": (
        swap('"victim"', '"deny"'),
        "rumour.md:5: strategy: 'deny' is no choice; use one of 'victim', 'accidental' or 'preventable'",
    ),
    "no-criteria": (
        swap('when = ["a person is accused"]', "when = []"),
        "rumour.md:12: legal.when: empty; give at least one",
    ),
    "type-of-another-file": (
        swap('crisis_type = "rumour"', 'crisis_type = "data-breach"'),
        (
            "rumour.md:4: crisis_type: 'data-breach' stands in a file named 'rumour'; "
            "name the file data-breach.md"
        ),
    ),
    "update-after-more-than-a-day": (
        swap('ack_within = "10m"', 'update_every = "25h"'),
        (
            "rumour.md:9: severity.high.update_every: more than a day, but messages promise a time of day; "
            "use at most 24h"
        ),
    ),
    "update-sooner-than-times-are-rounded": (
        swap('ack_within = "10m"', 'update_every = "4m"'),
        (
            "rumour.md:9: severity.high.update_every: "
            "less than the five minutes to which promised times are rounded; use at least 5m"
        ),
    ),
    "missing-section": (
        swap("## Do not\n", "## Don't\n"),
        "rumour.md: no section 'Do not'; add a heading ## Do not",
    ),
    "section-in-a-code-fence": (
        swap("## Do not\n\n- Do not mock.\n", "```\n## Do not\n```\n"),
        "rumour.md: no section 'Do not'; add a heading ## Do not",
    ),
    "section-twice": (
        swap("## Do not\n", "## Do\n\n- More.\n\n## Do not\n"),
        "rumour.md:35: section 'Do' stands at line 31 already; keep one of them",
    ),
    "no-steps": (
        swap("1. Read it.\n2. Ask whether it is true.\n", "Read it.\n"),
        "rumour.md:26: section 'First ten minutes' lists no steps; write each as 1. Do this",
    ),
    "missing-language": (
        swap('["en"]', '["en", "de"]'),
        (
            "rumour.md:6: languages: language 'de' has no wording; "
            "add a section ## Holding message (de, public)"
        ),
    ),
    "wording-not-listed": (
        swap("## Holding message (en, public)", "## Holding message (fr, public)"),
        "rumour.md:43: wording in 'fr', which languages does not list; add \"fr\" to languages",
    ),
    "slots-not-listed": (
        swap("+++\n\n# R", '[slots.fr]\nwhat_happened = "x"\n+++\n\n# R'),
        (
            "rumour.md:18: slots.fr: slots for 'fr', which languages does not list; "
            'add "fr" to languages'
        ),
    ),
    "unknown-slot-default": (
        swap("what_happened =", "what_hapened ="),
        "rumour.md:17: slots.en.what_hapened: unknown key; did you mean what_happened?",
    ),
    "no-slots": (
        swap("[slots.en]", "[slots.de]"),
        "rumour.md:6: languages: language 'en' has no slots; add [slots.en] with what_happened",
    ),
    "heading-misspelt": (
        swap("(en, public)", "(English)"),
        (
            "rumour.md:43: 'Holding message (English)' names no known language and audience; "
            "write ## Holding message (en, public)"
        ),
    ),
    "unknown-audience": (
        swap("(en, public)", "(en, refunds)"),
        "rumour.md:43: unknown audience 'refunds'; did you mean refund?",
    ),
    "unknown-audience-like-no-other": (
        swap("(en, public)", "(en, x)"),
        (
            "rumour.md:43: unknown audience 'x'; "
            "use one of public, refund, safety-worry, outrage, press"
        ),
    ),
    "agents-wording-without-a-public-one": (
        swap("(en, public)", "(en, refund)"),
        (
            "rumour.md:6: languages: language 'en' has no wording; "
            "add a section ## Holding message (en, public)"
        ),
    ),
    "agents-wording-twice": (
        lambda text: text + 2 * "\n## Holding message (en, press)\n\nBy {{ next_update_at }}.\n",
        "rumour.md:52: 'Holding message (en, press)' stands at line 48 already; keep one of them",
    ),
    "wording-twice": (
        lambda text: text + "\n## Holding message (en, public)\n\nBy {{ next_update_at }}.\n",
        "rumour.md:48: 'Holding message (en, public)' stands at line 43 already; keep one of them",
    ),
    "empty-wording": (
        lambda text: text[: text.index("We know")],
        "rumour.md:43: 'Holding message (en, public)' is empty; write the message",
    ),
    "unknown-slot": (
        swap("{{ brand }}", "{{ brnd }}"),
        "rumour.md:46: unknown slot 'brnd'; did you mean brand?",
    ),
    "unknown-slot-like-no-other": (
        swap("{{ brand }}", "{{ x }}"),
        "rumour.md:46: unknown slot 'x'; use one of brand, next_update_at, what_happened",
    ),
    "no-next-update": (
        swap("{{ next_update_at }}", "tomorrow"),
        (
            "rumour.md:43: 'Holding message (en, public)' promises no next update; "
            "say when the public hears more: {{ next_update_at }}"
        ),
    ),
    "template-not-closed": (
        swap("{{ brand }}", "{{ brand }"),
        (
            "rumour.md:46: the template can not be read: unexpected '}'; "
            "write only text and slots such as {{ brand }}"
        ),
    ),
    "template-with-an-attribute": (
        swap("{{ brand }}", "{{ brand.__init__ }}"),
        (
            "rumour.md:46: the template holds an attribute (a dot); "
            "write only text and slots such as {{ brand }}"
        ),
    ),
    "comment-that-would-be-published": (
        swap("{{ brand }}", "<!-- polite form -->"),
        "rumour.md:46: the comment <!-- would be published; write notes for colleagues as {# note #}",
    ),
}


@pytest.mark.parametrize(("edit", "message"), FAULTY.values(), ids=FAULTY)
def test_a_fault_is_named_with_file_line_and_remedy(
    edit: Callable[[str], str], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_runbook(edit(PLAIN), "rumour.md")
    assert message in [line.strip() for line in str(caught.value).splitlines()]


def test_all_faults_of_all_files_are_named_at_once() -> None:
    bad = (
        PLAIN.replace('"10m"', '"soon"')
        .replace("## Do not\n", "")
        .replace("{{ brand }}", "{{ b }}")
    )
    with pytest.raises(FaultsError) as caught:
        parse_runbooks({"rumour.md": bad, "data-breach.md": "nothing", "ok/rumour.md": PLAIN})
    places = [(finding.source, finding.line) for finding in caught.value.findings]
    assert places[0] == ("data-breach.md", 1)
    assert [line for source, line in places if source == "rumour.md"] == [None, 9, 45]


def test_agents_wordings_may_be_missing_and_are_named_where_they_belong() -> None:
    with_refund = PLAIN + "\n## Holding message (en, refund)\n\nBy {{ next_update_at }}.\n"
    assert [
        str(finding) for finding in missing_wordings(parse_runbook(with_refund, "rumour.md"))
    ] == [
        f"rumour.md:43: language 'en' has no wording for {audience}; "
        f"add a section ## Holding message (en, {audience})"
        for audience in ("safety-worry", "outrage", "press")
    ]
    assert {f.level for f in missing_wordings(parse_runbook(PLAIN, "rumour.md"))} == {"error"}


def test_what_is_written_is_kept_and_the_rest_comes_from_the_ladder() -> None:
    runbook = parse_runbook(PLAIN, "rumour.md")
    assert runbook.strategy is Strategy.VICTIM
    assert runbook.first_steps == ("Read it.", "Ask whether it is true.")
    high = runbook.level(Severity.HIGH)
    assert high.page == ("pr-on-call", "marketing")
    assert high.ack_within_s == 600
    assert high.update_every_s == LADDER[Severity.HIGH].update_every_s == 7_200
    assert runbook.level(Severity.CRITICAL) == LADDER[Severity.CRITICAL]
    assert "A claim." in runbook.prose
    assert "+++" not in runbook.prose


def test_legal_and_leadership_join_from_their_severity_on() -> None:
    runbook = parse_runbook(PLAIN, "rumour.md")
    assert runbook.roles(Severity.LOW) == ()
    assert runbook.roles(Severity.MEDIUM) == ("pr-on-call",)
    assert runbook.roles(Severity.HIGH) == ("pr-on-call", "marketing", "legal")
    assert runbook.roles(Severity.CRITICAL) == (
        "pr-on-call",
        "crisis-lead",
        "legal",
        "leadership",
    )


def test_windows_line_ends_change_nothing() -> None:
    assert parse_runbook(PLAIN.replace("\n", "\r\n"), "rumour.md") == parse_runbook(
        PLAIN, "rumour.md"
    )


def test_there_is_a_runbook_for_every_crisis_type() -> None:
    runbooks = load_packaged_runbooks()
    assert {kind for kind, _ in RULES} | {VIRAL_COMPLAINT} == set(runbooks)
    assert set(runbooks) == {crisis_type.value for crisis_type in CrisisType}
    for crisis_type, runbook in runbooks.items():
        assert runbook.crisis_type == crisis_type
        assert runbook.languages == ("en", "de", "fr", "es")
        assert len(runbook.first_steps) >= 5
        assert len(runbook.legal.when) >= 4
        assert len(runbook.leadership.when) >= 3
        for section in ("## Response strategy\n", "## Answering customers\n"):
            assert section in runbook.prose


@pytest.mark.parametrize("name", sorted(packaged_runbook_texts()))
def test_a_shipped_runbook_spells_its_ladder_out(name: str) -> None:
    text = packaged_runbook_texts()[name]
    for severity in ("medium", "high", "critical"):
        table = re.search(rf"\[severity\.{severity}\]\n((?:.+\n)+)", text)
        assert table is not None
        for key in ("page", "ack_within", "update_every", "approvals", "reserve"):
            assert f"{key} = " in table[1], f"{name}: {severity} leaves {key} to the default"


def test_a_critical_crisis_needs_two_people_and_an_answer_within_five_minutes() -> None:
    for runbook in load_packaged_runbooks().values():
        critical = runbook.level(Severity.CRITICAL)
        assert critical.approvals == 2
        assert critical.ack_within_s == 300
        assert critical.holding_message_within_s is not None
        assert critical.holding_message_within_s <= 1_800
        assert {"legal", "leadership", "crisis-lead"} <= set(runbook.roles(Severity.CRITICAL))


def test_a_folder_named_runbooks_where_one_works_is_not_taken_for_the_shipped_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "stranger.md").write_text("not ours")
    names = (
        "from crisiswatch.incidents.runbook import packaged_runbook_texts as texts; print(*texts())"
    )
    # `python -c` looks for packages in the working directory first, as `python -m` does.
    printed = subprocess.run(
        [sys.executable, "-c", names],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.split() == sorted(packaged_runbook_texts())
