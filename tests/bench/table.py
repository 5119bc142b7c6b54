"""Figures to a table, bounds to verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(slots=True, kw_only=True)
class Figures:
    """What one contestant did, a figure a round; `note` says what the reader must know.

    `missing` tells why there are none.
    """

    name: str
    posts_per_s: list[float] = field(default_factory=list)
    posts_per_cpu_s: list[float] = field(default_factory=list)
    note: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What a figure must reach, and what it is hoped to; `is_most` turns that around."""

    name: str
    found: float | None
    bound: float
    moonshot: float | None = None
    is_most: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether the bound does; what was not measured does not hold."""
        return self.found is not None and self._reaches(self.found, self.bound)

    @property
    def verdict(self) -> str:
        """Return the verdict in words."""
        if self.found is None:
            return "NOT MEASURED"
        if self.moonshot is not None and self._reaches(self.found, self.moonshot):
            return "holds, and the moonshot"
        return "holds" if self.holds else "MISSED"

    def _reaches(self, found: float, mark: float) -> bool:
        return found <= mark if self.is_most else found >= mark


def ratio(one: Figures, other: Figures) -> float | None:
    """Return the median over the rounds of the ratio within each round, None if one failed."""
    if one.missing or other.missing:
        return None
    pairs = list(zip(one.posts_per_s, other.posts_per_s, strict=False))
    return median(a / b for a, b in pairs) if pairs else None


def rate(one: Figures) -> float | None:
    """Return the median of the rounds, None if one failed."""
    return median(one.posts_per_s) if one.posts_per_s and not one.missing else None


def print_figures(title: str, rows: Sequence[Figures], beside: Sequence[Figures]) -> None:
    """Print a table of rates, and of their ratios to those of `beside`."""
    heads = "".join(f"{f'x {one.name}'[:22]:>24}" for one in beside)
    print(f"\n{title:<46}{'posts/s':>12}{'a CPU second':>14}{heads}")
    for row in rows:
        if row.missing:
            print(f"{row.name:<46}{'-':>12}  {row.missing}")
            continue
        columns = f"{_number(rate(row)):>12}"
        columns += f"{_number(median(row.posts_per_cpu_s) if row.posts_per_cpu_s else None):>14}"
        ratios = "".join(f"{_ratio(ratio(row, one)):>24}" for one in beside)
        print(f"{row.name:<46}{columns}{ratios}{f'  {row.note}' if row.note else ''}")


def print_bounds(bounds: Sequence[Bound]) -> int:
    """Print the verdicts; return 1 where a bound does not hold."""
    print(f"\n{'bound':<62}{'found':>12}{'bound':>12}{'moonshot':>12}")
    for one in bounds:
        found, bound, hoped = map(_figure, (one.found, one.bound, one.moonshot))
        sign = "<= " if one.is_most else ""
        print(f"{one.name:<62}{found:>12}{sign + bound:>12}{hoped:>12}  {one.verdict}")
    return int(not all(one.holds for one in bounds))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _figure(value: float | None) -> str:
    """Return a rate in whole posts, a ratio or seconds with two digits."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1_000 else f"{value:,.2f}"
