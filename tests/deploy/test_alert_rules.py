"""Every failure has an alert, every alert a page, a firing and a quiet test, and real series."""

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # has no types of its own

from crisiswatch.incidents.runbook import load_packaged_runbooks, packaged_runbook_texts
from tests.conftest import REPOSITORY, skip
from tests.deploy.exported import exported

FOLDER = REPOSITORY / "deploy" / "prometheus"
PAGES = REPOSITORY / "runbooks" / "monitoring"
RULES = FOLDER / "crisiswatch.rules.yml"
TESTS = (FOLDER / "crisiswatch.tests.yml", FOLDER / "crisiswatch.days.tests.yml")
SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
SERIES = re.compile(r"\bcrisiswatch_\w+")


def alerts() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


ALERTS = alerts()


def run(tool: str, *arguments: str | Path) -> str:
    """Return what a tool says of our files, or skip where this machine has none."""
    if shutil.which(tool) is None:
        skip(f"no {tool}: `apt install prometheus prometheus-alertmanager`, as .ci/run does")
    done = subprocess.run(
        [tool, *map(str, arguments)], capture_output=True, check=False, text=True, cwd=FOLDER
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_rule_fires_when_it_should_and_only_then() -> None:
    assert run("promtool", "test", "rules", *TESTS).count("SUCCESS") == len(TESTS)


def test_prometheus_takes_its_configuration() -> None:
    assert f"{len(ALERTS)} rules found" in run("promtool", "check", "config", "prometheus.yml")


def test_alertmanager_takes_the_example_and_routes_by_severity() -> None:
    run("amtool", "check-config", "alertmanager.yml")
    for labels, receiver in (
        (["alertname=Watchdog", "severity=none"], "dead-mans-switch"),
        (["alertname=CrisiswatchDetectDown", "severity=page"], "operator-on-call"),
        (["alertname=CrisiswatchLateShare", "severity=ticket"], "tickets"),
    ):
        routed = run(
            "amtool", "config", "routes", "test", "--config.file=alertmanager.yml", *labels
        )
        assert routed.strip() == receiver


def test_every_alert_is_tested_firing_and_not_firing() -> None:
    tried: dict[str, set[bool]] = defaultdict(set)
    for file in TESTS:
        for test in yaml.safe_load(file.read_text())["tests"]:
            for expected in test["alert_rule_test"]:
                tried[expected["alertname"]].add(bool(expected["exp_alerts"]))

    always = {"Watchdog": {True}}
    assert tried == {name: always.get(name, {True, False}) for name in ALERTS}


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    assert {path.stem for path in PAGES.glob("*")} == set(ALERTS)


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_says_what_is_wrong_and_where_to_read_on(name: str) -> None:
    alert = ALERTS[name]
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"runbooks/monitoring/{name}.md"
    assert alert["labels"]["severity"] in {"page", "ticket", "none"}


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_goes_from_meaning_to_mitigation(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n\n{ALERTS[page.stem]['annotations']['summary']} (")
    assert re.findall(r"(?m)^## (.*)$", text) == SECTIONS
    assert "```" in text.partition("## Diagnosis")[2]


@pytest.mark.parametrize("file", [RULES, *TESTS], ids=lambda file: file.name)
def test_every_series_that_is_asked_for_is_exported(file: Path) -> None:
    assert set(SERIES.findall(file.read_text())) - set(exported(with_suffixes=True)) == set()


def test_pages_of_the_monitoring_are_no_runbooks_for_a_crisis() -> None:
    assert not any("Crisiswatch" in name for name in packaged_runbook_texts())
    assert len(load_packaged_runbooks()) == 8
