"""From SVG to PNG with resvg and a font of our own, so that words show on any machine."""

from importlib.resources import as_file, files

import resvg_py

from alerting.slack.picture import FONT

_FONT_FILE = "DejaVuSans-subset.ttf"
_LAST_OF_FONT = "\u045f"
_PUNCTUATION = range(0x2010, 0x2600)


def png(svg: str) -> bytes:
    """Return the picture as PNG.

    Words in letters that the font does not have (Chinese, emoji) are drawn with a font of
    the machine where it has one; looking for those takes some time.
    """
    foreign = any(letter > _LAST_OF_FONT and ord(letter) not in _PUNCTUATION for letter in svg)
    with as_file(files("alerting.slack") / "fonts" / _FONT_FILE) as font:
        drawn = resvg_py.svg_to_bytes(
            svg_string=svg,
            skip_system_fonts=not foreign,
            font_files=[str(font)],
            font_family=FONT,
            sans_serif_family=FONT,
        )
    return bytes(drawn)
