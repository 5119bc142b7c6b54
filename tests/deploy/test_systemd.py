"""The units: sound, hardened, in step with the program, which works under what they refuse."""

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.deploy.confined import allowed_calls, settings
from tests.deploy.deployed import DEPLOY, SECRET, command_fault, known_variables, tool

SYSTEMD = DEPLOY / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
DROP_INS = sorted((SYSTEMD / "drop-ins").glob("*.conf"))
INSTANCES = ("bluesky", "mastodon", "x")
PROGRAM = "/opt/crisiswatch/bin/crisiswatch"
MOST_EXPOSED = 20
"""Of 100, as systemd weighs what a service could do; below 20 it calls one OK."""


def _name(path: Path) -> str:
    return path.name


def _commands(unit: Path) -> Iterator[list[str]]:
    for command in settings(unit, "ExecStart"):
        if "%i" in command:
            yield from (shlex.split(command.replace("%i", name)) for name in INSTANCES)
        else:
            yield shlex.split(command)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a folder with the units and their drop-ins, and a program that is there."""
    for path in [*UNITS, SYSTEMD / "crisiswatch.target"]:
        text = path.read_text().replace(PROGRAM, shutil.which("true") or "/bin/true")
        (tmp_path / path.name).write_text(text)
    for drop_in in DROP_INS:
        for unit in _dropped_into(drop_in):
            (tmp_path / f"{unit}.d").mkdir(exist_ok=True)
            shutil.copy(drop_in, tmp_path / f"{unit}.d")
    return tmp_path


def _dropped_into(drop_in: Path) -> list[str]:
    first = drop_in.read_text().splitlines()[0]
    return re.findall(r"(crisiswatch-[\w@]+\.service)\.d/", first)


def test_systemd_finds_nothing_wrong_with_units_and_drop_ins(installed: Path) -> None:
    units = [path.name.replace("@.", "@x.") for path in UNITS]
    named = [f"./{name}" for name in [*units, "crisiswatch.target"]]
    command = [tool("systemd-analyze"), "verify", "--man=no", *named]
    found = subprocess.run(command, capture_output=True, text=True, cwd=installed, check=False)
    ours = [line for line in found.stderr.splitlines() if "crisiswatch" in line]
    assert ours == []
    assert found.returncode == 0


def test_systemd_would_see_what_is_wrong(installed: Path) -> None:
    unit = installed / "crisiswatch-respond.service"
    unit.write_text(unit.read_text().replace("NoNewPrivileges", "NoNewPrivilege"))
    command = [tool("systemd-analyze"), "verify", "--man=no", f"./{unit.name}"]
    found = subprocess.run(command, capture_output=True, text=True, cwd=installed, check=False)
    assert "NoNewPrivilege" in found.stderr


@pytest.mark.parametrize("unit", UNITS, ids=_name)
def test_a_service_is_exposed_to_little(unit: Path) -> None:
    command = [tool("systemd-analyze"), "security", "--offline=yes", f"--threshold={MOST_EXPOSED}"]
    found = subprocess.run(
        [*command, f"./{unit.name}"], capture_output=True, text=True, cwd=unit.parent, check=False
    )
    assert found.returncode == 0, found.stdout.splitlines()[-1]


@pytest.mark.parametrize("unit", UNITS, ids=_name)
def test_the_program_understands_what_it_is_told(unit: Path) -> None:
    for program, *arguments in _commands(unit):
        assert program == PROGRAM
        assert command_fault(arguments) is None


@pytest.mark.parametrize("unit", [*UNITS, *DROP_INS], ids=_name)
def test_a_secret_is_a_credential_of_the_service_and_never_written_down(unit: Path) -> None:
    loaded = {value.partition(":")[0] for value in settings(unit, "LoadCredential")}
    used = set()
    for value in settings(unit, "Environment"):
        name, _, given = value.partition("=")
        if SECRET.search(name):
            assert name in known_variables()
            assert name.endswith("_FILE")
            assert given.startswith("%d/")
            used.add(given.removeprefix("%d/"))
    assert used == loaded


@pytest.mark.parametrize("unit", UNITS, ids=_name)
def test_a_service_writes_into_its_own_folder_only(unit: Path) -> None:
    [state] = settings(unit, "StateDirectory")
    assert settings(unit, "WorkingDirectory") == [f"/var/lib/{state}"]
    assert settings(unit, "ProtectSystem") == ["strict"]
    assert settings(unit, "ReadWritePaths") == []
    for option in re.findall(r"--(?:out|cursor) (\S+)", unit.read_text()):
        assert Path(option).is_relative_to(f"/var/lib/{state}")


@pytest.mark.parametrize("unit", UNITS, ids=_name)
def test_a_service_always_comes_back_and_ends_before_it_is_killed(unit: Path) -> None:
    assert settings(unit, "Restart") == ["always"]
    assert settings(unit, "StartLimitIntervalSec") == ["0"]
    assert float(settings(unit, "RestartSec")[0]) >= 5
    assert int(settings(unit, "TimeoutStopSec")[0]) >= 30
    assert settings(unit, "PartOf") == settings(unit, "WantedBy") == ["crisiswatch.target"]


def test_every_drop_in_says_where_it_belongs() -> None:
    services = {unit.name.partition(".")[0].rstrip("@") for unit in UNITS}
    for drop_in in DROP_INS:
        belongs = _dropped_into(drop_in)
        assert belongs, drop_in
        assert {name.partition(".")[0].partition("@")[0] for name in belongs} <= services


def test_processes_can_be_pinned_and_nothing_else_of_resources_be_taken() -> None:
    tool("systemd-analyze")
    calls = allowed_calls(settings(SYSTEMD / "crisiswatch-detect.service", "SystemCallFilter"))
    assert "sched_setaffinity" in calls
    assert not {"setpriority", "reboot", "mount", "ptrace", "bpf"} & calls


def _confined(unit: str) -> list[str]:
    tool("systemd-analyze")
    return [sys.executable, "-m", "tests.deploy.confined", str(SYSTEMD / unit)]


def test_the_confinement_refuses_what_the_unit_refuses() -> None:
    tries = (
        "import json, mmap, os\n"
        "def refused(does):\n"
        "    try: does()\n"
        "    except PermissionError: return True\n"
        "    return False\n"
        "print(json.dumps([\n"
        "    refused(lambda: mmap.mmap(-1, 4096, prot=7)),\n"
        "    refused(lambda: os.setpriority(0, 0, 5)),\n"
        "    refused(lambda: os.sched_setaffinity(0, os.sched_getaffinity(0))),\n"
        "]))\n"
    )
    command = [*_confined("crisiswatch-detect.service"), sys.executable, "-c", tries]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert json.loads(found.stdout) == [True, True, False]


@pytest.mark.slow
def test_detection_works_under_what_its_unit_refuses(tmp_path: Path) -> None:
    """Hyperscan, numpy and Bytewax need no memory that can be written and run."""
    replay = [sys.executable, "-m", "crisiswatch", "demo", "--watch", "0", "--json"]
    command = [*_confined("crisiswatch-detect.service"), *replay, "--out", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert found.returncode == 0, found.stderr
    assert (tmp_path / "incidents.jsonl").stat().st_size > 0


@pytest.mark.slow
def test_the_response_with_a_store_of_its_own_works_under_what_its_unit_refuses(
    tmp_path: Path,
) -> None:
    configuration = DEPLOY / "examples" / "airline.toml"
    respond = [sys.executable, "-m", "crisiswatch", "respond", "--config", str(configuration)]
    store = ["--store", str(tmp_path / "store"), "--rehearsal"]
    command = [*_confined("crisiswatch-respond.service"), *respond, *store]
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=REPOSITORY, stderr=said, stdout=said)
    over_at_s = time.monotonic() + 60
    try:
        while "pr-on-call" not in (tmp_path / "said").read_text():
            assert process.poll() is None, (tmp_path / "said").read_text()
            assert time.monotonic() < over_at_s, (tmp_path / "said").read_text()
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
    assert code == 0, (tmp_path / "said").read_text()
