"""What was read and what was found, in one sentence each."""

from collections.abc import Mapping, Sequence

from crisiswatch.detection.signal import Severity
from crisiswatch.report.shown_text import (
    amount,
    count,
    full_moment,
    isolated,
    moment,
    severity_word,
    span,
    tame,
)
from crisiswatch.report.views import (
    Episode,
    IncidentView,
    Outcome,
    RunSummary,
    minutes_to_alarm,
    outcome,
)

NAMED_INCIDENTS = 4
NAME_LIMIT = 80
NO_BREAK = "\N{NO-BREAK SPACE}"


def read_sentence(summary: RunSummary, topics: int) -> str:
    """Say what was read: how many posts, from where, over which time, about how much."""
    posts = count(summary.posts_read, "post")
    source = isolated(summary.source, NAME_LIMIT)
    if summary.first_at is None or summary.last_at is None:
        return f"{posts} read from {source}."
    length = span((summary.last_at - summary.first_at).total_seconds())
    return (
        f"{posts} from {source}, written over {length} "
        f"({moment(summary.first_at)} to {full_moment(summary.last_at)}); "
        f"{summary.posts_matched:,} of them about {count(topics, 'watched topic')}."
    )


def found_sentence(incidents: Sequence[IncidentView]) -> str:
    """Say what was found: the worst incidents by name, the others by number."""
    if not incidents:
        return "Nothing left its normal range: no incident opened."
    worst = sorted(incidents, key=lambda incident: (-incident.severity, incident.opened_at))
    named = worst[:NAMED_INCIDENTS]
    words = [
        f"{isolated(incident.topic, NAME_LIMIT)} ({severity_word(incident.severity)}, "
        f"{moment(incident.opened_at).replace(' ', NO_BREAK)})"
        for incident in named
    ]
    rest = len(worst) - len(named)
    if rest:
        words.append(f"{rest:,} more")
    return f"{count(len(incidents), 'incident')} opened: {_listed(words)}."


def duration_words(incident: IncidentView) -> str:
    """Say when the incident opened and how long it stayed open."""
    if incident.closed_at is None:
        return f"opened {full_moment(incident.opened_at)}, still open at the end"
    length = span((incident.closed_at - incident.opened_at).total_seconds())
    return f"opened {full_moment(incident.opened_at)}, closed after {length}"


def outcome_words(episode: Episode) -> str:
    """Say how the run dealt with an episode, with the minutes to the alarm."""
    result = outcome(episode)
    minutes = minutes_to_alarm(episode)
    if minutes is None:
        return result.value
    if result is Outcome.FOUND and minutes < 0:
        return f"found {amount(-minutes)} min before its onset"
    return f"{result.value} after {amount(minutes)} min"


def peak_items(peak: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """Return the peak's figures as (name in words, number)."""
    return tuple(
        (
            tame(name, NAME_LIMIT).replace("_per_min", " per minute").replace("_", " "),
            _figure(name, value),
        )
        for name, value in peak.items()
    )


def severity_history(incident: IncidentView) -> tuple[tuple[str, int], ...]:
    """Return the moments of each severity in order, (time, severity)."""
    changes = incident.severity_changes or ((incident.opened_at, incident.severity),)
    return tuple((moment(at), severity) for at, severity in changes)


def ended_words(incident: IncidentView) -> str:
    """Say when the incident closed, or that it did not."""
    return "the end (still open)" if incident.closed_at is None else moment(incident.closed_at)


def severest(incidents: Sequence[IncidentView]) -> Severity:
    """Return the highest severity among the incidents."""
    return Severity(max((incident.severity for incident in incidents), default=0))


def _figure(name: str, value: float) -> str:
    return f"{value:.0%}" if name.endswith("share") else amount(value)


def _listed(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} and {words[-1]}"
