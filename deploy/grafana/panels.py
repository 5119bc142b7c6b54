"""Grafana's panels as plain dicts: only the few structures that our dashboards use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

WIDTH = 24
"""Columns of Grafana's grid."""

DATASOURCE = {"type": "prometheus", "uid": "prometheus"}

GREEN, YELLOW, ORANGE, RED = "green", "yellow", "orange", "red"

UP = {"0": "down", "1": "up"}

Json = dict[str, Any]
Steps = Sequence[tuple[str, float | None]]


GOOD_UP: Steps = ((RED, None), (GREEN, 1.0))
NONE_IS_GOOD: Steps = ((GREEN, None), (RED, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A PromQL expression, and how its series are called; `instant` asks for now only."""

    expr: str
    legend: str = "__auto"
    instant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel: what it shows, how wide and high it is, and what a reader must know of it."""

    title: str
    words: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    height: int = 7
    steps: Steps = ((GREEN, None),)
    decimals: int | None = None
    labels: Json = field(default_factory=dict)
    stacked: bool = False
    dashed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under one heading, which is a question."""

    title: str
    panels: tuple[Panel, ...]


def stat(title: str, words: str, expr: str, *, unit: str, steps: Steps, **more: Any) -> Panel:
    """Return one number in the colour of how bad it is."""
    settings: Json = {"width": 3, "height": 4, **more}
    return Panel(
        title=title,
        words=words,
        queries=(Query(expr=expr, instant=True),),
        kind="stat",
        unit=unit,
        steps=steps,
        **settings,
    )


def laid_out(rows: Iterable[Row]) -> list[Json]:
    """Return the panels of all rows with their ids and places, left to right, top to bottom."""
    placed: list[Json] = []
    y = 0
    for row in rows:
        placed.append(
            {
                "id": len(placed) + 1,
                "type": "row",
                "title": row.title,
                "collapsed": False,
                "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1},
                "panels": [],
            }
        )
        y += 1
        x = highest = 0
        for panel in row.panels:
            if x + panel.width > WIDTH:
                y, x, highest = y + highest, 0, 0
            place = {"x": x, "y": y, "w": panel.width, "h": panel.height}
            placed.append(_panel(panel, len(placed) + 1, place))
            x += panel.width
            highest = max(highest, panel.height)
        y += highest
    return placed


def _panel(panel: Panel, number: int, place: Json) -> Json:
    defaults: Json = {
        "unit": panel.unit,
        "thresholds": {
            "mode": "absolute",
            "steps": [{"color": colour, "value": value} for colour, value in panel.steps],
        },
        "color": {"mode": "thresholds" if panel.kind == "stat" else "palette-classic"},
        "mappings": [],
    }
    if panel.decimals is not None:
        defaults["decimals"] = panel.decimals
    if panel.labels:
        mapped = {value: {"text": text} for value, text in panel.labels.items()}
        defaults["mappings"] = [{"type": "value", "options": mapped}]
    if panel.kind == "timeseries":
        defaults["custom"] = {
            "lineWidth": 1,
            "fillOpacity": 25 if panel.stacked else 8,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed" if len(panel.steps) > 1 else "off"},
        }
        defaults["min"] = 0
    overrides = []
    if panel.dashed is not None:
        dash = {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 6]}}
        by_name = {"id": "byRegexp", "options": panel.dashed}
        overrides.append({"matcher": by_name, "properties": [dash]})
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.words,
        "datasource": DATASOURCE,
        "gridPos": place,
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": DATASOURCE,
                "expr": query.expr,
                "legendFormat": query.legend,
                "instant": query.instant,
                "range": not query.instant,
            }
            for index, query in enumerate(panel.queries)
        ],
        "fieldConfig": {"defaults": defaults, "overrides": overrides},
        "options": _OPTIONS[panel.kind],
    }


_OPTIONS: dict[str, Json] = {
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "center",
        "textMode": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    },
    "table": {"showHeader": True, "cellHeight": "sm"},
}


def dashboard(
    uid: str,
    title: str,
    words: str,
    rows: Sequence[Row],
    *,
    since: str,
    topics: bool = False,
) -> Json:
    """Return a whole dashboard; with `topics` a reader can choose among them."""
    variables = []
    if topics:
        variables.append(
            {
                "name": "topic",
                "label": "Topic",
                "type": "query",
                "datasource": DATASOURCE,
                "query": {
                    "query": "label_values(crisiswatch_topic_posts, topic)",
                    "refId": "topics",
                },
                "refresh": 2,
                "includeAll": True,
                "multi": True,
                "allValue": ".*",
                "current": {"text": ["All"], "value": ["$__all"]},
                "sort": 1,
            }
        )
    return {
        "uid": uid,
        "title": title,
        "description": words,
        "tags": ["crisiswatch"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": f"now-{since}", "to": "now"},
        "timezone": "browser",
        "links": [
            {
                "type": "dashboards",
                "title": "crisiswatch",
                "tags": ["crisiswatch"],
                "asDropdown": False,
                "includeVars": False,
                "keepTime": True,
            }
        ],
        "annotations": {"list": []},
        "templating": {"list": variables},
        "panels": laid_out(rows),
    }
