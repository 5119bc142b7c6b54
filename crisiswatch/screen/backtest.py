"""The view of a backtest: a count series as a small chart, and where incidents open."""

from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from crisiswatch.report.axes import time_ticks
from crisiswatch.report.charts import percent_of
from crisiswatch.report.shown_text import amount, count, full_moment, span
from crisiswatch.screen.sparkline import columns
from crisiswatch.screen.words import foreign, severity_style, severity_text

CHART_HEIGHT = 8
WIDEST = 120
MOST_OPENINGS = 30
MOST_REASONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An incident of a backtest; `closed_at` is None where the series ends before."""

    opened_at: datetime
    closed_at: datetime | None
    severity: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestView:
    """A count series through the detectors. `values` are per step, evenly spaced in time."""

    source: str
    first_at: datetime
    last_at: datetime
    values: tuple[float | None, ...]
    openings: tuple[Opening, ...]
    elapsed_s: float
    scores_path: str | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the chart, the openings with their reasons, and the speed."""
        width = min(options.max_width, WIDEST)
        yield foreign(self.source, "bold", limit=200)
        yield Text(
            f"{count(len(self.values), 'value')} from {full_moment(self.first_at)} "
            f"to {full_moment(self.last_at)}",
            style="dim",
        )
        yield Text()
        yield from _chart(self, width)
        yield Text()
        if not self.openings:
            yield Text("No incident would open.")
        for number, opening in enumerate(self.openings[:MOST_OPENINGS], start=1):
            yield from _opening(number, opening)
        if len(self.openings) > MOST_OPENINGS:
            yield Text(f"and {len(self.openings) - MOST_OPENINGS:,} more", style="dim")
        yield _closing(self)


def _chart(view: BacktestView, width: int) -> RenderResult:
    """Draw the series, a line of openings under it, and the time axis."""
    known = [value for value in view.values if value is not None]
    label = amount(max(known, default=0))
    gutter = max(len(label), 1) + 1
    chart_width = max(10, min(width - gutter, len(view.values)))
    for row, line in enumerate(columns(view.values, chart_width, CHART_HEIGHT)):
        text = label if row == 0 else "0" if row == CHART_HEIGHT - 1 else ""
        yield Text.assemble((f"{text:>{gutter - 1}} ", "dim"), (line, "blue"))
    yield Text(" " * gutter).append_text(_marks(view, chart_width))
    axis = [" "] * chart_width
    free_from = 0
    for tick in time_ticks(view.first_at, view.last_at):
        column = int(tick.percent / 100 * chart_width)
        if column >= free_from and column + len(tick.label) <= chart_width:
            axis[column : column + len(tick.label)] = tick.label
            free_from = column + len(tick.label) + 2
    yield Text(" " * gutter + "".join(axis).rstrip(), style="dim")


def _marks(view: BacktestView, width: int) -> Text:
    """Mark each opening by the symbol of its severity; the severest wins a shared column."""
    marks: dict[int, int] = {}
    for opening in view.openings:
        percent = percent_of(view.first_at, view.last_at, opening.opened_at)
        column = min(int(percent / 100 * width), width - 1)
        marks[column] = max(marks.get(column, 0), opening.severity)
    line = Text()
    for column in range(width):
        severity = marks.get(column)
        if severity is None:
            line.append(" ")
        else:
            line.append(severity_text(severity).plain[0], style=severity_style(severity))
    return line


def _opening(number: int, opening: Opening) -> RenderResult:
    line = Text.assemble((f"{number:>3}. ", "dim"))
    line.append_text(severity_text(opening.severity))
    line.append(f"  {full_moment(opening.opened_at)}")
    if opening.closed_at is None:
        line.append(", still open at the end", style="dim")
    else:
        length = span((opening.closed_at - opening.opened_at).total_seconds())
        line.append(f", closed after {length}", style="dim")
    yield line
    for reason in opening.reasons[:MOST_REASONS]:
        yield Text("     ").append_text(foreign(reason))


def _closing(view: BacktestView) -> Text:
    line = Text.assemble((count(len(view.openings), "opening"), "bold"))
    line.append(f" in {view.elapsed_s:.1f} s")
    if view.scores_path is not None:
        line.append("; scores in ")
        line.append_text(foreign(view.scores_path, limit=1_000))
    return line
