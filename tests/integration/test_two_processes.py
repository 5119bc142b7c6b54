"""Two processes that share the work find what one worker finds."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

MEMBER = Path(__file__).with_name("cluster_member.py")
START_S = 1_767_225_600
LIMIT_S = 60

quiet = st.tuples(st.integers(5, 60), st.integers(0, 2), st.just(1))
busy = st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(1, 40))
streams = st.lists(st.one_of(quiet, quiet, busy), min_size=30, max_size=80)
WORDS = ("acme", "bolt", "crane", "dune")


def write_posts(path: Path, stream: list[tuple[int, int, int]]) -> None:
    at_s, number = START_S, 0
    with path.open("wb") as file:
        for pause_s, topic, posts in stream:
            at_s += pause_s
            for _ in range(posts):
                number += 1
                text = f"{WORDS[topic]} is a total disgrace, worst service, want my refund {number}"
                post = {"id": str(number), "text": text, "posted_at": at_s, "author": f"a{number}"}
                file.write(orjson.dumps(post) + b"\n")
        for minute in range(180):  # long enough for the unmistakable to be seen as such
            write_outrage(file, at_s + 60 * minute, 0 if minute < 120 else 30)
        file.write(b"acme is broken here\n")


def write_outrage(file: BinaryIO, at_s: int, posts: int) -> None:
    for one in range(posts):
        text = f"dune, what a disgrace, worst service ever, I hate you {one}"
        post = {"id": f"{at_s}-{one}", "text": text, "posted_at": at_s, "author": f"{at_s}{one}"}
        file.write(orjson.dumps(post) + b"\n")
    calm = {"id": f"calm-{at_s}", "text": "tea", "posted_at": at_s, "author": "someone"}
    file.write(orjson.dumps(calm) + b"\n")


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports: list[int] = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def run(posts: Path, out: Path, *, processes: int, partitions: int) -> None:
    out.mkdir()
    ports = free_ports(processes) if processes > 1 else []
    addresses = ",".join(f"127.0.0.1:{port}" for port in ports)
    members = [
        subprocess.Popen(
            [sys.executable, MEMBER, posts, out, str(one), addresses, str(partitions), "4096"],
            stderr=subprocess.PIPE,
        )
        for one in range(processes)
    ]
    try:
        for member in members:
            _, errors = member.communicate(timeout=LIMIT_S)
            assert member.returncode == 0, errors.decode()
    finally:
        for member in members:
            member.kill()


def found(out: Path) -> dict[str, list[bytes]]:
    signals = [line for path in out.glob("signals-*") for line in path.read_bytes().splitlines()]
    return {
        "readings": sorted((out / "readings.csv").read_bytes().splitlines()),
        "dead letters": sorted((out / "deadletters.jsonl").read_bytes().splitlines()),
        "signals": sorted(signals),
    }


@pytest.mark.slow
@given(stream=streams)
# Every example starts three processes: a few are enough, and shrinking would take minutes.
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_two_processes_find_what_one_worker_finds(
    tmp_path_factory: pytest.TempPathFactory, stream: list[tuple[int, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("cluster")
    posts = folder / "posts.jsonl"
    write_posts(posts, stream)
    run(posts, folder / "one", processes=1, partitions=1)
    run(posts, folder / "two", processes=2, partitions=2)
    one, two = found(folder / "one"), found(folder / "two")
    assert one == two
    assert len(one["readings"]) > 1
    assert len(one["dead letters"]) == 1
    assert len(one["signals"]) > 0
