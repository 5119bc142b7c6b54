"""Measure the response: how soon a page is out, and what a look at many incidents costs.

    python -m tests.bench.response [--incidents N] [--rounds N]

- From a signal in the store to `chat.postMessage` arriving at an idle Slack: three processes
  (this one, a real `crisiswatch respond`, a fake Slack) and a real Redis that writes to the
  disk before it answers. All stamps are this machine's one monotonic clock.
- The same while a thousand updates of other incidents wait and Slack takes no update.
- One step of a responder that has 200 open incidents and 10,000 timers.

Each incident comes a second after the page before it: Slack takes no more than one message
a second for one person, and the same person is on call for all of them.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import orjson
from rich.console import Console

from alerting.console.workspace import ConsoleWorkspace
from alerting.keeping import QUEUES, ROUTINE, URGENT, CaseWrite, Commit, Kept
from alerting.ports import Outcome, Status
from alerting.response.actions import SetTopic, Update, queue_of
from alerting.response.case import Case, decode_case, encode_case
from alerting.response.plan import plan
from alerting.response.tending import tend
from alerting.store.connection import connection_settings
from alerting.store.redis_store import RedisStore
from crisiswatch.app.clock import SystemClock
from crisiswatch.app.event_clock import EventClock
from crisiswatch.app.reach import Reach, no_picture
from crisiswatch.app.response import Response
from crisiswatch.config import load_config
from crisiswatch.detection.signal import Change, Severity
from tests.doubles.redis_server import RedisServer
from tests.scenarios.crisis_room import TEAM, a_signal, team

OPEN_INCIDENTS = 200
TIMERS = 10_000
WAITING = 1_000
PAUSE_S = 1.05
PAGE_P99_S = 2.0
PAGE_BEHIND_UPDATES_P99_S = 30.0
STEP_P99_MS = 100.0
LOST_AFTER_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    name: str
    values: tuple[float, ...]
    bound: float
    unit: str

    @property
    def p50(self) -> float:
        """Return the median."""
        return at_share(self.values, 0.5)

    @property
    def p99(self) -> float:
        """Return what only one in a hundred exceeds."""
        return at_share(self.values, 0.99)

    @property
    def holds(self) -> bool:
        """Tell whether the bound does."""
        return self.p99 < self.bound


def at_share(values: tuple[float, ...], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def main() -> int:
    """Print the table; return 1 where a bound does not hold."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--incidents", type=int, default=200)
    options.add_argument("--rounds", type=int, default=200)
    chosen = options.parse_args()
    load_before = os.getloadavg()[0]
    rows = [
        *ticks(chosen.rounds),
        to_page(chosen.incidents, behind_updates=False),
        to_page(chosen.incidents, behind_updates=True),
    ]
    print(
        f"\n{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load before {load_before:.2f}\n"
    )
    print(f"{'':<58}{'n':>5}{'p50':>11}{'p99':>11}{'bound':>11}")
    for row in rows:
        p50, p99, bound = (f"{value:.2f} {row.unit}" for value in (row.p50, row.p99, row.bound))
        verdict = "" if row.holds else "  MISSED"
        print(f"{row.name:<58}{len(row.values):>5}{p50:>11}{p99:>11}{bound:>11}{verdict}")
    return int(not all(row.holds for row in rows))


def to_page(incidents: int, *, behind_updates: bool) -> Row:
    """Measure from a signal in the store to the page in the provider's hands."""
    with (
        tempfile.TemporaryDirectory(prefix="crisiswatch-bench-") as name,
        RedisServer(fsync="always") as redis,
        fake_slack(Path(name) / "calls.jsonl") as url,
    ):
        folder, store = Path(name), RedisStore(connection_settings(redis.url))
        config = folder / "team.toml"
        config.write_text(team(base=TEAM.replace("[slack]", f'[slack]\napi_url = "{url}"')))
        here = responder(config.read_text(), store, EventClock(store, store.redis_now))
        if behind_updates:
            pile_up_updates(here, store)
            refuse_updates(url)
        with respond(config, redis.url):
            stamps = Stamps(folder / "calls.jsonl")
            say("waiting for the responder to page for a first incident")
            one_page(store, stamps, "warm-up")
            time.sleep(PAUSE_S)  # Slack's limit runs on real time
            values = []
            for number in range(incidents):
                say(f"incident {number + 1} of {incidents}")
                values.append(one_page(store, stamps, f"topic{number}"))
                time.sleep(PAUSE_S)  # as above
            what = "signal to page, Slack idle"
            if behind_updates:
                left = waiting_updates(here, store)
                if left < WAITING:
                    raise RuntimeError(f"only {left} updates waited at the end")
                what = f"signal to page, {left:,} updates waiting, Slack takes none"
        store.close()
    bound = PAGE_BEHIND_UPDATES_P99_S if behind_updates else PAGE_P99_S
    return Row(name=what, values=tuple(values), bound=bound, unit="s")


def one_page(store: RedisStore, stamps: "Stamps", topic: str) -> float:
    """Append a signal, wait for its page to arrive; return the seconds in between."""
    now = datetime.now(UTC)
    signal = a_signal(now, Change.OPENED, Severity.MEDIUM, topic=topic, theme=f"{topic} down")
    began_s = time.monotonic()
    store.append(signal)
    return stamps.page_of(topic) - began_s


class Stamps:
    """When calls arrived at the fake Slack, read from the log that it writes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._rest = b""

    def page_of(self, topic: str) -> float:
        """Return when the topic's first page arrived, once it has."""
        over_at = time.monotonic() + LOST_AFTER_S
        while time.monotonic() < over_at:
            for call in self._new():
                key = call["args"].get("metadata", {}).get("event_payload", {}).get("key", "")
                is_page = call["method"] == "chat.postMessage" and "/page/" in key
                if is_page and key.startswith(f"{topic}/") and call["outcome"] == "ok":
                    return float(call["monotonic"])
            time.sleep(0.005)
        raise RuntimeError(f"no page for {topic} within {LOST_AFTER_S:g} s")

    def _new(self) -> Iterator[dict[str, Any]]:
        *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
        for line in lines:
            yield orjson.loads(line)


@contextmanager
def fake_slack(log: Path) -> Iterator[str]:
    """Run a fake Slack in a process of its own; yield its address."""
    command = [sys.executable, "-m", "tests.doubles.fake_slack", "--log", str(log)]
    command += ["--channel", "C0CRISIS01=crisis", "--channel", "C0AGENTS01=agents"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the fake Slack does not say where it listens")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def refuse_updates(url: str) -> None:
    """Let Slack answer 429 to every update, so that those that wait go on waiting."""
    faults = [
        {"kind": "status", "status": 429, "retry_after_s": 5, "method": method}
        for method in ("chat.update", "pins.add", "conversations.setTopic", "files.*")
    ]
    for fault in faults:
        request = Request(f"{url.removesuffix('api/')}_faults", data=orjson.dumps(fault))  # noqa: S310  # the fake's own
        with urlopen(request, timeout=5) as answer:  # noqa: S310  # as above
            answer.read()


@contextmanager
def respond(config: Path, redis_url: str) -> Iterator[None]:
    """Run the real program."""
    command = [sys.executable, "-m", "crisiswatch", "respond", "-c", str(config)]
    tokens = {"SLACK_BOT_TOKEN": "xoxb-bench", "SLACK_APP_TOKEN": "xapp-bench"}
    with (
        (config.parent / "respond.log").open("w") as log,
        subprocess.Popen(
            [*command, "--store", redis_url], stderr=log, env={**os.environ, **tokens}
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def responder(config: str, store: RedisStore, clock: EventClock) -> Response:
    """Return a responder in this process that talks to nobody, to bring cases about."""
    console = Console(file=Path(os.devnull).open("w"))  # noqa: SIM115  # open as long as we run
    reach = Reach(workspace=ConsoleWorkspace(console, SystemClock()))
    return Response(
        load_config(config, "team.toml"),
        None,
        store=store,
        reach=reach,
        draw=no_picture,
        clock=clock,
    )


def open_incidents(here: Response, store: RedisStore, queues: tuple[str, ...]) -> None:
    """Open 200 incidents of which everything is on record as done that is due in these queues."""
    for number in range(OPEN_INCIDENTS):
        topic, now = f"open{number}", here.clock.now()
        theme = f"{topic} down"
        store.append(a_signal(now, Change.OPENED, Severity.MEDIUM, topic=topic, theme=theme))
    while here.intake.take(here.clock.now()):
        pass
    for number, kept in enumerate(store.cases(open_only=True)):
        say(f"incident {number + 1} of {OPEN_INCIDENTS} gets what it calls for")
        settle(here, store, kept, queues)


def settle(here: Response, store: RedisStore, kept: Kept, queues: tuple[str, ...]) -> None:
    """Put on record what a responder and a provider that never fails would have done by now."""
    now, world = here.clock.now(), here.world_of(decode_case(kept.body))
    case = tend(decode_case(kept.body), world, now)
    write = CaseWrite(
        case_id=case.id, body=encode_case(case), expected_version=kept.version, is_open=True
    )
    store.commit(Commit(writes=(write,)))
    while True:
        outcomes = store.outcomes(case.id)
        due = plan(case, world, outcomes, now).due
        words = {
            action.key: Outcome(
                status=Status.DONE,
                at=now,
                result=action.digest if isinstance(action, Update | SetTopic) else f"C0ROOM/{now}",
                first_at=now,
            )
            for action in due
            if queue_of(action) in queues
        }
        if not words:
            return
        store.record(case.id, words, ())


def pile_up_updates(here: Response, store: RedisStore) -> None:
    """Leave 200 incidents with rooms of which nothing has been told yet."""
    open_incidents(here, store, (URGENT,))
    for kept in store.cases(open_only=True):
        now, room = here.clock.now(), f"C0ROOM{kept.case_id.split('/')[0].removeprefix('open')}"
        done = Outcome(status=Status.DONE, at=now, result=room, first_at=now)
        words = {
            f"{kept.case_id}/room": done,
            f"{kept.case_id}/status": replace(done, result=f"{room}/1700000000.000100"),
        }
        store.record(kept.case_id, words, ())


def waiting_updates(here: Response, store: RedisStore) -> int:
    """Count the routine actions that are due or to be tried again."""
    count = 0
    for kept in store.cases(open_only=True):
        case = decode_case(kept.body)
        outcomes = store.outcomes(case.id)
        planned = plan(case, here.world_of(case), outcomes, here.clock.now())
        count += sum(queue_of(action) == ROUTINE for action in planned.due)
        count += len(planned.times[ROUTINE])
    return count


def ticks(rounds: int) -> Iterator[Row]:
    """Measure a responder's step on 200 open incidents with nothing, one and twenty due."""
    with RedisServer(fsync="always") as redis:
        store = RedisStore(connection_settings(redis.url))
        clock = EventClock(store, store.redis_now)
        here = responder(team(), store, clock)
        open_incidents(here, store, QUEUES)
        while sum(here.step(queue) for queue in QUEUES):
            pass
        cases = [decode_case(kept.body) for kept in store.cases(open_only=True)]
        if len(cases) != OPEN_INCIDENTS:
            raise RuntimeError(f"{len(cases)} incidents are open")
        for case in cases:
            set_timers(store, case, clock.now() + timedelta(hours=1))
        for due in (0, 1, 20):
            values = []
            for number in range(rounds):
                for place in range(due):
                    case = cases[(number * due + place) % len(cases)]
                    set_timers(store, case, clock.now())
                began_s = time.perf_counter()
                looked_at = here.step(URGENT)
                values.append((time.perf_counter() - began_s) * 1_000)
                if looked_at != due:
                    raise RuntimeError(f"{looked_at} cases were looked at where {due} were due")
            name = f"step with {due} of {OPEN_INCIDENTS} incidents due, {TIMERS:,} timers"
            yield Row(name=name, values=tuple(values), bound=STEP_P99_MS, unit="ms")
        store.close()


def set_timers(store: RedisStore, case: Case, first_at: datetime) -> None:
    """Give a case its share of the timers, the first of them at a time."""
    kept = store.case(case.id)
    if kept is None:
        raise RuntimeError(f"{case.id} is gone")
    times = {
        f"timer {number}": first_at + timedelta(minutes=number)
        for number in range(TIMERS // OPEN_INCIDENTS)
    }
    if not store.set_times(URGENT, case.id, stirred=kept.stirred, times=times):
        raise RuntimeError(f"{case.id} does not rest")


def say(text: str) -> None:
    """Tell whoever watches how far it is."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
