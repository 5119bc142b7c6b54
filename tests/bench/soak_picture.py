"""The memory of processes over time, as a picture of its own."""

from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 800, 300
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 36, 36
COLOURS = ("#1b6ca8", "#c8553d", "#3d8361", "#7d5ba6")
INK, FAINT = "#333333", "#dddddd"
MB = 1 << 20
MOST_TICKS = 8
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)


def draw(samples: Mapping[str, Sequence[tuple[float, int]]], *, warm_up_s: float) -> str:
    """Return an SVG with a line for each process and the axis of memory from 0."""
    longest_s = max((at_s for seen in samples.values() for at_s, _ in seen), default=1.0)
    largest_mb = max((size / MB for seen in samples.values() for _, size in seen), default=1.0)
    mb_step, minute_step = _step(largest_mb), _step(longest_s / 60)
    top_mb = mb_step * (int(largest_mb / mb_step) + 1)

    def x(at_s: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * at_s / longest_s

    def y(mb: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * mb / top_mb

    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<rect x="{LEFT}" y="{TOP}" width="{x(warm_up_s) - LEFT:.1f}" '
        f'height="{HEIGHT - TOP - BOTTOM}" fill="#f4f4f4"/>'
        if warm_up_s < longest_s
        else "",
    ]
    for tick in range(0, int(top_mb) + 1, mb_step):
        parts.append(_line(LEFT, y(tick), WIDTH - RIGHT, y(tick)))
        parts.append(_words(LEFT - 8, y(tick) + 4, f"{tick} MB", anchor="end"))
    parts += [
        _words(x(60 * tick), HEIGHT - BOTTOM + 18, f"{tick} min", anchor="middle")
        for tick in range(0, int(longest_s / 60) + 1, minute_step)
    ]
    for number, (process, seen) in enumerate(samples.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{x(at_s):.1f},{y(size / MB):.1f}" for at_s, size in seen)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
        parts.append(_words(LEFT + 120 * number, TOP - 14, process, colour=colour))
    parts.append(
        _words(WIDTH - RIGHT, TOP - 14, "memory (RSS); grey: warm-up, not judged", anchor="end")
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">'
        + "".join(parts)
        + "</svg>\n"
    )


def _step(largest: float) -> int:
    return next((step for step in _STEPS if largest / step <= MOST_TICKS), _STEPS[-1])


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{FAINT}"/>'


def _words(x: float, y: float, words: str, *, anchor: str = "start", colour: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'
