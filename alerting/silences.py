"""Silences and maintenance windows: who is not to be paged for what, until when. Pure.

Whether pages are muted is a function of now and nothing else: what was held back is due
the moment the silence ends, if the incident is still open then. A critical crisis is
never muted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crisiswatch.config.responding import SilenceSettings
from crisiswatch.detection.signal import Severity


class Kind(StrEnum):
    """Why nobody shall be paged: somebody asked for quiet, or work is planned."""

    SILENCE = "silence"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nobody is paged for `topics` from `starts_at` until right before `ends_at`.

    What is refused is refused when the configuration is read (`SilenceSettings`), and nothing
    here: whatever a case meets must not stop its pages.
    """

    id: str
    topics: tuple[str, ...]
    owner: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    kind: Kind = Kind.SILENCE

    @classmethod
    def of(cls, settings: SilenceSettings) -> "Silence":
        """Return the silence that the configuration describes."""
        return cls(
            id=f"{settings.owner}/{settings.starts_at:%Y%m%dT%H%M%SZ}",
            topics=settings.topics,
            owner=settings.owner,
            reason=settings.reason,
            starts_at=settings.starts_at,
            ends_at=settings.ends_at,
        )

    def is_on(self, at: datetime) -> bool:
        """Tell whether it holds at a time."""
        return self.starts_at <= at < self.ends_at


def muted_by(
    topics: Collection[str], severity: Severity, now: datetime, silences: Iterable[Silence]
) -> Silence | None:
    """Return the silence that holds an incident's pages back, or None: they go out.

    Every topic of the incident must be silenced; one that is not pages. Of several
    silences, the answer is the one that ends first: look again then.
    """
    if severity >= Severity.CRITICAL or not topics:
        return None
    on = [
        silence for silence in silences if silence.is_on(now) and set(silence.topics) & set(topics)
    ]
    if not set(topics) <= {topic for silence in on for topic in silence.topics}:
        return None
    return min(on, key=lambda silence: (silence.ends_at, silence.id))


def next_change_at(now: datetime, silences: Iterable[Silence]) -> datetime | None:
    """Return when the next silence begins or ends; None: never."""
    changes = (at for silence in silences for at in (silence.starts_at, silence.ends_at))
    return min((at for at in changes if at > now), default=None)
