"""A whole response on a moved clock: real Redis, a fake Slack behind the real SDK, real responders.

    with crisis_room(make_store) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=16)
        assert room.pages() == [...]

`passes` moves the clock in small steps and lets every responder work after each, so hours
go by in a second, and nothing waits for real time but presses, which really travel as
signed requests.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Condition
from typing import Any

from alerting.commands import Answer, Command
from alerting.delivery import Pager, Publisher
from alerting.keeping import QUEUES
from alerting.notices import ApprovalNotice
from alerting.response.case import Case, decode_case
from alerting.slack.calls import Timing
from alerting.slack.clicks import Clicks
from alerting.slack.connection import web_client
from alerting.slack.http import PATH, HttpMode
from alerting.slack.sender import SlackWorkspace
from alerting.store.redis_store import RedisStore
from crisiswatch.app.event_clock import EventClock
from crisiswatch.app.picturing import draw
from crisiswatch.app.reach import Reach, who_of
from crisiswatch.app.response import Response
from crisiswatch.config import Config, load_config
from crisiswatch.detection.signal import Change, Evidence, Severity, Signal, Theme, Verdict
from crisiswatch.errors import StoreError
from crisiswatch.incidents.audit import AuditRecord
from crisiswatch.testing import ManualClock
from tests.doubles.fake_slack import FakeSlack
from tests.doubles.redis_server import MakeStore
from tests.doubles.slack.workspace import key_of

THREE_AT_NIGHT = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
STEP_S = 15
SIGNING_SECRET = "signing-secret"  # noqa: S105  # of a workspace that does not exist
CHANNELS = {"C0CRISIS01": "crisis", "C0AGENTS01": "agents"}

TEAM = """
[[topics]]
name = "air"
terms = ["exampleair"]

[[topics]]
name = "sea"
terms = ["examplesea"]

[response]
brand = "Example Air"
languages = ["en"]
time_zone = "UTC"

[slack]
crisis_channel = "C0CRISIS01"
agents_channel = "C0AGENTS01"

[approval]
ask = ["person:ada"]
backup = ["person:ben"]
within = "10m"

[reserve]
people = ["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12"]
answer_within = "10m"

[[rotas]]
name = "pr-on-call"
time_zone = "UTC"
[[rotas.layers]]
people = ["pia", "per"]
start = 2026-01-05
handover = "08:00"
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
PEOPLE = {
    "pia": ("agent",),
    "per": ("agent",),
    "lea": ("agent", "lead"),
    "olu": ("agent",),
    "lex": ("viewer",),
    "ceo": ("viewer",),
    "ada": ("agent", "approver"),
    "ben": ("agent", "approver"),
    **{f"r{number}": ("agent",) for number in range(1, 13)},
}
"""`per` is on call until 08:00, then `pia`; Slack ids are `U0` and the name."""


def team(more: str = "", *, people: dict[str, tuple[str, ...]] = PEOPLE, base: str = TEAM) -> str:
    """Return the configuration of the crisis team, as a file would hold it."""
    entries = [
        f'[[people]]\nid = "{name}"\nname = "{name.title()}"\nslack = "{member(name)}"\n'
        f"roles = {list(roles)}\n"
        for name, roles in people.items()
    ]
    return "\n".join((base, *entries, more))


def member(person: str) -> str:
    """Return a person's Slack id."""
    return f"U0{person.upper()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message in Slack: when it was posted, where (a person or a channel), and what it says."""

    at: datetime
    place: str
    key: str
    text: str
    ts: str


class _Counting:
    """The desk, counting what it has taken, so that a test knows when a press has arrived."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self.taken: list[tuple[Command, Answer]] = []
        self.changed = Condition()

    def take(self, command: Command) -> Answer:
        answer = self._response.desk.take(command)
        with self.changed:
            self.taken.append((command, answer))
            self.changed.notify_all()
        return answer

    def case_of_room(self, room: str) -> str | None:
        return self._response.desk.case_of_room(room)

    def packet(self, case_id: str, message_id: str, *, by: str) -> ApprovalNotice | None:
        return self._response.desk.packet(case_id, message_id, by=by)

    def open_cases(self, *, by: str) -> str:
        return self._response.desk.open_cases(by=by)

    def describe(self, case_id: str, *, by: str) -> str:
        return self._response.desk.describe(case_id, by=by)

    def who(self, duty: str, *, by: str) -> str:
        return self._response.desk.who(duty, by=by)


@dataclass
class CrisisRoom:
    """One or more responders on one store and one Slack; see this module's description."""

    clock: ManualClock
    slack: FakeSlack
    store: RedisStore
    make_store: MakeStore
    stack: ExitStack
    config: str
    pagers: Mapping[str, Pager] = field(default_factory=dict)
    publishers: Mapping[str, Publisher] = field(default_factory=dict)
    responders: list[Response] = field(default_factory=list)
    desk: _Counting | None = None
    store_errors: int = 0

    def add_responder(self, config: str | None = None, folder: Path | None = None) -> Response:
        """Start one more responder; with another `config` it is one that was changed and restarted."""
        text = self.config if config is None else config
        made = _response(self, load_config(text, "team.toml"), folder)
        self.responders.append(made)
        return made

    def stop_responder(self, response: Response) -> None:
        """Let a responder die between two steps: it simply does nothing any more."""
        self.responders.remove(response)

    # --- what happens ---

    def signal(
        self,
        change: str,
        severity: Severity = Severity.HIGH,
        *,
        topic: str = "air",
        crisis_type: str = "service-outage",
        age: timedelta = timedelta(0),
        episode: int = 1,
        theme: str | None = None,
        posts_per_min: float = 4.0,
    ) -> Signal:
        """Let detection say something now (or some time ago), and the responders hear it."""
        made = a_signal(
            self.clock.now() - age,
            Change(change),
            severity,
            topic=topic,
            crisis_type=crisis_type,
            episode=episode,
            theme=theme,
            posts_per_min=posts_per_min,
        )
        self.store.append(made)
        self.works()
        return made

    def passes(
        self, *, hours: float = 0, minutes: float = 0, seconds: float = 0, step_s: float = STEP_S
    ) -> None:
        """Let time go by, step by step, with the responders at work; longer steps are quicker."""
        left_s = hours * 3600 + minutes * 60 + seconds
        while left_s > 0:
            next_s = min(step_s, left_s)
            self.clock.advance(next_s)
            left_s -= next_s
            self.works()

    def works(self) -> None:
        """Let every responder work until there is nothing to do at this moment."""
        for _ in range(200):
            # each has its turn, whatever the one before had to do
            if sum(self._step(responder) for responder in tuple(self.responders)) == 0:
                return
        raise AssertionError("the responders never come to rest")

    def _step(self, responder: Response) -> int:
        done = 0
        for queue in QUEUES:
            try:
                done += responder.step(queue)
            except StoreError:
                self.store_errors += 1
        return done

    # --- what people do ---

    def press(self, told: Told | str, action: str, *, by: str, times: int = 1) -> list[Answer]:
        """Press a button of a message; return the desk's answers to it."""
        desk = self._desk()
        before = len(desk.taken)
        self.slack.press(_ts(told), action, user=member(by), times=times)
        return self._answers(desk, before, times)

    def select(self, told: Told | str, action: str, value: str, *, by: str) -> list[Answer]:
        """Choose in a menu of a message."""
        desk = self._desk()
        before = len(desk.taken)
        self.slack.select(_ts(told), action, value, user=member(by))
        return self._answers(desk, before, 1)

    def dialog(
        self, told: Told | str, action: str, values: dict[str, Any], *, by: str
    ) -> list[Answer]:
        """Press a button that opens a dialog, fill it in and send it."""
        self._desk()
        views = set(self.slack.views)
        self.slack.press(_ts(told), action, user=member(by))
        self.slack.wait_until(lambda slack: set(slack.workspace.views) - views)
        (opened,) = set(self.slack.views) - views
        return self.submit(opened, values, by=by)

    def submit(
        self, view_id: str, values: dict[str, Any], *, by: str, times: int = 1
    ) -> list[Answer]:
        """Send a dialog that is open."""
        desk = self._desk()
        before = len(desk.taken)
        self.slack.submit_view(view_id, values, user=member(by), times=times)
        return self._answers(desk, before, times)

    def slash(self, text: str, *, by: str, channel: str) -> list[Answer]:
        """Type `/crisis` with a command that changes something."""
        desk = self._desk()
        before = len(desk.taken)
        self.slack.slash("/crisis", text, channel=channel, user=member(by))
        return self._answers(desk, before, 1)

    def _desk(self) -> _Counting:
        """Listen for Slack's signed requests, once somebody presses something."""
        if self.desk is None:
            response = self.responders[0]
            self.desk = _Counting(response)
            client = web_client("xoxb-test", self.slack.url)
            clicks = Clicks(
                client,
                self.desk,
                who=who_of(response.directory),
                now=self.clock.now,
                signing_secret=SIGNING_SECRET,
            )
            self.stack.callback(clicks.close)
            mode = HttpMode(clicks.app, SIGNING_SECRET, host="127.0.0.1", port=0)
            self.stack.enter_context(mode)
            self.slack.send_to(f"http://127.0.0.1:{mode.port}{PATH}")
        return self.desk

    def _answers(self, desk: _Counting, before: int, times: int) -> list[Answer]:
        until = before + times
        with desk.changed:
            assert desk.changed.wait_for(lambda: len(desk.taken) >= until, 10), "no press arrived"
            answers = [answer for _, answer in desk.taken[before:]]
        self.works()
        return answers

    # --- what can be seen ---

    def told(self, *, place: str | None = None, key: str = "", text: str = "") -> list[Told]:
        """Return messages whose place, key and text hold these, oldest first."""
        found = []
        for message in self.slack.messages():
            channel = self.slack.channels[message["channel"]]
            where = channel.get("user") or channel["name"]
            one = Told(
                at=datetime.fromtimestamp(float(message["ts"]), UTC),
                place=where,
                key=key_of(message) or "",
                text=_everything(message),
                ts=f"{message['channel']}/{message['ts']}",
            )
            if place in {None, where} and key in one.key and text in one.text:
                found.append(one)
        return found

    def pages(self, topic: str = "air", *, duty: str = "pr-on-call") -> list[tuple[str, str]]:
        """Return who was paged for a duty (first of all), as (hh:mm, person), in order."""
        return [
            (f"{one.at:%H:%M}", one.place.removeprefix("U0").lower())
            for one in self.told(key=f"/page/{duty}/")
            if one.key.startswith(f"{topic}/")
        ]

    def case(self, topic: str = "air") -> Case:
        """Return the topic's newest case."""
        found = [decode_case(kept.body) for kept in self.store.cases(open_only=False)]
        return max(
            (case for case in found if topic in case.incident.topics),
            key=lambda case: case.incident.opened_at,
        )

    def approval(self, by: str = "ada") -> Told:
        """Return the newest request for approval that a person got."""
        return self.told(place=member(by), key="/ask/")[-1]

    def audit(self, kind: str | None = None) -> list[AuditRecord]:
        """Return the audit log's records."""
        return [record for record in self.store.audit_records() if kind in {None, record.kind}]


def a_signal(
    at: datetime,
    change: Change,
    severity: Severity,
    *,
    topic: str = "air",
    crisis_type: str = "service-outage",
    episode: int = 1,
    theme: str | None = None,
    posts_per_min: float = 4.0,
) -> Signal:
    """Return a signal of a topic's numbered episode."""
    at_s = int(at.timestamp())
    text = theme or f"{topic} lets everybody wait and nobody answers"
    return Signal(
        id=f"{topic}/burst/{episode}/{at_s}/{change}",
        episode=f"{topic}/burst/{episode}",
        topic=topic,
        change=change,
        at=at_s,
        opened_at=at_s,
        config_hash="c0ffee",
        verdict=Verdict(
            severity=severity,
            rule="burst",
            crisis_type=crisis_type,
            reasons=(f"{posts_per_min:g} negative posts/min where 0.4 were expected",),
            evidence=Evidence(
                window_s=300,
                posts=posts_per_min,
                expected_posts=0.8,
                negatives=posts_per_min * 0.7,
                expected_negatives=0.4,
                negative_share=0.7,
                normal_negative_share=0.3,
                complaint_share=0.5,
                authors=150,
                reach=90_000,
                rarity_days=9.0,
                doubling_s=600.0,
                scores=(("burst", 4.2),),
                themes=(Theme(text=text, posts=31, share=0.4),),
                samples=(f"@{topic} stuck again", "no answer for hours"),
            ),
        ),
    )


@contextmanager
def crisis_room(
    make_store: MakeStore,
    *,
    config: str | None = None,
    starts: datetime = THREE_AT_NIGHT,
    responders: int = 1,
    pagers: Mapping[str, Pager] | None = None,
    publishers: Mapping[str, Publisher] | None = None,
    **slack_settings: Any,
) -> Iterator[CrisisRoom]:
    """Yield a response at a moment of its own; second channels and targets by their names."""
    clock = ManualClock(starts)
    with ExitStack() as stack:
        slack = stack.enter_context(
            FakeSlack(channels=CHANNELS, clock=lambda: clock.now().timestamp(), **slack_settings)
        )
        room = CrisisRoom(
            clock=clock,
            slack=slack,
            store=make_store(),
            make_store=make_store,
            stack=stack,
            config=team() if config is None else config,
            pagers={} if pagers is None else pagers,
            publishers={} if publishers is None else publishers,
        )
        for _ in range(responders):
            room.add_responder()
        yield room


def _response(room: CrisisRoom, config: Config, folder: Path | None) -> Response:
    store = room.make_store()
    timing = Timing(
        now_s=room.clock.monotonic_s,
        unix_s=lambda: room.clock.now().timestamp(),
        wait=room.clock.advance,
    )
    client = web_client("xoxb-test", room.slack.url, timeout_s=0.5)
    workspace = SlackWorkspace(client, timing=timing)
    return Response(
        config,
        None if folder is None else folder / "team.toml",
        store=store,
        reach=Reach(workspace=workspace, pagers=room.pagers, publishers=room.publishers),
        draw=draw,
        clock=EventClock(store, room.clock.now),
    )


def _ts(told: Told | str) -> str:
    return told if isinstance(told, str) else told.ts


def _everything(message: dict[str, Any]) -> str:
    """Return all words of a message, those of its blocks too."""
    words: list[str] = [message.get("text", "")]

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("text"), str):
                words.append(part["text"])
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(message.get("blocks", []))
    return "\n".join(words)
