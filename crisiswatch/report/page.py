"""The self-contained page of a replay.

One HTML text with its styles and pictures inside: it loads nothing and runs no script,
and its content security policy forbids both, so that neither a hostile post nor a
missing network can change what is seen.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from crisiswatch.detection.signal import Severity
from crisiswatch.report import sentences, shown_text
from crisiswatch.report.axes import time_ticks
from crisiswatch.report.buckets import MOST_BUCKETS, gather
from crisiswatch.report.charts import HEIGHT, Chart, chart, percent_of
from crisiswatch.report.views import (
    IncidentView,
    ReadingRow,
    RunSummary,
    false_alarms,
    is_good,
)

BUSIEST_TOPICS = 12
"""Quiet topics that get a chart of their own, beside all that had an incident."""

MOST_TOPICS = 60
MOST_DETAILED = 40
"""Incidents told in full; the others are in the list only."""

MOST_LISTED = 400
MOST_BUCKETS_IN_ALL = 30_000
"""Points in all charts together, at about 60 bytes each: the page stays under 3 MB."""

SHORTEST_LEAD = timedelta(hours=6)
LONGEST_LEAD = timedelta(hours=24)
"""Time shown before an incident, and half of it after, within half its length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of one severity within an incident's bar, in per cent of the timeline."""

    percent: float
    width_percent: float
    severity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One incident on the timeline."""

    number: int
    words: str
    percent: float
    severity: int
    segments: tuple[Segment, ...]
    has_card: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A topic's incidents on the timeline."""

    topic: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An incident told in full."""

    number: int
    incident: IncidentView
    chart: Chart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSection:
    """A topic's whole recording."""

    topic: str
    posts: int
    negatives: int
    incidents: int
    chart: Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """All that the page tells of: readings and numbered incidents by topic, and their extent."""

    summary: RunSummary
    rows: dict[str, list[ReadingRow]]
    numbered: list[tuple[int, IncidentView]]
    by_topic: dict[str, list[tuple[int, IncidentView]]]
    start_at: datetime
    end_at: datetime
    most_buckets: int

    def chart(self, topic: str, from_at: datetime, to_at: datetime) -> Chart:
        """Return the chart of one topic between two times."""
        summary = self.summary
        series = gather(
            self.rows[topic],
            start_at=from_at,
            end_at=to_at,
            bin_s=summary.bin_s,
            gaps=summary.gaps,
            most=self.most_buckets,
        )
        return chart(
            shown_text.tame(topic, sentences.NAME_LIMIT),
            series,
            self.by_topic.get(topic, ()),
            gaps=summary.gaps,
            episodes=[episode for episode in summary.truth if episode.topic == topic],
        )


def render_page(
    summary: RunSummary, readings: Iterable[ReadingRow], incidents: Sequence[IncidentView]
) -> str:
    """Return the page as one HTML document.

    Readings may come in any order. Topics with incidents are shown, then the busiest;
    long recordings are gathered into wider buckets, so that the page stays small.
    """
    recording = _recording(summary, readings, incidents)
    numbered = recording.numbered
    ordered = tuple(incident for _, incident in numbered)
    told = sorted(numbered, key=lambda pair: (-pair[1].severity, pair[0]))[:MOST_DETAILED]
    carded = {number for number, _ in told}
    wrong = false_alarms(summary.truth, ordered) if summary.truth else ()
    return _TEMPLATE.render(
        summary=summary,
        style=_STYLE,
        found=sentences.found_sentence(ordered),
        read=sentences.read_sentence(summary, len(recording.rows)),
        severest=sentences.severest(ordered),
        lanes=_lanes(recording, carded),
        lane_ticks=time_ticks(recording.start_at, recording.end_at),
        incidents_listed=numbered[:MOST_LISTED],
        incidents_total=len(ordered),
        carded=carded,
        cards=[_card(recording, number, incident) for number, incident in told],
        sections=_sections(recording),
        topics_total=len(recording.rows),
        false_alarms=[number for number, incident in numbered if incident in wrong],
        height=HEIGHT,
        severities=[severity for severity in Severity if severity is not Severity.NONE],
        is_good=is_good,
        words=sentences,
        shown=shown_text,
    )


def _recording(
    summary: RunSummary, readings: Iterable[ReadingRow], incidents: Sequence[IncidentView]
) -> Recording:
    rows: dict[str, list[ReadingRow]] = defaultdict(list)
    for row in readings:
        rows[row.topic].append(row)
    ordered = sorted(incidents, key=lambda incident: (incident.opened_at, incident.id))
    numbered = list(enumerate(ordered, start=1))
    by_topic: dict[str, list[tuple[int, IncidentView]]] = defaultdict(list)
    for number, incident in numbered:
        by_topic[incident.topic].append((number, incident))
    start_at, end_at = _extent(summary, rows, ordered)
    charts = min(len(ordered), MOST_DETAILED) + min(len(by_topic), MOST_TOPICS) + BUSIEST_TOPICS
    return Recording(
        summary=summary,
        rows=dict(rows),
        numbered=numbered,
        by_topic=dict(by_topic),
        start_at=start_at,
        end_at=end_at,
        most_buckets=min(MOST_BUCKETS, MOST_BUCKETS_IN_ALL // charts),
    )


def _extent(
    summary: RunSummary, rows: dict[str, list[ReadingRow]], incidents: Sequence[IncidentView]
) -> tuple[datetime, datetime]:
    """Return the stretch of time that everything on the page lies in."""
    bin_length = timedelta(seconds=summary.bin_s)
    starts = [row.bin_start for topic_rows in rows.values() for row in topic_rows]
    times = [*starts, *(incident.opened_at for incident in incidents)]
    times += [incident.closed_at for incident in incidents if incident.closed_at is not None]
    if starts:
        times.append(max(starts) + bin_length)
    if not times:
        at = summary.first_at or datetime(1970, 1, 1, tzinfo=UTC)
        times = [at, summary.last_at or at]
    return min(times), max(*times, min(times) + bin_length)


def _sections(recording: Recording) -> list[TopicSection]:
    """Tell of topics with incidents, the severest first, then of the busiest quiet ones."""
    rows, by_topic = recording.rows, recording.by_topic
    volume = {topic: sum(row.posts for row in topic_rows) for topic, topic_rows in rows.items()}
    ranked = sorted(
        rows, key=lambda topic: (-_severest(by_topic.get(topic, ())), -volume[topic], topic)
    )
    troubled = [topic for topic in ranked if topic in by_topic]
    quiet = [topic for topic in ranked if topic not in by_topic]
    return [
        TopicSection(
            topic=topic,
            posts=volume[topic],
            negatives=sum(row.negatives for row in rows[topic]),
            incidents=len(by_topic.get(topic, ())),
            chart=recording.chart(topic, recording.start_at, recording.end_at),
        )
        for topic in (*troubled[:MOST_TOPICS], *quiet[:BUSIEST_TOPICS])
    ]


def _severest(numbered: Iterable[tuple[int, IncidentView]]) -> int:
    return max((incident.severity for _, incident in numbered), default=0)


def _card(recording: Recording, number: int, incident: IncidentView) -> Card:
    """Tell one incident, with a picture of the hours around it."""
    if incident.topic not in recording.rows:
        return Card(number=number, incident=incident, chart=None)
    closed_at = incident.closed_at or recording.end_at
    lead = min(max((closed_at - incident.opened_at) / 2, SHORTEST_LEAD), LONGEST_LEAD)
    from_at = max(recording.start_at, incident.opened_at - lead)
    to_at = min(recording.end_at, closed_at + lead / 2)
    return Card(
        number=number, incident=incident, chart=recording.chart(incident.topic, from_at, to_at)
    )


def _lanes(recording: Recording, carded: set[int]) -> list[Lane]:
    by_topic = recording.by_topic
    ranked = sorted(
        by_topic, key=lambda topic: (-_severest(by_topic[topic]), by_topic[topic][0][1].opened_at)
    )
    return [
        Lane(
            topic=topic,
            bars=tuple(
                _bar(recording, number, incident, has_card=number in carded)
                for number, incident in by_topic[topic]
            ),
        )
        for topic in ranked[:MOST_TOPICS]
    ]


def _bar(recording: Recording, number: int, incident: IncidentView, *, has_card: bool) -> Bar:
    start_at, end_at = recording.start_at, recording.end_at
    changes = incident.severity_changes or ((incident.opened_at, incident.severity),)
    closed_at = incident.closed_at or end_at
    ends = [*(at for at, _ in changes[1:]), closed_at]
    segments = []
    for (from_at, severity), to_at in zip(changes, ends, strict=True):
        left = percent_of(start_at, end_at, from_at)
        right = percent_of(start_at, end_at, to_at)
        if severity > 0 and right >= left:
            segments.append(
                Segment(percent=left, width_percent=round(right - left, 3), severity=severity)
            )
    return Bar(
        number=number,
        words=(
            f"Incident {number}, {shown_text.tame(incident.topic, sentences.NAME_LIMIT)}: "
            f"{sentences.duration_words(incident)}, "
            f"highest severity {shown_text.severity_word(incident.severity)}"
        ),
        percent=percent_of(start_at, end_at, incident.opened_at),
        severity=incident.severity,
        segments=tuple(segments),
        has_card=has_card,
    )


def _template() -> str:
    return files(__package__).joinpath("page.html.j2").read_text(encoding="utf-8")


_STYLE = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
_ENVIRONMENT = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_TEMPLATE = _ENVIRONMENT.from_string(_template())
