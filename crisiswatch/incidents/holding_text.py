"""Holding messages: a runbook's wording with its slots filled, ready for an approver.

A holding message acknowledges, shows empathy, says what is being done and when the
public hears more. Drafting publishes nothing.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from crisiswatch.detection.signal import Severity
from crisiswatch.errors import ConfigError
from crisiswatch.incidents.runbook import AUDIENCES, PUBLIC, SLOTS, Runbook
from crisiswatch.incidents.template import render

_TIME_IN_WORDS = {"de": "%H:%M Uhr (%Z)", "fr": "%H\u00a0h\u00a0%M (%Z)"}
_TIME_ELSE = "%H:%M (%Z)"
_ROUND_TO = timedelta(minutes=5)
_ONE_O_CLOCK = re.compile(r"\blas (?=0?1:[0-9]{2}\b)")
"""Spanish times of day are plural but for one o'clock: `antes de las 13:05`, `antes de la 01:05`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingMessage:
    """A message as it would go out. `sha256` is of the text: approvals bind to it."""

    text: str
    language: str
    audience: str
    sha256: str


def draft(
    runbook: Runbook, language: str, audience: str, slots: Mapping[str, str]
) -> HoldingMessage:
    """Fill the runbook's wording for `language` and `audience`.

    A slot that `slots` lacks takes the runbook's own words for it, where it has any.
    Raises ConfigError where there is no such wording, for a slot without a value and
    for one that no template may use.
    """
    wording = runbook.wording(language, audience)
    if wording is None:
        written = ", ".join(
            f"({item.language}, {item.audience})"
            for item in runbook.wordings
            if item.audience == (audience if audience in AUDIENCES else PUBLIC)
        )
        raise ConfigError(
            f"{runbook.source}: no holding message ({language}, {audience})",
            "add a section of that name" + (f", or use one of {written}" if written else ""),
        )
    for name in slots:
        if name not in SLOTS:
            raise ConfigError(f"unknown slot {name!r}", f"use one of {', '.join(SLOTS)}")
    filled = {"what_happened": runbook.what_happened(language), **slots}
    try:
        text = render(wording.template, filled)
    except ConfigError as error:
        problem = f"{runbook.source}:{wording.line}: {error.problem}"
        raise ConfigError(problem, error.remedy) from None
    if language == "es":
        text = _ONE_O_CLOCK.sub("la ", text)
    return HoldingMessage(
        text=text,
        language=language,
        audience=audience,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def automatic_slots(
    *,
    runbook: Runbook,
    severity: Severity,
    language: str,
    brand: str,
    now: datetime,
    zone: tzinfo,
) -> dict[str, str]:
    """Return the slots that need no person: who speaks, and when the next update comes.

    Raises ConfigError where the runbook promises no updates at `severity`.
    """
    at = promised_at(runbook, severity, now=now, zone=zone)
    return {"brand": brand, "next_update_at": time_in_words(at, zone, language)}


def promised_at(runbook: Runbook, severity: Severity, *, now: datetime, zone: tzinfo) -> datetime:
    """Return the time, in UTC, that a message drafted `now` promises for the next update.

    It is what the message says, after rounding; later than `now`.
    Raises ConfigError where the runbook promises no updates at `severity`.
    """
    update_every_s = runbook.level(severity).update_every_s
    if update_every_s is None:
        raise ConfigError(
            f"{runbook.source}: no holding message is due at severity {severity.label}",
            f"set update_every under [severity.{severity.label}]",
        )
    return _early(now + timedelta(seconds=update_every_s), zone)


def time_in_words(at: datetime, zone: tzinfo, language: str) -> str:
    """Write a time of day as the public of `language` reads it: `14:30 (CET)`.

    Rounded down to five minutes: a promise is kept early rather than late.
    """
    local = _early(at, zone).astimezone(zone)
    return local.strftime(_TIME_IN_WORDS.get(language, _TIME_ELSE))


def _early(at: datetime, zone: tzinfo) -> datetime:
    """Round down to five minutes of `zone`'s wall clock.

    Subtracted in UTC: wall-clock arithmetic forgets which of the two hours at the end of
    summer time it is in.
    """
    local = at.astimezone(zone)
    return at.astimezone(UTC) - timedelta(
        minutes=local.minute % (_ROUND_TO.seconds // 60),
        seconds=local.second,
        microseconds=local.microsecond,
    )
