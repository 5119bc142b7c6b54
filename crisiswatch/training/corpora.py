"""Read the labelled posts that the weights are trained on.

The folder holds JSONL files of `text` and `label` (0 negative, 1 neutral, 2
positive) and, per language, tab-separated lines of text and emotion ids. `NOTICE`
names their sources and licences, and where the public can get them.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from crisiswatch.errors import InputError

NEGATIVE, NEUTRAL, POSITIVE = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """One file of labelled posts, and how much one of its posts weighs in training."""

    file: str
    weight: float


ENGLISH = (
    Corpus(file="semeval2013_16_ccby3.jsonl", weight=1.0),
    Corpus(file="tse_kaggle_ccby4.jsonl", weight=0.5),
    Corpus(file="goemotions_train_apache2.jsonl", weight=0.1),
    Corpus(file="xed_en_ccby4.jsonl", weight=0.1),
)
HELD_OUT = Corpus(file="tweeteval_val_ccby3.jsonl", weight=1.0)

OTHER_LANGUAGES = {
    "de": ("xedp_de.tsv",),
    "es": ("xedp_es.tsv",),
    "fr": ("xedp_fr.tsv",),
    "it": ("xedp_it.tsv",),
    "nl": ("xedp_nl.tsv",),
    "pl": ("xedp_pl.tsv",),
    "pt": ("xedp_pt.tsv", "xedp_br.tsv"),
}

_NEGATIVE_EMOTIONS = {"1", "3", "4", "6"}  # anger, disgust, fear, sadness
_POSITIVE_EMOTIONS = {"5", "8"}  # joy, trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Labelled texts of one weight."""

    texts: list[str]
    moods: list[int]
    weight: float


def read_posts(folder: Path, corpus: Corpus) -> Labelled:
    """Read a JSONL file of labelled posts, with the escapes that some texts hold undone."""
    texts: list[str] = []
    moods: list[int] = []
    for line in _lines(folder / corpus.file):
        row = json.loads(line)
        texts.append(unescaped(row["text"]))
        moods.append(int(row["label"]))
    return Labelled(texts=texts, moods=moods, weight=corpus.weight)


def read_subtitles(folder: Path, names: tuple[str, ...]) -> Labelled:
    """Read lines of text and emotions; a line of both moods, or of neither, is neutral."""
    texts: list[str] = []
    moods: list[int] = []
    for name in names:
        for line in _lines(folder / name):
            text, _, emotions = line.rpartition("\t")
            texts.append(text)
            moods.append(mood_of(emotions))
    return Labelled(texts=texts, moods=moods, weight=1.0)


def mood_of(emotions: str) -> int:
    """Return the mood of a list of emotion ids such as `1, 4`.

    >>> [mood_of(ids) for ids in ("1, 4", "5", "2, 7", "5, 6")]
    [0, 2, 1, 1]
    """
    found = set(emotions.replace(",", " ").split())
    negative, positive = bool(found & _NEGATIVE_EMOTIONS), bool(found & _POSITIVE_EMOTIONS)
    if negative == positive:
        return NEUTRAL
    return NEGATIVE if negative else POSITIVE


def unescaped(text: str) -> str:
    r"""Undo the escapes left in a text by an earlier tool.

    >>> unescaped(r"It\u2019s\u002c well\n\"fine\"")
    'It’s, well "fine"'
    """
    if "\\" not in text:
        return text
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), text)
    return text.replace("\\n", " ").replace('\\"', '"').replace('""', '"')


def identity(text: str) -> str:
    """Return what two copies of one post have in common: its letters and digits.

    Links, @handles, case and punctuation differ between copies of a data set.
    """
    return re.sub(r"https?://\S+|@\w+|\W", "", text.lower())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except FileNotFoundError:
        raise InputError(
            f"no training file {path}", "NOTICE says where the public can get it"
        ) from None
