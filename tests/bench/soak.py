"""Let the service run on a live stream, and see whether its memory stays what it was.

    python -m tests.bench.soak [--minutes 20] [--posts-per-s 50000] [--topics 1000]
                               [--processes 2] [--warm-up-s 180] [--samples FILE] [--picture FILE] [--draw-only]

The memory (RSS) of every process is looked at every 5 seconds and written down at once, so
that Ctrl-C ends it with what there is until then, and `--draw-only` tells again of a file.
After three minutes of warm-up it must be flat: neither may the line through the samples rise
by more than 5 % from its beginning to its end, nor may the highest of the minutes' medians
be more than 5 % above the lowest. Prints both and draws a picture.
"""

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, median

from tests.bench.contest import REPOSITORY, say
from tests.bench.live import MINUTE_S
from tests.bench.machine import describe, rss_bytes
from tests.bench.soak_picture import draw
from tests.bench.table import Bound, print_bounds
from tests.bench.watched_stream import Stream, watched

SAMPLES = Path.home() / ".cache" / "crisiswatch" / "soak.csv"
LOOK_EVERY_S = 5.0
WARM_UP_S = 3 * MINUTE_S
MOST_CHANGE = 0.05
TOPICS_A_GROUP = 2
"""Crises that begin each minute, so that incidents come and stay as in a bad hour."""

Samples = dict[str, list[tuple[float, int]]]
"""By process: seconds since the start, and bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flatness:
    """How the memory of a process changed after the warm-up, as parts of its mean."""

    mean_bytes: float
    rise: float
    swing: float


def main() -> int:
    """Soak, print and draw; return 1 where memory is not flat."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--minutes", type=float, default=20.0)
    options.add_argument("--posts-per-s", type=int, default=50_000)
    options.add_argument("--topics", type=int, default=1_000)
    options.add_argument("--warm-up-s", type=float, default=WARM_UP_S)
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--samples", type=Path, default=SAMPLES)
    options.add_argument("--picture", type=Path, default=REPOSITORY / "docs" / "soak.svg")
    options.add_argument("--draw-only", action="store_true")
    chosen = options.parse_args()
    print(describe())
    if not chosen.draw_only:
        stream = Stream(
            posts_per_s=chosen.posts_per_s,
            seconds=chosen.warm_up_s + chosen.minutes * MINUTE_S,
            topics=chosen.topics,
            groups=max(1, int(chosen.minutes)),
            topics_a_group=TOPICS_A_GROUP,
        )
        try:
            soak(stream, chosen.samples, processes=chosen.processes)
        except KeyboardInterrupt:
            print("stopped; what was seen until then:")
    return report(read_samples(chosen.samples), chosen.picture, warm_up_s=chosen.warm_up_s)


def soak(stream: Stream, samples: Path, *, processes: int) -> None:
    """Run the stream and write down what memory the processes hold meanwhile."""
    samples.parent.mkdir(parents=True, exist_ok=True)
    with (
        samples.open("w", encoding="utf-8", newline="") as file,
        tempfile.TemporaryDirectory(prefix="crisiswatch-soak-") as folder,
        watched(stream, Path(folder), processes=processes) as running,
    ):
        rows = csv.writer(file)
        began_s = time.monotonic()

        def look() -> None:
            at_s = time.monotonic() - began_s
            for number, pid in enumerate(running.service.pids[:processes]):
                rows.writerow((f"{at_s:.1f}", f"detect {number}", rss_bytes(pid)))
            file.flush()
            say(f"{at_s:.0f} s of {stream.seconds:.0f} s")

        told = running.follow(look, every_s=LOOK_EVERY_S)
        read, sent = sum(running.service.read()), told["sent"]
        print(
            f"{sent:,} posts told at {told['paced'] / told['seconds']:,.0f} a second; {read:,} read"
        )


def read_samples(path: Path) -> Samples:
    """Return what was written down."""
    samples: Samples = {}
    with path.open(encoding="utf-8", newline="") as file:
        for at_s, process, size in csv.reader(file):
            samples.setdefault(process, []).append((float(at_s), int(size)))
    return samples


def flatness(samples: Sequence[tuple[float, int]], *, warm_up_s: float) -> Flatness | None:
    """Return how flat the samples after the warm-up are; None where there are too few."""
    later = [(at_s, size) for at_s, size in samples if at_s >= warm_up_s]
    if len(later) < 2 or later[-1][0] - later[0][0] < MINUTE_S:
        return None
    times, sizes = zip(*later, strict=True)
    mean = sum(sizes) / len(sizes)
    line = linear_regression(times, sizes)
    minutes: dict[int, list[int]] = {}
    for at_s, size in later:
        minutes.setdefault(int(at_s // MINUTE_S), []).append(size)
    medians = [median(one) for one in minutes.values()]
    return Flatness(
        mean_bytes=mean,
        rise=line.slope * (times[-1] - times[0]) / mean,
        swing=max(medians) / min(medians) - 1,
    )


def report(samples: Samples, picture: Path, *, warm_up_s: float) -> int:
    """Print the figures and draw the picture; return 1 where memory is not flat."""
    bounds = []
    for process, seen in samples.items():
        found = flatness(seen, warm_up_s=warm_up_s)
        minutes = seen[-1][0] / MINUTE_S
        if found is not None:
            print(f"{process}: {found.mean_bytes / 2**20:,.0f} MB, seen for {minutes:.1f} minutes")
        for what, value in (
            ("rise of the line, in %", None if found is None else 100 * found.rise),
            ("highest minute over lowest, in %", None if found is None else 100 * found.swing),
        ):
            name = f"soak, {process}: {what}"
            bounds.append(Bound(name=name, found=value, bound=100 * MOST_CHANGE, is_most=True))
    picture.write_text(draw(samples, warm_up_s=warm_up_s), encoding="utf-8")
    print(f"drawn: {picture}")
    return print_bounds(bounds)


if __name__ == "__main__":
    sys.exit(main())
