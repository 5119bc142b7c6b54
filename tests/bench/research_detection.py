"""Measure the detectors on the real data sets: the tables of docs/detection.md come from here.

    python tests/bench/research_detection.py [nab] [perturb] [settings] [left-out] [inject] ...

Without a name everything is measured (a few minutes on one core). The data is found as by
the tests: CRISISWATCH_DATA, or ../shared/data beside the repository.
"""

import csv
import json
import math
import os
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median

from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.detection.watch import TopicWatch
from crisiswatch.reading.counts import Counts, Sample
from crisiswatch.reading.polarity import PolarityScorer

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("CRISISWATCH_DATA", REPOSITORY.parent / "shared" / "data"))
BRANDS = ("AAPL", "CRM", "FB", "IBM", "PFE")
DAY_S = 86_400
BIN_S = 300
PROFILES = {"standard": (0.11, 1.0), "low FP": (0.22, 1.0), "low FN": (0.11, 2.0)}
PROBATION_ROWS = 750
ORDINARY_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Series:
    """A count series with its labelled windows, as row numbers (first and last)."""

    name: str
    start_at: int
    counts: list[int]
    windows: list[tuple[int, int]]

    def tail(self, drop: int) -> "Series":
        """Return the series without its first rows; windows that began there go too."""
        kept = [(a - drop, b - drop) for a, b in self.windows if a >= drop + PROBATION_ROWS]
        return Series(self.name, self.start_at + drop * BIN_S, self.counts[drop:], kept)

    def thinned(self, keep: float, rng: random.Random) -> "Series":
        """Return the series with each post kept with the same chance."""
        counts = [_binomial(count, keep, rng) for count in self.counts]
        return Series(self.name, self.start_at, counts, self.windows)


def load_nab() -> list[Series]:
    """Read the five brands and their windows."""
    labels = json.loads((DATA / "nab" / "combined_windows.json").read_text())
    found = []
    for brand in BRANDS:
        name = f"realTweets/Twitter_volume_{brand}.csv"
        with (DATA / "nab" / name).open(newline="") as file:
            rows = [(_unix(row["timestamp"]), int(row["value"])) for row in csv.DictReader(file)]
        row_at = {at: i for i, (at, _) in reversed(list(enumerate(rows)))}
        windows = [(row_at[_unix(a)], row_at[_unix(b)]) for a, b in labels[name]]
        found.append(Series(brand, rows[0][0], [count for _, count in rows], windows))
    return found


def openings(series: Series, settings: WatchSettings | None = None) -> list[int]:
    """Return the rows at which an incident opens."""
    settings = settings or WatchSettings.for_series(spacing_s=BIN_S, polarity_known=False)
    watch = TopicWatch(series.name, settings, "bench")
    return [
        row
        for row, count in enumerate(series.counts)
        if watch.observe(series.start_at + row * BIN_S, Counts(posts=count)).opening_score > 0.0
    ]


def nab_raw(series: Series, opened: Sequence[int], profile: str) -> tuple[float, int]:
    """Return the benchmark's raw score of one series, and its false rows."""
    false_weight, miss_weight = PROFILES[profile]
    best: dict[int, float] = {}
    raw, false_rows = 0.0, 0
    for row in opened:
        if row < PROBATION_ROWS:
            continue
        inside = [w for w, (a, b) in enumerate(series.windows) if a <= row <= b]
        if inside:
            first, last = series.windows[inside[0]]
            value = _sigmoid(-(last - row + 1) / (last - first + 1)) / _sigmoid(-1.0)
            best[inside[0]] = max(best.get(inside[0], -miss_weight), value)
            continue
        false_rows += 1
        past = [(a, b) for a, b in series.windows if b < row]
        distance = (row - past[-1][1]) / (past[-1][1] - past[-1][0]) if past else math.inf
        raw += false_weight * _sigmoid(distance)
    raw += sum(best.get(w, -miss_weight) for w in range(len(series.windows)))
    return raw, false_rows


def nab_score(found: Iterable[tuple[Series, Sequence[int]]]) -> tuple[float, float, float, int]:
    """Return the three normalised scores and the false rows of a set of series."""
    found = list(found)
    windows = sum(len(series.windows) for series, _ in found)
    scores, false_rows = [], 0
    for profile, (_, miss_weight) in PROFILES.items():
        per_series = [nab_raw(series, opened, profile) for series, opened in found]
        false_rows = sum(rows for _, rows in per_series)
        null = -miss_weight * windows
        scores.append(100.0 * (sum(raw for raw, _ in per_series) - null) / (windows - null))
    return scores[0], scores[1], scores[2], false_rows


def measure_nab() -> None:
    """Print the scores as they are, and per brand."""
    found = [(series, openings(series)) for series in load_nab()]
    print(f"NAB five brands: {_scores(nab_score(found))}, {_per_week(found):.2f} openings a week")
    for pair in found:
        print(f"   {pair[0].name:5} {_scores(nab_score([pair]))}")


def measure_perturbed() -> None:
    """Print the scores when the series start later, or hold fewer posts."""
    brands = load_nab()
    rng = random.Random(20150226)
    every = []
    for drop in (0, 288, 577, 863, 1440):
        found = [(tail, openings(tail)) for tail in (series.tail(drop) for series in brands)]
        every.append(nab_score(found))
        print(f"NAB, first {drop:4} rows dropped: {_scores(every[-1])}")
    for keep in (0.9, 0.8, 0.7, 0.5, 0.35):
        thinned = [series.thinned(keep, rng) for series in brands]
        every.append(nab_score((series, openings(series)) for series in thinned))
        print(f"NAB, {keep:.0%} of the posts kept: {_scores(every[-1])}")
    means = [mean(score[i] for score in every) for i in range(4)]
    print(f"NAB, mean of these: {means[0]:.1f} / {means[1]:.1f} / {means[2]:.1f}")


def measure_moved_settings() -> None:
    """Print the scores when one setting at a time is moved: there must be no cliff."""
    usual = WatchSettings.for_series(spacing_s=BIN_S, polarity_known=False)
    moved: dict[str, WatchSettings] = {
        f"{name} x{factor}": replace(usual, **{name: value})
        for name, factors in (
            ("open_score", (0.85, 0.9, 0.95, 1.05, 1.1, 1.15)),
            ("level_half_life_s", (0.5, 2)),
            ("scale_half_life_s", (0.5, 2)),
            ("close_hold_s", (0.5, 2)),
            ("warmup_s", (0.5, 2)),
        )
        for factor in factors
        for value in (type(getattr(usual, name))(getattr(usual, name) * factor),)
    }
    every = []
    for name, settings in moved.items():
        every.append(nab_score((series, openings(series, settings)) for series in load_nab()))
        print(f"NAB, {name:23} {_scores(every[-1])}")
    means = [mean(score[i] for score in every) for i in range(3)]
    print(f"NAB, mean of these: {means[0]:.1f} / {means[1]:.1f} / {means[2]:.1f}")


def measure_left_out() -> None:
    """Print each brand's scores with the threshold that is best on the four others."""
    brands = load_nab()
    usual = WatchSettings.for_series(spacing_s=BIN_S, polarity_known=False)
    opened = {
        threshold: [openings(series, replace(usual, open_score=threshold)) for series in brands]
        for threshold in (0.8, 0.9, 1.0, 1.1, 1.2)
    }
    held_out: list[tuple[Series, Sequence[int]]] = []
    for i, series in enumerate(brands):
        others = {
            threshold: nab_score((brands[j], rows[j]) for j in range(len(brands)) if j != i)
            for threshold, rows in opened.items()
        }
        best = max(others, key=lambda threshold: sum(others[threshold][:3]))
        held_out.append((series, opened[best][i]))
        print(
            f"NAB, {series.name:5} left out: best elsewhere {best}: {_scores(nab_score(held_out[-1:]))}"
        )
    print(f"NAB, threshold never chosen on the brand itself: {_scores(nab_score(held_out))}")


def crisis_curves() -> dict[str, list[int]]:
    """Return the arrivals of each recorded crisis, seconds after its onset."""
    onsets = json.loads((DATA / "crisislex" / "onsets.json").read_text())
    curves = {}
    for name, onset in onsets.items():
        onset_at = datetime.fromisoformat(onset).timestamp()
        lines = (DATA / "crisislex" / f"{name}.txt").read_text().split()
        curves[name] = [int(float(at) - onset_at) for at in lines]
    return curves


def measure_injected(strengths: Sequence[float] = (0, 2, 4, 10), rounds: int = 2) -> None:
    """Print how many crises (and happy bursts) of a given strength open, put onto the brands.

    Strength is the busiest injected hour over the brand's mean hour; 0 tells how often
    something of the brand's own opens within the same 12 hours. One in five ordinary
    posts is negative, two in three of a crisis, one in twenty of a happy burst.
    """
    kinds = (
        ("plain series", None),
        ("crisis with polarity", 0.67),
        ("happy burst with polarity", 0.05),
    )
    for kind, share in kinds:
        for strength in strengths:
            delays = [
                _inject(series, curve, strength, share, random.Random(f"{name}{series.name}{i}"))
                for series in load_nab()
                for name, curve in crisis_curves().items()
                for i in range(rounds)
            ]
            opened = [delay for delay in delays if delay is not None]
            after = f", median after {median(opened) / 60:.0f} min" if opened else ""
            print(f"injected, {kind}, {strength}x: {len(opened) / len(delays):.0%} open{after}")


def _inject(
    series: Series, curve: list[int], strength: float, share: float | None, rng: random.Random
) -> float | None:
    """Return the seconds from the injected onset to an opening within 12 hours, else None.

    `share` of the injected posts is negative; None leaves polarity unknown.
    """
    settings = WatchSettings.for_series(spacing_s=BIN_S, polarity_known=share is not None)
    share = share or 0.0
    hours = [0] * 49
    arrivals = [at for at in curve if 0 <= at < 2 * DAY_S]
    for at in arrivals:
        hours[at // 3600] += 1
    wanted = strength * mean(series.counts) * 12
    factor = wanted / max(hours)
    first = min(arrivals) // BIN_S * BIN_S
    injected = [0.0] * 576
    for at in arrivals:
        row = (at - first) // BIN_S
        if row < 576:
            injected[row] += factor
    while True:
        at_row = rng.randrange(1200, len(series.counts) - 600)
        if any(a - 288 <= at_row <= b for a, b in series.windows):
            continue
        watch = TopicWatch(series.name, settings, "bench")
        for row in range(max(0, at_row - 2016), at_row):
            _feed(watch, series, row, more=0, share=share, rng=rng)
        if watch.state != "crisis":
            break
    for row in range(at_row, at_row + 144):
        more = _poisson(injected[row - at_row], rng)
        if _feed(watch, series, row, more=more, share=share, rng=rng):
            return float((row + 1 - at_row) * BIN_S)
    return None


def _feed(
    watch: TopicWatch, series: Series, row: int, *, more: int, share: float, rng: random.Random
) -> bool:
    """Feed one row with `more` posts put on top; say whether an incident opens."""
    base = series.counts[row]
    negatives = _binomial(base, ORDINARY_SHARE, rng) + _binomial(more, share, rng)
    counts = Counts(posts=base + more, negatives=negatives)
    return watch.observe(series.start_at + row * BIN_S, counts).opening_score > 0.0


def crisis_openings(name: str, curve: Sequence[int], step_s: int) -> list[int]:
    """Return when incidents open in the stream of all relevant posts, seconds after the onset."""
    settings = WatchSettings.for_series(spacing_s=step_s, polarity_known=False)
    watch = TopicWatch(name, settings, "bench")
    counts: dict[int, int] = {}
    for at in curve:
        counts[at // step_s * step_s] = counts.get(at // step_s * step_s, 0) + 1
    return [
        at + step_s
        for at in range(curve[0] // step_s * step_s, curve[-1], step_s)
        if watch.observe(10**9 + at, Counts(posts=counts.get(at, 0))).opening_score > 0.0
    ]


def measure_crisislex(step_s: int = 30) -> None:
    """Print how long after each onset the stream of all relevant posts opens an incident."""
    for name, curve in crisis_curves().items():
        opened = crisis_openings(name, curve, step_s)
        early = sum(at <= 0 for at in opened)
        after = next((at for at in opened if at > 0), None)
        if after is None:
            print(f"CrisisLex {name:30} missed, {early} false alarms before")
            continue
        posts = sum(0 <= at < after for at in curve)
        first = next(at for at in curve if at >= 0)
        print(
            f"CrisisLex {name:30} {after / 60:5.1f} min after the onset, "
            f"{(after - first) / 60:4.1f} after the first post, at post {posts}, "
            f"{early} false before, {len(opened)} in all"
        )


AIRLINES = {
    "united": ("@united", "united airlines"),
    "us-airways": ("@usairways", "us airways"),
    "southwest": ("@southwestair", "southwest airlines"),
    "jetblue": ("@jetblue", "jetblue"),
    "american": ("@americanair", "american airlines"),
    "virgin-america": ("@virginamerica", "virgin america"),
}

Scorer = Callable[[list[str]], Sequence[float]]
Scored = tuple[float, str, str, str, float]
"""Posted at, id, author, text, probability of being negative."""


def load_airline(score: Scorer) -> list[Scored]:
    """Return every post in order of time."""
    lines = (DATA / "airline" / "posts.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    p_negative = score([row["text"] for row in rows])
    return [
        (
            datetime.fromisoformat(r["created_at"]).timestamp(),
            r["tweet_id"],
            r["user"],
            r["text"],
            p,
        )
        for r, p in zip(rows, p_negative, strict=True)
    ]


def airline_signals(
    posts: Sequence[Scored],
    *,
    threshold: float = 0.5,
    phase_s: int = 0,
    settings: WatchSettings | None = None,
) -> dict[str, list[Signal]]:
    """Return each airline's signals when the week is fed to its watch minute by minute.

    `phase_s` moves the whole week, so that bins fall elsewhere.
    """
    settings = settings or WatchSettings()
    first = math.floor(posts[0][0]) // 60 * 60
    last = math.floor(posts[-1][0])
    signals = {}
    for topic, names in AIRLINES.items():
        steps: dict[int, Counts] = {}
        for at, post_id, author, text, p_negative in posts:
            if any(name in text.lower() for name in names):
                step_at = math.floor(at) // 60 * 60
                counts = steps.setdefault(step_at, Counts())
                negative = p_negative >= threshold
                counts += Counts(
                    posts=1,
                    negatives=int(negative),
                    authors={hash_of(author)},
                    samples=[
                        Sample(not negative, hash_of(post_id), post_id, author, text, 0, 0, 0, 0)
                    ],
                )
        watch = TopicWatch(topic, settings, "bench")
        found: list[Signal] = []
        for step_at in range(first, last, 60):
            found += watch.observe(step_at + phase_s, steps.get(step_at, Counts())).signals
        signals[topic] = found
    return signals


def hash_of(name: str) -> int:
    """Return a stable 32-bit hash."""
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


def score_as_shipped(texts: list[str]) -> list[float]:
    """Return the shipped scorer's probabilities that texts are negative."""
    found = PolarityScorer.load().score(texts, ["en"] * len(texts))
    return [float(p) for p in found.p_negative]


def measure_airline(score: Scorer = score_as_shipped) -> None:
    """Print what opens in the airline week, and how much thresholds and bins matter."""
    posts = load_airline(score)
    for threshold in (0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        for phase_s in (0, 120, 240):
            signals = airline_signals(posts, threshold=threshold, phase_s=phase_s)
            us_airways, southwest, passed, opened = check_airline(signals, phase_s)
            print(
                f"airline, negative from {threshold}, bins moved by {phase_s:3} s: "
                f"US Airways {us_airways}, Southwest {southwest}, "
                f"JetBlue's burst let pass {passed}, {opened} opened in all"
            )
    for topic, found in airline_signals(posts).items():
        for signal in found:
            if signal.change in {Change.OPENED, Change.WORSE}:
                at = datetime.fromtimestamp(signal.at, UTC).strftime("%d %b %H:%M")
                verdict = signal.verdict
                print(
                    f"{topic:15} {at} {signal.change:7} {verdict.rule:9} "
                    f"{verdict.severity.label:8} {'; '.join(verdict.reasons)}"
                )


def check_airline(
    signals: dict[str, list[Signal]], phase_s: int = 0
) -> tuple[bool, bool, bool, int]:
    """Return: US Airways found, Southwest found, JetBlue's burst let pass, all openings."""

    def opened(topic: str) -> list[tuple[str, Signal]]:
        return [
            (datetime.fromtimestamp(s.at - phase_s, UTC).strftime("%d %H:%M"), s)
            for s in signals[topic]
            if s.change is Change.OPENED
        ]

    jetblue = [
        s
        for s in signals["jetblue"]
        if "23 18:15"
        <= datetime.fromtimestamp(s.at - phase_s, UTC).strftime("%d %H:%M")
        <= "23 23:59"
        and s.verdict.severity >= Severity.MEDIUM
        and s.change in {Change.OPENED, Change.WORSE}
    ]
    return (
        any(at.startswith("22") for at, _ in opened("us-airways")),
        any(at.startswith(("21", "22")) for at, _ in opened("southwest")),
        not jetblue,
        sum(len(opened(topic)) for topic in signals),
    )


def _unix(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def _sigmoid(distance: float) -> float:
    return -1.0 if distance > 3.0 else 2.0 / (1.0 + math.exp(5.0 * distance)) - 1.0


def _binomial(count: int, share: float, rng: random.Random) -> int:
    if count > 200:
        spread = math.sqrt(count * share * (1.0 - share))
        return min(count, max(0, round(rng.gauss(count * share, spread))))
    return sum(rng.random() < share for _ in range(count))


def _poisson(rate: float, rng: random.Random) -> int:
    if rate > 50.0:
        return max(0, round(rng.gauss(rate, math.sqrt(rate))))
    limit, count, product = math.exp(-rate), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def _scores(score: tuple[float, float, float, int]) -> str:
    return f"{score[0]:5.1f} / {score[1]:5.1f} / {score[2]:5.1f}, {score[3]} false"


def _per_week(found: Sequence[tuple[Series, Sequence[int]]]) -> float:
    opened = sum(sum(row >= PROBATION_ROWS for row in rows) for _, rows in found)
    weeks = sum((len(series.counts) - PROBATION_ROWS) * BIN_S / (7 * DAY_S) for series, _ in found)
    return opened / weeks


def main(names: list[str]) -> None:
    """Measure what is named, or everything."""
    measures: dict[str, Callable[[], None]] = {
        "nab": measure_nab,
        "perturb": measure_perturbed,
        "settings": measure_moved_settings,
        "left-out": measure_left_out,
        "inject": measure_injected,
        "crisislex": measure_crisislex,
        "airline": measure_airline,
    }
    for name in names or measures:
        measures[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
