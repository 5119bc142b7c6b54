from datetime import UTC, datetime
from pathlib import Path

import pytest

from crisiswatch.check import check_config
from crisiswatch.config import Config, load_config
from crisiswatch.incidents.runbook import (
    load_packaged_runbooks,
    packaged_runbook_texts,
    parse_runbook,
)
from crisiswatch.reading.topic import Topic

REPOSITORY = Path(__file__).resolve().parent.parent
RUNBOOKS = load_packaged_runbooks()


def found(*topics: Topic) -> list[str]:
    findings = check_config(Config(topics=topics), RUNBOOKS, source="c.toml")
    return [f"{finding.level}: {finding}" for finding in findings if finding.path != "people"]


SOUND = Topic(name="Example Air", phrases=("Example Air",), handles=("@ExampleAir",))


@pytest.mark.parametrize("name", ["examples/airline.toml"])
def test_shipped_examples_have_no_findings(name: str) -> None:
    config = load_config((REPOSITORY / "deploy" / name).read_text(), name)
    assert check_config(config, RUNBOOKS) == ()


def test_sound_topics_have_no_findings() -> None:
    assert found(SOUND, Topic(name="Other", handles=("@OtherAir",), exclude=("giveaway",))) == []


def test_a_configuration_without_topics_watches_nothing() -> None:
    assert found() == [
        "error: c.toml: topics: nothing is watched; add at least one [[topics]]",
    ]


TERMS = {
    "everyday-word": (
        "The",
        (
            "error: c.toml: topics[1].terms[1]: 'The' is an everyday word: most posts would match; "
            "use a handle, or a phrase that can mean nothing else"
        ),
    ),
    "one-letter": (
        "X",
        (
            "error: c.toml: topics[1].terms[1]: 'X' is so short that much else will match; "
            "use a handle or a longer phrase, or list what it is not in exclude"
        ),
    ),
    "two-letters": (
        "AA",
        (
            "warning: c.toml: topics[1].terms[1]: 'AA' is so short that much else will match; "
            "use a handle or a longer phrase, or list what it is not in exclude"
        ),
    ),
}


@pytest.mark.parametrize(("term", "message"), TERMS.values(), ids=TERMS)
def test_terms_that_match_much_else_are_named(term: str, message: str) -> None:
    assert found(Topic(name="a", terms=(term,))) == [message]


@pytest.mark.parametrize("term", ["新", "✈", "BMW", "ü2f"])
def test_terms_that_are_short_but_sure_are_left_alone(term: str) -> None:
    assert found(Topic(name="a", terms=(term,))) == []


def test_posts_that_count_for_two_topics_are_named_from_both_sides() -> None:
    parent = Topic(name="Air", phrases=("Example Air",))
    child = Topic(name="Cargo", phrases=("example air cargo",))
    twin = Topic(name="Twin", handles=("exampleair",), terms=("Example  Air",))
    assert found(parent, child, twin) == [
        (
            "warning: c.toml: topics[1].phrases[1]: posts with 'Example Air' also count for topic 'Twin'; "
            "if they should count once, add an exclude to one of the two topics"
        ),
        (
            "warning: c.toml: topics[2].phrases[1]: posts with 'example air cargo' also count for topic "
            "'Air'; if they should count once, add an exclude to one of the two topics"
        ),
        (
            "warning: c.toml: topics[2].phrases[1]: posts with 'example air cargo' also count for topic "
            "'Twin'; if they should count once, add an exclude to one of the two topics"
        ),
        (
            "warning: c.toml: topics[3].terms[1]: posts with 'Example  Air' also count for topic 'Air'; "
            "if they should count once, add an exclude to one of the two topics"
        ),
    ]


def test_an_exclude_parts_two_topics() -> None:
    parent = Topic(name="Air", phrases=("Example Air",), exclude=("example air cargo",))
    assert found(parent, Topic(name="Cargo", phrases=("Example Air Cargo",))) == []


def test_a_topic_that_excludes_all_it_is_about_is_an_error() -> None:
    topic = Topic(name="Air", phrases=("Example Air",), handles=("@ExampleAir",))
    dead = Topic(
        name="Dead",
        phrases=("dead air",),
        hashtags=("#deadair",),
        exclude=("air", "#DeadAir"),
    )
    assert found(topic, dead) == [
        (
            "error: c.toml: topics[2].exclude: topic 'Dead' can never match: exclude covers all its entries; "
            "take out of exclude (air, #DeadAir) what it is about"
        )
    ]


def test_an_entry_that_exclude_covers_is_named() -> None:
    topic = Topic(
        name="Air", phrases=("Example Air cargo",), handles=("@A_Air",), exclude=("cargo",)
    )
    assert found(topic) == [
        (
            "warning: c.toml: topics[1].phrases[1]: 'Example Air cargo' never matches: exclude covers it; "
            "remove it from one of the two"
        )
    ]


def test_a_language_that_is_watched_and_never_answered_is_named() -> None:
    topic = Topic(name="Air", handles=("@A_Air",), languages=("en", "pt-BR"))
    assert found(topic) == [
        (
            "warning: c.toml: topics[1].languages: posts in 'pt-BR' are watched, but no holding message "
            'is drafted in it; add "pt-BR" to response.languages'
        )
    ]


def test_a_language_that_no_runbook_is_written_in_is_an_error_of_each_runbook() -> None:
    config = load_config(
        '[[topics]]\nname = "a"\nhandles = ["@a_air"]\n[response]\nlanguages = ["en", "it"]\n', "c"
    )
    findings = check_config(config, RUNBOOKS)
    assert sum(finding.level == "error" for finding in findings) == len(RUNBOOKS)
    assert str(findings[0]) == (
        "runbooks/campaign-backlash.md: no holding message in 'it', which response.languages asks for; "
        "add a section ## Holding message (it, public)"
    )


def test_a_crisis_type_without_a_runbook_is_an_error() -> None:
    without = {name: runbook for name, runbook in RUNBOOKS.items() if name != "rumour"}
    findings = check_config(Config(topics=(SOUND,)), without)
    assert [str(finding) for finding in findings if finding.level == "error"] == [
        "rumour.md: no runbook for the crisis type 'rumour'; copy the one that `crisiswatch init` writes"
    ]


def test_a_ladder_that_asks_less_of_a_worse_crisis_is_named() -> None:
    text = packaged_runbook_texts()["rumour.md"]
    before, critical = text.split("[severity.critical]")
    critical = critical.replace('"5m"', '"20m"', 1).replace("approvals = 2", "approvals = 1", 1)
    lax = parse_runbook(f"{before}[severity.critical]{critical}", "rumour.md")
    findings = check_config(Config(topics=(SOUND,)), RUNBOOKS | {"rumour": lax})
    assert [f"{finding.level}: {finding}" for finding in findings if finding.path != "people"] == [
        (
            "warning: rumour.md: severity.critical.approvals: one person alone can publish in a critical "
            "crisis; use at least 2"
        ),
        (
            "warning: rumour.md: severity.critical.ack_within: 20m, longer than at high (15m); "
            "give a worse crisis less time"
        ),
    ]


def test_errors_stand_before_warnings() -> None:
    levels = [line.split(":")[0] for line in found(Topic(name="a", terms=("AA", "the", "AB")))]
    assert levels == ["error", "warning", "warning"]


def test_findings_in_the_configuration_have_their_line() -> None:
    text = '[[topics]]\nname = "a"\n\nterms = [\n  "exampleair",\n  "the",\n]\n'
    findings = check_config(load_config(text, "c.toml"), RUNBOOKS, source="c.toml", text=text)
    assert [(finding.line, finding.path) for finding in findings] == [
        (4, "topics[1].terms[2]"),
        (None, "people"),
    ]


@pytest.mark.parametrize("year", [2015, 2026, 2031])
def test_the_airline_example_is_clean_as_of_any_year(year: int) -> None:
    text = (REPOSITORY / "deploy" / "examples" / "airline.toml").read_text()
    config = load_config(text, "airline.toml")
    now = datetime(year, 2, 22, tzinfo=UTC)
    assert check_config(config, RUNBOOKS, source="airline.toml", text=text, now=now) == ()
