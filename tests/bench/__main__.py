"""Measure speed, delay and state in one run: `make bench`.

    python -m tests.bench [file] [kafka] [steady] [latency] [state] [--rounds N] [--posts N] [--backlog N]

Without a name everything is measured. The machine is noisy, so trust the ratios: all
contestants of a table run one after the other, round after round, each in a process of its
own, and the tables give medians. Exits 1 where a bound does not hold or was not measured.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.contest import say
from tests.bench.engines.environment import engines
from tests.bench.from_file import from_file
from tests.bench.from_kafka import from_kafka
from tests.bench.latency import latency
from tests.bench.machine import cores, describe, stolen_share
from tests.bench.state_bytes import TOPICS, state_bytes
from tests.bench.steady import steady
from tests.bench.table import Bound, print_bounds

MOST_STATE_BYTES = 4_000


def _state(folder: Path, chosen: argparse.Namespace) -> list[Bound]:
    del folder, chosen
    say(f"warming {TOPICS:,} topics")
    name = f"state: bytes a topic at {TOPICS:,} topics"
    return [Bound(name=name, found=state_bytes(), bound=MOST_STATE_BYTES, is_most=True)]


def _file(folder: Path, chosen: argparse.Namespace) -> list[Bound]:
    say("looking for Pathway; to install it takes minutes, once")
    return from_file(folder, engines(), rounds=chosen.rounds, posts=chosen.posts)


def _kafka(folder: Path, chosen: argparse.Namespace) -> list[Bound]:
    say("looking for Quix Streams; to install it takes minutes, once")
    return from_kafka(folder, engines(), rounds=chosen.rounds, posts=chosen.posts)


def _steady(folder: Path, chosen: argparse.Namespace) -> list[Bound]:
    return steady(folder, rounds=chosen.rounds, posts=chosen.backlog)


def _latency(folder: Path, chosen: argparse.Namespace) -> list[Bound]:
    del chosen
    return latency(folder, processes=len(cores()))


PARTS: dict[str, Callable[[Path, argparse.Namespace], list[Bound]]] = {
    "file": _file,
    "kafka": _kafka,
    "steady": _steady,
    "latency": _latency,
    "state": _state,
}


def main() -> int:
    """Print the tables and the verdicts; return 1 where a bound does not hold."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--posts", type=int, default=4_000_000, help="from a file, or one core")
    options.add_argument("--backlog", type=int, default=12_000_000, help="on all cores")
    chosen = options.parse_args()
    for unknown in set(chosen.parts) - set(PARTS):
        options.error(f"{unknown}: is none of {', '.join(PARTS)}")
    print(describe())
    stolen_before, all_before = stolen_share()
    bounds: list[Bound] = []
    for name, part in PARTS.items():
        if not chosen.parts or name in chosen.parts:
            with tempfile.TemporaryDirectory(prefix="crisiswatch-bench-") as folder:
                bounds += part(Path(folder), chosen)
    failed = print_bounds(bounds)
    stolen, ticks = stolen_share()
    share = (stolen - stolen_before) / (ticks - all_before)
    print(f"\nof the processor time, {share:.1%} went to other machines on the same hardware")
    return failed


if __name__ == "__main__":
    sys.exit(main())
