"""The response, killed again and again: nothing lost, nothing published twice.

Two responders share a real Redis and reach a Slack and a webhook receiver that fail at
random. Responders and Redis are killed with -9 at random moments while signals come and
people press. Time runs 60 times faster, so an escalation step of 15 minutes takes 15 s.

What must hold is read from three witnesses that share no code: what Slack and the
receiver were given, the audit log, and the outbox.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import TypeVar

import pytest

from alerting.commands import Acknowledge, Answer, Approve, Command, Origin, SettleDoubt
from alerting.escalation import LOOKED_FOR
from alerting.keeping import URGENT
from alerting.ports import Outcome, Status
from alerting.publishers.registry import pager, publisher
from alerting.publishers.target import Target
from alerting.response.actions import queue_of
from alerting.response.case import Case, decode_case
from alerting.response.plan import plan
from alerting.response.planned import DOUBT
from alerting.response.worker import LEASE_S
from alerting.store.connection import connection_settings
from alerting.store.redis_store import RedisStore
from crisiswatch.app.event_clock import Pace, keep_pace
from crisiswatch.app.reach import no_picture, nowhere
from crisiswatch.app.response import Response
from crisiswatch.config import load_config
from crisiswatch.detection.signal import Change, Severity, Signal
from crisiswatch.errors import StoreError
from crisiswatch.incidents.audit import AuditRecord, verify
from crisiswatch.incidents.incident import State
from crisiswatch.secret import Secret
from tests.doubles.fake_slack import FakeSlack
from tests.doubles.redis_server import RedisServer
from tests.doubles.slack.workspace import key_of
from tests.doubles.webhook_receiver import WebhookReceiver
from tests.integration.responder_process import NO_STORE
from tests.scenarios.crisis_room import CHANNELS, THREE_AT_NIGHT, a_signal, member

SEED = int(os.environ.get("KILLS_SEED", "11"))
KILLS = int(os.environ.get("KILLS", "220"))
REDIS_SHARE = 0.13
LEAST_REDIS_KILLS = KILLS // 10
TOPICS = 36
SIGNALS_A_TOPIC = 3
SPEED = 60.0
RESPONDERS = 2
BETWEEN_KILLS_S = (0.15, 1.2)
DRAIN_S = 100.0
FAULTS = 0.08
NOBODY_CALLED_S = 60.0
"""A case may go unpaged for so long in real time: leases of the dead, a doubt, a Redis that is down.

For each responder that died while it had this very case in hand, it may be a lease longer.
"""

TEAM = """
[[topics]]
name = "t0"
terms = ["t0"]

[response]
brand = "Example Air"
languages = ["en"]
time_zone = "UTC"
ack_expires = "12h"
max_age = "12h"

[slack]
crisis_channel = "C0CRISIS01"
agents_channel = "C0AGENTS01"
api_url = "SLACK_URL"

[approval]
ask = ["person:ada"]
backup = ["person:ben"]
within = "10m"

[[channels]]
name = "pager"
kind = "webhook"
url_env = "KILLS_PAGER"

[[publish]]
name = "website"
kind = "webhook"
url_env = "KILLS_WEBSITE"

[[rotas]]
name = "pr-on-call"
time_zone = "UTC"
[[rotas.layers]]
people = ["pia", "per"]
start = 2026-01-05
handover = "04:30"
every = "1d"

[[rotas]]
name = "crisis-lead"
always = ["lea"]

[[rotas]]
name = "operations"
always = ["olu"]

[[rotas]]
name = "legal"
always = ["lex"]

[[rotas]]
name = "leadership"
always = ["ceo"]

[[escalation]]
duty = "pr-on-call"
steps = [{ notify = ["pr-on-call"] }, { notify = ["crisis-lead"] }]
repeat = 1
last_resort = ["person:ceo"]
again_after = "30m"
"""
"""`lea` is reached by a pager first and by Slack where that fails; the others by Slack."""

PEOPLE = ("pia", "per", "lea", "olu", "lex", "ceo", "ada", "ben")
APPROVERS = ("ada", "ben")

POSTING = frozenset({"Post", "PageElsewhere", "Publish"})
"""Actions that people would see twice."""

T = TypeVar("T")


@dataclass(slots=True)
class Tally:
    """What was done to the response; each field is written by one thread."""

    killed: Counter[str] = field(default_factory=Counter)
    ended: list[str] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    pressed: list[tuple[Command, Answer]] = field(default_factory=list)
    store_errors: int = 0
    failures: list[BaseException] = field(default_factory=list)


@dataclass(slots=True)
class Killed:
    """The whole set-up; `person` is a desk that is never killed, as Slack's users are not."""

    redis: RedisServer
    slack: FakeSlack
    receiver: WebhookReceiver
    store: RedisStore
    person: Response
    starter: subprocess.Popen[str]
    tally: Tally = field(default_factory=Tally)
    alive: list[int] = field(default_factory=list)
    calm: threading.Event = field(default_factory=threading.Event)

    # --- kills ---

    def start_responder(self) -> None:
        """Start one more."""
        self.alive.append(int(self._told("start")))

    def kill_responder(self, chance: random.Random) -> None:
        """Kill any of them, and start another in its place."""
        pid = self.alive.pop(chance.randrange(len(self.alive)))
        answer = self._told(f"kill {pid}")
        if answer == "killed":
            self.tally.killed["responder"] += 1
        else:
            self.tally.ended.append(answer)
        self.start_responder()

    def kill_redis(self, chance: random.Random) -> None:
        """Kill Redis, and start it again a little later."""
        self.redis.kill()
        time.sleep(chance.uniform(0.0, 0.6))  # it is away for some time, really
        self.redis.start()
        self.tally.killed["redis"] += 1

    def stop_responders(self) -> list[str]:
        """Ask all of them to stop; return how each ended."""
        return [self._told(f"stop {self.alive.pop()}") for _ in tuple(self.alive)]

    def _told(self, command: str) -> str:
        assert self.starter.stdin is not None
        assert self.starter.stdout is not None
        self.starter.stdin.write(command + "\n")
        self.starter.stdin.flush()
        return self.starter.stdout.readline().strip()

    # --- what goes on meanwhile ---

    def insist(self, ask: Callable[[], T]) -> T:
        """Do something until the store takes it, as a program that uses it would."""
        over_at = time.monotonic() + 60
        while True:
            try:
                return ask()
            except StoreError:
                self.tally.store_errors += 1
                assert time.monotonic() < over_at, "the store does not come back"
                time.sleep(0.05)

    def send_signals(self, within_s: float) -> None:
        """Append signals evenly over the time: each topic opens, and gets worse later."""
        chance = random.Random(SEED + 1)
        made = [
            (chance.random() * 0.5 + 0.45 * number / SIGNALS_A_TOPIC, topic, number)
            for topic in range(TOPICS)
            for number in range(SIGNALS_A_TOPIC)
        ]
        started_s = time.monotonic()
        for at_share, topic, number in sorted(made):
            while time.monotonic() < started_s + at_share * within_s:
                time.sleep(0.02)
            change = (Change.OPENED, Change.WORSE, Change.WORSE)[number]
            severity = (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)[
                min(number + topic % 2, 2)
            ]
            now = self.insist(self.person.clock.now)
            signal = a_signal(now, change, severity, topic=f"t{topic}", theme=f"t{topic} down")
            self.insist(lambda one=signal: self.store.append(one))  # type: ignore[misc]
            self.tally.signals.append(signal)

    def press_now_and_then(self) -> None:
        """Let people answer: some at once, some late, until it is calm."""
        chance = random.Random(SEED + 2)
        while not self.calm.wait(chance.uniform(0.2, 0.8)):
            cases = self.cases(open_only=True)
            if cases:
                self.press_something(chance.choice(cases), chance)

    def press_something(self, case: Case, chance: random.Random) -> None:
        """Do something that a case gives occasion for."""
        message = case.message
        doubtful = self.doubts(case)
        if doubtful and chance.random() < 0.5:
            self.settle(case, doubtful[0])
        elif message is not None and message.is_waiting and chance.random() < 0.6:
            by = chance.choice(APPROVERS)
            self.press(
                lambda origin: Approve(
                    case_id=case.id, origin=origin, message_id=message.id, sha256=message.sha256
                ),
                by,
            )
        else:
            for by in self.unanswered(case)[:1]:
                self.acknowledge(case, by)

    def unanswered(self, case: Case) -> list[str]:
        """Return who has been paged for a case and has not acknowledged since: nobody else can."""
        paged_at = {
            page_of(key).person: outcome.at
            for key, outcome in sorted(self.outcomes(case).items(), key=lambda item: item[1].at)
            if "/page/" in key and outcome.status is Status.DONE
        }
        acked_at = {by: at for at, by in case.incident.acks}
        return [p for p, at in paged_at.items() if p not in acked_at or acked_at[p] < at]

    def acknowledge(self, case: Case, by: str) -> None:
        """Say that somebody is on it."""
        self.press(lambda origin: Acknowledge(case_id=case.id, origin=origin), by)

    def settle(self, case: Case, key: str) -> None:
        """Say the truth: whoever looks at the website sees it, or does not."""
        is_out = key in set(self.receiver.keys())
        self.press(
            lambda origin: SettleDoubt(
                case_id=case.id, origin=origin, action_key=key, happened=is_out
            ),
            "lea",
        )

    def press(self, make: Callable[[Origin], Command], by: str) -> None:
        """Press once; where no answer comes, the same press is sent again."""
        now = self.insist(self.person.clock.now)
        press_id = f"press/{len(self.tally.pressed)}"
        command = make(Origin(id=press_id, by=by, at=now, via="terminal"))
        self.tally.pressed.append((command, self.insist(lambda: self.person.desk.take(command))))

    # --- what can be seen ---

    def cases(self, *, open_only: bool = False) -> list[Case]:
        """Return the cases, as they are stored."""
        kept = self.insist(lambda: self.store.cases(open_only=open_only))
        return [decode_case(one.body) for one in kept]

    def outcomes(self, case: Case) -> dict[str, Outcome]:
        """Return what became of a case's actions."""
        return self.insist(lambda: self.store.outcomes(case.id))

    def doubts(self, case: Case) -> list[str]:
        """Return the publications that wait for a person's word."""
        return [
            key
            for key, outcome in self.outcomes(case).items()
            if outcome.status is Status.UNKNOWN and outcome.result == DOUBT
        ]

    def unfinished(self) -> list[str]:
        """Return the urgent work that is not done yet, nor waits for a person."""
        left = []
        position = self.insist(self.store.position)
        left += [entry.signal.id for entry in self.insist(lambda: self.store.read(position))]
        now = self.insist(self.person.clock.now)
        for case in self.cases():
            outcomes = self.outcomes(case)
            world = self.insist(lambda one=case: self.person.world_of(one))  # type: ignore[misc]
            planned = plan(case, world, outcomes, now)
            left += [action.key for action in planned.due if queue_of(action) == URGENT]
            # what is to be tried again; of other times there is no end
            left += [key for key in planned.times[URGENT] if key in outcomes]
        return left


@contextmanager
def everything(folder: Path) -> Iterator[Killed]:
    """Start it all; responders live in a process of their own."""
    with RedisServer(fsync="always") as redis, WebhookReceiver() as receiver:
        store = RedisStore(connection_settings(redis.url))
        pace = Pace(wall=store.redis_now(), event=THREE_AT_NIGHT, speed=SPEED)
        keep_pace(store, pace)

        def slack_s() -> float:
            passed_s = time.time() - pace.wall.timestamp()
            return pace.event.timestamp() + passed_s * SPEED

        with FakeSlack(channels=CHANNELS, clock=slack_s) as slack:
            path = folder / "team.toml"
            path.write_text(config_text(slack))
            config = load_config(path.read_text(), str(path))
            there = Target(name="there", url=Secret(f"{receiver.url}/never"))
            # sends nothing, but plans as the responders do, who have these ways out
            reach = replace(
                nowhere(),
                pagers={one.name: pager(one.kind, there) for one in config.channels},
                publishers={one.name: publisher(one.kind, there) for one in config.publish},
            )
            person = Response(
                config,
                path,
                store=store,
                reach=reach,
                draw=no_picture,
            )
            environment = {
                **os.environ,
                "SLACK_BOT_TOKEN": "xoxb-test",
                "SLACK_APP_TOKEN": "xapp-test",
                "KILLS_PAGER": f"{receiver.url}/pager",
                "KILLS_WEBSITE": f"{receiver.url}/website",
            }
            with (
                (folder / "responders.log").open("w") as log,
                subprocess.Popen(
                    [sys.executable, "-m", "tests.integration.responder_process", path, redis.url],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=environment,
                    text=True,
                ) as starter,
            ):
                yield Killed(
                    redis=redis,
                    slack=slack,
                    receiver=receiver,
                    store=store,
                    person=person,
                    starter=starter,
                )
        store.close()


def config_text(slack: FakeSlack) -> str:
    people = []
    for name in PEOPLE:
        roles = ["agent", "lead", "approver"] if name in APPROVERS else ["agent", "lead"]
        lines = [f'id = "{name}"', f'name = "{name.title()}"', f'slack = "{member(name)}"']
        lines.append(f"roles = {roles}")
        if name == "lea":
            lines += ['contact = ["pager", "slack-dm"]', 'addresses = { pager = "lea" }']
        else:
            lines.append('contact = ["slack-dm"]')
        people.append("\n".join(("[[people]]", *lines)))
    return "\n\n".join((TEAM.replace("SLACK_URL", slack.url), *people))


@pytest.mark.slow
def test_nothing_is_lost_or_published_twice_however_often_processes_are_killed(
    tmp_path: Path,
) -> None:
    with everything(tmp_path) as run:
        started_s = time.monotonic()
        run_wild(run, KILLS * sum(BETWEEN_KILLS_S) / 2)
        wild_s = time.monotonic() - started_s
        settle_down(run)
        drained_s = time.monotonic() - started_s - wild_s
        codes = run.stop_responders()
        seen = Seen.of(run)
        print(table(run, seen, wild_s, drained_s))  # noqa: T201  # pytest -s shows it

        assert run.tally.killed["redis"] >= LEAST_REDIS_KILLS
        assert sum(run.tally.killed.values()) >= KILLS
        # who starts while Redis is away says so and ends; here it is started again
        assert set(run.tally.ended) <= {f"ended {NO_STORE}"}
        assert codes == ["ended 0"] * RESPONDERS
        assert verify(run.store.audit_records(), run.store.audit_head()) == ()
        assert lost_signals(run, seen) == []
        assert miscounted_presses(run, seen) == []
        assert never_paged(seen) == []
        assert unsettled_pages(seen) == []
        assert pages_that_nobody_got(run, seen) == []
        assert skipped_steps(run, seen) == []
        assert published_twice(run) == {}
        assert unpublished(run, seen) == []
        assert repeated_without_doubt(seen) == []
        assert {key for key in doubled(run) if key not in repeated(seen)} == set()
        assert len(seen.page_keys) >= TOPICS, "hardly anything happened"
        assert len(run.receiver.posts) > 0


def run_wild(run: Killed, about_s: float) -> None:
    """Kill at random moments while signals come and people press."""
    chance = random.Random(SEED)
    for _ in range(RESPONDERS):
        run.start_responder()
    run.slack.random_faults(SEED, FAULTS)
    for failure in ("reset_before", "reset_after", "status"):
        run.receiver.fail(failure, count=3, status=503, path="/hook/website")
        run.receiver.fail(failure, count=6, status=503, path="/hook/pager")
    jobs = (lambda: run.send_signals(about_s), run.press_now_and_then)
    threads = [threading.Thread(target=_kept(run, job), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    while sum(run.tally.killed.values()) < KILLS or threads[0].is_alive():
        time.sleep(chance.uniform(*BETWEEN_KILLS_S))  # kills come at moments of real time
        if chance.random() < REDIS_SHARE:
            run.kill_redis(chance)
        else:
            run.kill_responder(chance)
        assert run.tally.failures == []
    run.calm.set()
    for thread in threads:
        thread.join(60)
    assert run.tally.failures == []


def settle_down(run: Killed) -> None:
    """End all trouble; everybody answers who is paged, and what has begun comes to its end."""
    run.slack.heal()
    run.receiver.heal()
    over_at = time.monotonic() + DRAIN_S
    while True:
        for case in run.cases(open_only=True):
            for by in run.unanswered(case):
                run.acknowledge(case, by)
        left = run.unfinished()
        if not left:
            return
        assert time.monotonic() < over_at, f"not done {DRAIN_S:g} s after the last kill: {left[:8]}"
        time.sleep(0.5)  # other processes do the work


def _kept(run: Killed, job: Callable[[], None]) -> Callable[[], None]:
    def go() -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001  # told by the test's own thread
            run.tally.failures.append(error)

    return go


# --- the witnesses ---


@dataclass(slots=True)
class Seen:
    """What is on record when all is over."""

    records: list[AuditRecord]
    cases: list[Case]
    outcomes: dict[str, Outcome]
    by_key: dict[str, list[AuditRecord]]
    steps_of: dict[str, int]

    @classmethod
    def of(cls, run: Killed) -> "Seen":
        """Read all of it."""
        records = list(run.store.audit_records())
        by_key: dict[str, list[AuditRecord]] = defaultdict(list)
        for record in records:
            if record.kind in {"intent", "outcome", "found", "doubt"}:
                by_key[record.detail["key"]].append(record)
        cases = run.cases()
        outcomes = {key: one for case in cases for key, one in run.outcomes(case).items()}
        duties = {page_of(key).duty for key in outcomes if "/page/" in key}
        escalation_of = run.person.directory.escalation_of
        return cls(
            records=records,
            cases=cases,
            outcomes=outcomes,
            by_key=dict(by_key),
            steps_of={duty: len(escalation_of(duty).steps) for duty in duties},
        )

    @property
    def page_keys(self) -> list[str]:
        """Return the keys of all pages that were ever intended."""
        return [key for key in self.outcomes if "/page/" in key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page's key says."""

    case_id: str
    call: str
    duty: str
    pass_number: int
    step_number: int
    person: str
    method: str


def page_of(key: str) -> Page:
    call, pass_number, step_number, person, method = key.rsplit("/", 4)
    case_id, _, called = call.partition("/page/")
    return Page(
        case_id=case_id,
        call=call,
        duty=called.split("/")[0],
        pass_number=int(pass_number),
        step_number=int(step_number),
        person=person,
        method=method,
    )


def lost_signals(run: Killed, seen: Seen) -> list[str]:
    applied = Counter(r.detail["signal"] for r in seen.records if r.kind == "signal")
    return [f"{s.id}: {applied[s.id]} times" for s in run.tally.signals if applied[s.id] != 1]


def miscounted_presses(run: Killed, seen: Seen) -> list[str]:
    """Return presses that were taken and do not stand in the record exactly once."""
    counted = Counter(r.detail.get("press") for r in seen.records if r.kind != "refused")
    return [
        command.origin.id
        for command, answer in run.tally.pressed
        if answer.ok and counted[command.origin.id] != 1
    ]


def never_paged(seen: Seen) -> list[str]:
    """Return cases of which nobody was told, and times at which one long had no answer or page.

    Whoever is paged for another duty may answer for the on-call before that page is out.
    """
    missing = []
    ends_at = max(record.at for record in seen.records)
    died_at = deaths_in_hand(seen)
    for case in seen.cases:
        done = [
            key
            for key in seen.page_keys
            if page_of(key).case_id == case.id and seen.outcomes[key].status is Status.DONE
        ]
        if not done:
            missing.append(f"{case.id}: no page at all")
        done_at = [seen.outcomes[key].at for key in done if page_of(key).duty == "pr-on-call"]
        for begins, ends in triggered_spans(case, ends_at):
            deaths = sum(begins <= at <= ends for at in died_at[case.id])
            patience = timedelta(seconds=(NOBODY_CALLED_S + deaths * LEASE_S) * SPEED)
            if ends - begins > patience and not any(begins <= at <= ends for at in done_at):
                missing.append(f"{case.id}: triggered from {begins} to {ends}")
    return missing


def deaths_in_hand(seen: Seen) -> dict[str, list[datetime]]:
    """Return by case when an action was begun whose outcome nobody wrote down."""
    died_at: dict[str, list[datetime]] = defaultdict(list)
    for records in seen.by_key.values():
        for begun, then in zip_longest(records, records[1:]):
            if begun.kind == "intent" and (then is None or then.kind != "outcome"):
                died_at[begun.case_id or ""].append(begun.at)
    return died_at


def triggered_spans(case: Case, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    states = case.incident.states
    for number, change in enumerate(states):
        if change.state is State.TRIGGERED:
            yield change.at, states[number + 1].at if number + 1 < len(states) else ends_at


def unsettled_pages(seen: Seen) -> list[str]:
    """Return pages that neither arrived nor surely failed, and whose call nobody has answered."""
    settled = {Status.DONE, Status.FAILED}
    answered_at = {
        case.id: max((at for at, _ in case.incident.acks), default=None) for case in seen.cases
    }
    unsettled = []
    for key in seen.page_keys:
        at = answered_at[page_of(key).case_id]
        if seen.outcomes[key].status not in settled and (at is None or at < seen.outcomes[key].at):
            unsettled.append(key)
    return unsettled


def pages_that_nobody_got(run: Killed, seen: Seen) -> list[str]:
    """Return pages on record as delivered that the provider does not have.

    One message may settle the pages of several duties; it is the one that they name.
    """
    posted = {f"{message['channel']}/{message['ts']}" for message in run.slack.messages()}
    received = set(run.receiver.keys())
    shared = {
        other.at for key, other in seen.outcomes.items() if key in received and "/page/" in key
    }
    missing = []
    for key in seen.page_keys:
        outcome = seen.outcomes[key]
        if outcome.status is not Status.DONE:
            continue
        if page_of(key).method == "pager":
            arrived = key in received or outcome.at in shared
        else:
            arrived = outcome.result in posted
        if not arrived:
            missing.append(f"{key}: {outcome.result}")
    return missing


def skipped_steps(run: Killed, seen: Seen) -> list[str]:
    """Return where a call jumped: over a pass, a step, a person's method."""
    calls: dict[str, list[Page]] = defaultdict(list)
    for key in seen.page_keys:
        calls[page_of(key).call].append(page_of(key))
    wrong = []
    for call, pages in calls.items():
        steps = seen.steps_of[pages[0].duty]
        of_pass: dict[int, set[int]] = defaultdict(set)
        for page in pages:
            of_pass[page.pass_number].add(page.step_number)
            contact = run.person.directory.person(page.person)
            assert contact is not None
            before = contact.contact[: contact.contact.index(page.method)]
            for method in before:
                tried = f"{call}/{page.pass_number}/{page.step_number}/{page.person}/{method}"
                word = seen.outcomes.get(tried)
                # what failed, or was in doubt for long enough, makes room for the next way
                if word is None or (
                    word.status is not Status.FAILED and word.attempts < LOOKED_FOR
                ):
                    wrong.append(f"{tried}: passed over for {page.method}")
        last = max(of_pass)
        for number in range(1, last + 1):
            taken = of_pass[number]
            whole = set(range(1, steps + 1))
            begun = set(range(1, max(taken, default=0) + 1))
            if not taken or taken not in ({0}, begun if number == last else whole):
                wrong.append(f"{call}: pass {number} of {last} has steps {sorted(taken)}")
    return wrong


def doubled(run: Killed) -> dict[str, int]:
    """Return what stands twice in Slack or was taken twice by the receiver, by key."""
    return {**run.slack.duplicates(), **run.receiver.duplicates()}


def published_twice(run: Killed) -> dict[str, int]:
    return {key: count for key, count in doubled(run).items() if "/publish/" in key}


def unpublished(run: Killed, seen: Seen) -> list[str]:
    """Return approved messages that are neither out everywhere nor in a person's hands."""
    in_slack = {key_of(message) for message in run.slack.messages()}
    received = set(run.receiver.keys())
    missing = []
    for case in seen.cases:
        for message in case.messages:
            if message.stage.value != "approved":
                continue
            stem = f"{message.id}/{message.sha256[:12]}/publish"
            told = any(key is not None and key.startswith(f"{message.id}/not-") for key in in_slack)
            if told:  # approved so late that its promise was over
                continue
            if f"{stem}/agents" not in in_slack:
                missing.append(f"{stem}/agents")
            key = f"{stem}/website"
            outcome = seen.outcomes.get(key)
            is_asked = (
                outcome is not None and outcome.result == DOUBT and f"{key}/doubt" in in_slack
            )
            if key not in received and not is_asked:
                missing.append(f"{key}: {outcome}")
    return missing


def repeated(seen: Seen) -> set[str]:
    """Return keys that were tried again while nobody could know how an attempt had ended."""
    return {
        key
        for key, records in seen.by_key.items()
        if records[0].detail["action"] in POSTING
        and any(
            later.kind == "intent" and may_have_happened(earlier)
            for number, later in enumerate(records)
            for earlier in records[max(number - 1, 0) : number]
        )
    }


def may_have_happened(record: AuditRecord) -> bool:
    return record.kind == "intent" or record.detail["status"] == "unknown"


def repeated_without_doubt(seen: Seen) -> list[str]:
    """Return messages that were tried again although they were on record as done.

    Another responder may find, and write down, what is on record already: no attempt.
    """
    return [
        key
        for key, records in seen.by_key.items()
        if records[0].detail["action"] in POSTING
        and any(
            record.kind in {"outcome", "found"}
            and record.detail["status"] == "done"
            and any(later.kind == "intent" for later in records[number:])
            for number, record in enumerate(records)
        )
    ]


def table(run: Killed, seen: Seen, wild_s: float, drained_s: float) -> str:
    kinds = Counter(record.kind for record in seen.records)
    statuses = Counter(seen.outcomes[key].status.value for key in seen.page_keys)
    doubles = doubled(run)
    pages_twice = {key: count for key, count in doubles.items() if "/page/" in key}
    published = sum(
        message.stage.value == "approved" for case in seen.cases for message in case.messages
    )
    rows = (
        ("responders killed", run.tally.killed["responder"]),
        ("started while Redis was away", len(run.tally.ended)),
        ("Redis killed", run.tally.killed["redis"]),
        ("signals / cases", f"{len(run.tally.signals)} / {len(seen.cases)}"),
        ("presses taken", sum(answer.ok for _, answer in run.tally.pressed)),
        ("calls of the store that failed here", run.tally.store_errors),
        ("faults of Slack that struck", sum(c.outcome != "ok" for c in run.slack.calls)),
        ("pages done / failed", f"{statuses['done']} / {statuses['failed']}"),
        ("holding messages approved", published),
        ("tried again in doubt", len(repeated(seen))),
        ("found instead of repeated", kinds["found"]),
        ("left to a person in doubt", kinds["doubt"]),
        ("pages sent twice", len(pages_twice)),
        ("other messages sent twice", len(doubles) - len(pages_twice)),
        ("audit records", len(seen.records)),
        ("killing / draining, s", f"{wild_s:.0f} / {drained_s:.0f}"),
    )
    return "\n".join(f"{name:<38}{value:>12}" for name, value in rows)
