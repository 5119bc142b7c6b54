"""How it went, as a picture for a chat: read at a glance on a phone, by day and by night.

A pure SVG, dark on white: posts and negative posts a minute against what was expected
of them, and the severity below. Numbers that matter are written out, so that nothing
depends on telling colours apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from crisiswatch.detection.signal import Severity
from crisiswatch.report.axes import time_ticks, value_ticks
from crisiswatch.report.charts import percent_of
from crisiswatch.report.shown_text import amount, full_moment, severity_word, tame

WIDTH, HEIGHT = 1_000, 800
FONT = "DejaVu Sans"

_LEFT, _RIGHT = 96, 968
_PANELS = ((176, 376), (464, 664))
_LAST_SHARE = 0.04
_STRIP = (684, 722)
_TITLE_LIMIT = 40
_MOST_DOTS = 40
_SMALL, _MIDDLE, _LARGE = 25, 28, 40
_TICK_ROOM = 110
_INK, _FAINT, _GRID = "#1b1b1f", "#55555e", "#d9d9de"
_BLUE, _RED = "#1f5aa8", "#b3261e"
_STRIP_COLOURS = {
    Severity.NONE: ("#ececf0", _INK),
    Severity.LOW: ("#cfe0f5", _INK),
    Severity.MEDIUM: ("#f6dd86", _INK),
    Severity.HIGH: ("#f0a04b", _INK),
    Severity.CRITICAL: ("#a8151b", "#ffffff"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPoint:
    """What was measured at one time. Rates are posts a minute; None where polarity is unknown."""

    at: datetime
    posts_per_min: float
    expected_posts_per_min: float
    negatives_per_min: float | None
    expected_negatives_per_min: float | None
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartData:
    """A topic's points, oldest first, of which there is at least one."""

    topic: str
    points: tuple[ChartPoint, ...]


def svg(data: ChartData) -> str:
    """Return the picture; raise ValueError where there is nothing to draw."""
    if not data.points:
        raise ValueError(f"no points to draw for {data.topic!r}")
    points = data.points
    last = points[-1]
    scale = _Scale.over(points)
    negatives = [
        (point.at, point.negatives_per_min, point.expected_negatives_per_min) for point in points
    ]
    drawn = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONT}">'
        ),
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _words(32, 58, tame(data.topic, _TITLE_LIMIT), _LARGE),
        _words(
            32,
            98,
            f"{severity_word(last.severity).upper()} · {full_moment(last.at)}",
            _SMALL,
            colour=_FAINT,
        ),
        *_time_axis(scale),
        *_panel(
            scale,
            _PANELS[0],
            "All posts",
            _BLUE,
            [(point.at, point.posts_per_min, point.expected_posts_per_min) for point in points],
        ),
        *_panel(scale, _PANELS[1], "Negative posts", _RED, negatives),
        *_strip(scale, points),
        "</svg>",
    ]
    return "\n".join(drawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    start_at: datetime
    end_at: datetime

    @classmethod
    def over(cls, points: Sequence[ChartPoint]) -> "_Scale":
        start_at, end_at = points[0].at, points[-1].at
        if end_at <= start_at:
            # A single point stands at the right edge of an hour.
            return cls(start_at=end_at - timedelta(hours=1), end_at=end_at)
        # The newest severity has no end yet; some room lets it be seen.
        end_at += (end_at - start_at) * _LAST_SHARE
        return cls(start_at=start_at, end_at=end_at)

    def x(self, at: datetime) -> float:
        percent = percent_of(self.start_at, self.end_at, at)
        return round(_LEFT + (_RIGHT - _LEFT) * percent / 100, 1)


Measured = tuple[datetime, float | None, float | None]


def _panel(
    scale: _Scale, at_y: tuple[int, int], name: str, colour: str, measured: Sequence[Measured]
) -> list[str]:
    top_y, bottom_y = at_y
    _, now, expected_now = measured[-1]
    known = [value for _, *values in measured for value in values if value is not None]
    if now is None:
        said = f"{name}: unknown"
    elif expected_now is None:
        said = f"{name}: {amount(now)} a minute"
    else:
        said = f"{name}: {amount(now)} a minute, {amount(expected_now)} expected"
    drawn = [_words(32, top_y - 24, said, _MIDDLE, colour=colour)]
    top, ticks = value_ticks(max(known, default=1.0))

    def y(value: float) -> float:
        return round(bottom_y - (bottom_y - top_y) * value / top, 1)

    for tick in ticks:
        tick_y = round(bottom_y - (bottom_y - top_y) * tick.percent / 100, 1)
        drawn += [
            _line(_LEFT, tick_y, _RIGHT, tick_y, _GRID, 2),
            _words(_LEFT - 12, tick_y + 9, tick.label, _SMALL, colour=_FAINT, anchor="end"),
        ]
    counted = [(scale.x(at), y(value)) for at, value, _ in measured if value is not None]
    expected = [(scale.x(at), y(value)) for at, _, value in measured if value is not None]
    if counted:
        edge = " ".join(f"{x},{at}" for x, at in counted)
        drawn += [
            (
                f'<polygon points="{counted[0][0]},{bottom_y} {edge} {counted[-1][0]},{bottom_y}" '
                f'fill="{colour}" fill-opacity="0.18"/>'
            ),
            (
                f'<polyline points="{edge}" fill="none" stroke="{colour}" stroke-width="5" '
                'stroke-linejoin="round"/>'
            ),
        ]
    if len(counted) <= _MOST_DOTS:
        drawn += [f'<circle cx="{x}" cy="{at}" r="7" fill="{colour}"/>' for x, at in counted]
    if expected:
        # One measurement has no length; what was expected is drawn across.
        line = expected if len(expected) > 1 else [(_LEFT, expected[0][1]), *expected]
        edge = " ".join(f"{x},{at}" for x, at in line)
        drawn.append(
            f'<polyline points="{edge}" fill="none" stroke="{_INK}" stroke-width="3" '
            'stroke-dasharray="12 8"/>'
        )
    return drawn


def _strip(scale: _Scale, points: Sequence[ChartPoint]) -> list[str]:
    top_y, bottom_y = _STRIP
    drawn = []
    start = 0
    for index in range(1, len(points) + 1):
        if index < len(points) and points[index].severity == points[start].severity:
            continue
        severity = points[start].severity
        left = scale.x(points[start].at) if len(points) > 1 else _LEFT
        right = scale.x(points[index].at) if index < len(points) else _RIGHT
        fill, ink = _STRIP_COLOURS[severity]
        if right > left:
            drawn.append(
                f'<rect x="{left}" y="{top_y}" width="{round(right - left, 1)}" '
                f'height="{bottom_y - top_y}" fill="{fill}"/>'
            )
        word = severity_word(severity)
        if right - left > len(word) * _SMALL * 0.7:
            middle = round((left + right) / 2, 1)
            drawn.append(_words(middle, bottom_y - 10, word, _SMALL, colour=ink, anchor="middle"))
        start = index
    return drawn


def _time_axis(scale: _Scale) -> list[str]:
    drawn = []
    free_x = float(_LEFT)
    for tick in time_ticks(scale.start_at, scale.end_at):
        x = round(_LEFT + (_RIGHT - _LEFT) * tick.percent / 100, 1)
        drawn += [_line(x, top_y, x, bottom_y, _GRID, 1) for top_y, bottom_y in _PANELS]
        half = len(tick.label) * _SMALL * 0.32
        if x - half < free_x - _TICK_ROOM / 2 or x + half > WIDTH:
            continue
        drawn.append(_words(x, 758, tick.label, _SMALL, colour=_FAINT, anchor="middle"))
        free_x = x + half + _TICK_ROOM / 2 + 14
    drawn.append(_words(_RIGHT, 790, "UTC · dashed: expected", 20, colour=_FAINT, anchor="end"))
    return drawn


def _line(  # noqa: PLR0917  # as SVG orders them
    x1: float, y1: float, x2: float, y2: float, colour: str, width: int
) -> str:
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="{width}"/>'
    )


def _words(
    x: float, y: float, text: str, size: int, *, colour: str = _INK, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )
