"""The week in which airlines stranded people, through `up`, as a fake Slack and the audit log saw it.

The recording goes by 9,000 times as fast as it happened, so that a deadline of a quarter
of an hour is a tenth of a second: nobody answers here, and everything escalates. What is
right at any pace is looked at: who, in which order, not before when, and that nothing is missing.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from crisiswatch.app.rota import run_rota_who
from tests.doubles.fake_slack import FakeSlack
from tests.doubles.slack.workspace import key_of
from tests.doubles.up_process import TOKENS, Running, alive, run

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIG = REPOSITORY / "deploy" / "examples" / "airline.toml"
RECORDING = REPOSITORY.parent / "shared" / "data" / "airline" / "posts.jsonl"
UNTIL = "2015-02-23T01:30"
SPEED = 9_000
CRITICAL = "US Airways/20150222T044500Z"
"""Joined by American, one company: critical at 20:40 on 22 February. United is at 22:10."""

PAGE = re.compile(
    r"(?P<case>.+)/page/(?P<duty>[a-z-]+)/(?P<asked>\d{8}T\d{6}Z)/(?P<round>\d+)/(?P<step>\d+)/"
    r"(?P<person>[a-z]+)/slack-dm\Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is left of the run: Slack, what was printed, the audit log, and the files used."""

    slack: FakeSlack
    folder: Path
    config: Path
    store: Path
    code: int
    err: str
    audit: list[dict[str, Any]]
    left_behind: list[int]

    def of(self, kind: str, **detail: str) -> list[dict[str, Any]]:
        """Return the audit log's records of a kind, with these details."""
        return [
            record
            for record in self.audit
            if record["kind"] == kind and detail.items() <= record["detail"].items()
        ]

    def pages(self) -> Iterator[tuple[re.Match[str], datetime]]:
        """Yield the pages that arrived: their key, and when they were sent in event time."""
        for record in self.of("outcome", action="Post", notice="PageNotice", status="done"):
            found = PAGE.match(record["detail"]["key"])
            if found is not None:
                yield found, datetime.fromisoformat(record["at"])

    def cases(self) -> dict[str, dict[str, Any]]:
        """Return {id: incident} as `incidents list` tells them."""
        words = ("incidents", "list", "--all", "--json", "--store", self.store)
        return {case["id"]: case for case in orjson.loads(run(*words).stdout)}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    if not RECORDING.is_file():
        pytest.skip("the recording of the airlines' week is not here")
    folder = tmp_path_factory.mktemp("airline")
    posts, config, store = folder / "posts.jsonl", folder / "airline.toml", folder / "store"
    lines = RECORDING.read_bytes().splitlines(keepends=True)
    posts.write_bytes(b"".join(line for line in lines if orjson.loads(line)["created_at"] < UNTIL))
    with FakeSlack(channels={"C0CRISIS01": "crisis", "C0AGENTS01": "agents"}) as slack:
        text = CONFIG.read_text()
        example = '# api_url = "http://127.0.0.1:8888/api/"'
        assert example in text
        config.write_text(text.replace(example, f'api_url = "{slack.url}"'))
        words = ("up", "-c", config, "--replay", posts, "--speed", str(SPEED), "--store", store)
        with Running(*words, "--out", folder / "out", folder=folder / "up", **TOKENS) as up:
            family = {up.part(name) for name in ("detect", "respond", "redis-server")}
            code = up.ended(timeout_s=150)
            left_behind = [pid for pid in family | up.family() if alive(pid)]
            exported = run("audit", "export", "--store", store).stdout
            yield Seen(
                slack=slack,
                folder=folder,
                config=config,
                store=store,
                code=code,
                err=up.out + up.err,
                audit=[orjson.loads(line) for line in exported.splitlines()],
                left_behind=left_behind,
            )


def test_it_ends_well_and_leaves_nothing_behind(seen: Seen) -> None:
    assert seen.code == 0
    assert "Traceback" not in seen.err
    assert not [token for token in TOKENS.values() if token in seen.err]
    assert seen.left_behind == []
    assert not (seen.store / "redis.sock").exists()


def test_no_signal_is_lost_on_its_way_into_a_case(seen: Seen) -> None:
    out = seen.folder / "at-once"
    run("replay", seen.folder / "posts.jsonl", "-c", seen.config, "--out", out)
    detected = [orjson.loads(line)["id"] for line in (out / "signals.jsonl").open("rb")]
    recorded = [record["detail"]["signal"] for record in seen.of("signal")]
    assert len(detected) > 50
    assert sorted(recorded) == sorted(detected)


def test_every_incident_has_its_room_with_topic_status_and_chart(seen: Seen) -> None:
    cases = seen.cases()
    assert {CRITICAL, "Southwest/20150221T212000Z"} <= set(cases)
    drawn = {record["case_id"] for record in seen.of("outcome", action="ShowChart", status="done")}
    assert all(png.startswith(b"\x89PNG") for _, png in seen.slack.files.values())
    assert len(seen.slack.files) >= len(cases)
    for case_id, case in cases.items():
        opened = datetime.fromisoformat(case["opened_at"])
        slug = case["topic"].lower().replace(" ", "-")
        room = seen.slack.channel(f"crisis-{slug}-{opened:%m%d-%H%M}")
        assert case["topic"] in room["topic"]["value"]
        pinned = seen.slack.pinned[room["id"]]
        assert [key_of(message) for message in pinned] == [f"{case_id}/status"]
        assert case_id in drawn
    updated = {call.args["channel"] for call in seen.slack.calls_of("chat.update")}
    assert seen.slack.channel("crisis-us-airways-0222-0445")["id"] in updated


def test_the_page_goes_to_whoever_the_rota_names_for_that_time(
    seen: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    first = [
        (page, sent) for page, sent in seen.pages() if (page["round"], page["step"]) == ("1", "1")
    ]
    assert {page["duty"] for page, _ in first} >= {
        "pr-on-call",
        "operations",
        "legal",
        "leadership",
    }
    for page, sent in first:
        asked = datetime.strptime(page["asked"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        # between the decision and the sending a handover may go by at this pace
        at_both = [_on_call(seen.config, page["duty"], at, capsys) for at in (asked, sent)]
        assert page["person"] in at_both[0] or page["person"] in at_both[1]
        assert seen.slack.message(page[0])["channel"] == _direct(seen.slack, page["person"])


def _on_call(
    config: Path, duty: str, at: datetime, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """Return whom `rota who --at` names for a duty."""
    assert run_rota_who(config, at.isoformat(), as_json=True) == 0
    named = {one["name"]: one["persons"] for one in orjson.loads(capsys.readouterr().out)}
    persons: list[str] = named[duty]
    return persons


def _direct(slack: FakeSlack, person: str) -> str:
    (found,) = (
        channel["id"]
        for channel in slack.channels.values()
        if channel.get("user") == f"U0{person.upper()}"
    )
    return str(found)


def test_the_next_person_is_called_after_the_deadline_and_not_before(seen: Seen) -> None:
    sent: dict[tuple[str, str, str], dict[str, datetime]] = defaultdict(dict)
    for page, at in seen.pages():
        if page["round"] == "1" and page["duty"] == "pr-on-call":
            steps = sent[page["case"], page["duty"], page["asked"]]
            steps[page["step"]] = min(at, steps.get(page["step"], at))
    escalated = [steps for steps in sent.values() if {"1", "2"} <= set(steps)]
    assert escalated
    for steps in escalated:
        assert steps["2"] - steps["1"] >= timedelta(minutes=10)


def test_the_holding_message_stands_before_an_approver_with_buttons(seen: Seen) -> None:
    asked = [
        message
        for message in seen.slack.messages()
        if re.search(r"/message/\d+/[0-9a-f]+/ask/[a-z]+\Z", key_of(message) or "")
    ]
    assert {str(key_of(message)).rpartition("/message/")[0] for message in asked} >= {CRITICAL}
    approvers = {"tomas", "chiara", "maya", "helen", "nadia", "david", "grace"}
    assert {str(key_of(message)).rpartition("/")[2] for message in asked} <= approvers
    waiting = [message for message in asked if _buttons(message)]
    assert waiting
    for message in waiting:
        assert {"Approve", "Edit…", "Reject…"} <= _buttons(message)
    drafts = [record["detail"]["sha256"] for record in seen.of("draft")]
    for record in seen.of("outcome", notice="ApprovalNotice", status="done"):
        assert record["detail"]["sha256"] in drafts
    assert seen.of("outcome", action="Publish") == []


def _buttons(message: dict[str, Any]) -> set[str]:
    return {
        element["text"]["text"]
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    }


def test_at_critical_leadership_comes_and_the_reserve_is_called_up(seen: Seen) -> None:
    worst = {record["case_id"] for record in seen.of("signal", incident_severity="critical")}
    assert CRITICAL in worst
    duties = {
        (page["duty"], page["person"]) for page, _ in seen.pages() if page["case"] == CRITICAL
    }
    assert {("leadership", "david"), ("legal", "nadia")} <= duties
    offers = [
        record
        for record in seen.of("outcome", notice="OfferNotice", status="done")
        if record["detail"]["key"].startswith(f"{CRITICAL}/reserve/")
    ]
    assert offers


def test_the_record_is_whole_and_the_same_as_csv(seen: Seen) -> None:
    assert f"{len(seen.audit)} records" in run("audit", "verify", "--store", seen.store).stdout
    table = run("audit", "export", "--csv", "--store", seen.store).stdout
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["sha256"] for row in rows] == [record["sha256"] for record in seen.audit]
    one = run("audit", "export", "--incident", "southwest", "--store", seen.store).stdout
    assert {orjson.loads(line)["case_id"] for line in one.splitlines()} == {
        "Southwest/20150221T212000Z"
    }
