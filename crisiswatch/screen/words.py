"""Foreign text and severities as styled text that no markup can enter."""

from rich.text import Text

from crisiswatch.detection.signal import Severity
from crisiswatch.report.shown_text import severity_symbol, severity_word, tame

STYLES = {
    Severity.NONE: "dim",
    Severity.LOW: "yellow",
    Severity.MEDIUM: "dark_orange",
    Severity.HIGH: "bold red",
    Severity.CRITICAL: "bold white on red3",
}

_BORDERS = {**STYLES, Severity.HIGH: "red", Severity.CRITICAL: "red3"}


def severity_style(severity: int) -> str:
    """Return rich's style for a severity."""
    return STYLES[Severity(severity)]


def border_style(severity: int) -> str:
    """Return the style of a frame around something of that severity."""
    return _BORDERS[Severity(severity)]


def severity_text(severity: int, *, loud: bool = False) -> Text:
    """Return symbol and word, so that the severity reads without colour; capitals if `loud`."""
    word = severity_word(severity)
    label = f"{severity_symbol(severity)} {word.upper() if loud else word}"
    return Text(label, style=severity_style(severity))


def foreign(text: str, style: str = "", limit: int = 400) -> Text:
    """Return text from outside, harmless: rich markup in it stays plain characters."""
    return Text(tame(text, limit), style=style)


def one_line(text: Text, width: int) -> Text:
    """Cut a text to one line of at most `width` cells, with an ellipsis."""
    cut = text.copy()
    cut.truncate(max(width, 1), overflow="ellipsis")
    return cut
