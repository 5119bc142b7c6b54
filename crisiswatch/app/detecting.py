"""`detect`: posts through the dataflow, signals into the store that responders share."""

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.config_file import read_config
from crisiswatch.app.event_clock import Pace, keep_pace
from crisiswatch.app.kafka_posts import kafka_job
from crisiswatch.app.logs import log_format, start_logging
from crisiswatch.app.monitoring_detection import CLOCK_SET_BACK, DetectionMonitoring
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
from crisiswatch.app.stores import connect, running, where
from crisiswatch.clock import at_utc
from crisiswatch.detection.signal import Heartbeat, Signal
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
        config.monitoring,
        clock=clock,
        stop=stop,
        store=kept,
        interval_s=config.recovery.interval_s,
        is_live=file is None,
    )

    def on_start(first_ms: int) -> float:
        wall = kept.redis_now()
        begins = Pace(wall=wall, event=at_utc(first_ms / 1000), speed=speed)
        pace = keep_pace(kept, begins)
        monitoring.follow(pace)
        return (wall - pace.wall).total_seconds()

    pace = math.inf if file is None else speed  # a stream has its own
    options = ReplayOptions(
        file=file, speed=pace, live=file is None, on_start=on_start, watched=monitoring.watched
    )
    if from_kafka:
        observer = monitoring.metrics
        job = kafka_job(
            config, clock=clock, stop=stop, observer=observer, watched=monitoring.watched
        )
    else:
        job = replay_job(options, config, clock=clock, stop=stop)
    products = Products(out)
    with (
        products.held(reads=file),
        stopping_on_signals(stop),
        monitoring.serving(),
    ):
        products.prepare(resumes=False)
        totals = RunTotals()

        def patiently(ask: Callable[[], bool]) -> bool:
            return _patiently(ask, stop, monitoring.metrics.on_poll)

        def on_signal(signal: Signal) -> None:
            if patiently(lambda: kept.append(signal)):
                monitoring.metrics.on_stored(signal)

        def on_heartbeat(heartbeat: Heartbeat) -> None:
            patiently(lambda: kept.append_heartbeat(heartbeat))

        def on_totals(changed: RunTotals) -> None:
            nonlocal totals
            totals = changed

        sinks = Sinks(
            readings=LinesFile(products.readings, encode=encode_reading, header=READINGS_HEADER),
            signals=SignalSink(on_signal, on_heartbeat),
            dead_letters=LinesFile(products.dead_letters, encode=encode_rejected),
            statistics=Statistics(on_totals),
        )
        run_flow(job.build(sinks), recovery=None, interval_s=config.recovery.interval_s)
        sort_readings(products.readings)
    log.info("detection read %d posts, %d matched", totals.lines, totals.matched)
    kept.close()
    if monitoring.clock_was_set_back:
        return CLOCK_SET_BACK
    return INTERRUPTED if stop.asked else 0


def _patiently(ask: Callable[[], bool], stop: Stop, on_wait: Callable[[], None]) -> bool:
    """Return the store's answer; wait out an outage of the store.

    No signal may be lost. `on_wait` is called now and then meanwhile: the main loop is
    not stuck.

    Raises:
        StoreError: the store was away, and somebody asked us to stop.
    """
    is_told = False
    while True:
        try:
            return ask()
        except StoreError as error:
            if stop.asked:
                raise
            if not is_told:
                log.warning("detection waits for the store: %s", error)
                is_told = True
            on_wait()
            time.sleep(PAUSE_S)
