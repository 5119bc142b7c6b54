"""What detection exports: counted by chunk, batch and epoch, true at every scrape."""

from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry

from crisiswatch.detection.signal import Change, Severity
from crisiswatch.detection.step import BinReading
from crisiswatch.reading.post import Reason, Rejected
from flows.messages import Intake, LatePosts, SourceGap
from flows.metrics import STATE_MEASURED_EVERY_S, ClusterMetrics, FlowMetrics
from tests.made_signals import made_signal


class Dials:
    """The clocks of a test, moved by hand."""

    def __init__(self) -> None:
        self.event_s = 10_000.0
        self.wall_s = 20_000.0
        self.monotonic_s = 5.0
        self.step_s = 0.0


@pytest.fixture
def dials() -> Dials:
    return Dials()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry, dials: Dials) -> FlowMetrics:
    return FlowMetrics(
        registry,
        topics=("dune",),
        now_s=lambda: dials.event_s,
        wall_s=lambda: dials.wall_s,
        monotonic_s=lambda: dials.monotonic_s,
        clock_step_s=lambda: dials.step_s,
        store_is_up=lambda: True,
    )


@pytest.fixture
def value(registry: CollectorRegistry) -> Callable[..., float | None]:
    def read(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"crisiswatch_{name}", labels)

    return read


Value = Callable[..., float | None]


def intake(*rejected: Reason, lines: int = 1_000) -> Intake:
    return Intake(
        lines=lines,
        data_bytes=lines * 465,
        candidates=30,
        matched=20,
        rejected=tuple(Rejected(reason=reason, detail="", raw=b"") for reason in rejected),
        skipped={},
        first_s=None,
        newest_s=None,
    )


def reading(topic: str, *, bin_start: int = 0, posts: int = 7, expected: float = 2.5) -> BinReading:
    return BinReading(
        topic=topic,
        bin_start=bin_start,
        posts=posts,
        negatives=3,
        complaints=0,
        authors=0,
        reach=0,
        expected_posts=expected,
        expected_negatives=1.0,
        scores=(),
        severity=Severity.NONE,
    )


def test_chunks_add_up(metrics: FlowMetrics, value: Value) -> None:
    metrics.on_intake(intake())
    metrics.on_intake(intake(Reason.NOT_JSON, Reason.NOT_JSON, Reason.TOO_LONG, lines=500))

    assert value("posts_read_total") == 1_500
    assert value("read_bytes_total") == 1_500 * 465
    assert value("posts_matched_total") == 40
    assert value("posts_rejected_total", reason="not-json") == 2
    assert value("posts_rejected_total", reason="too-long") == 1


def test_a_failure_has_its_series_before_it_happens(metrics: FlowMetrics, value: Value) -> None:
    assert metrics is not None
    assert value("posts_rejected_total", reason="absurd-date") == 0
    assert value("signals_total", change="closed") == 0
    assert value("epoch_timestamp_seconds") == 0


def test_the_watermark_is_that_of_the_shard_that_is_furthest_behind(
    metrics: FlowMetrics, value: Value, dials: Dials
) -> None:
    assert value("watermark_delay_seconds") == 0
    metrics.on_watched("shard-1", 9_990, [])
    metrics.on_watched("shard-2", 9_940, [])
    metrics.on_watched("shard-2", None, [])

    assert value("watermark_timestamp_seconds") == 9_940
    assert value("watermark_delay_seconds") == 60
    dials.event_s += 30
    assert value("watermark_delay_seconds") == 90


def test_topics_on_the_list_have_figures_of_their_own(metrics: FlowMetrics, value: Value) -> None:
    metrics.on_watched("shard-1", 0, [reading("dune"), reading("fog")])

    assert value("topic_posts", topic="dune") == 7
    assert value("topic_expected_posts", topic="dune") == 2.5
    assert value("topic_negatives", topic="dune") == 3
    assert value("topic_expected_negatives", topic="dune") == 1
    assert value("topic_posts", topic="fog") is None


def test_all_others_are_summed_once_their_bin_is_over(metrics: FlowMetrics, value: Value) -> None:
    metrics.on_watched("shard-1", 0, [reading("fog"), reading("mist")])
    assert value("topic_posts", topic="other") is None
    metrics.on_watched("shard-2", 0, [reading("rain"), reading("fog", bin_start=300)])

    assert value("topic_posts", topic="other") == 21
    assert value("topic_expected_posts", topic="other") == 7.5


def test_late_posts_and_gaps_are_counted_a_long_gap_once(
    metrics: FlowMetrics, value: Value
) -> None:
    metrics.on_watched("shard-1", 0, [LatePosts(posts=3), SourceGap(from_at=0, to_at=60)])
    metrics.on_watched("shard-1", 0, [LatePosts(posts=1), SourceGap(from_at=60, to_at=120)])
    metrics.on_watched("shard-1", 0, [SourceGap(from_at=600, to_at=900)])

    assert value("posts_late_total") == 4
    assert value("source_gaps_total") == 2


def test_state_is_measured_now_and_then(metrics: FlowMetrics, value: Value, dials: Dials) -> None:
    metrics.on_snapshot("shard-1", b"x" * 1_000)
    metrics.on_snapshot("shard-2", b"x" * 1_000)
    before = value("state_bytes")
    metrics.on_snapshot("shard-1", b"x" * 9_000)
    assert before is not None
    assert 2_000 < before < 2_100
    assert value("state_bytes") == before

    dials.monotonic_s += STATE_MEASURED_EVERY_S
    metrics.on_snapshot("shard-1", b"x" * 9_000)
    assert value("state_bytes") == before + 8_000


def test_epochs_and_polls_tell_when(metrics: FlowMetrics, value: Value, dials: Dials) -> None:
    metrics.on_poll()
    metrics.on_epoch()

    assert metrics.polled_at_s == 5.0
    assert value("epoch_timestamp_seconds") == dials.wall_s


def test_signals_are_counted_by_what_changed(metrics: FlowMetrics, value: Value) -> None:
    metrics.on_stored(made_signal(0, Change.OPENED))
    metrics.on_stored(made_signal(1, Change.WORSE))

    assert value("signals_total", change="opened") == 1
    assert value("signals_total", change="worse") == 1


def test_a_supervisor_counts_restarts_by_why(registry: CollectorRegistry, value: Value) -> None:
    cluster = ClusterMetrics(registry)
    cluster.on_restart("crash")
    cluster.on_quarantined()

    assert value("cluster_restarts_total", reason="crash") == 1
    assert value("cluster_restarts_total", reason="clock-step") == 0
    assert value("recovery_quarantined_total") == 1
    assert value("recovery_free_bytes") is None


def test_the_room_for_the_recovery_store_is_asked_for_at_every_look(
    registry: CollectorRegistry, value: Value
) -> None:
    room = [5e9]
    ClusterMetrics(registry, free_bytes=lambda: room[0])
    assert value("recovery_free_bytes") == 5e9
    room[0] = 0
    assert value("recovery_free_bytes") == 0
