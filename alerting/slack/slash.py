"""`/crisis` as people type it, taken apart.

Within an incident's channel the incident is implied. Elsewhere it is named first, by its
channel or its id, in quotes where that holds spaces:

    /crisis show #inc-airline            /crisis ack
    /crisis severity high It is spreading
    /crisis resolve "US Airways/burst/1424588400" Flights are back
"""

import re
from dataclasses import dataclass

from crisiswatch.detection.signal import Severity

HELP = """*/crisis* in an incident's channel, or with the channel or id of one after the first word:
• `/crisis list`: what is open
• `/crisis show`: how it stands
• `/crisis ack`: I am on it
• `/crisis note TEXT`: keep something for the record
• `/crisis severity high REASON`: it is worse or better than detection says; `auto` gives detection the word again
• `/crisis resolve REASON`: it is over
• `/crisis who DUTY`: who is on call"""

_CHANNEL = re.compile(r"<#([A-Z0-9]+)(?:\|[^>]*)?>")
_QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]")
_SEVERITIES = {
    severity.label: severity for severity in Severity if severity is not Severity.NONE
} | {"auto": None}
_VERBS = ("ack", "note", "resolve", "severity", "show")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which incident: by its room, by its id, or (neither) the one that is implied."""

    room: str | None = None
    case_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCases:
    """What is open?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """How does it stand?"""

    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """I am on it."""

    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """It is over, and why."""

    where: Where
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Something worth keeping."""

    where: Where
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """It is worse or better; None gives detection the word again."""

    where: Where
    severity: Severity | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who is on call for a duty, or (empty) for each?"""

    duty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """It can not be understood; what to type instead."""

    text: str


Asked = ListCases | Show | Ack | Over | Keep | Judge | Who | Unclear


def parse(typed: str, *, in_room: bool) -> Asked:
    """Take apart what stands behind `/crisis`; `in_room` is whether an incident is implied."""
    verb, rest = _first_word(typed)
    verb = verb.lower()
    match verb:
        case "list":
            return ListCases()
        case "who":
            return Who(duty=_unescaped(rest))
        case "" | "help":
            return Unclear(text=HELP)
        case _ if verb not in _VERBS:
            return Unclear(text=f"There is no `{_shown(verb)}`.\n{HELP}")
        case _:
            where, rest = _where(rest, in_room=in_room, whole=verb in {"ack", "show"})
    if where is None:
        return Unclear(
            text=f"Which incident? Ask in its channel, or name it: `/crisis {verb} #channel`. "
            "`/crisis list` names those that are open."
        )
    return _about(verb, where, rest)


def _about(verb: str, where: Where, rest: str) -> Asked:
    match verb:
        case "show":
            return Show(where=where)
        case "ack":
            return Ack(where=where)
        case "note":
            return Keep(where=where, text=rest) if rest else _needs("note TEXT")
        case "resolve":
            return Over(where=where, note=rest) if rest else _needs("resolve REASON")
        case _:
            word, reason = _first_word(rest)
            if word.lower() not in _SEVERITIES or not reason:
                return _needs(f"severity {'|'.join(_SEVERITIES)} REASON")
            return Judge(where=where, severity=_SEVERITIES[word.lower()], reason=reason)


def _where(rest: str, *, in_room: bool, whole: bool) -> tuple[Where | None, str]:
    """Return which incident is meant and what follows; `whole` is where nothing else can follow."""
    if found := _CHANNEL.match(rest):
        return Where(room=found[1]), _unescaped(rest[found.end() :].strip())
    rest = _unescaped(rest)
    if whole and rest:
        return Where(case_id=rest.strip('"“”')), ""
    if in_room:
        return Where(), rest
    if found := _QUOTED.match(rest):
        return Where(case_id=found[1]), rest[found.end() :].strip()
    word, behind = _first_word(rest)
    return (Where(case_id=word), behind) if word else (None, "")


def _first_word(text: str) -> tuple[str, str]:
    """Return the first word and what follows it: a line break parts them as a space does."""
    word, *rest = text.split(maxsplit=1) or [""]
    return word, rest[0].rstrip() if rest else ""


def _unescaped(text: str) -> str:
    """Return text as it was typed: Slack escapes these three characters, and no others."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _needs(usage: str) -> Unclear:
    return Unclear(text=f"Say it like this: `/crisis {usage}`")


def _shown(verb: str) -> str:
    return re.sub(r"[^a-z0-9-]", "", verb)[:20]
