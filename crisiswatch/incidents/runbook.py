"""Runbooks: what people read in a crisis, and what the machine then does.

A runbook is Markdown with TOML front matter between `+++` lines. The front matter says
who is called and by when, prose sections guide people, and each section
`## Holding message (en, public)` is wording with slots. `parse_runbook` reads all three.

Public wording is required in every language listed; agents' wordings may be missing, so
that a runbook without them still pages and drafts: `missing_wordings` names them.
"""

from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import PurePosixPath
from typing import TypeVar

from crisiswatch.config.finding import FaultsError, Finding
from crisiswatch.config.rim import parse_toml
from crisiswatch.config.toml_lines import Path, key_lines, line_of
from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.front_matter import CriteriaTable, FrontMatter, LevelTable
from crisiswatch.incidents.runbook_prose import (
    fault,
    missing_sections,
    read_steps,
    read_wordings,
    sections_of,
)
from crisiswatch.incidents.runbook_types import (
    AGENT_AUDIENCES,
    AUDIENCES,
    LADDER,
    PUBLIC,
    SLOTS,
    Criteria,
    Level,
    Runbook,
    Wording,
)

__all__ = [
    "AGENT_AUDIENCES",
    "AUDIENCES",
    "LADDER",
    "PUBLIC",
    "SLOTS",
    "Criteria",
    "Level",
    "Runbook",
    "Wording",
    "load_packaged_runbooks",
    "missing_wordings",
    "packaged_runbook_texts",
    "parse_runbook",
    "parse_runbooks",
]

T = TypeVar("T")

LONGEST_UPDATE_EVERY_S = 24 * 3_600
"""Holding messages promise a time of day, so the next update is within a day."""
SHORTEST_UPDATE_EVERY_S = 5 * 60
"""Promised times are rounded down to five minutes: a shorter promise could lie in the past."""

_FENCE = "+++"


def parse_runbook(text: str, name: str) -> Runbook:
    """Read one runbook; `name` is its file, whose stem must be its crisis type.

    Raises FaultsError, a ConfigError, that lists every fault with file and line.
    """
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    fences = [number for number, line in enumerate(lines, 1) if line.rstrip() == _FENCE][:2]
    if len(fences) < len(("begin", "end")) or fences[0] != 1:
        remedy = "begin the file with a line +++, TOML, and another line +++"
        raise FaultsError([fault(name, 1, "no front matter", remedy)])
    body_line = fences[1] + 1
    findings: list[Finding] = []
    sections = list(sections_of(lines, body_line))
    wordings = tuple(read_wordings(sections, name, findings))
    steps = read_steps(sections, name, findings)
    findings += missing_sections(sections, name)
    toml = "\n".join(lines[1 : fences[1] - 1])
    try:
        front = parse_toml(toml, name, FrontMatter, first_line=2)
    except FaultsError as error:
        raise FaultsError((*findings, *error.findings)) from None
    findings += _check_front(front, wordings, key_lines(toml), name)
    if findings:
        raise FaultsError(findings)
    return Runbook(
        source=name,
        title=front.title,
        summary=front.summary,
        crisis_type=front.crisis_type,
        strategy=front.strategy,
        languages=front.languages,
        levels=tuple(_levels(front)),
        legal=_criteria(front.legal),
        leadership=_criteria(front.leadership),
        slots=tuple((language, slots.what_happened) for language, slots in front.slots.items()),
        first_steps=steps,
        wordings=wordings,
        prose="\n".join(lines[body_line - 1 :]).strip(),
    )


def parse_runbooks(texts: Mapping[str, str]) -> dict[str, Runbook]:
    """Read runbooks given as {file name: text} into {crisis type: runbook}.

    Raises FaultsError with the faults of all files together.
    """
    findings: list[Finding] = []
    runbooks: dict[str, Runbook] = {}
    for name in sorted(texts):
        try:
            runbook = parse_runbook(texts[name], name)
        except FaultsError as error:
            findings += error.findings
        else:
            runbooks[runbook.crisis_type.value] = runbook
    if findings:
        raise FaultsError(findings)
    return runbooks


def packaged_runbook_texts() -> dict[str, str]:
    """Return the runbooks that crisiswatch ships, as {file name: text}."""
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(resources.files("runbooks").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".md")
    }


def load_packaged_runbooks() -> dict[str, Runbook]:
    """Return the runbooks that crisiswatch ships, by crisis type: one for every type."""
    texts = packaged_runbook_texts()
    return parse_runbooks({f"runbooks/{name}": text for name, text in texts.items()})


def missing_wordings(runbook: Runbook) -> tuple[Finding, ...]:
    """Return an error for every language and type of customer message without wording.

    Each stands at the heading of the language's public wording: the place to add it below.
    """
    return tuple(
        fault(
            runbook.source,
            public.line - 1,
            f"language {public.language!r} has no wording for {audience}",
            f"add a section ## Holding message ({public.language}, {audience})",
        )
        for public in runbook.wordings
        if public.audience == PUBLIC
        for audience in AGENT_AUDIENCES
        if runbook.wording(public.language, audience) is None
    )


def _check_front(
    front: FrontMatter, wordings: tuple[Wording, ...], keys: dict[Path, int], name: str
) -> Iterator[Finding]:
    """Hold the front matter against the file's name, the calendar and the wordings."""
    for path, message, remedy in (
        *_name_and_times(front, PurePosixPath(name).stem),
        *_languages(front, wordings),
    ):
        line = line_of(keys, path)
        yield fault(
            name, None if line is None else line + 1, message, remedy, ".".join(map(str, path))
        )
    for wording in wordings:
        if wording.language not in front.languages:
            message = f"wording in {wording.language!r}, which languages does not list"
            yield fault(name, wording.line - 1, message, f'add "{wording.language}" to languages')


def _name_and_times(front: FrontMatter, stem: str) -> Iterator[tuple[Path, str, str]]:
    if stem != front.crisis_type:
        message = f"{front.crisis_type.value!r} stands in a file named {stem!r}"
        yield ("crisis_type",), message, f"name the file {front.crisis_type}.md"
    for severity in LADDER:
        table: LevelTable = getattr(front.severity, severity.label)
        if table.update_every is not None and table.update_every > LONGEST_UPDATE_EVERY_S:
            message = "more than a day, but messages promise a time of day"
            yield ("severity", severity.label, "update_every"), message, "use at most 24h"
        if table.update_every is not None and table.update_every < SHORTEST_UPDATE_EVERY_S:
            message = "less than the five minutes to which promised times are rounded"
            yield ("severity", severity.label, "update_every"), message, "use at least 5m"


def _languages(
    front: FrontMatter, wordings: tuple[Wording, ...]
) -> Iterator[tuple[Path, str, str]]:
    written = {wording.language for wording in wordings if wording.audience == PUBLIC}
    for language in front.languages:
        if language not in written:
            remedy = f"add a section ## Holding message ({language}, public)"
            yield ("languages",), f"language {language!r} has no wording", remedy
        if language not in front.slots:
            remedy = f"add [slots.{language}] with what_happened"
            yield ("languages",), f"language {language!r} has no slots", remedy
    for language in front.slots:
        if language not in front.languages:
            message = f"slots for {language!r}, which languages does not list"
            yield ("slots", language), message, f'add "{language}" to languages'


def _levels(front: FrontMatter) -> Iterator[tuple[Severity, Level]]:
    for severity, usual in LADDER.items():
        table: LevelTable = getattr(front.severity, severity.label)
        yield (
            severity,
            Level(
                page=_given(table.page, usual.page),
                ack_within_s=_given(table.ack_within, usual.ack_within_s),
                holding_message_within_s=_given(
                    table.holding_message_within, usual.holding_message_within_s
                ),
                update_every_s=_given(table.update_every, usual.update_every_s),
                approvals=_given(table.approvals, usual.approvals),
                reserve=_given(table.reserve, usual.reserve),
            ),
        )


def _given(value: T | None, usual: T) -> T:
    return usual if value is None else value


def _criteria(table: CriteriaTable) -> Criteria:
    return Criteria(from_severity=Severity[table.from_severity.upper()], when=table.when)
