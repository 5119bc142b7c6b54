"""Where each topic of an incident stands: what it claims now, and whether its episode is over."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from crisiswatch.detection.signal import Change, Severity, Signal, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One topic's word. `claimed` is the severity it claims now: none once it is closed.

    `joined_at` and `last_at` are event times of its first and newest signal, `latest` is
    the newest verdict.
    """

    topic: str
    joined_at: datetime
    last_at: datetime
    claimed: Severity
    is_closed: bool
    latest: Verdict

    def after(self, signal: Signal, *, is_known_episode: bool) -> "Standing":
        """Return the standing after the topic's newest signal.

        A refresh confirms or lifts the claim: detection sends one from time to time and
        says nothing when things are as bad again a minute later, so a moment's relief in
        it is no news. Whatever else comes of an episode that is over, only worse counts.
        """
        heard = replace(self, last_at=event_time(signal), latest=signal.verdict)
        if signal.change is Change.CLOSED:
            return replace(heard, claimed=Severity.NONE, is_closed=True)
        if self.is_closed and is_known_episode and signal.change is not Change.WORSE:
            return heard
        claim = reading(signal.verdict)
        if signal.change is Change.REFRESHED:
            claim = max(claim, self.claimed)
        return replace(heard, claimed=claim, is_closed=False)


def standing_of(signal: Signal) -> Standing:
    """Return where a topic stands by its first signal."""
    is_closed = signal.change is Change.CLOSED
    return Standing(
        topic=signal.topic,
        joined_at=event_time(signal),
        last_at=event_time(signal),
        claimed=Severity.NONE if is_closed else reading(signal.verdict),
        is_closed=is_closed,
        latest=signal.verdict,
    )


def top_claim(standings: Iterable[Standing]) -> Severity:
    """Return the highest claim; an open incident is never below low."""
    return max(Severity.LOW, *(standing.claimed for standing in standings))


def reading(verdict: Verdict) -> Severity:
    """Return the severity that a verdict claims; an open incident is never below low."""
    return max(verdict.severity, Severity.LOW)


def event_time(signal: Signal) -> datetime:
    """Return the signal's own time."""
    return datetime.fromtimestamp(signal.at, UTC)
