"""Contestants side by side: each a process of its own on the same core, round after round."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.bench.machine import cores
from tests.bench.table import Figures

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A name and the command that prints what it measured.

    `python` is that of the environment that it runs in; `missing` why it can not. One that
    is not pinned sees to that itself.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    python: Path = Path(sys.executable)
    missing: str = ""
    is_pinned: bool = True


def compete(contestants: Sequence[Contestant], *, rounds: int) -> list[Figures]:
    """Run all of them once a round, one after the other, and collect their figures."""
    rows = [Figures(name=one.name, missing=one.missing) for one in contestants]
    for number in range(rounds):
        for one, row in zip(contestants, rows, strict=True):
            if row.missing:
                continue
            say(f"round {number + 1} of {rounds}: {one.name}")
            measured = run_pinned(one, cores()[-1])
            if isinstance(measured, str):
                row.missing = measured
                continue
            row.posts_per_s.append(measured["posts"] / measured["seconds"])
            row.posts_per_cpu_s.append(measured["posts"] / measured["cpu_s"])
    return rows


def run_pinned(one: Contestant, core: int) -> dict[str, Any] | str:
    """Run a contestant, on a core unless it pins itself; return what it measured, or in words why there is nothing."""
    pin = ("taskset", "-c", str(core)) if one.is_pinned else ()
    command = [*pin, str(one.python), "-m", one.module, *one.arguments]
    try:
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"did not end within {LONGEST_S:g} s"
    last = done.stdout.strip().rpartition("\n")[2]
    if done.returncode != 0 or not last.startswith("{"):
        words = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        return f"ended with code {done.returncode}: {words[:200]}"
    measured: dict[str, Any] = orjson.loads(last)
    if not measured["counted"]:
        return "counted nothing"
    return measured


def say(text: str) -> None:
    """Tell whoever watches how far it is."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)
