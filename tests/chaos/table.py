"""What was done and what became of it, as a table for people and for `docs/reliability.md`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.chaos.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What became of one fault. `recovered_s` is from its end until detection had caught up."""

    fault: Fault
    recovered_s: float
    alert: str | None
    wrong: tuple[str, ...]

    @property
    def answered(self) -> bool:
        """Tell whether the right alert fired, if any was due."""
        return self.alert is not None or not self.fault.alerts

    @property
    def holds(self) -> bool:
        """Tell whether everything is as it must be."""
        return not self.wrong and self.answered


def table(seen: Sequence[Seen]) -> str:
    """Return a Markdown table, a line for each kind of fault."""
    by_kind: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_kind[one.fault.name].append(one)
    lines = [
        "| fault | times | counters as undisturbed, signals once | right alert | alerts seen | caught up after, median (longest) |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, some in sorted(by_kind.items(), key=lambda item: -len(item[1])):
        times = [one.recovered_s for one in some]
        due = (
            f"{sum(one.answered for one in some)} of {len(some)}"
            if some[0].fault.alerts
            else "none due"
        )
        alerts = ", ".join(sorted({one.alert for one in some if one.alert is not None})) or "-"
        lines.append(
            f"| {name} | {len(some)} | {sum(not one.wrong for one in some)} of {len(some)} | {due} | {alerts} "
            f"| {median(times):.1f} s ({max(times):.1f} s) |"
        )
    return "\n".join(lines)
