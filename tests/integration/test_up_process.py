"""`up` as processes: how it stops, what is started again, what is refused, what it never tells."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import orjson
import pytest

from crisiswatch.app.stores import opened
from tests.doubles.fake_slack import FakeSlack
from tests.doubles.up_process import TOKENS, Running, alive, run, until

pytestmark = pytest.mark.slow

START_S = 1_767_225_600
MINUTES = 240
SOON_S = 8.0
"""How long everything may take to be gone, on a busy machine."""

CONFIG = """
[[topics]]
name = "dune"
terms = ["dune"]

[response]
languages = ["en"]

[approval]
ask = ["person:ada"]

[[people]]
id = "ada"
name = "Ada"
slack = "U0ADA"
roles = ["agent", "approver"]

[[people]]
id = "vic"
name = "Vic"
slack = "U0VIC"
roles = ["viewer"]

[[rotas]]
name = "pr-on-call"
always = ["ada"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "crisis.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return four hours of a recording: two of them calm, two of outrage."""
    lines = []
    for minute in range(MINUTES):
        at_s = START_S + 60 * minute
        lines.append({"id": f"c{minute}", "text": "tea", "posted_at": at_s, "author": "someone"})
        for one in range(30 if minute >= MINUTES // 2 else 0):
            text = f"dune, what a disgrace, worst service ever, I hate you {one}"
            name = f"{minute}-{one}"
            lines.append({"id": name, "text": text, "posted_at": at_s, "author": f"a{name}"})
    path = tmp_path_factory.mktemp("recording") / "posts.jsonl"
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return path


def replay(config: Path, posts: Path, store: Path, *more: str) -> tuple[str | Path, ...]:
    out = store.parent / "out"
    wanted = ("up", "-c", config, "--replay", posts, "--store", store, "--out", out)
    return (*wanted, *(more or ("--speed", "3600", "--stay")))


def one_line(text: str) -> str:
    (line,) = text.strip().splitlines()
    return line


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_all_parts_end_soon_and_calmly(
    number: signal.Signals, tmp_path: Path, config: Path, posts: Path
) -> None:
    with Running(*replay(config, posts, tmp_path / "store"), folder=tmp_path / "up") as up:
        up.wait_for("is open")
        parts = {up.part("detect"), up.part("respond"), up.part("redis-server")}
        up.kill(number)
        assert up.ended(timeout_s=SOON_S) == 130
        assert not [pid for pid in parts | up.family() if alive(pid)]
        assert "Traceback" not in up.err
        assert "stopped: 1 incidents, 1 open, kept in" in up.err
        assert up.err.rstrip().splitlines()[-1].strip().startswith("crisiswatch audit export")


def test_parts_that_are_killed_are_started_again(tmp_path: Path, config: Path, posts: Path) -> None:
    store = tmp_path / "store"
    with Running(*replay(config, posts, store), folder=tmp_path / "up") as up:
        for name in ("detect", "respond", "redis-server"):
            killed = up.part(name)
            os.kill(killed, signal.SIGKILL)
            until(partial(_is_another, up, name, killed), f"{name} again")
        up.wait_for("the posts have ended")
        up.wait_for("is open")
        listed = run("incidents", "list", "-c", config, "--store", store, "--json").stdout
        assert [case["topic"] for case in orjson.loads(listed)] == ["dune"]
        assert "whole" in run("audit", "verify", "--store", store).stdout
        assert up.err.count("starting it again") == 3


def test_a_part_that_is_asked_to_stop_alone_is_started_again(tmp_path: Path, config: Path) -> None:
    arguments = ("up", "-c", config, "--store", tmp_path / "store", "--out", tmp_path / "out")
    with Running(*arguments, folder=tmp_path / "up") as up:
        for times, name in enumerate(("respond", "detect"), start=1):
            up.part("detect")
            asked = up.part(name)
            up.wait_for("detection begins")
            os.kill(asked, signal.SIGTERM)
            until(partial(_is_another, up, name, asked), f"{name} again")
            until(lambda: up.err.count("starting it again") == times, "told")  # noqa: B023  # at once
        up.stdin.write(orjson.dumps({"id": "1", "text": "dune", "posted_at": 1, "author": "a"}))
        up.stdin.close()
        assert up.ended() == 0
        assert "the stream has ended" in up.err


def _is_another(up: Running, name: str, killed: int) -> bool:
    return up.part(name) != killed


def test_nothing_outlives_a_parent_that_is_killed(
    tmp_path: Path, config: Path, posts: Path
) -> None:
    store = tmp_path / "store"
    slowly = ("--speed", "600")  # detection is to be alive, too
    with Running(*replay(config, posts, store, *slowly), folder=tmp_path / "up") as up:
        family = {up.part(name) for name in ("detect", "respond", "redis-server")}
        up.kill(signal.SIGKILL)
        until(lambda: not [pid for pid in family if alive(pid)], "all parts gone", SOON_S)
    # and what is left on the disk opens, but not for a live service: its clock is another one
    assert run("incidents", "list", "-c", config, "--store", store).stdout == "no open incidents\n"
    for command in ("up", "respond"):
        refused = run(command, "-c", config, "--store", store, code=2)
        assert "holds the store of a replay" in one_line(refused.stderr)


def test_a_part_that_dies_again_and_again_ends_the_service(
    tmp_path: Path, config: Path, posts: Path
) -> None:
    (tmp_path / "out").write_text("a file where detection wants a folder")
    arguments = replay(config, posts, tmp_path / "store")
    with Running(*arguments, folder=tmp_path / "up") as up:
        assert up.ended() == 2
        assert up.err.count("detection ended (exit code 2); starting it again") == 4
        last = up.err.strip().splitlines()[-1]
        assert last.startswith("crisiswatch: detection ended 5 times, each within a minute; ")
        assert not up.family()


def test_a_second_service_on_the_same_store_is_refused(
    tmp_path: Path, config: Path, posts: Path
) -> None:
    store = tmp_path / "store"
    with Running(*replay(config, posts, store), folder=tmp_path / "up") as up:
        up.part("redis-server")
        up.wait_for("answer")
        refused = run(*replay(config, posts, store), code=2)
        assert "another process is using this store" in one_line(refused.stderr)


def test_standard_input_is_watched_live_and_its_end_ends_the_service(
    tmp_path: Path, config: Path
) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    arguments = ("up", "-c", config, "--store", store, "--out", out)
    with Running(*arguments, folder=tmp_path / "up") as up:
        up.wait_for("standard input, live")
        now_s = int(time.time())
        for number in range(20):
            post = {"id": str(number), "text": "dune is late", "posted_at": now_s, "author": "a"}
            up.stdin.write(orjson.dumps(post) + b"\n")
        up.stdin.close()
        up.wait_for("detection read 20 posts, 20 matched")
        assert up.ended() == 0
        assert "the stream has ended: 0 incidents, 0 open" in up.err
    with Running(*arguments, folder=tmp_path / "again") as up:
        up.wait_for("detection begins: where the last run stood")
        for number in range(20):
            old = post | {"id": f"old {number}", "posted_at": now_s - 7_200}
            up.stdin.write(orjson.dumps(old) + b"\n")
        up.stdin.close()
        assert up.ended() == 0
        assert "need an --out of their own" in up.err
    refused = run(*replay(config, tmp_path / "crisis.toml", store), code=2)
    assert "holds the store of a live service" in one_line(refused.stderr)


def test_a_live_service_that_is_asked_to_stop_has_done_its_work(
    tmp_path: Path, config: Path, posts: Path
) -> None:
    store = tmp_path / "store"
    arguments = ("up", "-c", config, "--store", store, "--out", tmp_path / "out")
    with Running(*arguments, folder=tmp_path / "up") as up:
        up.part("detect")
        up.part("respond")
        up.wait_for("detection begins")
        # meanwhile no recording can set the clock of those who respond
        recording = ("detect", "-c", config, "--store", store, "--out", tmp_path / "else", posts)
        refused = run(*recording, code=2)
        assert "a recording would set its clock to the past" in one_line(refused.stderr)
        up.kill(signal.SIGTERM)
        assert up.ended(timeout_s=SOON_S) == 0
        assert not up.family()


def test_a_calendar_that_is_damaged_at_a_restart_stops_nothing(
    tmp_path: Path, config: Path
) -> None:
    store, calendar = tmp_path / "store", tmp_path / "team.ics"
    config.write_text(CONFIG + 'ical = "team.ics"\n')
    calendar.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20200101T000000Z\nDTEND:20980101T000000Z\n"
        "SUMMARY:Vic\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    arguments = ("up", "-c", config, "--store", store, "--out", tmp_path / "out")
    for begin in ("whole", "damaged"):
        with Running(*arguments, folder=tmp_path / begin) as up:
            up.wait_for("pr-on-call: Vic")
            up.wait_for("detection begins")
            if begin == "damaged":
                up.wait_for("team.ics: not a calendar; the rota 'pr-on-call' goes by the shifts")
                words = ("incidents", "ack", "dune", "-c", config, "--store", store)
                assert "'dune' names 0 incidents" in run(*words, code=2).stderr
            until(partial(_has_kept, store, "calendar/pr-on-call"), "the responder began")
            up.kill(signal.SIGTERM)
            assert up.ended(timeout_s=SOON_S) == 0
            assert "starting it again" not in up.err
        calendar.write_text("")


def _has_kept(store: Path, name: str) -> bool:
    with opened(str(store)) as kept:
        return kept.kept(name) is not None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        pytest.param({"--speed": "fast"}, "speed 'fast' is not a number above 0", id="speed-word"),
        pytest.param({"--speed": "0"}, "speed '0' is not a number above 0", id="speed-0"),
        pytest.param({"--speed": "inf"}, "speed 'inf' is not a number above 0", id="speed-inf"),
        pytest.param({"--replay": "no.jsonl"}, "no.jsonl: no such file", id="no-recording"),
        pytest.param({"--replay": __file__}, "is a post", id="no-posts"),
        pytest.param({"--replay": "-"}, "what is piped in is live", id="a-pipe-is-no-recording"),
        pytest.param({"-c": "no.toml"}, "no.toml: No such file", id="no-configuration"),
        pytest.param({"--store": "redis://127.0.0.1:1"}, "shared store", id="replay-into-redis"),
        pytest.param({"--store": "ftp://host/x"}, "shared store", id="replay-into-something"),
    ],
)
def test_what_can_not_work_is_refused_in_one_line(
    wrong: dict[str, str], told: str, tmp_path: Path, config: Path, posts: Path
) -> None:
    options = {
        "-c": config,
        "--replay": posts,
        "--store": tmp_path / "store",
        "--speed": "9",
        **wrong,
    }
    words = [str(word) for option in options.items() for word in option]
    assert told in one_line(run("up", *words, code=2).stderr)


def test_a_live_detection_begins_while_its_store_is_away(tmp_path: Path, config: Path) -> None:
    nowhere = ("--store", "redis://127.0.0.1:1/0", "--out", tmp_path / "out")
    with Running("detect", "-", "-c", config, *nowhere, folder=tmp_path / "detect") as detect:
        detect.stdin.close()
        assert detect.ended() == 0
        assert "is not known before it answers" in detect.err


def test_a_rehearsal_does_not_join_the_store_in_the_configuration(config: Path) -> None:
    config.write_text(config.read_text() + '\n[store]\nurl = "redis://127.0.0.1:1/0"\n')
    refused = run("respond", "-c", config, "--rehearsal", code=2)
    assert "name the store that it is for with --store" in one_line(refused.stderr)
    named = run("respond", "-c", config, "--rehearsal", "--store", "redis://127.0.0.1:1/1", code=2)
    assert "127.0.0.1:1/1" in one_line(named.stderr)


@pytest.mark.parametrize(
    ("store", "told"),
    [
        pytest.param("redis://127.0.0.1:1/0", "redis://127.0.0.1:1/0", id="nobody-listens"),
        pytest.param("redis://u:hidden@127.0.0.1:1/0", "127.0.0.1:1", id="password"),
        pytest.param("ftp://host", "'ftp'", id="no-redis"),
    ],
)
def test_a_store_that_can_not_be_reached_is_told_without_its_password(
    store: str, told: str, config: Path
) -> None:
    line = one_line(run("up", "-c", config, "--store", store, code=2).stderr)
    assert told in line
    assert "hidden" not in line


def test_tokens_are_told_to_slack_and_to_nobody_else(
    tmp_path: Path, config: Path, posts: Path
) -> None:
    store = tmp_path / "store"
    with FakeSlack(tokens=TOKENS.values()) as slack:
        config.write_text(f'{CONFIG}\n[slack]\napi_url = "{slack.url}"\n')
        arguments = replay(config, posts, store, "--speed", "20000")
        with Running(*arguments, folder=tmp_path / "up", **TOKENS) as up:
            assert up.ended() == 0
            assert slack.messages("U0ADA")
            exported = run("audit", "export", "--store", store).stdout
            kept = b"".join(one.read_bytes() for one in store.rglob("*") if one.is_file())
            everything = f"{up.out}{up.err}{exported}".encode() + kept
    assert b"U0ADA" in everything
    for token in TOKENS.values():
        assert token.encode() not in everything
