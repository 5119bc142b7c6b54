"""The dashboards in the repository are those that the code makes, and ask for what is exported."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # has no types of its own
import pytest

from deploy.grafana.build import FOLDER, rendered
from deploy.grafana.panels import WIDTH
from tests.deploy.exported import exported
from tests.deploy.test_alert_rules import SERIES

FILES = sorted(FOLDER.glob("*.json"))

TARGET = {
    "type": "object",
    "required": ["refId", "datasource", "expr", "legendFormat", "instant", "range"],
    "properties": {
        "refId": {"pattern": "^[A-Z]$"},
        "datasource": {"const": {"type": "prometheus", "uid": "prometheus"}},
        "expr": {"type": "string", "minLength": 1},
    },
}
PLACE = {
    "type": "object",
    "required": ["x", "y", "w", "h"],
    "additionalProperties": False,
    "properties": {
        "x": {"type": "integer", "minimum": 0, "maximum": WIDTH - 1},
        "y": {"type": "integer", "minimum": 0},
        "w": {"type": "integer", "minimum": 1, "maximum": WIDTH},
        "h": {"type": "integer", "minimum": 1},
    },
}
PANEL = {
    "type": "object",
    "required": ["id", "type", "title", "gridPos"],
    "properties": {
        "type": {"enum": ["row", "timeseries", "stat", "table"]},
        "title": {"type": "string", "minLength": 1},
        "gridPos": PLACE,
        "targets": {"type": "array", "minItems": 1, "items": TARGET},
    },
    "if": {"not": {"properties": {"type": {"const": "row"}}}},
    "then": {
        "required": ["description", "datasource", "targets", "fieldConfig", "options"],
        "properties": {
            "description": {"type": "string", "minLength": 10},
            "fieldConfig": {
                "required": ["defaults", "overrides"],
                "properties": {"defaults": {"required": ["unit", "thresholds", "color"]}},
            },
        },
    },
}
SCHEMA = {
    "type": "object",
    "required": ["uid", "title", "schemaVersion", "time", "panels", "templating", "refresh"],
    "properties": {
        "uid": {"type": "string", "maxLength": 40, "pattern": "^[a-z-]+$"},
        "schemaVersion": {"type": "integer", "minimum": 36},
        "panels": {"type": "array", "minItems": 1, "items": PANEL},
        "templating": {"required": ["list"]},
    },
}


def panels(file: Path) -> list[dict[str, Any]]:
    """Return the panels of a dashboard, in their order."""
    made: list[dict[str, Any]] = json.loads(file.read_text())["panels"]
    return made


def test_the_files_are_those_that_the_code_makes() -> None:
    assert {file.name: file.read_text() for file in FILES} == rendered(), "run `make dashboards`"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_dashboard_has_the_structure_that_grafana_reads(file: Path) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(file.read_text()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_panel_lies_on_another_and_none_has_anothers_id(file: Path) -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in panels(file):
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert x < WIDTH
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
    numbers = [panel["id"] for panel in panels(file)]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_query_asks_for_series_that_are_exported(file: Path) -> None:
    asked = set(SERIES.findall(file.read_text()))
    assert asked - set(exported(with_suffixes=True)) == set()


def test_every_series_that_is_exported_is_on_a_dashboard_or_in_a_rule() -> None:
    rules = FOLDER.parents[1] / "prometheus" / "crisiswatch.rules.yml"
    asked = {name for file in (*FILES, rules) for name in SERIES.findall(file.read_text())}
    unasked = {"crisiswatch_build_info", "crisiswatch_read_bytes_total"}
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    assert set(exported(with_suffixes=False)) - shown == unasked
