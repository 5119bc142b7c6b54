"""What the page and the closing summary are told: plain values, in event time, UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crisiswatch.detection.signal import Severity, Theme

DEFAULT_BIN_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """Counts of one topic in one bin, and what its own past expected of that bin.

    `expected_*` are posts per bin, None while the topic is too young to expect anything.
    `severity` is the one in force when the bin closed.
    """

    topic: str
    bin_start: datetime
    posts: int
    negatives: int
    complaints: int
    authors: int
    reach: int
    expected_posts: float | None
    expected_negatives: float | None
    severity: int = Severity.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """One incident from its opening to its close, as it is told to people.

    `severity` is the highest it reached; `severity_changes` start with the opening.
    `peak` maps names such as `posts_per_min` to numbers. `samples` and the themes'
    texts are masked of personal data by whoever makes this value.
    """

    id: str
    topic: str
    severity: int
    crisis_type: str
    opened_at: datetime
    closed_at: datetime | None = None
    severity_changes: tuple[tuple[datetime, int], ...] = ()
    reasons: tuple[str, ...] = ()
    peak: Mapping[str, float] = field(default_factory=dict)
    samples: tuple[str, ...] = ()
    themes: tuple[Theme, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One thing that truly happened in the recording, and whether it was noticed.

    `opened_at` is when an incident opened for it, None if none did. `end_at` may be
    None where the truth names no end.
    """

    name: str
    kind: str
    topic: str
    onset_at: datetime
    must_open: bool
    opened_at: datetime | None = None
    end_at: datetime | None = None


class Outcome(StrEnum):
    """How a run dealt with an episode."""

    FOUND = "found"
    MISSED = "missed"
    RIGHTLY_QUIET = "rightly quiet"
    FALSE_ALARM = "false alarm"


def outcome(episode: Episode) -> Outcome:
    """Say how the run dealt with the episode."""
    if episode.must_open:
        return Outcome.MISSED if episode.opened_at is None else Outcome.FOUND
    return Outcome.RIGHTLY_QUIET if episode.opened_at is None else Outcome.FALSE_ALARM


def is_good(episode: Episode) -> bool:
    """Say whether the run dealt with the episode as it should."""
    return outcome(episode) in (Outcome.FOUND, Outcome.RIGHTLY_QUIET)


def minutes_to_alarm(episode: Episode) -> float | None:
    """Return the minutes from true onset to opening, None where nothing opened."""
    if episode.opened_at is None:
        return None
    return (episode.opened_at - episode.onset_at).total_seconds() / 60


def false_alarms(
    truth: tuple[Episode, ...], incidents: tuple[IncidentView, ...]
) -> tuple[IncidentView, ...]:
    """Return the incidents that no crisis of the truth explains.

    A crisis explains every incident of its topic that opened from its onset to its end,
    and the one that `opened_at` names.
    """
    crises = [episode for episode in truth if episode.must_open]
    return tuple(
        incident
        for incident in incidents
        if not any(_explains(crisis, incident) for crisis in crises)
    )


def _explains(crisis: Episode, incident: IncidentView) -> bool:
    if crisis.topic != incident.topic:
        return False
    if incident.opened_at == crisis.opened_at:
        return True
    ended = crisis.end_at is not None and incident.opened_at > crisis.end_at
    return incident.opened_at >= crisis.onset_at and not ended


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What went through a replay. `first_at` and `last_at` are the posts' own times.

    `rejected` counts by reason, `skipped` by kind of event. `gaps` are stretches in which
    the source said nothing at all. `truth` is there only for recordings that carry one.
    `bin_s` is the length of a reading's bin.
    """

    source: str
    posts_read: int
    posts_matched: int
    first_at: datetime | None
    last_at: datetime | None
    elapsed_s: float
    posts_per_s: float
    config_hash: str
    version: str
    rejected: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    late_posts: int = 0
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    truth: tuple[Episode, ...] = ()
    bin_s: int = DEFAULT_BIN_S
