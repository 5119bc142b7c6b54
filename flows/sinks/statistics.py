"""What a run has read so far, exactly, across restarts."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition

from flows.messages import Intake, LatePosts, SourceGap

MOST_GAPS = 1_000
"""A source that stutters for a year must not fill the snapshots: the newest are kept."""

Noted = Intake | LatePosts | SourceGap


@dataclass(slots=True, kw_only=True)
class RunTotals:
    """Sums over everything read; times in unix seconds of event time."""

    lines: int = 0
    data_bytes: int = 0
    candidates: int = 0
    matched: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    late_posts: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    first_s: int | None = None
    newest_s: int | None = None

    def note(self, noted: Noted) -> None:
        """Add what one chunk, gap or late batch says."""
        match noted:
            case LatePosts():
                self.late_posts += noted.posts
            case SourceGap():
                self._note_gap(noted)
            case Intake():
                self._note_intake(noted)

    def _note_gap(self, gap: SourceGap) -> None:
        """Add a gap; a live source tells a long one piece by piece."""
        if self.gaps and self.gaps[-1][1] == gap.from_at:
            self.gaps[-1] = (self.gaps[-1][0], gap.to_at)
        else:
            self.gaps.append((gap.from_at, gap.to_at))
            del self.gaps[:-MOST_GAPS]

    def _note_intake(self, intake: Intake) -> None:
        self.lines += intake.lines
        self.data_bytes += intake.data_bytes
        self.candidates += intake.candidates
        self.matched += intake.matched
        for rejected in intake.rejected:
            reason = rejected.reason.value
            self.rejected[reason] = self.rejected.get(reason, 0) + 1
        for kind, events in intake.skipped.items():
            self.skipped[kind] = self.skipped.get(kind, 0) + events
        if intake.first_s is not None:
            self.first_s = (
                intake.first_s if self.first_s is None else min(self.first_s, intake.first_s)
            )
        if intake.newest_s is not None:
            self.newest_s = (
                intake.newest_s if self.newest_s is None else max(self.newest_s, intake.newest_s)
            )


class Statistics(FixedPartitionedSink[Noted, dict[str, Any]]):
    """Keep the run's totals, and show them to `on_change` after each batch.

    Where `here` is False another process of the cluster keeps them.
    """

    def __init__(self, on_change: Callable[[RunTotals], None], *, here: bool = True) -> None:
        self._on_change = on_change
        self._here = here

    def list_parts(self) -> list[str]:
        """Return the one partition, in the process that keeps it."""
        return ["totals"] if self._here else []

    def part_fn(self, item_key: str) -> int:  # noqa: ARG002  # the signature is Bytewax's
        """Send every item to the one partition."""
        return 0

    def build_part(
        self,
        step_id: str,  # noqa: ARG002  # the signature is Bytewax's
        for_part: str,  # noqa: ARG002  # as above
        resume_state: dict[str, Any] | None,
    ) -> "_Totals":
        """Take up the totals where they stood."""
        return _Totals(RunTotals(**(resume_state or {})), self._on_change)


class _Totals(StatefulSinkPartition[Noted, dict[str, Any]]):
    def __init__(self, totals: RunTotals, on_change: Callable[[RunTotals], None]) -> None:
        self._totals = totals
        self._on_change = on_change
        on_change(totals)

    def write_batch(self, values: list[Noted]) -> None:
        for noted in values:
            self._totals.note(noted)
        self._on_change(self._totals)

    def snapshot(self) -> dict[str, Any]:
        return asdict(self._totals)
