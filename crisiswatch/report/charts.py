"""Series as the shapes of an inline SVG: paths in whole numbers, ticks in per cent.

A plot's coordinates are half buckets across and 0 (top) to `HEIGHT` (bottom) down; the page
stretches it to whatever width there is. Words stand outside of the drawing, as
HTML, so that they keep their size on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crisiswatch.report.axes import Tick, time_ticks, value_ticks
from crisiswatch.report.buckets import Series
from crisiswatch.report.shown_text import amount, full_moment, moment, severity_word, span, tame
from crisiswatch.report.views import Episode, IncidentView

HEIGHT = 400
NAME_LIMIT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One measure against what was expected of it.

    `area` is what was counted, down to the axis; `line` its edge; `expected` the line of
    what was expected; `above` the region over that line, to which the strong part of the
    area is clipped. Empty strings where there is nothing to draw.
    """

    kind: str
    name: str
    title: str
    description: str
    unit: str
    area: str
    line: str
    expected: str
    above: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityBlock:
    """A stretch of one severity, in buckets."""

    severity: int
    start: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment or stretch marked on a chart, in per cent of its width."""

    percent: float
    width_percent: float
    label: str
    words: str
    severity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Panels over one time axis, with a strip of severities and marks upon them."""

    width: int
    panels: tuple[Panel, ...]
    severities: tuple[SeverityBlock, ...]
    severity_words: str
    incidents: tuple[Mark, ...]
    gaps: tuple[Mark, ...]
    onsets: tuple[Mark, ...]
    ticks: tuple[Tick, ...]


def chart(
    topic: str,
    series: Series,
    incidents: Sequence[tuple[int, IncidentView]],
    *,
    gaps: Sequence[tuple[datetime, datetime]] = (),
    episodes: Sequence[Episode] = (),
) -> Chart:
    """Return volume and negative posts of one topic with its numbered incidents.

    `episodes` are what the truth says of the topic; their onsets are marked.
    """
    width = len(series.posts)
    start_at, end_at = series.at(0), series.at(width)
    unit = f"posts per {_per(series.bucket_s)}"
    return Chart(
        width=width,
        panels=(
            _panel(
                kind="volume",
                name="All posts",
                topic=topic,
                unit=unit,
                series=series,
                values=series.posts,
                expected=series.expected_posts,
            ),
            _panel(
                kind="negative",
                name="Negative posts",
                topic=topic,
                unit=unit,
                series=series,
                values=series.negatives,
                expected=series.expected_negatives,
            ),
        ),
        severities=_blocks(series.severity),
        severity_words=_severity_words(series),
        incidents=tuple(
            _mark(
                start_at,
                end_at,
                incident.opened_at,
                incident.closed_at or end_at,
                label=str(number),
                severity=incident.severity,
                words=f"Incident {number} opened {moment(incident.opened_at)}, "
                f"reached {severity_word(incident.severity)}",
            )
            for number, incident in incidents
            if start_at <= incident.opened_at < end_at
        ),
        gaps=tuple(
            _mark(
                start_at,
                end_at,
                from_at,
                to_at,
                label="no data",
                severity=0,
                words=f"No data from {moment(from_at)} to {moment(to_at)}",
            )
            for from_at, to_at in gaps
            if from_at < end_at and to_at > start_at
        ),
        onsets=tuple(
            _mark(
                start_at,
                end_at,
                episode.onset_at,
                episode.onset_at,
                label="",
                severity=0,
                words=f"{tame(episode.name, NAME_LIMIT)} began {moment(episode.onset_at)}",
            )
            for episode in episodes
            if start_at <= episode.onset_at < end_at
        ),
        ticks=time_ticks(start_at, end_at),
    )


def percent_of(start_at: datetime, end_at: datetime, at: datetime) -> float:
    """Return where `at` lies between the two, in per cent, kept within 0 to 100."""
    length_s = max((end_at - start_at).total_seconds(), 1)
    percent = 100 * (at - start_at).total_seconds() / length_s
    return round(min(max(percent, 0.0), 100.0), 3)


def _mark(
    start_at: datetime,
    end_at: datetime,
    from_at: datetime,
    to_at: datetime,
    *,
    label: str,
    words: str,
    severity: int,
) -> Mark:
    left = percent_of(start_at, end_at, from_at)
    right = percent_of(start_at, end_at, to_at)
    return Mark(
        percent=left,
        width_percent=round(max(right - left, 0.0), 3),
        label=label,
        words=words,
        severity=severity,
    )


def _panel(
    *,
    kind: str,
    name: str,
    topic: str,
    unit: str,
    series: Series,
    values: Sequence[float | None],
    expected: Sequence[float | None],
) -> Panel:
    known = [value for value in (*values, *expected) if value is not None]
    top, ticks = value_ticks(max(known, default=1.0))
    value_runs = _runs(values, top)
    expected_runs = _runs(expected, top)
    return Panel(
        kind=kind,
        name=name,
        title=f"{name} about {topic}",
        description=_description(name, unit, series, values, expected),
        unit=unit,
        area="".join(_closed(run, HEIGHT) for run in value_runs),
        line="".join(_open(run) for run in value_runs),
        expected="".join(_open(run) for run in expected_runs),
        above="".join(_closed(run, 0) for run in expected_runs),
        ticks=ticks,
    )


def _description(
    name: str,
    unit: str,
    series: Series,
    values: Sequence[float | None],
    expected: Sequence[float | None],
) -> str:
    known = [(value, index) for index, value in enumerate(values) if value is not None]
    if not known:
        return "No data."
    largest, index = max(known, key=lambda pair: (pair[0], -pair[1]))
    usual = expected[index]
    against = "" if usual is None else f", where {amount(usual)} were expected"
    total = sum(value for value, _ in known)
    return (
        f"{name}: {amount(total)}, from {full_moment(series.at(0))} to "
        f"{full_moment(series.at(len(values)))}. Highest: {amount(largest)} {unit} at "
        f"{moment(series.at(index))} UTC{against}."
    )


def _per(bucket_s: int) -> str:
    words = span(bucket_s)
    return {"1 min": "minute", "1 h": "hour", "1 day": "day"}.get(words, words)


Run = list[tuple[int, int]]


def _runs(values: Sequence[float | None], top: float) -> list[Run]:
    """Split a series at its unknown values; each run holds (half buckets, height from the top).

    A value stands in the middle of its bucket; the first and last of a run reach to the
    outer edges of theirs, so that a single one shows too.
    """
    runs: list[Run] = []
    run: Run = []
    for index, value in enumerate(values):
        if value is None:
            _end_run(run, runs)
            run = []
        else:
            y = round(HEIGHT - HEIGHT * value / top)
            run += [(2 * index + 1, y)] if run else [(2 * index, y), (2 * index + 1, y)]
    _end_run(run, runs)
    return runs


def _end_run(run: Run, runs: list[Run]) -> None:
    if run:
        x, y = run[-1]
        runs.append([*run, (x + 1, y)])


def _open(run: Run) -> str:
    (x, y), *rest = run
    steps = [f"M{x} {y}l"]
    for next_x, next_y in rest:
        steps.append(f"{next_x - x} {next_y - y} ")
        x, y = next_x, next_y
    return "".join(steps).rstrip()


def _closed(run: Run, base: int) -> str:
    return f"{_open(run)}V{base}H{run[0][0]}Z"


def _blocks(severities: Sequence[int]) -> tuple[SeverityBlock, ...]:
    blocks = []
    start = 0
    for index in range(1, len(severities) + 1):
        if index == len(severities) or severities[index] != severities[start]:
            if severities[start] > 0:
                blocks.append(
                    SeverityBlock(severity=severities[start], start=start, width=index - start)
                )
            start = index
    return tuple(blocks)


def _severity_words(series: Series) -> str:
    blocks = _blocks(series.severity)
    if not blocks:
        return "Severity was normal throughout."
    listed = "; ".join(
        f"{severity_word(block.severity)} from {moment(series.at(block.start))} "
        f"to {moment(series.at(block.start + block.width))}"
        for block in blocks[:12]
    )
    more = f"; and {len(blocks) - 12} more stretches" if len(blocks) > 12 else ""  # noqa: PLR2004
    return f"Severity: {listed}{more} UTC; otherwise normal."
