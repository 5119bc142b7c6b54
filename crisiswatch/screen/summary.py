"""The closing summary of a demo or replay."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from crisiswatch.report.sentences import ended_words, outcome_words
from crisiswatch.report.shown_text import amount, count, moment, span
from crisiswatch.report.views import (
    Episode,
    IncidentView,
    RunSummary,
    false_alarms,
    is_good,
)
from crisiswatch.screen.words import foreign, severity_text

MOST_INCIDENTS = 12
NAME_LIMIT = 40


def closing_summary(
    summary: RunSummary, incidents: tuple[IncidentView, ...], page: str | None = None
) -> RenderableType:
    """Return what a run found and how fast it was; `page` is the path to open afterwards."""
    parts: list[RenderableType] = [Text()]
    if summary.truth:
        parts += [_truth(summary.truth), Text(), _false_alarms(summary, incidents)]
    elif incidents:
        parts.append(_incidents(incidents))
    else:
        parts.append(Text("No incident opened."))
    parts += [Text(), _speed(summary)]
    rejects = _losses(summary)
    if rejects.plain:
        parts.append(rejects)
    if page is not None:
        parts.append(Text.assemble(("page  ", "dim"), foreign(page, "bold", limit=1_000)))
    return Group(*parts)


def _table(*headers: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def _truth(truth: tuple[Episode, ...]) -> Table:
    table = _table("what happened", "topic", "began", "should open", "result")
    for episode in truth:
        good = is_good(episode)
        table.add_row(
            foreign(episode.name, limit=NAME_LIMIT),
            foreign(episode.topic, limit=NAME_LIMIT),
            Text(moment(episode.onset_at)),
            Text("yes" if episode.must_open else "no"),
            Text(
                f"{'✓' if good else '✗'} {outcome_words(episode)}",
                style="green" if good else "bold red",
            ),
        )
    return table


def _false_alarms(summary: RunSummary, incidents: tuple[IncidentView, ...]) -> Text:
    wrong = false_alarms(summary.truth, incidents)
    style = "bold red" if wrong else "green"
    line = Text.assemble((count(len(wrong), "false alarm") if wrong else "no false alarm", style))
    for incident in wrong[:MOST_INCIDENTS]:
        line.append("\n  ").append_text(severity_text(incident.severity)).append("  ")
        line.append_text(foreign(incident.topic, limit=NAME_LIMIT))
        line.append(f"  {moment(incident.opened_at)}")
    if len(wrong) > MOST_INCIDENTS:
        line.append(f"\n  and {len(wrong) - MOST_INCIDENTS} more")
    return line


def _incidents(incidents: tuple[IncidentView, ...]) -> Group:
    worst = sorted(incidents, key=lambda incident: (-incident.severity, incident.opened_at))
    lines = []
    for incident in worst[:MOST_INCIDENTS]:
        lines.append(
            Text.assemble(
                severity_text(incident.severity),
                "  ",
                foreign(incident.topic, "bold", limit=NAME_LIMIT),
                "  ",
                foreign(incident.crisis_type, limit=NAME_LIMIT),
                (f"  {moment(incident.opened_at)} to {ended_words(incident)}", "dim"),
            )
        )
        lines += [Text("  ").append_text(foreign(reason)) for reason in incident.reasons[:1]]
    if len(worst) > MOST_INCIDENTS:
        lines.append(Text(f"and {len(worst) - MOST_INCIDENTS:,} more", style="dim"))
    return Group(*lines)


def _speed(summary: RunSummary) -> Text:
    took = f"{summary.elapsed_s:.1f} s" if summary.elapsed_s < 60 else span(summary.elapsed_s)  # noqa: PLR2004  # a minute
    return Text.assemble(
        (f"{summary.posts_read:,}", "bold"),
        f" posts read in {took}, ",
        (amount(summary.posts_per_s), "bold"),
        f" posts/s; {summary.posts_matched:,} matched",
    )


def _losses(summary: RunSummary) -> Text:
    """Say what did not count: rejects by reason, late posts, gaps; empty if nothing."""
    words = []
    rejected = sum(summary.rejected.values())
    if rejected:
        reasons = ", ".join(f"{name} {times:,}" for name, times in sorted(summary.rejected.items()))
        words.append(f"{rejected:,} rejected ({reasons})")
    if summary.late_posts:
        words.append(f"{count(summary.late_posts, 'post')} too late")
    if summary.gaps:
        words.append(f"{count(len(summary.gaps), 'gap')} in the source")
    return foreign("; ".join(words), "yellow")
