"""docs/monitoring.md names every metric, as the code does, and every alert, as the rules do."""

import re

from tests.conftest import REPOSITORY
from tests.deploy.exported import registries
from tests.deploy.test_alert_rules import ALERTS

DOCUMENT = (REPOSITORY / "docs" / "monitoring.md").read_text()


def rows(first: str) -> dict[str, tuple[str, ...]]:
    """Return {name: the other cells} of the table whose names look like that."""
    found = re.findall(rf"(?m)^\| {first} \| (.*) \|$", DOCUMENT)
    return {name: tuple(rest.split(" | ")) for name, rest in found}


def test_every_metric_is_there_with_its_kind_who_exports_it_and_what_it_says() -> None:
    exported: dict[str, tuple[str, set[str], str]] = {}
    for part, registry in registries().items():
        for metric in registry.collect():
            if metric.name.startswith("crisiswatch_"):
                name = metric.name + ("_total" if metric.type == "counter" else "")
                known = exported.setdefault(name, (metric.type, set(), metric.documentation))
                known[1].add(part)

    told = {
        name: (kind, set(by.split(", ")), says)
        for name, (kind, _labels, by, says) in rows(r"`(crisiswatch_\w+)`").items()
    }
    assert told == exported


def test_every_alert_is_there_with_its_severity_and_summary() -> None:
    told = rows(r"\[(\w+)\]\(\.\./runbooks/monitoring/\1\.md\)")

    assert told == {
        name: (alert["labels"]["severity"], alert["annotations"]["summary"])
        for name, alert in ALERTS.items()
    }
