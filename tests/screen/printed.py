"""Renderables as the text that a terminal or a pipe receives."""

import io
import re

from rich.console import Console, RenderableType


def printed(renderable: RenderableType, width: int = 100, height: int = 30) -> str:
    """Print into a pipe: no colours, no control codes."""
    console = Console(width=width, height=height, file=io.StringIO(), force_terminal=False)
    console.print(renderable)
    return _written(console)


def coloured(renderable: RenderableType, width: int = 100, height: int = 30) -> str:
    """Print onto a colour terminal."""
    console = Console(
        width=width,
        height=height,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    console.print(renderable)
    return _written(console)


STYLE = re.compile("\x1b\\[[0-9;]*m")


def steering(shown: str, harmless: str) -> set[str]:
    """Return what `shown` tells a terminal beyond the styles that `harmless` has."""
    other_styles = set(STYLE.findall(shown)) - set(STYLE.findall(harmless))
    rest = STYLE.sub("", shown)
    controls = set(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", rest))
    return other_styles | controls


def _written(console: Console) -> str:
    file = console.file
    assert isinstance(file, io.StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())
