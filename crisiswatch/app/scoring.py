"""`score`: what single posts say, line by line."""

import sys
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from crisiswatch.errors import InputError
from crisiswatch.reading.polarity import PolarityScorer
from crisiswatch.reading.privacy import mask_many

LINES_A_BATCH = 1_000
DIGITS = 4
OK = 0
FOUND_SOMETHING = 1


def run_score(path: Path | None) -> int:
    """Read JSONL with `text` and write JSONL with probabilities; return the exit code.

    Each answer keeps the line's `id`, if it has one. A line without a text is
    answered in its place with `error`, and the exit code is 1; a blank line is
    answered by nothing. `path` is None for standard input.
    """
    scorer = PolarityScorer.load()
    code = OK
    try:
        source = nullcontext(sys.stdin.buffer) if path is None else path.open("rb")
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}", "give a readable file of JSON lines"
        ) from error
    with source as file:
        while lines := list(islice(file, LINES_A_BATCH)):
            answers = list(_answers(lines, scorer))
            code = max(code, FOUND_SOMETHING if any("error" in a for a in answers) else OK)
            sys.stdout.buffer.write(b"".join(orjson.dumps(a) + b"\n" for a in answers))
    sys.stdout.buffer.flush()
    return code


def _answers(lines: Iterable[bytes], scorer: PolarityScorer) -> Iterator[dict[str, Any]]:
    read = [_read(line) for line in lines if line.strip()]
    texts = ["" if fault else post["text"] for post, fault in read]
    polarity = scorer.score(texts, [_language(post) for post, _ in read])
    rows = zip(
        polarity.p_negative.tolist(),
        polarity.p_neutral.tolist(),
        polarity.p_positive.tolist(),
        polarity.p_complaint.tolist(),
        mask_many(texts),
        strict=True,
    )
    for (post, fault), (negative, neutral, positive, complaint, masked) in zip(
        read, rows, strict=True
    ):
        answer: dict[str, Any] = {"id": post["id"]} if "id" in post else {}
        if fault:
            answer["error"] = fault
        else:
            answer |= {
                "p_negative": round(negative, DIGITS),
                "p_neutral": round(neutral, DIGITS),
                "p_positive": round(positive, DIGITS),
                "p_complaint": round(complaint, DIGITS),
                "text": masked,
            }
        yield answer


def _read(line: bytes) -> tuple[dict[str, Any], str]:
    """Return the line's object, and why it can not be scored: empty if it can."""
    try:
        post = orjson.loads(line.removeprefix(BOM_UTF8))
    except orjson.JSONDecodeError as error:
        return {}, f"no JSON: {error}"
    if not isinstance(post, dict):
        return {}, "no JSON object"
    if not isinstance(post.get("text"), str):
        return post, "no field 'text' with a string"
    return post, ""


def _language(post: dict[str, Any]) -> str | None:
    language = post.get("language", post.get("lang"))
    return language.lower().split("-")[0] if isinstance(language, str) else None
