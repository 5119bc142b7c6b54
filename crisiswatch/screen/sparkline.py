"""Small charts out of block characters."""

from collections.abc import Sequence

_LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float | None], width: int, top: float | None = None) -> str:
    """Draw the last `width` values in one line of exactly that width.

    `top` is the value of a full block, the largest value where it is None. An unknown
    value is a space; too few values leave the left empty.
    """
    shown = values[-width:] if width > 0 else ()
    highest = _highest(shown) if top is None else top
    return "".join(_block(value, highest) for value in shown).rjust(width)


def columns(values: Sequence[float | None], width: int, height: int) -> tuple[str, ...]:
    """Draw all values as a chart of `height` lines, the topmost first.

    Where there are more values than columns, a column shows the largest of its values,
    so that no peak is lost.
    """
    squeezed = squeeze(values, width)
    highest = _highest(squeezed)
    eighths = [
        0 if value is None else max(round(value / highest * height * 8), 1 if value > 0 else 0)
        for value in squeezed
    ]
    lines = []
    for row in range(height - 1, -1, -1):
        cells = (min(max(full - 8 * row, 0), 8) for full in eighths)
        lines.append("".join(_LEVELS[cell - 1] if cell else " " for cell in cells))
    return tuple(lines)


def squeeze(values: Sequence[float | None], width: int) -> tuple[float | None, ...]:
    """Gather values into at most `width` columns, the largest known one of each."""
    length = len(values)
    if length <= width:
        return tuple(values)
    squeezed: list[float | None] = []
    for column in range(width):
        part = values[column * length // width : (column + 1) * length // width]
        squeezed.append(max((value for value in part if value is not None), default=None))
    return tuple(squeezed)


def bar(share: float, width: int) -> str:
    """Draw a share of 0 to 1 as a bar of exactly `width`."""
    full = round(min(max(share, 0.0), 1.0) * width)
    return "━" * full + "─" * (width - full)


def _highest(values: Sequence[float | None]) -> float:
    return max((value for value in values if value is not None), default=1.0) or 1.0


def _block(value: float | None, highest: float) -> str:
    if value is None:
        return " "
    level = round(value / highest * (len(_LEVELS) - 1)) if highest > 0 else 0
    return _LEVELS[min(max(level, 0), len(_LEVELS) - 1)]
