"""What a configuration and its runbooks say that is allowed, and yet likely not meant."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from crisiswatch.check_people import check_people
from crisiswatch.config import Config, Finding
from crisiswatch.config.durations import duration_in_words
from crisiswatch.config.toml_lines import Path, key_lines, line_of
from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.front_matter import CrisisType
from crisiswatch.incidents.runbook import Runbook, missing_wordings
from crisiswatch.reading.matcher import TopicMatcher
from crisiswatch.reading.needle import AT_SIGNS, HASH_SIGNS, fold, joins
from crisiswatch.reading.topic import Topic

SHORTEST_SAFE_WORD = 3
"""A whole word of fewer letters is mostly something else: an abbreviation, a typo, a unit."""

PEOPLE_WHO_APPROVE_CRITICAL = 2

_EVERYDAY = """
all and any are but can day did for get got had has have her him his how its just like more new not
now one our out she some that the their them there they this time was were what when who will with
would you your aber auch auf aus bei bin das dass dem den der des die doch ein eine einen für habe
hat ich ihr immer ist jetzt man mehr mein mich mit nach nicht noch nur oder schon sich sie sind und
uns von war was wenn wie wir zum avec bien cette comme dans des est être fait ils les leur lui mais
moi nous par pas plus pour que qui sans ses son sur tout une vous algo aquí como con cuando del donde
ella era esta este esto hay hoy las los más muy nos para pero por porque qué sin sobre solo sus todo
"""
EVERYDAY_WORDS = frozenset(_EVERYDAY.split())
"""Words of three letters and more that are in most posts: English, German, French, Spanish."""

_ENTRIES = ("terms", "phrases", "handles", "hashtags")
_PATH_PARTS = re.compile(r"\[[0-9]+\]|[^.\[\]]+")
_SIGNS = {"handles": "@", "hashtags": "#"}


def check_config(
    config: Config,
    runbooks: Mapping[str, Runbook],
    *,
    source: str = "configuration",
    text: str = "",
    now: datetime | None = None,
) -> tuple[Finding, ...]:
    """Return what a person should look at before relying on this, errors first.

    `runbooks` are keyed by crisis type, `source` is the name of the configuration file and
    `text` what it holds, for the lines of findings. `now` tells which silences are over.
    An error means that something can not work as meant; a warning, that it may not.
    """
    findings = [
        *_topics_at_all(config, source),
        *_words_too_common(config, source),
        *_matching(config, source),
        *_languages(config, runbooks, source),
        *_missing_runbooks(runbooks),
        *_ladders(runbooks),
        *(finding for runbook in runbooks.values() for finding in missing_wordings(runbook)),
        *check_people(config, runbooks, source=source, now=now),
    ]
    return located(
        sorted(findings, key=lambda finding: finding.level != "error"), text, source=source
    )


def located(findings: Iterable[Finding], text: str, *, source: str) -> tuple[Finding, ...]:
    """Return the findings with their lines in `text`, which is what `source` holds."""
    lines = key_lines(text)
    return tuple(
        replace(finding, line=line_of(lines, _path_of(finding.path)))
        if finding.source == source and finding.line is None
        else finding
        for finding in findings
    )


def _path_of(words: str) -> Path:
    """Return the path that `topics[2].terms` says: `("topics", 1, "terms")`."""
    return tuple(
        int(part[1:-1]) - 1 if part.startswith("[") else part for part in _PATH_PARTS.findall(words)
    )


def _error(source: str, path: str, message: str, remedy: str) -> Finding:
    return Finding(
        level="error", source=source, line=None, path=path, message=message, remedy=remedy
    )


def _warning(source: str, path: str, message: str, remedy: str) -> Finding:
    return Finding(
        level="warning", source=source, line=None, path=path, message=message, remedy=remedy
    )


def _topics_at_all(config: Config, source: str) -> Iterator[Finding]:
    if not config.topics:
        yield _error(source, "topics", "nothing is watched", "add at least one [[topics]]")


def _words_too_common(config: Config, source: str) -> Iterator[Finding]:
    for number, topic in enumerate(config.topics, 1):
        for field in ("terms", "phrases"):
            for place, entry in enumerate(getattr(topic, field), 1):
                path = f"topics[{number}].{field}[{place}]"
                finding = too_common(entry, source=source, path=path)
                if finding is not None:
                    yield finding


def too_common(entry: str, *, source: str = "configuration", path: str = "") -> Finding | None:
    """Return what is wrong with a term or phrase that much else would match, None if nothing is."""
    word = fold(entry).strip()
    if word in EVERYDAY_WORDS:
        message = f"{entry!r} is an everyday word: most posts would match"
        remedy = "use a handle, or a phrase that can mean nothing else"
        return _error(source, path, message, remedy)
    if len(word) < SHORTEST_SAFE_WORD and all(map(joins, word)):
        message = f"{entry!r} is so short that much else will match"
        remedy = "use a handle or a longer phrase, or list what it is not in exclude"
        level = _error if len(word) == 1 else _warning
        return level(source, path, message, remedy)
    return None


def _matching(config: Config, source: str) -> Iterator[Finding]:
    """Hold every entry, as a post of its own, against all topics with the real matcher."""
    topics = config.topics
    entries = [
        (index, field, place, _SIGNS.get(field, "") + entry.strip().lstrip(AT_SIGNS + HASH_SIGNS))
        if field in _SIGNS
        else (index, field, place, entry)
        for index, topic in enumerate(topics)
        for field in _ENTRIES
        for place, entry in enumerate(getattr(topic, field), 1)
    ]
    matched: dict[int, set[int]] = defaultdict(set)
    matcher = TopicMatcher(topics)
    for text, topic_index in matcher.match_many([e[3] for e in entries], [None] * len(entries)):
        matched[text].add(topic_index)
    alive = {entry[0] for text, entry in enumerate(entries) if entry[0] in matched[text]}
    for index, topic in enumerate(topics):
        if index not in alive:
            yield _never_matches(source, index, topic)
    for text, (index, field, place, entry) in enumerate(entries):
        path = f"topics[{index + 1}].{field}[{place}]"
        if index in alive and index not in matched[text]:
            message = f"{entry!r} never matches: exclude covers it"
            yield _warning(source, path, message, "remove it from one of the two")
        for other in sorted(matched[text] - {index}):
            message = f"posts with {entry!r} also count for topic {topics[other].name!r}"
            remedy = "if they should count once, add an exclude to one of the two topics"
            yield _warning(source, path, message, remedy)


def _never_matches(source: str, index: int, topic: Topic) -> Finding:
    message = f"topic {topic.name!r} can never match: exclude covers all its entries"
    path = f"topics[{index + 1}].exclude"
    return _error(
        source, path, message, f"take out of exclude ({', '.join(topic.exclude)}) what it is about"
    )


def _languages(config: Config, runbooks: Mapping[str, Runbook], source: str) -> Iterator[Finding]:
    drafted = config.response.languages
    for language in drafted:
        for runbook in runbooks.values():
            if runbook.wording(language, "public") is None:
                message = f"no holding message in {language!r}, which response.languages asks for"
                remedy = f"add a section ## Holding message ({language}, public)"
                yield _error(runbook.source, "", message, remedy)
    for number, topic in enumerate(config.topics, 1):
        for language in topic.languages:
            if language.lower().split("-")[0] not in drafted:
                path = f"topics[{number}].languages"
                message = (
                    f"posts in {language!r} are watched, but no holding message is drafted in it"
                )
                yield _warning(source, path, message, f'add "{language}" to response.languages')


def _missing_runbooks(runbooks: Mapping[str, Runbook]) -> Iterator[Finding]:
    for crisis_type in CrisisType:
        if crisis_type not in runbooks:
            remedy = "copy the one that `crisiswatch init` writes"
            message = f"no runbook for the crisis type {crisis_type.value!r}"
            yield _error(f"{crisis_type}.md", "", message, remedy)


def _ladders(runbooks: Mapping[str, Runbook]) -> Iterator[Finding]:
    """Look for steps of a ladder on which a worse crisis is treated as a lesser one."""
    for runbook in runbooks.values():
        if runbook.level(Severity.CRITICAL).approvals < PEOPLE_WHO_APPROVE_CRITICAL:
            path = "severity.critical.approvals"
            message = "one person alone can publish in a critical crisis"
            yield _warning(runbook.source, path, message, "use at least 2")
        for field in ("ack_within", "holding_message_within", "update_every"):
            yield from _slower_when_worse(runbook, field)


def _slower_when_worse(runbook: Runbook, field: str) -> Iterator[Finding]:
    before: tuple[Severity, int] | None = None
    for severity, level in runbook.levels:
        seconds: int | None = getattr(level, f"{field}_s")
        if seconds is None:
            continue
        if before is not None and seconds > before[1]:
            message = (
                f"{duration_in_words(seconds)}, longer than at {before[0].label} "
                f"({duration_in_words(before[1])})"
            )
            path = f"severity.{severity.label}.{field}"
            yield _warning(runbook.source, path, message, "give a worse crisis less time")
        before = (severity, seconds)
