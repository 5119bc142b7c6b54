"""`detect`: posts through the dataflow, signals into the store that responders share."""

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

from alerting.store.redis_store import RedisStore
from crisiswatch.app.clock import SystemClock
from crisiswatch.app.config_file import read_config
from crisiswatch.app.event_clock import Pace, keep_pace
from crisiswatch.app.kafka_posts import kafka_job
from crisiswatch.app.logs import log_format, start_logging
from crisiswatch.app.monitoring_detection import DetectionMonitoring
from crisiswatch.app.parent import end_with
from crisiswatch.app.pipeline import stopping_on_signals
from crisiswatch.app.products import (
    READINGS_HEADER,
    Products,
    encode_reading,
    encode_rejected,
    sort_readings,
)
from crisiswatch.app.replay import ReplayOptions, replay_job
from crisiswatch.app.store_watch import store_watch
from crisiswatch.app.stores import connect, running, where
from crisiswatch.clock import at_utc
from crisiswatch.detection.signal import Signal
from crisiswatch.errors import StoreError
from flows.firehose import Sinks
from flows.run import Stop, run_flow
from flows.sinks.lines import LinesFile
from flows.sinks.signals import SignalSink
from flows.sinks.statistics import RunTotals, Statistics

INTERRUPTED = 130

PAUSE_S = 0.5

log = logging.getLogger("crisiswatch")


def run_detect(
    *,
    file: Path | None,
    from_kafka: bool = False,
    config_path: Path | None,
    speed: float,
    store: str | None,
    out: Path,
    parent: int | None = None,
) -> int:
    """Send posts through the flow until they end or somebody stops it; return the exit code.

    With a `file` the response's clock is set to the recording's; without one posts come from
    Kafka, else from standard input. `parent` is the process
    that this one is a part of and does not outlive.
    """
    end_with(parent)
    clock, stop = SystemClock(), Stop()
    config = read_config(config_path)
    start_logging(log_format(config.monitoring.log))
    kept = connect(running(where(config, config_path, store)))

    monitoring = DetectionMonitoring(
        config.monitoring, clock=clock, interval_s=config.recovery.interval_s
    )

    def on_start(first_ms: int) -> float:
        wall = kept.redis_now()
        begins = Pace(wall=wall, event=at_utc(first_ms / 1000), speed=speed)
        pace = keep_pace(kept, begins)
        monitoring.follow(pace)
        return (wall - pace.wall).total_seconds()

    pace = math.inf if file is None else speed  # a stream has its own
    watching = monitoring.metrics
    options = ReplayOptions(
        file=file, speed=pace, live=file is None, on_start=on_start, observer=watching
    )
    if from_kafka:
        job = kafka_job(config, clock=clock, stop=stop, observer=watching)
    else:
        job = replay_job(options, config, clock=clock, stop=stop)
    products = Products(out)
    with (
        products.held(reads=file),
        stopping_on_signals(stop),
        store_watch(kept.ping) as watched,
        monitoring.serving(watched),
    ):
        products.prepare(resumes=False)
        totals = RunTotals()

        def on_signal(signal: Signal) -> None:
            if _append(kept, signal, stop, monitoring.metrics.on_poll):
                monitoring.metrics.on_stored(signal)

        def on_totals(changed: RunTotals) -> None:
            nonlocal totals
            totals = changed

        sinks = Sinks(
            readings=LinesFile(products.readings, encode=encode_reading, header=READINGS_HEADER),
            signals=SignalSink(on_signal),
            dead_letters=LinesFile(products.dead_letters, encode=encode_rejected),
            statistics=Statistics(on_totals),
        )
        run_flow(job.build(sinks), recovery=None, interval_s=config.recovery.interval_s)
        sort_readings(products.readings)
    log.info("detection read %d posts, %d matched", totals.lines, totals.matched)
    kept.close()
    return INTERRUPTED if stop.asked else 0


def _append(store: RedisStore, signal: Signal, stop: Stop, on_wait: Callable[[], None]) -> bool:
    """Store a signal and return whether it is new; wait out an outage of the store.

    No signal may be lost. `on_wait` is called now and then meanwhile: the main loop is
    not stuck.

    Raises:
        StoreError: the store was away, and somebody asked us to stop.
    """
    is_told = False
    while True:
        try:
            return store.append(signal)
        except StoreError as error:
            if stop.asked:
                raise
            if not is_told:
                log.warning("detection waits for the store: %s", error)
                is_told = True
            on_wait()
            time.sleep(PAUSE_S)
