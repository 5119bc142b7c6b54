"""`score`: what single posts say, line by line."""

import sys
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
    answered in its place with `error`, and the exit code is 1.
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
    texts = [post.get("text", "") for post in read]
    polarity = scorer.score(texts, [_language(post) for post in read])
    rows = zip(
        polarity.p_negative.tolist(),
        polarity.p_neutral.tolist(),
        polarity.p_positive.tolist(),
        polarity.p_complaint.tolist(),
        mask_many(texts),
        strict=True,
    )
    for post, (negative, neutral, positive, complaint, masked) in zip(read, rows, strict=True):
        answer: dict[str, Any] = {"id": post["id"]} if "id" in post else {}
        if "error" in post:
            answer["error"] = post["error"]
        else:
            answer |= {
                "p_negative": round(negative, DIGITS),
                "p_neutral": round(neutral, DIGITS),
                "p_positive": round(positive, DIGITS),
                "p_complaint": round(complaint, DIGITS),
                "text": masked,
            }
        yield answer


def _read(line: bytes) -> dict[str, Any]:
    """Return the line's object; where it can not be scored, `error` says why."""
    try:
        post = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return {"error": f"no JSON: {error}"}
    if not isinstance(post, dict):
        return {"error": "no JSON object"}
    if not isinstance(post.get("text"), str):
        identity = {"id": post["id"]} if "id" in post else {}
        return identity | {"error": "no field 'text' with a string"}
    return post


def _language(post: dict[str, Any]) -> str | None:
    language = post.get("language", post.get("lang"))
    return language.lower().split("-")[0] if isinstance(language, str) else None
