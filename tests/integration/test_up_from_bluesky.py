"""`up --from bluesky` and `ingest` as processes, beside a Jetstream server that cuts and kills."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

import confluent_kafka
import orjson
import pytest

from crisiswatch.reading.post import Post
from crisiswatch.reading.reader import Reader
from tests.doubles.fake_jetstream import FakeJetstream
from tests.doubles.fake_x import FakeX
from tests.doubles.mock_kafka import MockKafka, mock_kafka
from tests.doubles.up_process import PATIENCE_S, Running, alive, environment, run, until

__all__ = ["mock_kafka"]

pytestmark = pytest.mark.slow

HOUR_S = 3_600

CONFIG = """
[[topics]]
name = "dune"
terms = ["dune"]

[ingest.bluesky]
hosts = ["{server}"]

[[people]]
id = "ada"
name = "Ada"
roles = ["agent"]

[[rotas]]
name = "pr-on-call"
always = ["ada"]
"""


def config_for(folder: Path, server: str) -> Path:
    path = folder / "crisis.toml"
    path.write_text(CONFIG.format(server=server))
    return path


def a_crisis(server: FakeJetstream) -> int:
    """Tell four hours up to now: two of them calm, two of outrage; return how many posts."""
    begin_s = time.time() - 4 * HOUR_S
    told = 0
    for minute in range(240):
        server.say("tea", at_s=begin_s + 60 * minute)
        told += 1
        for one in range(30 if minute >= 120 else 0):
            text = f"dune, what a disgrace, worst service ever, I hate you {one}"
            server.say(text, at_s=begin_s + 60 * minute + one)
            told += 1
    return told


def test_one_command_watches_a_stream_to_the_signal_and_the_page(tmp_path: Path) -> None:
    with FakeJetstream() as server:
        config = config_for(tmp_path, server.url)
        store, out = tmp_path / "store", tmp_path / "out"
        wanted = ("up", "--from", "bluesky", "-c", config, "--store", store, "--out", out)
        with Running(*wanted, folder=tmp_path / "up") as up:
            server.wait_for_connection()
            a_crisis(server)
            up.wait_for("is open")
            killed = up.part("ingest")
            os.kill(killed, signal.SIGKILL)
            until(lambda: up.part("ingest") != killed, "another reader")
            up.wait_for("starting it again")
            until(lambda: len(server.streams) == 2, "it is connected again")
            assert "cursor" in server.streams[1].query
            up.kill(signal.SIGTERM)
            assert up.ended() == 0
            assert not [pid for pid in up.family() if alive(pid)]
            assert "Traceback" not in up.err
        listed = run("incidents", "list", "--all", "--store", store, "--json").stdout
        assert [case["topic"] for case in orjson.loads(listed)] == ["dune"]
        assert (out / "bluesky-cursor.json").exists()
        assert not any(path.read_bytes() for path in out.glob("deadletters*"))


def test_a_reader_that_is_killed_again_and_again_loses_no_post_and_doubles_one_batch_at_most(
    tmp_path: Path,
) -> None:
    kills, cursor, posts = 8, tmp_path / "cursor.json", tmp_path / "posts.jsonl"
    command = [sys.executable, "-m", "crisiswatch", "ingest", "bluesky"]
    told: list[str] = []
    with FakeJetstream() as server:
        config = config_for(tmp_path, server.url)
        arguments = [*command, "-c", str(config), "--cursor", str(cursor)]
        for round_of in range(kills + 1):
            with posts.open("ab") as file, (tmp_path / f"{round_of}.log").open("wb") as log:
                reader = subprocess.Popen(arguments, stdout=file, stderr=log, env=environment())
                try:
                    server.wait_for_connection()
                    for number in range(300):
                        told.append(f"round {round_of} number {number}")
                        server.say(told[-1])
                    sought = f"round {round_of} number {100 if round_of < kills else 299}"
                    until(partial(_holds, posts, sought), sought)
                finally:
                    reader.kill() if round_of < kills else reader.send_signal(signal.SIGINT)
                    assert reader.wait(20) == (-signal.SIGKILL if round_of < kills else 0)
            for number in range(50):
                told.append(f"after kill {round_of} number {number}")
                server.say(told[-1])
        with posts.open("ab") as file:
            last = subprocess.Popen(arguments, stdout=file, stderr=subprocess.DEVNULL)
            until(lambda: told[-1].encode() in posts.read_bytes(), "the last post")
            last.send_signal(signal.SIGTERM)
            assert last.wait(20) == 0
    read = [Reader().read(line) for line in posts.read_bytes().splitlines()]
    times_of = Counter(post.text for post in read if isinstance(post, Post))
    assert set(times_of) == set(told)
    doubled = sum(times - 1 for times in times_of.values())
    print(f"{kills} kills, {len(told)} posts, {doubled} twice")  # noqa: T201  # a figure to read
    assert doubled <= kills * 100


def _holds(posts: Path, text: str) -> bool:
    return text.encode() in posts.read_bytes()


def test_a_pipe_that_nobody_reads_any_more_ends_it_quietly(tmp_path: Path) -> None:
    with FakeJetstream() as server:
        config = config_for(tmp_path, server.url)
        command = [sys.executable, "-m", "crisiswatch", "ingest", "bluesky", "-c", str(config)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        ) as reader:
            assert reader.stdout is not None
            assert reader.stderr is not None
            server.wait_for_connection()
            server.say("one")
            out = reader.stdout
            until(lambda: b"one" in os.read(out.fileno(), 65_536), "a post")
            out.close()
            until(lambda: server.say("more") and reader.poll() is not None, "its end")
            assert reader.returncode == 0
            assert b"Traceback" not in reader.stderr.read()


def test_a_stream_that_refuses_ends_up_at_once_with_what_to_do(tmp_path: Path) -> None:
    with FakeX(token="another") as server:  # noqa: S106  # of an app that does not exist
        path = tmp_path / "crisis.toml"
        path.write_text(f'{CONFIG.format(server="a.example")}\n[ingest.x]\nurl = "{server.url}"\n')
        wanted = ("up", "--from", "x", "-c", path, "--out", tmp_path / "out")
        store = ("--store", tmp_path / "store")
        secret = "never-to-be-seen-5"  # noqa: S105  # as above
        with Running(*wanted, *store, folder=tmp_path / "up", CRISISWATCH_X_TOKEN=secret) as up:
            assert up.ended(timeout_s=3 * PATIENCE_S) == 2
            assert "does not know the token (401)" in up.err
            assert "CRISISWATCH_X_TOKEN" in up.err
            assert secret not in up.err


def test_a_token_that_is_missing_is_named_before_anything_starts(tmp_path: Path) -> None:
    config = config_for(tmp_path, "a.example")
    done = run("up", "--from", "x", "-c", config, code=2)
    assert done.stderr.startswith("crisiswatch: CRISISWATCH_X_TOKEN is not set; set it, or")
    assert not (tmp_path / "out").exists()


def test_a_stream_goes_into_kafka_and_is_still_there_after_an_outage_and_a_kill(
    tmp_path: Path, mock_kafka: MockKafka
) -> None:
    mock_kafka.make_topic("posts", 2)
    cursor = tmp_path / "cursor.json"
    with FakeJetstream() as server:
        config = config_for(tmp_path, server.url)
        config.write_text(f'{config.read_text()}\n[kafka]\nbrokers = ["{mock_kafka.address}"]\n')
        wanted = ("ingest", "bluesky", "-c", config, "--to", "kafka", "--cursor", cursor)
        with Running(*wanted, folder=tmp_path / "one") as first:
            server.wait_for_connection()
            server.say("one")
            until(lambda: _texts(mock_kafka) == {"one"}, "the first post")
            mock_kafka.go_down()
            server.say("two")
            first.kill(signal.SIGKILL)
        mock_kafka.come_up()
        with Running(*wanted, folder=tmp_path / "two") as second:
            server.wait_for_connection()
            server.say("three")
            until(lambda: _texts(mock_kafka) == {"one", "two", "three"}, "all posts")
            second.kill(signal.SIGTERM)
            assert second.ended() == 0
            assert second.out == ""


def _texts(kafka: MockKafka) -> set[str]:
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": kafka.address, "group.id": "t", "auto.offset.reset": "earliest"}
    )
    consumer.assign([confluent_kafka.TopicPartition("posts", number, 0) for number in range(2)])
    lines = [message.value() for message in consumer.consume(100, 1.0) if not message.error()]
    consumer.close()
    read = [Reader().read(line) for line in lines if line is not None]
    return {post.text for post in read if isinstance(post, Post)}
