"""The live view of a demo or a replay.

Every part keeps its height from one frame to the next, so that nothing jumps: numbers
change in place. Lines are cut to the width that there is, never wrapped.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from crisiswatch.report.shown_text import MISSING, amount, full_moment, moment, span
from crisiswatch.screen.sparkline import bar, sparkline
from crisiswatch.screen.words import border_style, foreign, one_line, severity_text

PICTURE_WIDTH = 100
PICTURE_HEIGHT = 30
NARROW = 90
HEADER_HEIGHT = 4
"""Lines of title, figures, progress and the table's head."""

RAISED_LIFT = 2.0
"""A rate at this many times its usual value stands out."""

QUIET_LIFT = 3.0
"""A chart reaches at least to this many times the usual rate, so that chance looks small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTopic:
    """One topic now, in posts per minute.

    `posts` and `negatives` are the rates of its last bins from old to new, None where
    there was no data; `expected_*` are None while the topic is too young.
    """

    name: str
    severity: int
    posts: tuple[float | None, ...]
    negatives: tuple[float | None, ...]
    posts_per_min: float
    negatives_per_min: float
    expected_posts_per_min: float | None
    expected_negatives_per_min: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveIncident:
    """An incident as the live view tells it; `closed_at` is None while it is open."""

    topic: str
    severity: int
    crisis_type: str
    opened_at: datetime
    reasons: tuple[str, ...]
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingDraft:
    """The holding message that would go out, as an approver would read it."""

    topic: str
    language: str
    audience: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """One frame. `event_at` is the posts' own clock; `done_share` is 0 to 1, None if unknown."""

    title: str
    event_at: datetime | None
    elapsed_s: float
    posts_read: int
    posts_per_s: float
    posts_matched: int
    rejected: int
    late_posts: int
    topics: tuple[LiveTopic, ...]
    incidents: tuple[LiveIncident, ...]
    draft: HoldingDraft | None = None
    done_share: float | None = None


@dataclass(frozen=True, slots=True)
class LiveView:
    """Draw a frame for whatever terminal it is printed on (from 80x24 upwards)."""

    state: LiveState

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the parts, together one line lower than the terminal."""
        width = options.max_width
        height = (options.height or console.size.height) - 1
        below_header = height - HEADER_HEIGHT
        most_rows = below_header - 5 - max(5, below_header // 3)
        rows = max(1, min(most_rows, len(self.state.topics)))
        draft_height = min(10, max(5, (below_header - rows) * 2 // 5))
        yield _header(self.state, width)
        yield _topics(self.state.topics, width, rows)
        yield _incidents(self.state, width, max(3, below_header - rows - draft_height))
        yield _draft(self.state.draft, console, width, draft_height)


def live_svg(state: LiveState) -> str:
    """Return a frame as an SVG picture that loads nothing; the same state gives the same bytes."""
    console = Console(
        record=True,
        width=PICTURE_WIDTH,
        height=PICTURE_HEIGHT,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    console.print(LiveView(state))
    title = foreign(state.title, limit=PICTURE_WIDTH).plain
    svg = console.export_svg(title=title, unique_id="crisiswatch")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def _header(state: LiveState, width: int) -> Group:
    clock = "waiting for the first post" if state.event_at is None else full_moment(state.event_at)
    name = one_line(foreign(state.title, "bold"), width - len(clock) - 2)
    name.append(" " * (width - name.cell_len - len(clock)))
    name.append(clock, style="bold")
    figures = Text(no_wrap=True, overflow="ellipsis")
    for value, label in (
        (f"{state.posts_read:,}", "posts read"),
        (amount(state.posts_per_s), "posts/s"),
        (f"{state.posts_matched:,}", "matched"),
        (f"{state.rejected:,}", "rejected"),
        (f"{state.late_posts:,}", "late"),
    ):
        figures.append("   " if figures.plain else "")
        figures.append(value, style="bold")
        figures.append(f" {label}", style="dim")
    if state.done_share is None:
        line = Text("─" * width, style="dim")
    else:
        line = Text(bar(state.done_share, width), style="blue")
    return Group(name, figures, line)


def _topics(topics: Sequence[LiveTopic], width: int, rows: int) -> Group:
    """Show the severest topics, then the busiest, in a table of always `rows` lines."""
    ranked = sorted(topics, key=lambda topic: (-topic.severity, -topic.posts_per_min, topic.name))
    hidden = max(0, len(ranked) - rows)
    shown = ranked[: rows - 1] if hidden else ranked
    name_width = 14 if width < NARROW else 20
    # Severity 10, four numbers of 6, and 9 gaps stand beside the two charts.
    chart_width = max(6, (width - name_width - 10 - 4 * 6 - 9) // 2)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=width, header_style="dim")
    table.add_column("severity", width=10, no_wrap=True)
    table.add_column("topic", width=name_width, no_wrap=True)
    for measure in ("posts", "negative"):
        table.add_column("", width=0)
        table.add_column(measure, width=chart_width, no_wrap=True)
        table.add_column("/min", width=6, justify="right", no_wrap=True)
        table.add_column("usual", width=6, justify="right", no_wrap=True)
    for topic in shown:
        table.add_row(
            severity_text(topic.severity),
            one_line(foreign(topic.name, "bold" if topic.severity else ""), name_width),
            "",
            _history(topic.posts, topic.expected_posts_per_min, chart_width, "blue"),
            _rate(topic.posts_per_min, topic.expected_posts_per_min),
            Text(_figure(topic.expected_posts_per_min), style="dim"),
            "",
            _history(
                topic.negatives, topic.expected_negatives_per_min, chart_width, "dark_orange3"
            ),
            _rate(topic.negatives_per_min, topic.expected_negatives_per_min),
            Text(_figure(topic.expected_negatives_per_min), style="dim"),
        )
    below: list[Text] = []
    if hidden:
        below.append(Text(f"and {len(ranked) - len(shown):,} quieter topics", style="dim"))
    below += [Text()] * (rows - len(shown) - len(below))
    return Group(table, *below)


def _history(rates: Sequence[float | None], expected: float | None, width: int, style: str) -> Text:
    """Draw rates so that usual ones stay low and only a rise fills the line."""
    known = [rate for rate in rates[-width:] if rate is not None]
    top = max([*known, QUIET_LIFT * (expected or 0.0)], default=1.0)
    return Text(sparkline(rates, width, top), style=style)


def _rate(per_min: float, expected: float | None) -> Text:
    raised = expected is not None and per_min >= RAISED_LIFT * expected and per_min > 0
    return Text(_figure(per_min), style="bold" if raised else "")


def _figure(per_min: float | None) -> str:
    if per_min is None:
        return MISSING
    return f"{per_min:.1f}" if per_min < 100 else f"{per_min:,.0f}"  # noqa: PLR2004  # fits 6 cells


def _incidents(state: LiveState, width: int, height: int) -> Panel:
    """Show a line for each incident, the severest open one first, and reasons while there is room."""
    room = height - 2
    ranked = sorted(
        state.incidents,
        key=lambda incident: (
            incident.closed_at is not None,
            -incident.severity,
            -incident.opened_at.timestamp(),
        ),
    )
    told = ranked if len(ranked) <= room else ranked[: room - 1]
    left = len(ranked) - len(told)
    spare = room - len(told) - (1 if left else 0)
    lines: list[Text] = []
    for incident in told:
        lines.append(_incident_line(incident, state.event_at))
        reasons = incident.reasons[:spare]
        lines += [Text("  ").append_text(foreign(reason)) for reason in reasons]
        spare -= len(reasons)
    if left:
        lines.append(Text(f"and {left:,} more", style="dim"))
    if not ranked:
        lines.append(Text("No incident has opened.", style="dim"))
    open_ones = [incident for incident in ranked if incident.closed_at is None]
    return Panel(
        Group(*(one_line(line, width - 4) for line in lines)),
        title=Text(f"incidents: {len(open_ones)} open, {len(ranked) - len(open_ones)} closed"),
        title_align="left",
        height=height,
        box=box.ROUNDED,
        border_style=border_style(open_ones[0].severity if open_ones else 0),
    )


def _incident_line(incident: LiveIncident, event_at: datetime | None) -> Text:
    line = severity_text(incident.severity, loud=incident.closed_at is None)
    line = Text().append_text(line).append("  ")
    line.append_text(foreign(incident.topic, "bold", limit=30)).append("  ")
    line.append_text(foreign(incident.crisis_type, limit=40))
    return line.append(f"  {_since(incident, event_at)}", style="dim")


def _since(incident: LiveIncident, event_at: datetime | None) -> str:
    if incident.closed_at is not None:
        return f"{moment(incident.opened_at)}, closed {moment(incident.closed_at)}"
    if event_at is None or event_at <= incident.opened_at:
        return f"since {moment(incident.opened_at)}"
    age = span((event_at - incident.opened_at).total_seconds())
    return f"since {moment(incident.opened_at)}, {age}"


def _draft(draft: HoldingDraft | None, console: Console, width: int, height: int) -> Panel:
    if draft is None:
        body = Text("Nothing to say: no incident calls for a holding message.", style="dim")
        title = Text("holding message")
    else:
        room = height - 2
        wrapped = foreign(draft.text, limit=2_000).wrap(console, width - 4)
        body = Text("\n").join(wrapped[:room])
        if len(wrapped) > room:
            body.right_crop(1)
            body.append("…")
        title = Text("holding message for ")
        title.append_text(foreign(draft.topic, "bold", limit=30)).append(" ")
        title.append_text(foreign(f"({draft.language}, {draft.audience})", limit=40))
        title.append(", waits for approval", style="dim")
    return Panel(
        body, title=title, title_align="left", height=height, box=box.ROUNDED, border_style="dim"
    )
