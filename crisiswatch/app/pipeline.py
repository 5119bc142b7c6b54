"""One run: a dataflow, its products, and the responder that follows its signals."""

import signal as os_signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from alerting.action_log import FileActionLog
from alerting.incident_file import IncidentFile
from alerting.ports import HoldingDrafter, Notifier
from alerting.responder import Responder
from alerting.signal_log import FileSignalLog
from crisiswatch import __version__
from crisiswatch.app.products import (
    READINGS_HEADER,
    Products,
    encode_reading,
    encode_rejected,
    read_readings,
    sort_readings,
)
from crisiswatch.clock import Clock, at_utc
from crisiswatch.config import Config, config_hash
from crisiswatch.detection.signal import Signal
from crisiswatch.detection.step import BinReading
from crisiswatch.incidents.grouping import Relations
from crisiswatch.incidents.incident import Incident
from crisiswatch.report.page import render_page
from crisiswatch.report.views import IncidentView, RunSummary
from flows.firehose import Sinks
from flows.recovery import RecoveryFolder
from flows.run import Flow, Stop, run_flow
from flows.sinks.lines import LinesFile
from flows.sinks.signals import SignalSink
from flows.sinks.statistics import RunTotals, Statistics


class Follower(Protocol):
    """Whoever watches a run go by; called from the dataflow's thread, so be brief."""

    def on_reading(self, reading: BinReading) -> None:
        """See one bin of one topic."""
        ...

    def on_progress(self, totals: RunTotals, incidents: tuple[Incident, ...]) -> None:
        """See how far the run has come."""
        ...


class NoFollower:
    """Nobody watches."""

    def on_reading(self, reading: BinReading) -> None:
        """Ignore it."""

    def on_progress(self, totals: RunTotals, incidents: tuple[Incident, ...]) -> None:
        """Ignore it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to run: where its posts come from, and how its flow is wired to sinks.

    `recovery` is where the run remembers how far it came, None if it need not. `is_paced`
    tells that signals come in order of their time, so that each can be answered at once;
    a fast replay emits them topic by topic, and they are answered at the end, in order.
    """

    source_name: str
    build: Callable[[Sinks], Flow]
    config: Config
    bin_s: int
    recovery: RecoveryFolder | None = None
    is_paced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a run found. `stopped` tells that it was asked to end before its source did."""

    summary: RunSummary
    incidents: tuple[Incident, ...]
    products: Products
    stopped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """How people hear of incidents during a run."""

    notifier: Notifier
    draft: HoldingDrafter


def run(
    job: Job, products: Products, *, clock: Clock, people: People, follower: Follower, stop: Stop
) -> Finished:
    """Run a job to its end and write everything it found but the page.

    The logs are flushed but not synced line by line: they survive a killed process, and
    after a power cut a recording can be replayed. Ctrl-C and SIGTERM end the source; what was read until then is kept, and with
    recovery the next run goes on from there.
    """
    products.prepare(resumes=job.recovery is not None and job.recovery.resumes)
    started_s = clock.monotonic_s()
    totals = RunTotals()
    lines_before: int | None = None
    with (
        FileSignalLog(products.signals, fsync=False) as signals,
        FileActionLog(products.actions, fsync=False) as actions,
        stopping_on_signals(stop),
    ):
        responder = Responder(
            signals=signals,
            actions=actions,
            record=IncidentFile(products.incidents),
            notifier=people.notifier,
            draft=people.draft,
            relations=Relations(groups=job.config.response.related),
        )
        if job.is_paced:
            responder.replay()

        def on_signal(signal: Signal) -> None:
            if signals.append(signal) and job.is_paced:
                responder.replay(save=False)

        def on_totals(changed: RunTotals) -> None:
            nonlocal totals, lines_before
            totals = changed
            lines_before = changed.lines if lines_before is None else lines_before
            follower.on_progress(changed, responder.incidents)

        sinks = Sinks(
            readings=LinesFile(
                products.readings,
                encode=encode_reading,
                header=READINGS_HEADER,
                on_item=follower.on_reading,
            ),
            signals=SignalSink(on_signal),
            dead_letters=LinesFile(products.dead_letters, encode=encode_rejected),
            statistics=Statistics(on_totals),
        )
        run_flow(job.build(sinks), recovery=job.recovery, interval_s=job.config.recovery.interval_s)
        ended = not stop.asked and totals.newest_s is not None
        responder.replay(until=at_utc(totals.newest_s or 0) if ended else None)
        incidents = responder.incidents
    if not stop.asked:
        if job.recovery is not None:
            job.recovery.clear()
        sort_readings(products.readings)
    elapsed_s = clock.monotonic_s() - started_s
    return Finished(
        summary=_summary(job, totals, totals.lines - (lines_before or 0), elapsed_s),
        incidents=incidents,
        products=products,
        stopped=stop.asked,
    )


def write_page(finished: Finished, summary: RunSummary) -> Path:
    """Write the page with pictures from what stands in the folder."""
    page = render_page(
        summary,
        tuple(read_readings(finished.products.readings)),
        tuple(incident_view(incident) for incident in finished.incidents),
    )
    finished.products.page.write_text(page, encoding="utf-8")
    return finished.products.page


@contextmanager
def stopping_on_signals(stop: Stop) -> Iterator[None]:
    """Turn the first Ctrl-C or SIGTERM into a request to stop; a second one acts at once."""
    handled = (os_signal.SIGINT, os_signal.SIGTERM)
    before = [os_signal.getsignal(number) for number in handled]

    def ask(_number: int, _frame: object) -> None:
        stop.ask()
        for number, handler in zip(handled, before, strict=True):
            os_signal.signal(number, handler)

    for number in handled:
        os_signal.signal(number, ask)
    try:
        yield
    finally:
        for number, handler in zip(handled, before, strict=True):
            os_signal.signal(number, handler)


def incident_view(incident: Incident) -> IncidentView:
    """Return an incident as pages and summaries show it."""
    peak = incident.peak
    figures = {"posts_per_min": peak.posts_per_min}
    if peak.negatives_per_min is not None:
        figures["negatives_per_min"] = peak.negatives_per_min
    worst = incident.worst
    return IncidentView(
        id=incident.id,
        topic=incident.topic,
        severity=incident.highest_severity,
        crisis_type=incident.crisis_type,
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        severity_changes=tuple((step.at, int(step.severity)) for step in incident.severity_changes),
        reasons=worst.reasons,
        peak=figures,
        samples=worst.evidence.samples,
        themes=worst.evidence.themes,
    )


def _summary(job: Job, totals: RunTotals, lines_now: int, elapsed_s: float) -> RunSummary:
    return RunSummary(
        source=job.source_name,
        posts_read=totals.lines,
        posts_matched=totals.matched,
        first_at=None if totals.first_s is None else at_utc(totals.first_s),
        last_at=None if totals.newest_s is None else at_utc(totals.newest_s),
        elapsed_s=elapsed_s,
        posts_per_s=lines_now / elapsed_s if elapsed_s > 0 else 0.0,
        config_hash=config_hash(job.config),
        version=__version__,
        rejected=totals.rejected,
        skipped=totals.skipped,
        late_posts=totals.late_posts,
        gaps=tuple((at_utc(start), at_utc(to)) for start, to in totals.gaps),
        bin_s=job.bin_s,
    )
