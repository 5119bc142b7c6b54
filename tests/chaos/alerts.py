"""A real Prometheus that evaluates the shipped alert rules, in a world in which all is faster.

An alert that waits five minutes in production waits eight seconds here: every duration of the
rules (`for: 5m`, `[10m]`, a comparison with seconds in an expression's `> 300`) is divided.
What fires, and on what, is as it ships.
"""

import os
import re
import signal
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import yaml  # type: ignore[import-untyped]  # the package carries no types

from tests.chaos.plant import until

RULES = Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "crisiswatch.rules.yml"
FASTER = 36
"""So that a quarter of an hour is 25 s: a part that dies is seen again after ten."""
LEAST_RANGE_S = 5
"""A range must hold a few scrapes of a second each, or `increase` sees nothing."""

SEEN_WITHIN_S, SEEN_TIMES = 10, 5
"""What is killed before it was ever seen alive can not be seen to be born again."""

_RANGE = re.compile(r"\[(\d+)([smhd])\]")
_UNIT_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Prometheus:
    """Ask a running server."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def firing(self) -> frozenset[str]:
        """Return the names of the alerts that fire now."""
        found = self._get("/api/v1/alerts")["data"]["alerts"]
        return frozenset(one["labels"]["alertname"] for one in found if one["state"] == "firing")

    def fired_within(self, seconds: float) -> frozenset[str]:
        """Return the names of the alerts that fired at any time of the last seconds."""
        query = f'max_over_time(ALERTS{{alertstate="firing"}}[{max(1, round(seconds))}s])'
        found = self._get(f"/api/v1/query?{urllib.parse.urlencode({'query': query})}")
        return frozenset(one["metric"]["alertname"] for one in found["data"]["result"])

    def knows(self, targets: int) -> bool:
        """Tell whether it has seen so many targets up, all of them for some seconds."""
        query = f"min(sum_over_time(up[{SEEN_WITHIN_S}s])) and count(up) == {targets}"
        found = self._get(f"/api/v1/query?{urllib.parse.urlencode({'query': query})}")
        return any(float(one["value"][1]) >= SEEN_TIMES for one in found["data"]["result"])

    def is_ready(self) -> bool:
        """Tell whether it answers queries."""
        try:
            return bool(self._get("/api/v1/query?query=1")["status"] == "success")
        except OSError:
            return False

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(self._base + path, timeout=5) as answer:  # noqa: S310  # loopback
            return orjson.loads(answer.read())


@contextmanager
def running_prometheus(
    folder: Path, port: int, targets: dict[str, list[int]]
) -> Iterator[Prometheus]:
    """Run a server that scrapes `targets`, ports by job, each second."""
    folder.mkdir(parents=True)
    (folder / "rules.yml").write_text(hastened(RULES.read_text()))
    settings = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(folder / "rules.yml")],
        "scrape_configs": [
            {
                "job_name": job,
                "static_configs": [{"targets": [f"127.0.0.1:{one}" for one in ports]}],
            }
            for job, ports in targets.items()
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        prometheus = Prometheus(port)
        until(prometheus.is_ready, "Prometheus answers", 30)
        yield prometheus
    finally:
        os.kill(server.pid, signal.SIGTERM)
        server.wait()


def hastened(rules: str) -> str:
    """Return the rules with waits and ranges divided by `FASTER`."""
    parsed = yaml.safe_load(rules)
    for group in parsed["groups"]:
        group.pop("interval", None)
        for rule in group["rules"]:
            if "for" in rule:
                rule["for"] = f"{max(1, _seconds(rule['for']) // FASTER)}s"
            if "keep_firing_for" in rule:
                rule["keep_firing_for"] = "1s"
            rule["expr"] = _RANGE.sub(_shorter, rule["expr"])
    hastened_rules: str = yaml.safe_dump(parsed)
    return hastened_rules


def _shorter(found: re.Match[str]) -> str:
    seconds = int(found[1]) * _UNIT_S[found[2]]
    return f"[{max(LEAST_RANGE_S, seconds // FASTER)}s]"


def _seconds(duration: str) -> int:
    return sum(
        int(number) * _UNIT_S[unit] for number, unit in re.findall(r"(\d+)([smhd])", duration)
    )
