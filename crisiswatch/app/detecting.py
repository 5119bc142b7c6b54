"""`detect`: posts through the dataflow, signals into the store that responders share."""

import logging
import time
from pathlib import Path

from alerting.store.redis_store import RedisStore
from crisiswatch.app.clock import SystemClock
from crisiswatch.app.event_clock import Pace, keep_pace
from crisiswatch.app.pipeline import stopping_on_signals
from crisiswatch.app.products import (
    READINGS_HEADER,
    Products,
    encode_reading,
    encode_rejected,
    sort_readings,
)
from crisiswatch.app.replay import ReplayOptions, replay_job
from crisiswatch.app.stores import connect
from crisiswatch.app.wiring import read_config
from crisiswatch.clock import at_utc
from crisiswatch.detection.signal import Signal
from crisiswatch.errors import StoreError
from flows.firehose import Sinks
from flows.run import Stop, run_flow
from flows.sinks.lines import LinesFile
from flows.sinks.signals import SignalSink
from flows.sinks.statistics import RunTotals, Statistics

PATIENCE_S = 10.0
"""How long the sink waits for the store before the process ends; its supervisor starts it again."""

PAUSE_S = 0.5

log = logging.getLogger("crisiswatch")


def run_detect(
    *, file: Path | None, config_path: Path | None, speed: float, store: str, out: Path
) -> int:
    """Send posts through the flow until they end or somebody stops it; return the exit code.

    With a `file` at a finite `speed` the response's clock is set to the recording's.
    """
    clock, stop = SystemClock(), Stop()
    config = read_config(config_path)
    kept = connect(store)

    def on_start(first_ms: int) -> None:
        wall = kept.redis_now()
        keep_pace(kept, Pace(wall=wall, event=at_utc(first_ms / 1000), speed=speed))

    options = ReplayOptions(file=file, speed=speed, live=file is None, on_start=on_start)
    job = replay_job(options, config, clock=clock, stop=stop)
    products = Products(out)
    with products.held(reads=file), stopping_on_signals(stop):
        products.prepare(resumes=False)
        totals = RunTotals()

        def on_totals(changed: RunTotals) -> None:
            nonlocal totals
            totals = changed

        sinks = Sinks(
            readings=LinesFile(products.readings, encode=encode_reading, header=READINGS_HEADER),
            signals=SignalSink(lambda signal: _append(kept, signal)),
            dead_letters=LinesFile(products.dead_letters, encode=encode_rejected),
            statistics=Statistics(on_totals),
        )
        run_flow(job.build(sinks), recovery=None, interval_s=config.recovery.interval_s)
        sort_readings(products.readings)
    log.info("detection read %d posts, %d matched", totals.lines, totals.matched)
    kept.close()
    return 0


def _append(store: RedisStore, signal: Signal) -> None:
    """Store a signal; wait out a short outage of the store, for no signal may be lost."""
    give_up_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            store.append(signal)
        except StoreError:
            if time.monotonic() > give_up_s:
                raise
            time.sleep(PAUSE_S)
        else:
            return
