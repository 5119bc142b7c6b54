"""Packets: every wording of a holding message, drafted together and approved as one.

A packet holds the public text and the agents' answers by type of customer message, in
every language asked for, so that all who speak for the brand say the same. Drafting
publishes nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from crisiswatch.detection.signal import Severity
from crisiswatch.errors import ConfigError
from crisiswatch.incidents.holding_text import automatic_slots, draft, promised_at
from crisiswatch.incidents.runbook import AUDIENCES, PUBLIC, Runbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """All texts as they would go out: `texts` are (language, audience, text).

    Languages stand in the order asked for, public wording before agents'. `promised_at` is
    the time, in UTC, that the texts name for the next update. Approvals bind to `sha256`.
    """

    texts: tuple[tuple[str, str, str], ...]
    promised_at: datetime
    sha256: str


def draft_packet(
    runbook: Runbook,
    *,
    languages: Iterable[str],
    brand: str,
    severity: Severity,
    now: datetime,
    zone: tzinfo,
    what_happened: Mapping[str, str] | None = None,
) -> Packet:
    """Draft all that the runbook has wording for in `languages`.

    `what_happened` is what people entered, by language; in a language that it leaves out
    or leaves blank the runbook's own neutral words stand. A language without public
    wording is skipped; so is a type of customer message without wording in a language.

    Raises ConfigError where none of the languages is written, or the runbook promises no
    updates at `severity`.
    """
    asked = tuple(dict.fromkeys(languages))
    written = tuple(language for language in asked if runbook.wording(language, PUBLIC) is not None)
    if not written:
        raise ConfigError(
            f"{runbook.source}: no holding message in any of {', '.join(asked) or 'no languages'}",
            f"use one of {', '.join(runbook.languages)}, or add ## Holding message sections",
        )
    texts: list[tuple[str, str, str]] = []
    for language in written:
        slots = automatic_slots(
            runbook=runbook,
            severity=severity,
            language=language,
            brand=brand,
            now=now,
            zone=zone,
        )
        entered = (what_happened or {}).get(language, "")
        if entered.strip():
            slots["what_happened"] = entered
        texts += _drafts(runbook, language, slots)
    return Packet(
        texts=tuple(texts),
        promised_at=promised_at(runbook, severity, now=now, zone=zone),
        sha256=packet_sha256(texts),
    )


def packet_sha256(texts: Iterable[tuple[str, str, str]]) -> str:
    """Return the hash that approvals bind to, of (language, audience, text) triples.

    SHA-256, in lower-case hex, of the triples as one JSON array of arrays, sorted by code
    point, without white space between them, every sign beyond ASCII escaped as JSON does.
    So the order in which the texts are shown does not matter, and everything else does:
    nothing is trimmed or normalised, one changed space is another packet, and so is a text
    moved, added or left out.
    """
    triples = sorted([language, audience, text] for language, audience, text in texts)
    canonical = json.dumps(triples, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _drafts(
    runbook: Runbook, language: str, slots: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    for audience in AUDIENCES:
        if runbook.wording(language, audience) is not None:
            yield language, audience, draft(runbook, language, audience, slots).text
