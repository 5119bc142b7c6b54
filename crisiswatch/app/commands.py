"""The commands that run the pipeline: `replay` and `backtest`."""

import math
import tempfile
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import orjson
from rich.console import Console

from alerting.notifiers.console import ConsoleNotifier
from alerting.ports import Notifier
from alerting.signal_log import read_signals
from crisiswatch.app.backtest import backtest_job, opening_scores, write_scores
from crisiswatch.app.clock import SystemClock
from crisiswatch.app.config_file import read_config
from crisiswatch.app.following import ProgressFollower
from crisiswatch.app.holding import RunbookDrafter
from crisiswatch.app.people import CollectedNotices, NoticeRenderer
from crisiswatch.app.pipeline import Finished, NoFollower, People, incident_view, run, write_page
from crisiswatch.app.products import Products, claim
from crisiswatch.app.replay import ReplayOptions, replay_job
from crisiswatch.app.setting_up import runbooks_of
from crisiswatch.app.wiring import beside
from crisiswatch.clock import at_utc
from crisiswatch.errors import CrisiswatchError
from crisiswatch.incidents.record import record_line
from crisiswatch.reading.tally import Inspect
from crisiswatch.screen.backtest import BacktestView, Opening
from crisiswatch.screen.summary import closing_summary
from flows.run import Stop
from flows.sources.count_series import Series, read_series

OK = 0
INTERRUPTED = 130
"""What shells report for a program that Ctrl-C ended."""


def run_replay(
    *,
    file: Path | None,
    live: bool,
    config_path: Path | None,
    out: Path,
    format_name: str | None,
    speed: str,
    inspect: str | None,
    recovery: Path | None,
    as_json: bool,
) -> int:
    """Replay a file into a folder, tell what was found, and return the exit code."""
    clock, stop, console = SystemClock(), Stop(), Console(highlight=False)
    config = read_config(config_path)
    if file is not None and recovery is None and config.recovery.dir is not None:
        recovery = beside(config_path, config.recovery.dir)
    options = ReplayOptions(
        file=file,
        format_name=format_name,
        inspect=_inspect(config.reading.inspect if inspect is None else inspect),
        speed=_speed(speed),
        recovery_folder=recovery,
        live=live,
    )
    job = replay_job(options, config, clock=clock, stop=stop)
    runbooks = runbooks_of(config, config_path)
    renderer = NoticeRenderer(runbooks)
    told_at_once = file is None or not math.isinf(options.speed)
    collected = CollectedNotices()
    notifier: Notifier = (
        ConsoleNotifier(console, renderer) if told_at_once and not as_json else collected
    )
    people = People(notifier=notifier, draft=RunbookDrafter(runbooks, config))
    progress = ProgressFollower(Console(stderr=True), None if file is None else file.stat().st_size)
    products = Products(out)
    with (
        nullcontext() if job.recovery is None else job.recovery.locked(),
        products.held(reads=file),
    ):
        with progress:
            finished = run(job, products, clock=clock, people=people, follower=progress, stop=stop)
        page = write_page(finished, finished.summary)
    if as_json:
        console.out(as_json_text(finished))
        return _code(finished)
    for announcement in collected.in_time_order:
        console.print(renderer(announcement))
    views = tuple(incident_view(incident) for incident in finished.incidents)
    console.print(closing_summary(finished.summary, views, str(page)))
    if finished.stopped:
        console.print(_how_to_go_on(recovery), markup=False)
    return _code(finished)


def run_backtest(
    *, path: Path, scores: Path | None, config_path: Path | None, as_json: bool
) -> int:
    """Send a count series through the watches, print openings, and return the exit code."""
    clock, stop, console = SystemClock(), Stop(), Console(highlight=False)
    config = read_config(config_path)
    series = read_series(path)
    if scores is not None:
        claim(scores, reads=path)
    runbooks = runbooks_of(config, config_path)
    people = People(notifier=CollectedNotices(), draft=RunbookDrafter(runbooks, config))
    with tempfile.TemporaryDirectory(prefix="crisiswatch-backtest-") as folder:
        finished = run(
            backtest_job(series, config),
            Products(Path(folder)),
            clock=clock,
            people=people,
            follower=NoFollower(),
            stop=stop,
        )
        signals = tuple(entry.signal for entry in read_signals(finished.products.signals))
    if scores is not None:
        write_scores(scores, series, opening_scores(series, signals))
    if as_json:
        console.out(as_json_text(finished))
    else:
        console.print(_backtest_view(series, finished, scores))
    return _code(finished)


def as_json_text(finished: Finished) -> str:
    """Return a run's summary and incidents as one JSON object."""
    summary = asdict(finished.summary)
    summary["incidents"] = [record_line(incident) for incident in finished.incidents]
    summary["stopped"] = finished.stopped
    return orjson.dumps(summary, option=orjson.OPT_UTC_Z).decode()


def _backtest_view(series: Series, finished: Finished, scores: Path | None) -> BacktestView:
    return BacktestView(
        source=series.name,
        first_at=at_utc(series.rows[0].at),
        last_at=at_utc(series.rows[-1].at),
        values=tuple(float(row.posts) for row in series.rows),
        openings=tuple(
            Opening(
                opened_at=incident.opened_at,
                closed_at=incident.closed_at,
                severity=int(incident.highest_severity),
                reasons=incident.history[0].reasons,
            )
            for incident in finished.incidents
        ),
        elapsed_s=finished.summary.elapsed_s,
        scores_path=None if scores is None else str(scores),
    )


def _speed(text: str) -> float:
    if text == "max":
        return math.inf
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not speed > 0:
        raise CrisiswatchError(
            f"speed {text!r} is neither a number above 0 nor max",
            "3600 replays an hour of posts in a second",
        )
    return speed


def _inspect(text: str) -> Inspect:
    try:
        return Inspect(text)
    except ValueError:
        raise CrisiswatchError(
            f"inspect {text!r} does not exist", f"use {' or '.join(Inspect)}"
        ) from None


def _how_to_go_on(recovery: Path | None) -> str:
    if recovery is None:
        return "stopped before the end; with --recovery FOLDER a stopped run can be continued"
    return f"stopped before the end; repeat the command to go on from {recovery}"


def _code(finished: Finished) -> int:
    return INTERRUPTED if finished.stopped else OK
