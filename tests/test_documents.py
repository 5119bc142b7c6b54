"""What the documents name is there: files, headings, commands with their options, keys."""

import dataclasses
import re
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from crisiswatch.cli import app
from crisiswatch.config import Config

REPOSITORY = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    [
        *REPOSITORY.glob("*.md"),
        *REPOSITORY.glob("docs/**/*.md"),
        *REPOSITORY.glob("runbooks/monitoring/*.md"),
    ]
)
PROGRAM = typing.cast(TyperGroup, typer.main.get_command(app))

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
COMMAND = re.compile(r"(?:^|[\s/])crisiswatch ([a-z][^|#;\n]*)")
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")
DOTTED = re.compile(r"[a-z]+(?:\.[a-z_]+)+")
SECTION = re.compile(r"\[\[?([a-z]+(?:\.[a-z]+)?)\]\]?")

FRONT_MATTER = {"severity", "legal", "leadership", "slots"}
"""Sections of runbooks, which stand in documents as sections of the configuration do."""


def _name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def _prose(text: str) -> str:
    return FENCE.sub("", text)


def _code(text: str) -> Iterator[str]:
    yield from (block for _, language, block in FENCE.findall(text) if language != "toml")
    yield from INLINE.findall(_prose(text))


def _anchors(path: Path) -> set[str]:
    titles = HEADING.findall(_prose(path.read_text()))
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.replace(" ", "-") for title in plain}


def _is_there(link: str, document: Path) -> bool:
    if link.startswith(("http://", "https://", "mailto:")):
        return True
    name, _, anchor = link.partition("#")
    target = (document.parent / name).resolve() if name else document
    return target.exists() and (not anchor or anchor in _anchors(target))


def _keys(kind: Any) -> dict[str, Any]:
    """Return the keys of a configuration type, with those below each; {} where there are none."""
    for inner in (kind, *typing.get_args(kind)):
        if dataclasses.is_dataclass(inner):
            hints = typing.get_type_hints(inner)
            return {field.name: _keys(hints[field.name]) for field in dataclasses.fields(inner)}
        if inner is not kind and (below := _keys(inner)):
            return below
    return {}


KEYS = _keys(Config)


def _unknown(document: Any, known: dict[str, Any], path: str = "") -> Iterator[str]:
    """Yield the keys of a TOML document that the configuration does not have."""
    for entry in document if isinstance(document, list) else [document]:
        for key, value in entry.items() if isinstance(entry, dict) else ():
            if key not in known:
                yield f"{path}{key}"
            elif known[key]:
                yield from _unknown(value, known[key], f"{path}{key}.")


def _has(dotted: str) -> bool:
    known = KEYS
    for part in dotted.split("."):
        if part not in known:
            return False
        known = known[part]
    return True


def _command_faults(words: list[str]) -> Iterator[str]:
    """Yield which command, subcommand or option is not there."""
    command: Any = PROGRAM
    path = "crisiswatch"
    for word in words:
        if not isinstance(command, TyperGroup) or word.startswith("-"):
            break
        if word not in command.commands:
            yield f"{path} has no command {word}"
            return
        command, path = command.commands[word], f"{path} {word}"
    options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    for word in words:
        if OPTION.fullmatch(word) and word not in options:
            yield f"{path} has no option {word}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = LINK.findall(_prose(document.read_text()))
    assert [link for link in links if not _is_there(link, document)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_command_and_option_that_a_document_shows_exists(document: Path) -> None:
    shown = [
        words
        for code in _code(document.read_text())
        for found in COMMAND.findall(code)
        if (words := found.replace("'", " ").replace('"', " ").split())
    ]
    assert [fault for words in shown for fault in _command_faults(words)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_key_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text()
    examples = (block for _, language, block in FENCE.findall(text) if language == "toml")
    unknown = [key for block in examples for key in _unknown(tomllib.loads(block), KEYS)]
    for code in INLINE.findall(_prose(text)):
        if (section := SECTION.match(code)) and code.endswith("]") and code.startswith("[["):
            unknown += [code] if not _has(section[1]) else []
        is_key = DOTTED.fullmatch(code) and code.split(".")[0] in KEYS and KEYS[code.split(".")[0]]
        if is_key and not _has(code):
            unknown.append(code)
    assert unknown == []


def test_the_front_page_names_every_command() -> None:
    table = (REPOSITORY / "README.md").read_text()
    public = [name for name, command in PROGRAM.commands.items() if not command.hidden]
    assert [name for name in public if f"| `crisiswatch {name}" not in table] == []


def test_sections_of_the_configuration_that_documents_explain_exist() -> None:
    text = (REPOSITORY / "docs" / "configuration.md").read_text()
    named = {found for code in INLINE.findall(_prose(text)) for found in SECTION.findall(code)}
    unknown = {name for name in named if name.split(".")[0] not in FRONT_MATTER and not _has(name)}
    assert unknown == set()


def test_the_checks_see_what_is_wrong(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A title, with marks\n")
    assert _is_there("#a-title-with-marks", page)
    assert not _is_there("#another", page)
    assert not _is_there("gone.md", page)
    assert list(_command_faults(["incidents", "sing"])) == [
        "crisiswatch incidents has no command sing"
    ]
    assert list(_command_faults(["up", "--loud"])) == ["crisiswatch up has no option --loud"]
    assert list(_unknown(tomllib.loads("[slack]\nmood = 1\n"), KEYS)) == ["slack.mood"]
    assert not _has("response.speed")
    assert _has("reading.mapping.text")
