"""The names of every series that the code exports, asked of the code itself."""

from prometheus_client import CollectorRegistry

from alerting.metrics import ResponseMetrics
from alerting.response.figures import Figures
from crisiswatch.app.monitoring import new_registry
from flows.metrics import ClusterMetrics, FlowMetrics, StreamMetrics
from flows.streams.totals import IngestTotals


def registries() -> dict[str, CollectorRegistry]:
    """Return a registry of each kind of process, as it registers its figures."""
    detect, respond, supervisor, ingest = (new_registry() for _ in range(4))
    FlowMetrics(
        detect,
        topics=(),
        now_s=lambda: 0.0,
        wall_s=lambda: 0.0,
        monotonic_s=lambda: 0.0,
        clock_step_s=lambda: 0.0,
        store_is_up=lambda: True,
    )
    ResponseMetrics(respond, channels=()).figures = Figures()
    for process in (detect, supervisor):
        ClusterMetrics(process, free_bytes=lambda: 1e9)
    StreamMetrics(ingest, IngestTotals(feeds=1), stream="bluesky")
    return {"detect": detect, "respond": respond, "supervisor": supervisor, "ingest": ingest}


def exported(*, with_suffixes: bool) -> dict[str, str]:
    """Return {name: help} of all series of ours; `with_suffixes` as they are asked for."""
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    names: dict[str, str] = {}
    for registry in registries().values():
        for metric in registry.collect():
            if metric.name.startswith("crisiswatch_"):
                asked = suffixes.get(metric.type, ("",)) if with_suffixes else ("",)
                if not with_suffixes and metric.type == "counter":
                    asked = ("_total",)
                names |= {metric.name + suffix: metric.documentation for suffix in asked}
    return names
