"""The part of a runbook that people read: sections, first steps, and holding messages."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from crisiswatch.config.finding import Finding
from crisiswatch.incidents.runbook_types import AUDIENCES, SLOTS, Wording
from crisiswatch.incidents.template import TemplateError, slots_of

REQUIRED_SECTIONS = ("What this is", "First ten minutes", "Do", "Do not", "Who decides")

_HOLDING = re.compile(r"Holding message \(([a-z]{2,3}), ([a-z-]+)\)")
_STEP = re.compile(r"(?:\d+\.|- \[ \])\s+(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A `## ` heading at `line` and the text below it."""

    title: str
    line: int
    text: str


def fault(source: str, line: int | None, message: str, remedy: str, path: str = "") -> Finding:
    """Return an error at a place of a runbook."""
    return Finding(
        level="error", source=source, line=line, path=path, message=message, remedy=remedy
    )


def sections_of(lines: list[str], body_line: int) -> Iterator[Section]:
    """Cut the prose at its `## ` headings; what stands inside a code fence is no heading."""
    starts = []
    in_code = False
    for number, line in enumerate(lines[body_line - 1 :], body_line):
        in_code ^= line.lstrip().startswith("```")
        if line.startswith("## ") and not in_code:
            starts.append(number)
    for start, end in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
        yield Section(
            title=lines[start - 1].removeprefix("## ").strip(),
            line=start,
            text="\n".join(lines[start : end - 1]),
        )


def read_wordings(sections: list[Section], name: str, findings: list[Finding]) -> Iterator[Wording]:
    """Yield the holding messages and add what is wrong with them to `findings`."""
    seen: dict[tuple[str, str], int] = {}
    for section in sections:
        if not section.title.lower().startswith("holding message"):
            continue
        named = _HOLDING.fullmatch(section.title)
        if named is None:
            remedy = "write ## Holding message (en, public)"
            message = f"{section.title!r} names no known language and audience"
            findings.append(fault(name, section.line, message, remedy))
            continue
        if named[2] not in AUDIENCES:
            message = f"unknown audience {named[2]!r}"
            findings.append(fault(name, section.line, message, _choice(named[2], AUDIENCES)))
            continue
        first = seen.setdefault((named[1], named[2]), section.line)
        if first != section.line:
            message = f"{section.title!r} stands at line {first} already"
            findings.append(fault(name, section.line, message, "keep one of them"))
        findings += _check_template(section, name)
        yield Wording(
            language=named[1], audience=named[2], template=section.text, line=section.line + 1
        )


def _check_template(section: Section, name: str) -> Iterator[Finding]:
    if not section.text.strip():
        yield fault(name, section.line, f"{section.title!r} is empty", "write the message")
        return
    if "<!--" in section.text:
        line = section.line + 1 + section.text[: section.text.index("<!--")].count("\n")
        remedy = "write notes for colleagues as {# note #}"
        yield fault(name, line, "the comment <!-- would be published", remedy)
    try:
        slots = slots_of(section.text)
    except TemplateError as error:
        yield fault(name, section.line + error.line, error.problem, error.remedy)
        return
    for slot, line in slots.items():
        if slot not in SLOTS:
            yield fault(name, section.line + line, f"unknown slot {slot!r}", _choice(slot, SLOTS))
    if "next_update_at" not in slots:
        remedy = "say when the public hears more: {{ next_update_at }}"
        yield fault(name, section.line, f"{section.title!r} promises no next update", remedy)


def _choice(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"


def missing_sections(sections: list[Section], name: str) -> Iterator[Finding]:
    """Yield a fault for every section that a runbook lacks or has twice."""
    lines: dict[str, int] = {}
    for section in sections:
        first = lines.setdefault(section.title, section.line)
        if section.title in REQUIRED_SECTIONS and first != section.line:
            message = f"section {section.title!r} stands at line {first} already"
            yield fault(name, section.line, message, "keep one of them")
    for title in REQUIRED_SECTIONS:
        if title not in lines:
            yield fault(name, None, f"no section {title!r}", f"add a heading ## {title}")


def read_steps(sections: list[Section], name: str, findings: list[Finding]) -> tuple[str, ...]:
    """Return what to do in the first ten minutes, one text a step."""
    for section in sections:
        if section.title == "First ten minutes":
            lines = map(str.strip, section.text.split("\n"))
            steps = tuple(found[1] for line in lines if (found := _STEP.fullmatch(line)))
            if not steps:
                message = f"section {section.title!r} lists no steps"
                findings.append(fault(name, section.line, message, "write each as 1. Do this"))
            return steps
    return ()
