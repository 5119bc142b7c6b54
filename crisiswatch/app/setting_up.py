"""`init` and `check`, and the runbooks a configuration asks for."""

import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import orjson
from rich.console import Console

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.config_file import read_config
from crisiswatch.app.directory import rota_findings, text_of
from crisiswatch.app.wiring import beside
from crisiswatch.check import check_config
from crisiswatch.config import Config, FaultsError, Finding
from crisiswatch.errors import CrisiswatchError, InputError
from crisiswatch.incidents.runbook import Runbook, load_packaged_runbooks, parse_runbooks
from crisiswatch.report.shown_text import count
from crisiswatch.starter import starter_files

OnlineFindings = Callable[[Config, Path | None, str | None], tuple[Finding, ...]]

OK = 0
FOUND_SOMETHING = 1


def write_starter(folder: Path, brand: str) -> list[Path]:
    """Write the starter files into a new or empty folder; nothing is ever overwritten.

    Raises:
        InputError: the folder holds something already, or can not be written.
    """
    files = starter_files(brand)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: is there already and not empty", "give a new folder")
    written = []
    for name, text in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"{path}: {os.strerror(error.errno or 0)}", "choose another folder"
            ) from error
        written.append(path)
    return written


def runbooks_of(config: Config, config_path: Path | None) -> dict[str, Runbook]:
    """Return the runbooks that the configuration names, else those that ship.

    Raises:
        InputError: their folder is not there, or a file in it can not be read.
    """
    if config.response.runbooks is None:
        return load_packaged_runbooks()
    folder = beside(config_path, config.response.runbooks)
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder of runbooks",
            "correct response.runbooks, or leave it out to use those that ship",
        )
    return parse_runbooks({str(path): _runbook_text(path) for path in sorted(folder.glob("*.md"))})


def _runbook_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise InputError(f"{path}: {why}", "a runbook is a readable file of Markdown") from error


def run_check(
    config_path: Path | None,
    *,
    as_json: bool,
    online: OnlineFindings | None = None,
) -> int:
    """Print every fault of a configuration and its runbooks; return the exit code.

    `online` asks the services that the configuration names, too.
    """
    findings: tuple[Finding, ...]
    source = "configuration" if config_path is None else str(config_path)
    topics = 0
    runbooks: dict[str, Runbook] = {}
    try:
        config = read_config(config_path)
        topics = len(config.topics)
        runbooks = runbooks_of(config, config_path)
        source, text = text_of(config_path)
        now = SystemClock().now()
        findings = _errors_first(
            *check_config(config, runbooks, source=source, text=text, now=now),
            *_of_rotas(config, config_path, source, now),
            *(() if online is None else online(config, config_path, None)),
        )
    except CrisiswatchError as error:
        if config_path is not None and not config_path.exists():
            raise
        findings = _as_findings(error, source)
    errors = sum(finding.level == "error" for finding in findings)
    console = Console(highlight=False, soft_wrap=True)
    if as_json:
        console.out(orjson.dumps([asdict(finding) for finding in findings]).decode())
    else:
        for finding in findings:
            style = "bold red" if finding.level == "error" else "yellow"
            console.print(f"{finding.level}  ", style=style, end="")
            console.print(str(finding), markup=False)
        console.print(
            f"{topics} topics, {len(runbooks)} runbooks: "
            f"{count(errors, 'error')}, {count(len(findings) - errors, 'warning')}"
        )
    return FOUND_SOMETHING if errors else OK


def _of_rotas(
    config: Config, config_path: Path | None, source: str, now: datetime
) -> tuple[Finding, ...]:
    """Return what is wrong with rotas, or why they can not be looked at: others stand beside it."""
    try:
        return rota_findings(config, config_path, now)
    except CrisiswatchError as error:
        return _as_findings(error, source)


def _errors_first(*findings: Finding) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.level != "error"))


def _as_findings(error: CrisiswatchError, source: str) -> tuple[Finding, ...]:
    if isinstance(error, FaultsError):
        return error.findings
    return (
        Finding(
            level="error",
            source=source,
            line=None,
            path="",
            message=error.problem.removeprefix(f"{source}: "),
            remedy=error.remedy,
        ),
    )
