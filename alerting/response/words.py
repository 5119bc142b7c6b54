"""What notices have in common: the headline, names, digests."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from alerting.notices import Headline, StatusNotice, Wording
from alerting.response.holding import HoldingMessage, Stage
from alerting.response.world import World
from crisiswatch.incidents.incident import Incident

_NO_TIME = datetime.min.replace(tzinfo=UTC)

_encoder = msgspec.json.Encoder(order="deterministic")


def headline(incident: Incident) -> Headline:
    """Return what every notice about the incident says first."""
    return Headline(
        case_id=incident.id,
        topics=incident.topics,
        severity=incident.severity,
        crisis_type=incident.crisis_type,
        opened_at=incident.opened_at,
    )


def name_of(person: str, world: World) -> str:
    """Return a person's name, or their id where the directory no longer knows them."""
    known = world.directory.person(person)
    return person if known is None else known.name


def names_of(people: tuple[str, ...], world: World) -> tuple[str, ...]:
    """Return the names of people."""
    return tuple(name_of(person, world) for person in people)


def digest(shown: Any) -> str:
    """Name what is shown, so that a difference is noticed; when it was written makes none."""
    if isinstance(shown, StatusNotice):
        shown = replace(shown, updated_at=_NO_TIME)
    return hashlib.sha256(_encoder.encode(shown)).hexdigest()[:16]


def wordings(message: HoldingMessage) -> tuple[Wording, ...]:
    """Return a message's texts as notices show them."""
    return tuple(
        Wording(language=language, audience=audience, text=text)
        for language, audience, text in message.texts
    )


def stage_in_words(message: HoldingMessage, needed: int) -> str:
    """Say where a message stands."""
    match message.stage:
        case Stage.WAITING:
            return f"waits for approval, {len(message.approvals)} of {needed} given"
        case Stage.APPROVED:
            return message.why
        case Stage.REJECTED | Stage.LAPSED | Stage.SUPERSEDED:
            return f"{message.stage}: {message.why}" if message.why else str(message.stage)
