"""The image: what its Dockerfile says is there, and what it builds works."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from crisiswatch.config.monitoring import DETECT_ADDRESS, RESPOND_ADDRESS, split_address
from tests.conftest import REPOSITORY
from tests.deploy.deployed import DEPLOY, PINNED, SECRET, known_variables, tool
from tests.deploy.dockerfile import instructions, reaches_the_builder

DOCKERFILE = DEPLOY / "Dockerfile"
DOCKERIGNORE = REPOSITORY / ".dockerignore"
SAID = instructions(DOCKERFILE)
LAST = max(one.stage for one in SAID)
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


def _values(name: str, stage: int | None = None) -> list[str]:
    return [one.value for one in SAID if one.name == name and stage in {None, one.stage}]


def _copied() -> list[str]:
    """Return what is copied from the repository."""
    ours = (one for one in SAID if one.name == "COPY" and "--from" not in one.value)
    return [source for one in ours for source in one.words[:-1]]


def test_everything_that_is_copied_is_there_and_reaches_the_builder() -> None:
    sources = _copied()
    assert sources
    assert [name for name in sources if not (REPOSITORY / name).exists()] == []
    assert [name for name in sources if not reaches_the_builder(name, DOCKERIGNORE)] == []


def test_all_that_the_wheel_is_made_of_is_copied() -> None:
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    beside = [PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]]
    assert {*packages, *beside, "pyproject.toml", "requirements.lock"} <= set(_copied())


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        ".env",
        "deploy/compose/secrets/redis_password",
        "deploy/crisiswatch.toml",
        "crisiswatch/__pycache__/cli.pyc",
        "tests/conftest.py",
        "out/readings.csv",
    ],
)
def test_nothing_else_reaches_the_builder(path: str) -> None:
    assert not reaches_the_builder(path, DOCKERIGNORE)


def test_both_stages_stand_on_one_image_of_one_version() -> None:
    image = next(value for value in _values("ARG") if value.startswith("PYTHON_IMAGE="))
    assert PINNED.fullmatch(image.partition("=")[2])
    assert image.startswith("PYTHON_IMAGE=python:3.11.")
    assert [value.split()[0] for value in _values("FROM")] == ["${PYTHON_IMAGE}"] * (LAST + 1)


def test_packages_enter_by_hash_and_are_installed_without_an_index() -> None:
    commands = [part for value in _values("RUN", 0) for part in value.split("&&") if "pip" in part]
    fetching = [part for part in commands if "--no-index" not in part and "venv" not in part]
    assert len(fetching) == 1
    assert "--require-hashes" in fetching[0]
    assert "--only-binary :all:" in fetching[0]


def test_it_runs_as_a_user_without_rights_whose_number_orchestrators_can_see() -> None:
    user = _values("USER", LAST)
    assert user == ["10001:10001"]
    names = [one.name for one in SAID if one.stage == LAST]
    assert names.index("USER") > max(index for index, name in enumerate(names) if name == "RUN")


def test_signals_reach_the_program_itself() -> None:
    [entrypoint] = _values("ENTRYPOINT", LAST)
    [command] = json.loads(entrypoint)
    assert command in PROJECT["project"]["scripts"]
    assert isinstance(json.loads(_values("CMD", LAST)[0]), list)
    assert _values("STOPSIGNAL", LAST) == ["SIGTERM"]
    assert _values("SHELL") == []


def test_its_health_is_asked_by_what_is_in_it() -> None:
    [health] = _values("HEALTHCHECK", LAST)
    asks = json.loads(health[health.index("[") :])
    assert asks[0] == "python"
    assert f"deploy/health.py {asks[1]}" in _values("COPY", LAST)
    ports = {split_address(address)[1] for address in (DETECT_ADDRESS, RESPOND_ADDRESS)}
    assert ports <= {int(word) for word in _values("EXPOSE", LAST)[0].split()}


def test_no_secret_is_given_while_it_is_built() -> None:
    given = [value for name in ("ARG", "ENV") for value in _values(name)]
    assert [value for value in given if SECRET.search(value)] == []
    assert _values("ADD") == []


def test_what_it_sets_for_the_program_is_known_to_it_or_to_python() -> None:
    names = {word.partition("=")[0] for value in _values("ENV", LAST) for word in value.split()}
    ours = {name for name in names if not name.startswith("PYTHON") and name != "PATH"}
    assert ours <= known_variables()


def test_it_says_what_it_is_in_the_labels_of_the_open_containers_initiative() -> None:
    [labels] = _values("LABEL", LAST)
    for name in ("title", "description", "licenses", "version", "revision"):
        assert f"org.opencontainers.image.{name}=" in labels
    assert f"VERSION={PROJECT['project']['version']}" in _values("ARG", LAST)


def test_hadolint_finds_nothing() -> None:
    command = [tool("hadolint"), "--no-color", str(DOCKERFILE)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.stdout + found.stderr == ""


@pytest.mark.slow
def test_the_wheel_of_what_is_copied_holds_all_that_the_program_needs(tmp_path: Path) -> None:
    """The build stage's own step, from the files that the builder gets and no others."""
    context, wheels, place = tmp_path / "build", tmp_path / "wheels", tmp_path / "venv"
    context.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in _copied():
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, context / name, ignore=ignored)
        elif "/" not in name:
            shutil.copy(source, context)
    [step] = [value for value in _values("RUN", 0) if "pip wheel" in value]
    assert "--no-deps" in step
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    build = [sys.executable, "-m", "pip", "wheel", *options, str(wheels), str(context)]
    subprocess.run(build, check=True)
    [wheel] = wheels.glob("*.whl")
    names = ZipFile(wheel).namelist()
    for shape in (r"runbooks/[\w-]+\.md", r".*\.(npz|npy|bin|weights\w*)", r".*\.(ttf|otf)"):
        assert any(re.fullmatch(shape, name) for name in names), shape
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    installed = Path(sysconfig.get_path("purelib", vars={"base": str(place)}))
    ZipFile(wheel).extractall(installed)
    (installed / "others.pth").write_text(sysconfig.get_path("purelib"))
    asked = subprocess.run(
        [python, "-P", "-m", "crisiswatch", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PATH": os.defpath},
    )
    assert asked.stdout.strip() == f"crisiswatch {PROJECT['project']['version']}"
    where = "import crisiswatch, flows, alerting, runbooks; print(crisiswatch.__file__)"
    came_from = subprocess.run(
        [python, "-P", "-c", where], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert came_from.stdout.startswith(str(installed))
    posts = tmp_path / "posts.jsonl"
    posts.write_text('{"text": "still no refund, worst service ever!"}\n')
    scored = subprocess.run(
        [python, "-P", "-m", "crisiswatch", "score", str(posts)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert json.loads(scored.stdout)["p_negative"] > 0.5
