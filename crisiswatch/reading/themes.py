"""Group a sample of posts by what they say: copies, reposts and light edits of one text.

First by an exact hash of the normalised text, then by MinHash (Broder 1997): texts
of which at least 4 of 16 minima agree are one theme. Own seeded hashes and a fixed
order: the same posts give the same themes on every machine, in whatever order they come.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 16
EQUAL_BINS = 4

_NOISE = re.compile(r"\brt @\w+:?|https?://\S*|@\w+|[^\w\s]|_")
_SPACE = re.compile(r"\s+")
_SHINGLE = 2

_FACTORS = np.array(
    [((0x9E3779B97F4A7C15 * (2 * seed + 1)) & ((1 << 64) - 1)) | 1 for seed in range(1, BINS + 1)],
    dtype=np.uint64,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Texts that say the same: `members` are places in the sample, `size` their total weight.

    `representative` is the text, as posted, that occurs most.
    """

    representative: str
    size: float
    members: tuple[int, ...]


def theme_key(text: str) -> str:
    """Return what copies of a text have in common: its words, in lower case.

    Repost marks, @handles, links, case and punctuation are gone.
    """
    return _SPACE.sub(" ", _NOISE.sub(" ", text.lower())).strip()


def group_themes(texts: Sequence[str], weights: Sequence[float] | None = None) -> list[Theme]:
    """Group near-duplicates of a sample of up to a few hundred texts, largest first.

    Each text counts `weights[i]`, or 1. Groups are chains: a is with c if both are
    near b. Texts without any word (only links, handles, emoji) are one theme per text.
    Time grows with the square of the number of distinct texts.
    """
    sizes = [1.0] * len(texts) if weights is None else list(weights)
    if len(sizes) != len(texts):
        raise ValueError(f"{len(texts)} texts but {len(sizes)} weights")
    rows_of: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        rows_of.setdefault(theme_key(text) or text, []).append(row)
    keys = sorted(rows_of)
    groups: dict[int, list[str]] = {}
    for key, root in zip(keys, _roots(keys), strict=True):
        groups.setdefault(root, []).append(key)
    themes = [_theme(texts, sizes, group, rows_of) for group in groups.values()]
    return sorted(themes, key=lambda theme: (-theme.size, theme.representative))


def _theme(
    texts: Sequence[str], sizes: Sequence[float], keys: list[str], rows_of: dict[str, list[int]]
) -> Theme:
    weight_of = {key: sum(sorted(sizes[row] for row in rows_of[key])) for key in keys}
    top = min(keys, key=lambda key: (-weight_of[key], key))
    return Theme(
        representative=min(texts[row] for row in rows_of[top]),
        size=sum(sorted(weight_of.values())),
        members=tuple(sorted(row for key in keys for row in rows_of[key])),
    )


def _roots(keys: list[str]) -> list[int]:
    """Return, for each text, the first text of its chain of near-duplicates."""
    if not keys:
        return []
    sketches = np.stack([_sketch(key) for key in keys])
    near = (sketches[:, None, :] == sketches[None, :, :]).sum(axis=2) >= EQUAL_BINS
    roots = np.arange(len(keys))
    while True:
        lower = np.where(near, roots[None, :], len(keys)).min(axis=1)
        if (lower == roots).all():
            return [int(root) for root in roots]
        roots = lower


def _sketch(key: str) -> NDArray[np.uint64]:
    """Return 16 minima over the hashed pairs of neighbouring words."""
    words = key.split(" ")
    count = max(1, len(words) - _SHINGLE + 1)
    shingles = [
        " ".join(words[at : at + _SHINGLE]).encode("utf-8", "surrogatepass") for at in range(count)
    ]
    names = np.array([_fnv(shingle) for shingle in set(shingles)], dtype=np.uint64)
    mixed = names[:, None] * _FACTORS[None, :]
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    sketch: NDArray[np.uint64] = mixed.min(axis=0)
    return sketch


def _fnv(data: bytes) -> int:
    """Return the 64-bit FNV-1a hash of some bytes."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value
