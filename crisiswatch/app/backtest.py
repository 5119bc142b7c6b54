"""`backtest`: a count series through the real watches, row by row."""

import csv
from pathlib import Path

from crisiswatch.app.pipeline import Job
from crisiswatch.app.wiring import watch_plan
from crisiswatch.config import Config
from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.signal import Change, Signal
from flows.firehose import Sinks
from flows.firehose import series as series_flow
from flows.run import Flow
from flows.sources.count_series import CountSeries, Series
from flows.watch_logic import shard_of

PARTITION = "rows"


def backtest_job(series: Series, config: Config) -> Job:
    """Describe the run of a count series: one topic, its steps the rows themselves."""
    settings = WatchSettings.for_series(
        spacing_s=series.spacing_s, polarity_known=series.polarity_known
    )
    plan = watch_plan(
        (series.name,),
        settings,
        config=config,
        partitions=(PARTITION,),
        origin_s=series.rows[0].at,
        fixed_gap_s=series.spacing_s,
        lateness_s=0,
    )

    def build(sinks: Sinks) -> Flow:
        source = CountSeries(series, shard=shard_of(series.name), partition=PARTITION)
        return series_flow(source=source, plan=plan, sinks=sinks)

    return Job(
        source_name=series.name,
        build=build,
        config=config,
        bin_s=settings.bin_s,
    )


def opening_scores(series: Series, signals: tuple[Signal, ...]) -> list[float]:
    """Return one score per row: above 0 only on the row with which an incident opened."""
    score_at = {
        signal.at: dict(signal.verdict.evidence.scores).get(signal.verdict.rule, 1.0)
        for signal in signals
        if signal.change is Change.OPENED
    }
    return [score_at.pop(series.step_at(row) + series.spacing_s, 0.0) for row in series.rows]


def write_scores(path: Path, series: Series, scores: list[float]) -> None:
    """Write `timestamp,value,anomaly_score`, the rows as they stood in the series."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("timestamp", "value", "anomaly_score"))
        for row, score in zip(series.rows, scores, strict=True):
            writer.writerow((row.timestamp, row.value, f"{score:.6f}" if score > 0 else "0"))
