"""What the response exports to Prometheus; the only importer of its client in this shell.

All of it is read off the shared store, so every responder of one store tells the same:
ask for the `max` of them, never for the sum.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from alerting.ports import Status
from alerting.response.backlog import Standing
from alerting.response.figures import Figures, Times
from crisiswatch.detection.signal import Severity

SEVERITIES = tuple(severity.label for severity in Severity if severity)
OUTCOMES = (Status.DONE.value, Status.FAILED.value, Status.UNKNOWN.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How the response stands, as it was last looked at.

    `unanswered_s` is how long the incident has waited that has waited longest for anybody to
    acknowledge it. `canary_at_s` is the unix second at which the newest canary arrived, 0 if none has;
    `drill_at_s` that at which the last drill ended of which the audit log tells.
    """

    incidents_open: Mapping[str, int] = field(default_factory=dict)
    backlog: Standing = field(default_factory=Standing)
    overdue: int = 0
    unanswered_s: float = 0.0
    canary_at_s: float = 0.0
    canary_took_s: float = 0.0
    drill_at_s: float = 0.0


class ResponseMetrics(Collector):
    """Show figures, and how things stand; whoever looks at the store sets `seen` and `is_store_up`.

    `figures` are None, and not shown, until the audit log was read to its end: a counter that
    begins at 0 and then holds all the past looks as if it had happened just now.

    `channels` are the ways to page somebody, so that each has its series from the start.
    """

    def __init__(self, registry: CollectorRegistry, *, channels: tuple[str, ...]) -> None:
        self.figures: Figures | None = None
        self.seen = Seen()
        self.is_store_up: Callable[[], bool] = lambda: False
        self._channels = channels
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Yield everything as it is now."""
        yield from self._gauges()
        if self.figures is None:
            return
        yield from self._counters(self.figures)
        yield _histogram(
            "time_to_page_seconds",
            "From the first fresh signal of at least medium to the first page that arrived",
            self.figures.to_page,
        )
        yield _histogram(
            "time_to_acknowledge_seconds",
            "From the first fresh signal of at least medium to the first acknowledgement",
            self.figures.to_acknowledge,
        )
        yield _histogram(
            "time_to_holding_message_seconds",
            "From the first fresh signal of at least medium to the first publication",
            self.figures.to_holding_message,
        )

    def _counters(self, figures: Figures) -> Iterator[Metric]:
        incidents = CounterMetricFamily(
            "crisiswatch_incidents",
            "Incidents, each counted once for every severity that it has reached",
            labels=["severity"],
        )
        for severity in SEVERITIES:
            incidents.add_metric([severity], figures.incidents[severity])
        yield incidents
        pages = CounterMetricFamily(
            "crisiswatch_pages",
            "Attempts to page somebody, by what became of them and by channel",
            labels=["outcome", "channel"],
        )
        counted = dict(figures.pages)
        known = {(outcome, channel): 0 for outcome in OUTCOMES for channel in self._channels}
        for (outcome, channel), count in {**known, **counted}.items():
            pages.add_metric([outcome, channel], count)
        yield pages

    def _gauges(self) -> Iterator[Metric]:
        seen = self.seen
        is_open = GaugeMetricFamily(
            "crisiswatch_incidents_open", "Incidents that are open", labels=["severity"]
        )
        for severity in SEVERITIES:
            is_open.add_metric([severity], seen.incidents_open.get(severity, 0))
        yield is_open
        figures = (
            ("store_up", "1 while the store answers", float(self.is_store_up())),
            ("outbox_waiting", "Actions called for and not done", seen.backlog.waiting),
            ("outbox_age_seconds", "Age of the oldest of them", seen.backlog.oldest_s),
            (
                "overdue_steps",
                "Pages, decisions and looks at cases that are more than 60 s late",
                max(seen.backlog.late, seen.overdue),
            ),
            (
                "canary_received_timestamp_seconds",
                "When the newest canary arrived, 0 before the first",
                seen.canary_at_s,
            ),
            (
                "unacknowledged_seconds",
                "How long the incident of at least medium is unanswered that is so for longest",
                seen.unanswered_s,
            ),
            ("canary_seconds", "How long the newest canary was on its way", seen.canary_took_s),
            (
                "last_drill_timestamp_seconds",
                "When the last drill ended, 0 before the first",
                seen.drill_at_s,
            ),
        )
        for name, words, value in figures:
            yield GaugeMetricFamily(f"crisiswatch_{name}", words, value=value)


def _histogram(name: str, words: str, times: Times) -> Metric:
    return HistogramMetricFamily(
        f"crisiswatch_{name}", words, buckets=times.cumulative(), sum_value=times.sum_s
    )
