"""Train the packaged weights: `python -m crisiswatch.training.polarity DATA_DIR`.

Needs numpy only, and about two minutes of one core. Prints what it measured on posts
that the weights have not seen, and the SHA-256 of the weights, which is the same on
every machine. `--check` compares with the packaged weights instead of writing them;
`--folds 5` also measures by cross-validation. See `docs/text.md`.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from crisiswatch.errors import InputError
from crisiswatch.reading.polarity import PolarityScorer, Weights, write_weights
from crisiswatch.training.calibration import calibrated_complaint, calibrated_mood
from crisiswatch.training.corpora import (
    ENGLISH,
    HELD_OUT,
    OTHER_LANGUAGES,
    Labelled,
    identity,
    read_posts,
    read_subtitles,
)
from crisiswatch.training.measure import (
    Figures,
    area_under_curve,
    fold_figures,
    mood_figures,
    read_by,
)
from crisiswatch.training.models import ENGLISH_RECIPE, Recipe, other_recipe, train

_PACKAGE = Path(__file__).resolve().parent.parent
PACKAGED = _PACKAGE / "reading" / "weights" / "polarity.npz"
JUDGED = _PACKAGE.parent / "tests" / "training" / "complaints_by_hand.jsonl"
"""Posts of the same sources, judged by hand to be complaints or not, never trained on."""


def train_all(folder: Path, judged: Path) -> dict[str, Weights]:
    """Train and calibrate the model of every language."""
    return dict(_trained(folder, judged))


def _trained(folder: Path, judged: Path) -> Iterator[tuple[str, Weights]]:
    held_out = read_posts(folder, HELD_OUT)
    texts, complaints = read_judged(judged)
    english = train(english_sources(folder, [*held_out.texts, *texts]), ENGLISH_RECIPE)
    english = calibrated_mood(english, held_out.texts, held_out.moods)
    english = calibrated_complaint(english, texts, complaints)
    _say("en, held-out posts", mood_figures(read_by(english, held_out.texts), held_out.moods))
    area = area_under_curve(read_by(english, texts).p_complaint, np.array(complaints))
    print(f"en, posts judged by hand: complaint AUC {100 * area:.1f}")
    yield "en", english
    for language, sources in other_sources(folder).items():
        yield language, train(sources, other_recipe(language))


def english_sources(folder: Path, without: Sequence[str]) -> list[Labelled]:
    """Read the English posts, without those that are to be measured on."""
    left_out = set(map(identity, without))
    sources = []
    for corpus in ENGLISH:
        posts = read_posts(folder, corpus)
        rows = [row for row, text in enumerate(posts.texts) if identity(text) not in left_out]
        sources.append(
            Labelled(
                texts=[posts.texts[row] for row in rows],
                moods=[posts.moods[row] for row in rows],
                weight=posts.weight,
            )
        )
    return sources


def other_sources(folder: Path) -> dict[str, list[Labelled]]:
    """Read the subtitles of each other language."""
    return {
        language: [read_subtitles(folder, names)] for language, names in OTHER_LANGUAGES.items()
    }


def read_judged(path: Path) -> tuple[list[str], list[bool]]:
    """Read the posts judged by hand: texts, and whether each is a complaint."""
    if not path.is_file():
        raise InputError(f"no judged posts at {path}", "train from a checkout of the repository")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row["text"] for row in rows], [bool(row["complaint"]) for row in rows]


def digest(models: Mapping[str, Weights]) -> str:
    """Return the SHA-256 of all weights, scales and offsets."""
    whole = hashlib.sha256()
    for language in sorted(models):
        model = models[language]
        whole.update(language.encode())
        whole.update(model.buckets.astype("<i8").tobytes())
        whole.update(model.weights.tobytes())
        whole.update(model.scales.astype("<f8").tobytes())
        whole.update(model.offsets.astype("<f8").tobytes())
    return whole.hexdigest()


def cross_validate(folder: Path, judged: Path, folds: int) -> None:
    """Print the figures of every language on texts left out of training, averaged over folds."""
    without = [*read_posts(folder, HELD_OUT).texts, *read_judged(judged)[0]]
    _say_folds("en", english_sources(folder, without), ENGLISH_RECIPE, folds)
    for language, sources in other_sources(folder).items():
        _say_folds(language, sources, other_recipe(language), folds)


def _say_folds(language: str, sources: Sequence[Labelled], recipe: Recipe, folds: int) -> None:
    found = [fold_figures(sources, recipe, folds, fold) for fold in range(folds)]
    mean = Figures(
        negative_auc=sum(one.negative_auc for one in found) / folds,
        macro_recall=sum(one.macro_recall for one in found) / folds,
        macro_f1=sum(one.macro_f1 for one in found) / folds,
    )
    _say(f"{language}, {folds} folds", mean)


def _say(what: str, figures: Figures) -> None:
    print(
        f"{what}: AUC of negative {100 * figures.negative_auc:.1f}, "
        f"macro-recall {100 * figures.macro_recall:.1f}, macro-F1 {100 * figures.macro_f1:.1f}",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 if `--check` finds other weights than the packaged ones."""
    parser = argparse.ArgumentParser(prog="crisiswatch.training.polarity", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder of training files, see NOTICE")
    parser.add_argument("--out", type=Path, default=PACKAGED, help="where to write the weights")
    parser.add_argument("--judged", type=Path, default=JUDGED, help="posts judged by hand")
    parser.add_argument("--check", action="store_true", help="compare with the packaged weights")
    parser.add_argument("--folds", type=int, default=0, help="cross-validate as well")
    options = parser.parse_args(arguments)
    models = train_all(options.data, options.judged)
    print(f"SHA-256 of the weights: {digest(models)}")
    if options.folds > 1:
        cross_validate(options.data, options.judged, options.folds)
    if options.check:
        same = digest(models) == digest(PolarityScorer.load().weights)
        print("the packaged weights are these" if same else "the packaged weights are others")
        return 0 if same else 1
    write_weights(models, options.out)
    print(f"wrote {options.out}: {options.out.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
