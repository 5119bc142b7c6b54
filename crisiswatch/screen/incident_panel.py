"""An incident on the console: what a woken person must know, in a few lines.

Lines carry a bar on the left instead of a frame: they stay readable in a pipe, survive
being copied into a chat, and no emoji in a post can push a border aside.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from crisiswatch.detection.signal import Change, Theme
from crisiswatch.report.shown_text import count, full_moment, percent, severity_word, span
from crisiswatch.screen.words import border_style, foreign, severity_text

QUOTE = "»"
MOST_REASONS = 5
MOST_THEMES = 3
MOST_SAMPLES = 2
MOST_STEPS = 3
SAMPLE_LIMIT = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentNotice:
    """What changed about an incident, and what to do now.

    `at` is the moment of the change, `severity` the one in force since then and
    `was_severity` the one before. `next_steps` are the first of the runbook's checklist;
    `holding_message` is the wording that waits for approval, or "" where there is none.
    """

    change: Change
    topic: str
    severity: int
    crisis_type: str
    opened_at: datetime
    at: datetime
    reasons: tuple[str, ...]
    was_severity: int | None = None
    themes: tuple[Theme, ...] = ()
    samples: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    holding_message: str = ""


@dataclass(frozen=True, slots=True)
class IncidentPanel:
    """Draw a notice in the width that there is."""

    notice: IncidentNotice

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the notice's lines, wrapped behind their bar, and an empty line."""
        style = border_style(self.notice.severity)
        width = max(options.max_width - 2, 20)
        for line in _lines(self.notice):
            indent = len(line.plain) - len(line.plain.lstrip(" "))
            body = line[indent:] if indent else line
            for part in body.wrap(console, max(width - indent, 10)):
                part.rstrip()
                yield Text.assemble(("┃ ", style), " " * indent, part)
        yield Text()


def incident_panel(notice: IncidentNotice) -> IncidentPanel:
    """Return the console form of a notice."""
    return IncidentPanel(notice)


def _lines(notice: IncidentNotice) -> Iterator[Text]:
    yield _headline(notice)
    yield _since(notice)
    if notice.change is Change.CLOSED:
        return
    yield from (_item("•", reason) for reason in notice.reasons[:MOST_REASONS])
    if notice.change is Change.BETTER:
        return
    if notice.themes:
        yield Text("What they say", style="dim")
        yield from (_theme(theme) for theme in notice.themes[:MOST_THEMES])
    elif notice.samples:
        yield Text("What they say", style="dim")
        yield from (_item(QUOTE, sample, SAMPLE_LIMIT) for sample in notice.samples[:MOST_SAMPLES])
    if notice.next_steps:
        yield Text("Now", style="dim")
        for number, step in enumerate(notice.next_steps[:MOST_STEPS], start=1):
            yield _item(f"{number}.", step)
    if notice.holding_message:
        yield Text("Holding message, waits for approval", style="dim")
        yield Text("  ").append_text(foreign(notice.holding_message, limit=800))


def _headline(notice: IncidentNotice) -> Text:
    line = Text().append_text(severity_text(notice.severity, loud=True)).append("  ")
    line.append_text(foreign(notice.topic, "bold", limit=80))
    words = {
        Change.OPENED: "incident opened",
        Change.WORSE: "got worse",
        Change.BETTER: "got better",
        Change.REFRESHED: "new evidence",
        Change.CLOSED: "closed",
    }[notice.change]
    if notice.was_severity is not None and notice.change in (Change.WORSE, Change.BETTER):
        words += f", was {severity_word(notice.was_severity)}"
    return line.append(f"  {words}")


def _since(notice: IncidentNotice) -> Text:
    line = foreign(notice.crisis_type, limit=60)
    line.append(", " if line.plain else "")
    age_s = (notice.at - notice.opened_at).total_seconds()
    if notice.change is Change.CLOSED:
        line.append(f"open from {full_moment(notice.opened_at)} for {span(age_s)}")
    else:
        line.append(f"since {full_moment(notice.opened_at)}")
        line.append(f" ({span(age_s)})" if age_s > 0 else "")
    return line


def _item(bullet: str, words: str, limit: int = 400) -> Text:
    return Text(f"  {bullet} ").append_text(foreign(words, limit=limit))


def _theme(theme: Theme) -> Text:
    line = _item(QUOTE, theme.text, SAMPLE_LIMIT)
    return line.append(f"  ({count(theme.posts, 'post')}, {percent(theme.share)})", style="dim")
