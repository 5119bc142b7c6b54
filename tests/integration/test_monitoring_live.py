"""A replayed crisis under the eyes of a real Prometheus: every panel's query, and what the logs hold."""

import contextlib
import json
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from deploy.grafana.build import FOLDER
from tests.doubles.fake_slack import FakeSlack
from tests.doubles.prometheus_server import PrometheusServer, Series, free_port
from tests.doubles.slack.workspace import key_of
from tests.doubles.up_process import TOKENS, Running, until
from tests.doubles.webhook_receiver import WebhookReceiver

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
RULES = REPOSITORY / "deploy" / "prometheus" / "crisiswatch.rules.yml"
START_S = 1_767_225_600
MINUTES = 80
SPEED = 60
LONG_S = 240
PRIVATE = ("disgrace", "+49170", "Ada Lindt", "U0ADA", "hooks/s3cret")

CONFIG = """
[[topics]]
name = "dune"
terms = ["dune"]

[[topics]]
name = "fog"
terms = ["fog"]

[[people]]
id = "ada"
name = "Ada Lindt"
slack = "U0ADA"
roles = ["agent", "approver"]
contact = ["sms", "slack-dm"]
addresses = {{ sms = "+491701234567" }}

[[people]]
id = "bo"
name = "Bo Berg"
slack = "U0BO"
roles = ["agent", "approver"]

[[rotas]]
name = "pr-on-call"
always = ["ada"]

[[rotas]]
name = "crisis-lead"
always = ["bo"]

[[channels]]
name = "sms"
kind = "webhook"
url_env = "CRISIS_SMS_URL"

[slack]
api_url = "{slack}"
agents_channel = "C0AGENTS01"

[monitoring]
listen = "127.0.0.1:{detect}"
respond_listen = "127.0.0.1:{respond}"
topics = ["dune"]
"""

EMPTY = {
    "Waiting in Kafka",  # there is no Kafka
    "Input that is no post",  # there is none
    "Last drill",  # there was none
    "Live streams",  # it is a recording; test_ingest_monitoring.py reads a stream
    "Behind a platform by",
    "Faults of a platform",
}
"""Panels that have nothing to show of this crisis."""

QUIET = {"Alerts that fire", "Alerts over time"}
"""Nothing fires in a crisis that is handled; detection that has ended does after two minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is left of the crisis."""

    prometheus: PrometheusServer
    logged: str
    said: str


def write_posts(path: Path) -> None:
    """Write 80 minutes: half of them calm, half of outrage."""
    lines = []
    for minute in range(MINUTES):
        at_s = START_S + 60 * minute
        lines.append({"id": f"c{minute}", "text": "tea and fog", "posted_at": at_s, "author": "x"})
        for one in range(30 if minute >= MINUTES // 2 else 0):
            text = f"dune, what a disgrace, worst service ever, call +49170{one:07d}"
            name = f"{minute}-{one}"
            lines.append({"id": name, "text": text, "posted_at": at_s, "author": f"a{name}"})
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("watched")
    posts, config, store = folder / "posts.jsonl", folder / "crisis.toml", folder / "store"
    write_posts(posts)
    ports = {"detect": free_port(), "respond": free_port()}
    with (
        PrometheusServer(ports, rules=RULES) as prometheus,
        FakeSlack(channels={"C0AGENTS01": "agents"}) as slack,
        WebhookReceiver() as sms,
    ):
        config.write_text(CONFIG.format(slack=slack.url, **ports))
        variables = {**TOKENS, "CRISIS_SMS_URL": f"{sms.url}/hooks/s3cret"}
        words = (
            "up",
            "-c",
            config,
            "--store",
            store,
            "--replay",
            posts,
            "--speed",
            str(SPEED),
            "--stay",
            "--for-real",  # or no second channel is used
        )
        more = {**variables, "CRISISWATCH_LOG": "json"}
        with Running(*words, "--out", folder / "out", folder=folder / "up", **more) as up:
            until(lambda: prometheus.now('up{job="detect"} == 1'), f"detection: {up.err}", LONG_S)
            paged = "max(crisiswatch_time_to_page_seconds_count) > 0"
            until(lambda: prometheus.now(paged), f"a page: {up.err}", LONG_S)
            until(
                partial(answered, slack, prometheus), f"an answer to the public: {up.err}", LONG_S
            )
            up.wait_for("the posts have ended", timeout_s=LONG_S)
            yield Seen(prometheus=prometheus, logged=up.err, said=up.out)
            up.kill(signal.SIGTERM)
            up.ended()


def answered(slack: FakeSlack, prometheus: PrometheusServer) -> bool:
    """Press what is there to be pressed; tell whether the public has its answer."""
    for end_of_key, button, user in (
        ("/status", "Acknowledge", "U0ADA"),
        ("/ask/ada", "Approve", "U0ADA"),
        ("/ask/bo", "Approve", "U0BO"),
    ):
        keys = [key for one in slack.messages() if (key := key_of(one) or "").endswith(end_of_key)]
        if keys:
            with contextlib.suppress(LookupError):  # a message that is settled has no buttons
                slack.press(keys[-1], button, user=user)
    return bool(prometheus.now("max(crisiswatch_time_to_holding_message_seconds_count) > 0"))


def queries() -> Iterator[Any]:
    """Yield every query of every panel, named after where it stands."""
    for file in sorted(FOLDER.glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel.get("targets", ()):
                name = f"{file.stem}-{panel['title']}-{target['refId']}"
                yield pytest.param(target, id=name.lower().replace(" ", "-"))


def evaluated(prometheus: PrometheusServer, target: dict[str, Any]) -> Series:
    """Return what a panel would show of the whole crisis."""
    expr = target["expr"]
    for macro, value in (
        ("$__rate_interval", "5s"),
        ("$__range", f"{LONG_S}s"),
        ("$topic", ".*"),
    ):
        expr = expr.replace(macro, value)
    assert "$" not in expr
    return prometheus.range(expr, seconds=LONG_S)


@pytest.mark.parametrize("target", list(queries()))
def test_every_query_of_every_panel_can_be_evaluated(seen: Seen, target: dict[str, Any]) -> None:
    for series in evaluated(seen.prometheus, target):
        assert series["values"]


def test_every_panel_shows_something_of_a_crisis(seen: Seen) -> None:
    empty = set()
    for file in sorted(FOLDER.glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            targets = panel.get("targets", ())
            if targets and not any(evaluated(seen.prometheus, one) for one in targets):
                empty.add(panel["title"])
    assert empty - QUIET == EMPTY


def test_the_figures_are_those_of_the_crisis(seen: Seen) -> None:
    def most(expr: str) -> float:
        (series,) = seen.prometheus.range(f"max({expr})", seconds=LONG_S)
        return max(float(value) for _, value in series["values"])

    assert most("crisiswatch_posts_read_total") <= MINUTES + 30 * MINUTES // 2
    assert most('crisiswatch_topic_posts{topic="dune"}') == 150
    assert most('crisiswatch_topic_posts{topic="other"}') == 5
    assert 100 <= most('crisiswatch_topic_negatives{topic="dune"}') <= 150
    assert most('crisiswatch_signals_total{change="opened"}') == 1
    assert most('crisiswatch_pages_total{outcome="done",channel="sms"}') >= 1
    assert most("crisiswatch_time_to_holding_message_seconds_count") == 1
    assert most("crisiswatch_canaries_sent_total") >= 1
    assert most("crisiswatch_canary_received_timestamp_seconds") > START_S


def test_the_watchdog_fires_and_a_detection_that_has_ended_is_noticed(seen: Seen) -> None:
    assert "Watchdog" in seen.prometheus.firing()
    pending = 'ALERTS{alertname="CrisiswatchDetectDown"}'
    until(lambda: seen.prometheus.now(pending), "an alert for detection that is gone")


def test_every_line_of_the_log_is_for_a_machine(seen: Seen) -> None:
    lines = [json.loads(line) for line in seen.logged.splitlines()]

    assert {"event", "level", "logger", "timestamp"} <= set.intersection(*map(set, lines))
    assert any(re.match(r"detection read \d+ posts", line["event"]) for line in lines)


@pytest.mark.parametrize("private", [*PRIVATE, *TOKENS.values()])
def test_no_log_holds_what_people_wrote_where_they_are_or_a_secret(
    seen: Seen, private: str
) -> None:
    assert private not in seen.logged
    assert private not in seen.said
