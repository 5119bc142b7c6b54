"""What messages have in common: the heading, lists, posts as samples."""

from alerting.notices import Headline
from alerting.slack.fitting import Piece, note, words
from alerting.slack.fitting import header as title
from alerting.slack.markup import EMPTY, clock_time, spoken
from crisiswatch.detection.signal import Severity
from crisiswatch.report.shown_text import severity_word, tame

__all__ = ["bullets", "heading", "listed", "samples", "short_heading", "title"]

_SYMBOLS = {
    Severity.NONE: "⚪",
    Severity.LOW: "🔵",
    Severity.MEDIUM: "🟡",
    Severity.HIGH: "🟠",
    Severity.CRITICAL: "🔴",
}
_MOST_BULLETS = 12
_BULLET_LIMIT = 400
_MOST_SAMPLES = 3
_SAMPLE_LIMIT = 280
_TOPICS_LIMIT = 70
_TYPE_LIMIT = 40


def heading(head: Headline) -> list[Piece]:
    """Return severity, crisis and topics as a heading, and below it since when."""
    line = f"{_severity(head)} · {_crisis(head)} · {_topics(head)}"
    since = f"Since {clock_time(head.opened_at)} · {spoken(head.case_id, 200)}"
    return [Piece(title(line)), Piece(note(since))]


def short_heading(head: Headline) -> str:
    """Return the same on one line of mrkdwn."""
    return f"{_severity(head)} {spoken(_crisis(head))}, {spoken(_topics(head))}"


def bullets(lines: tuple[str, ...]) -> str:
    """Return lines as a list in mrkdwn, saying how many more there are."""
    shown = [f"• {spoken(line, _BULLET_LIMIT)}" for line in lines[:_MOST_BULLETS]]
    if len(lines) > _MOST_BULLETS:
        shown.append(f"… and {len(lines) - _MOST_BULLETS} more")
    return "\n".join(shown) or EMPTY


def listed(names: tuple[str, ...], nobody: str) -> str:
    """Return names side by side, or what to say where there are none."""
    shown = ", ".join(spoken(name, 80) for name in names[:_MOST_BULLETS])
    more = len(names) - _MOST_BULLETS
    return (shown + (f" and {more} more" if more > 0 else "")) or nobody


def samples(posts: tuple[str, ...], *, spare: int) -> list[Piece]:
    """Return what people write, in their words; nothing where there are none."""
    if not posts:
        return []
    quoted = "\n".join(f"“{spoken(post, _SAMPLE_LIMIT)}”" for post in posts[:_MOST_SAMPLES])
    return [Piece(words(f"*What people write*\n{quoted}"), spare)]


def _severity(head: Headline) -> str:
    return f"{_SYMBOLS[head.severity]} {severity_word(head.severity).upper()}"


def _crisis(head: Headline) -> str:
    return tame(head.crisis_type, _TYPE_LIMIT) or EMPTY


def _topics(head: Headline) -> str:
    return tame(", ".join(head.topics), _TOPICS_LIMIT) or EMPTY
