"""What a terminal shows while a run goes on: a line of progress, or the live view."""

from collections import deque
from dataclasses import dataclass, field
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from crisiswatch.clock import Clock, at_utc
from crisiswatch.detection.signal import Severity
from crisiswatch.detection.step import BinReading
from crisiswatch.incidents.incident import Incident
from crisiswatch.screen.live import HoldingDraft, LiveIncident, LiveState, LiveTopic, LiveView
from flows.sinks.statistics import RunTotals

BINS_SHOWN = 36
FRAME_S = 0.25
RATE_OVER_S = 2.0
"""Posts per second are those of the last two seconds: steady to read, quick to follow."""


class ProgressFollower:
    """Show a progress bar on a terminal; in a pipe rich shows nothing."""

    def __init__(self, console: Console, total_bytes: int | None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("reading", total=total_bytes)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def on_reading(self, reading: BinReading) -> None:
        """Readings are not shown."""

    def on_progress(self, totals: RunTotals, incidents: tuple[Incident, ...]) -> None:
        """Move the bar."""
        self._progress.update(
            self._task,
            completed=totals.data_bytes,
            description=f"{totals.lines:,} posts, {len(incidents)} incidents",
        )


@dataclass(slots=True)
class _Topic:
    posts: deque[float | None] = field(default_factory=lambda: deque(maxlen=BINS_SHOWN))
    negatives: deque[float | None] = field(default_factory=lambda: deque(maxlen=BINS_SHOWN))
    last: BinReading | None = None


class LiveFollower:
    """Draw the live view, a few frames a second, from the dataflow's own thread.

    `draft` is set by the responder's drafter as it words a holding message. In a pipe
    nothing is drawn; the frame with most open incidents is kept in `busiest` for pictures.
    """

    def __init__(
        self,
        console: Console,
        *,
        title: str,
        topics: tuple[str, ...],
        bin_s: int,
        clock: Clock,
        span_s: tuple[int, int] | None = None,
    ) -> None:
        self._live = Live(console=console, auto_refresh=False, screen=console.is_terminal)
        self._terminal = console.is_terminal
        self._title = title
        self._topics = {name: _Topic() for name in topics}
        self._bin_min = bin_s / 60
        self._clock = clock
        self._span_s = span_s
        self._started_s = clock.monotonic_s()
        self._drawn_s = 0.0
        self._rates: deque[tuple[float, int]] = deque([(self._started_s, 0)])
        self.draft: HoldingDraft | None = None
        self.busiest: LiveState | None = None

    def __enter__(self) -> Self:
        if self._terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            self._live.stop()

    def on_reading(self, reading: BinReading) -> None:
        """Remember a topic's newest bins."""
        topic = self._topics[reading.topic]
        topic.posts.append(reading.posts / self._bin_min)
        topic.negatives.append((reading.negatives or 0) / self._bin_min)
        topic.last = reading

    def on_progress(self, totals: RunTotals, incidents: tuple[Incident, ...]) -> None:
        """Draw a frame if the last one is old enough."""
        now_s = self._clock.monotonic_s()
        if now_s - self._drawn_s < FRAME_S:
            return
        self._drawn_s = now_s
        self._rates.append((now_s, totals.lines))
        while now_s - self._rates[0][0] > RATE_OVER_S and len(self._rates) > 1:
            self._rates.popleft()
        frame = self._frame(totals, incidents, now_s)
        if self.busiest is None or _open(frame) > _open(self.busiest):
            self.busiest = frame
        if self._terminal:
            self._live.update(LiveView(frame), refresh=True)

    def _frame(self, totals: RunTotals, incidents: tuple[Incident, ...], now_s: float) -> LiveState:
        since_s, lines_then = self._rates[0]
        elapsed_s = max(now_s - since_s, FRAME_S)
        open_severity = {
            incident.topic: int(incident.severity) for incident in incidents if incident.is_open
        }
        return LiveState(
            title=self._title,
            event_at=None if totals.newest_s is None else at_utc(totals.newest_s),
            elapsed_s=now_s - self._started_s,
            posts_read=totals.lines,
            posts_per_s=(totals.lines - lines_then) / elapsed_s,
            posts_matched=totals.matched,
            rejected=sum(totals.rejected.values()),
            late_posts=totals.late_posts,
            topics=tuple(
                self._live_topic(name, topic, open_severity.get(name, int(Severity.NONE)))
                for name, topic in self._topics.items()
            ),
            incidents=tuple(
                LiveIncident(
                    topic=incident.topic,
                    severity=int(incident.severity),
                    crisis_type=incident.crisis_type,
                    opened_at=incident.opened_at,
                    reasons=incident.worst.reasons,
                    closed_at=incident.closed_at,
                )
                for incident in incidents
            ),
            draft=self.draft,
            done_share=self._done_share(totals.newest_s),
        )

    def _live_topic(self, name: str, topic: _Topic, severity: int) -> LiveTopic:
        last = topic.last
        expected_negatives = None if last is None else last.expected_negatives
        return LiveTopic(
            name=name,
            severity=severity,
            posts=tuple(topic.posts),
            negatives=tuple(topic.negatives),
            posts_per_min=(topic.posts[-1] or 0.0) if topic.posts else 0.0,
            negatives_per_min=(topic.negatives[-1] or 0.0) if topic.negatives else 0.0,
            expected_posts_per_min=None if last is None else last.expected_posts / self._bin_min,
            expected_negatives_per_min=None
            if expected_negatives is None
            else expected_negatives / self._bin_min,
        )

    def _done_share(self, clock_s: int | None) -> float | None:
        if self._span_s is None or clock_s is None:
            return None
        start_s, end_s = self._span_s
        return min(max((clock_s - start_s) / (end_s - start_s), 0.0), 1.0)


def _open(state: LiveState) -> int:
    return sum(incident.closed_at is None for incident in state.incidents)
