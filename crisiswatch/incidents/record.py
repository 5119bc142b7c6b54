"""Incidents as JSON lines, for people, scripts and later commands.

Times are ISO 8601 in UTC and in event time; severities are words. The line's own
`severity` is the highest the incident reached; `severity_changes` says when it had
which. `reasons`, `evidence`, `themes` and `samples` are those of the verdict that
first reached it. `closed_at` is null while the incident is open. `topic` is the lead;
`topics` are all that are part of it, and `joined` says since when and why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from crisiswatch.detection.signal import Evidence, Theme
from crisiswatch.errors import InputError
from crisiswatch.incidents.incident import Incident
from crisiswatch.incidents.peak import Peak


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSeverity:
    """From when on which severity was in force."""

    at: datetime
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedState:
    """From when on people stood where with it, and why."""

    at: datetime
    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedJoin:
    """A topic that joined an incident, when, and why."""

    topic: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedIncident:
    """One line of `incidents.jsonl`; see this module's description for the fields.

    The last three are empty where an early version wrote the line.
    """

    id: str
    topic: str
    severity: str
    crisis_type: str
    state: str
    opened_at: datetime
    severity_changes: tuple[RecordedSeverity, ...]
    closed_at: datetime | None
    reasons: tuple[str, ...]
    peak: Peak
    themes: tuple[Theme, ...]
    samples: tuple[str, ...]
    evidence: Evidence
    topics: tuple[str, ...] = ()
    joined: tuple[RecordedJoin, ...] = ()
    states: tuple[RecordedState, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(RecordedIncident)


def record_incident(incident: Incident) -> RecordedIncident:
    """Return what the record keeps of an incident."""
    evidence = incident.worst.evidence
    return RecordedIncident(
        id=incident.id,
        topic=incident.topic,
        severity=incident.highest_severity.label,
        crisis_type=incident.crisis_type,
        state=incident.state.value,
        opened_at=incident.opened_at,
        severity_changes=tuple(
            RecordedSeverity(at=step.at, severity=step.severity.label)
            for step in incident.severity_changes
        ),
        closed_at=incident.closed_at,
        reasons=incident.reasons,
        peak=incident.peak,
        themes=evidence.themes,
        samples=evidence.samples,
        evidence=evidence,
        topics=incident.topics,
        joined=tuple(
            RecordedJoin(topic=topic, at=at, reason=reason) for topic, at, reason in incident.joined
        ),
        states=tuple(
            RecordedState(at=change.at, state=change.state.value, reason=change.reason)
            for change in incident.states
        ),
    )


def record_line(incident: Incident) -> dict[str, Any]:
    """Return the incident's line as plain JSON values."""
    line: dict[str, Any] = msgspec.json.decode(_encoder.encode(record_incident(incident)))
    return line


def write_incidents(path: Path, incidents: Iterable[Incident]) -> None:
    """Write the incidents to `path`, one a line, in order of `opened_at`, then of id.

    The same incidents give the same bytes. The file is replaced as a whole: a reader
    sees the old one or the new one, whenever this process ends.
    """
    in_order = sorted(incidents, key=lambda incident: (incident.opened_at, incident.id))
    unfinished = path.with_name(f"{path.name}.unfinished")
    with unfinished.open("wb") as file:
        file.writelines(_encoder.encode(record_incident(incident)) + b"\n" for incident in in_order)
    unfinished.replace(path)


def read_incidents(path: Path) -> tuple[RecordedIncident, ...]:
    """Return the incidents of a file that `write_incidents` wrote, in its order.

    Raises InputError where the file can not be read or a line is no incident.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", "give an incidents.jsonl") from error
    return tuple(_read_line(path, number, line) for number, line in enumerate(lines, start=1))


def _read_line(path: Path, number: int, line: bytes) -> RecordedIncident:
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}:{number}: no incident: {error}", "give an incidents.jsonl of a replay"
        ) from error
