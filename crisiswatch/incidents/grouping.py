"""Which incident a signal belongs to: its own topic's, a related topic's, or its narrative's.

One crisis is told under many names: a product and its maker, a flight number and an
airline. People want one room for it. What belongs together is known beforehand (related
topics stand in the configuration) or seen: the same text spreads under both topics.

Routing looks at signals and incidents only, in event time, so a replay groups as the live
responder did. Topics that joined an incident stay with it while it lasts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from crisiswatch.detection.signal import Change, Signal, Theme
from crisiswatch.incidents.hearing import is_same_crisis
from crisiswatch.incidents.incident_values import Incident, State
from crisiswatch.incidents.standing import event_time
from crisiswatch.reading.themes import theme_key

THEME_SHARE = 0.2
"""A theme must hold a fifth of the sampled posts on both sides, or it is not what they are about."""
THEME_WORDS = 6
"""Shorter texts ("cancelled again, no answer") are written by many who never heard of each other."""
THEME_RESEMBLANCE = 0.5
"""Half of the word pairs in common. Grouping within one topic asks for less; across topics a
wrong answer hides a crisis in another one's room."""
THEME_WITHIN = timedelta(hours=6)
"""A text that comes back later is a new story about an old text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What may share an incident: `groups` of topic names, and topics with the same themes."""

    groups: tuple[tuple[str, ...], ...] = ()
    by_theme: bool = True

    def related(self, topic: str) -> frozenset[str]:
        """Return the topics that stand in a group with `topic`, itself left out."""
        together = (name for group in self.groups if topic in group for name in group)
        return frozenset(together) - {topic}


ALONE = Relations(by_theme=False)
"""Every topic has its own incidents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Where a signal goes and why; None: it opens an incident."""

    incident_id: str | None
    reason: str


def route(signal: Signal, incidents: Iterable[Incident], relations: Relations = ALONE) -> Routed:
    """Say which incident a signal belongs to.

    In this order: the topic's own newest incident, if it holds the signal's episode, is
    open, was closed within its `reopen_within_s` or has heard of the topic later than this
    (`apply` then knows what a late signal may do); the open incident of a related topic;
    the open incident that shares a theme. The order of `incidents` does not matter.
    """
    in_order = sorted(incidents, key=lambda incident: (incident.opened_at, incident.id))
    own = _newest_of(signal.topic, in_order)
    if own is not None:
        why = _why_own(signal, own)
        if why is not None:
            return Routed(incident_id=own.id, reason=why)
    at = event_time(signal)
    going_on = [incident for incident in in_order if _goes_on(incident, at)]
    return (
        _related(signal, going_on, relations)
        or _with_same_theme(signal, going_on, relations)
        or Routed(incident_id=None, reason="nothing open that it belongs to")
    )


def _newest_of(topic: str, incidents: Sequence[Incident]) -> Incident | None:
    """Return the incident that the topic was part of last."""
    newest: tuple[datetime, Incident] | None = None
    for incident in incidents:
        standing = incident.standing(topic)
        if standing is not None and (newest is None or standing.joined_at >= newest[0]):
            newest = (standing.joined_at, incident)
    return None if newest is None else newest[1]


def _why_own(signal: Signal, own: Incident) -> str | None:
    standing = own.standing(signal.topic)
    if standing is not None and event_time(signal) < standing.last_at:
        return f"older than what {own.id} has heard of {signal.topic}"
    if own.is_open:
        if signal.episode in own.episodes:
            return f"the same episode as in {own.id}"
        return f"{own.id} of the same topic is open"
    if signal.episode in own.episodes:
        is_final = own.state is State.REVIEWED and signal.change is Change.WORSE
        return None if is_final else f"the same episode as in {own.id}"
    if own.state is not State.REVIEWED and is_same_crisis(own, event_time(signal)):
        return f"{own.id} of the same topic closed not long ago"
    return None


def _goes_on(incident: Incident, at: datetime) -> bool:
    """Tell whether an incident is open, and no earlier wave of it could be meant."""
    window = timedelta(seconds=incident.policy.reopen_within_s)
    return incident.is_open and at >= incident.opened_at - window


def _related(signal: Signal, going_on: Sequence[Incident], relations: Relations) -> Routed | None:
    related = relations.related(signal.topic)
    for incident in going_on:
        for topic in incident.topics:
            if topic in related:
                reason = f"related to {topic}, whose incident {incident.id} is open"
                return Routed(incident_id=incident.id, reason=reason)
    return None


def _with_same_theme(
    signal: Signal, going_on: Sequence[Incident], relations: Relations
) -> Routed | None:
    if not relations.by_theme:
        return None
    at = event_time(signal)
    best: tuple[float, Incident, Theme] | None = None
    for incident in going_on:
        if abs(at - incident.last_at) > THEME_WITHIN:
            continue
        for theme in _foremost(signal.verdict.evidence.themes):
            nearness = max((resemblance(theme.text, said) for said in _said(incident)), default=0.0)
            if nearness >= THEME_RESEMBLANCE and (best is None or nearness > best[0]):
                best = (nearness, incident, theme)
    if best is None:
        return None
    _, incident, theme = best
    reason = f"{theme.share:.0%} of its posts say what those of {incident.id} say: {theme.text}"
    return Routed(incident_id=incident.id, reason=reason)


def _said(incident: Incident) -> list[str]:
    verdicts = (incident.worst, *(standing.latest for standing in incident.standings))
    return [theme.text for verdict in verdicts for theme in _foremost(verdict.evidence.themes)]


def _foremost(themes: Iterable[Theme]) -> list[Theme]:
    return [
        theme
        for theme in themes
        if theme.share >= THEME_SHARE and len(theme_key(theme.text).split()) >= THEME_WORDS
    ]


def resemblance(text: str, other: str) -> float:
    """Return how much of two texts is the same: shared pairs of words, as a share of all.

    Broder, On the resemblance and containment of documents (1997): the Jaccard
    coefficient of shingles, exact here, where `reading.themes` estimates it by minima.
    Repost marks, handles, links and case do not count.

    >>> resemblance("RT @fay: They broke my guitar!", "they broke my old guitar http://t.co/x")
    0.4
    """
    pairs, others = _pairs(text), _pairs(other)
    either = pairs | others
    return len(pairs & others) / len(either) if either else 0.0


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    words = theme_key(text).split()
    return frozenset(pairwise(words))
