"""The platforms, by name: a new one is one file beside this and one line here."""

from crisiswatch.reading.platforms import canonical, jetstream, mastodon, reddit, x_v1, x_v2
from crisiswatch.reading.platforms.shape import Shape

SHAPES: dict[str, Shape] = {
    "canonical": canonical.SHAPE,
    "jetstream": jetstream.SHAPE,
    "mastodon": mastodon.SHAPE,
    "reddit": reddit.SHAPE,
    "x-v1": x_v1.SHAPE,
    "x-v2": x_v2.SHAPE,
}
"""Asked in this order whether a line fits: from the most telling keys to the least."""
