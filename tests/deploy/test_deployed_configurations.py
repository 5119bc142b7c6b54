"""The configurations that are deployed are whole, and agree with what runs them."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from crisiswatch.config.monitoring import (
    DETECT_ADDRESS,
    INGEST_ADDRESS,
    RESPOND_ADDRESS,
    split_address,
)
from tests.conftest import REPOSITORY
from tests.deploy.deployed import DEPLOY, PINNED, command_fault, known_variables

CONFIGURATIONS = (
    DEPLOY / "compose" / "crisiswatch.toml",
    DEPLOY / "k8s" / "base" / "crisiswatch.toml",
    DEPLOY / "k8s" / "example" / "crisiswatch.toml",
)
WHERE = {"kafka", "store"}
"""Sections that say where things are, in which the configurations differ."""


def _name(path: Path) -> str:
    return str(path.relative_to(DEPLOY))


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=_name)
def test_a_deployed_configuration_has_neither_fault_nor_warning(path: Path) -> None:
    command = [sys.executable, "-m", "crisiswatch", "check", "--config", str(path)]
    found = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert "0 errors, 0 warnings" in found.stdout
    assert found.returncode == 0


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=_name)
def test_a_service_in_a_container_can_be_asked_from_outside_on_the_usual_ports(path: Path) -> None:
    monitoring = tomllib.loads(path.read_text())["monitoring"]
    for key, usual in (
        ("listen", DETECT_ADDRESS),
        ("respond_listen", RESPOND_ADDRESS),
        ("ingest_listen", INGEST_ADDRESS),
    ):
        assert split_address(monitoring[key]) == ("0.0.0.0", split_address(usual)[1])  # noqa: S104


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=_name)
def test_snapshots_are_kept_where_the_container_may_write(path: Path) -> None:
    folder = Path(tomllib.loads(path.read_text())["recovery"]["dir"])
    assert folder.is_relative_to("/var/lib/crisiswatch")


def test_the_configurations_differ_only_in_where_things_are() -> None:
    read = [tomllib.loads(path.read_text()) for path in CONFIGURATIONS]
    same = [{key: value for key, value in one.items() if key not in WHERE} for one in read]
    assert same[0] == same[1] == same[2]


def test_the_checks_see_what_is_wrong() -> None:
    assert command_fault(["respond", "--config=a.toml"]) is None
    assert command_fault(["--version"]) is None
    assert command_fault(["sing"]) == "no command sing"
    assert "--loud" in str(command_fault(["respond", "--loud"]))
    assert {"SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN_FILE"} <= known_variables()
    assert "SLACK_BOT_TOKENS" not in known_variables()
    assert PINNED.fullmatch("grafana/grafana:12.1.1")
    for loose in ("redis", "redis:latest", "redis:7", "python:3-slim"):
        assert not PINNED.fullmatch(loose)
