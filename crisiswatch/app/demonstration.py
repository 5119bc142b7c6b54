"""`demo`: an invented day, real parts, and what was found beside what truly happened."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rich.console import Console

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.commands import as_json_text
from crisiswatch.app.following import LiveFollower
from crisiswatch.app.holding import RunbookDrafter
from crisiswatch.app.people import CollectedNotices
from crisiswatch.app.pipeline import Job, People, incident_view, run, write_page
from crisiswatch.app.products import Products, claim
from crisiswatch.app.wiring import reader, tally_step, watch_plan
from crisiswatch.config import Config, ResponseSettings
from crisiswatch.demo.cast import AIRLINE, demo_topics
from crisiswatch.demo.cast import Episode as TrueEpisode
from crisiswatch.demo.day import DemoDay
from crisiswatch.incidents.incident import Incident
from crisiswatch.incidents.runbook import PUBLIC, load_packaged_runbooks
from crisiswatch.reading.tally import Inspect
from crisiswatch.report.views import Episode, IncidentView, false_alarms, is_good
from crisiswatch.screen.live import HoldingDraft, live_svg
from crisiswatch.screen.summary import closing_summary
from flows.firehose import Sinks, firehose
from flows.run import Flow, Stop
from flows.sources.generated import Generated

PARTITION = "demo"
WATCH_S = 50.0
"""With start and summary about a minute: long enough to read what happens."""

CHUNKS = 1_550
"""About as many chunks as the day has; only the pace depends on it."""

OK = 0
FOUND_SOMETHING = 1


class _ShownDrafter:
    """Draft as in earnest, and show the newest draft in the live view."""

    def __init__(self, drafter: RunbookDrafter, follower: LiveFollower) -> None:
        self._drafter = drafter
        self._follower = follower

    def __call__(self, incident: Incident, now: datetime) -> str | None:
        """Return the text for the public."""
        text = self._drafter(incident, now)
        if text is not None:
            self._follower.draft = HoldingDraft(
                topic=incident.topic, language="en", audience=PUBLIC, text=text
            )
        return text


def run_demo(
    *, out: Path, seed: int, watch_s: float | None, picture: Path | None, as_json: bool
) -> int:
    """Run the demo, tell how it did, and return the exit code: 1 if it did badly.

    With `picture`, the busiest moment of the live view is saved there as SVG. It takes at
    least `watch_s`; None is `WATCH_S` where somebody watches on a terminal, and
    as fast as it goes in a pipe.
    """
    if picture is not None:
        claim(picture)
    clock, stop, console = SystemClock(), Stop(), Console(highlight=False)
    topics = demo_topics()
    config = Config(topics=topics, response=ResponseSettings(brand=AIRLINE))
    day = DemoDay(seed=seed)
    told = day.truth()
    if watch_s is None:
        watch_s = WATCH_S if console.is_terminal else 0.0
    job = _job(day, config, clock=clock, every_s=watch_s / CHUNKS, stop=stop)
    follower = LiveFollower(
        Console(stderr=as_json),
        title=f"a day of {AIRLINE} (invented)",
        topics=tuple(topic.name for topic in topics),
        bin_s=job.bin_s,
        clock=clock,
        span_s=(int(told.first_at.timestamp()), int(told.end_at.timestamp())),
    )
    drafter = RunbookDrafter(load_packaged_runbooks(), config)
    people = People(notifier=CollectedNotices(), draft=_ShownDrafter(drafter, follower))
    products = Products(out)
    with products.held():
        with follower:
            finished = run(job, products, clock=clock, people=people, follower=follower, stop=stop)
        views = tuple(incident_view(incident) for incident in finished.incidents)
        truth = tuple(_found(episode, views) for episode in day.episodes)
        summary = replace(finished.summary, truth=truth)
        page = write_page(finished, summary)
    if picture is not None and follower.busiest is not None:
        picture.write_text(live_svg(follower.busiest), encoding="utf-8")
    if as_json:
        console.out(as_json_text(replace(finished, summary=summary)))
    else:
        console.print(closing_summary(summary, views, str(page)))
        if watch_s > 0:
            console.print("paced so that people can follow; --watch 0 goes as fast as it can")
    wrong = [episode for episode in truth if not is_good(episode)]
    return FOUND_SOMETHING if wrong or false_alarms(truth, views) or finished.stopped else OK


def _job(day: DemoDay, config: Config, *, clock: SystemClock, every_s: float, stop: Stop) -> Job:
    settings = config.detection
    step = tally_step(
        config.topics,
        reader(config, clock),
        inspect=Inspect.CANDIDATES,
        step_s=settings.step_s,
    )
    plan = watch_plan(
        tuple(topic.name for topic in config.topics),
        settings,
        config=config,
        partitions=(PARTITION,),
    )

    def build(sinks: Sinks) -> Flow:
        source = Generated(day.chunks, partition=PARTITION, clock=clock, every_s=every_s, stop=stop)
        return firehose(source=source, tally=step, plan=plan, sinks=sinks)

    return Job(
        source_name="demo day", build=build, config=config, bin_s=settings.bin_s, is_paced=True
    )


def _found(episode: TrueEpisode, incidents: tuple[IncidentView, ...]) -> Episode:
    """Say when the first incident opened that the episode explains."""
    opened = [
        incident.opened_at
        for incident in incidents
        if incident.topic == episode.topic
        and episode.onset_at <= incident.opened_at <= episode.end_at
    ]
    return Episode(
        name=episode.name,
        kind=episode.kind,
        topic=episode.topic,
        onset_at=episode.onset_at,
        must_open=episode.must_open,
        opened_at=min(opened, default=None),
        end_at=episode.end_at,
    )
