"""What becomes of a service whose store is damaged, whose disk is full, whose topics change."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crisiswatch.app.stores import connect
from flows.backups import backups_in
from flows.resuming import quarantined_in, told_until
from tests.conftest import skip
from tests.doubles.detection_process import (
    PATIENCE_S,
    WORDS,
    Detection,
    Found,
    calm,
    config,
    found_in,
    lines_in,
    posts,
    redis,
    write_config,
)
from tests.doubles.redis_server import RedisServer
from tests.doubles.up_process import run, until

pytestmark = pytest.mark.slow

__all__ = ["calm", "config", "posts", "redis"]

SOON_S = 60.0
DISK_MB = 48


def spoil_store(out: Path) -> None:
    file = out / "recovery" / "store" / "part-0.sqlite3"
    with file.open("r+b") as damaged:
        damaged.seek(4_096)
        damaged.write(b"\xff" * 8_192)


def test_a_damaged_store_costs_nothing_where_there_is_a_backup(
    posts: Path, config: Path, calm: Found, redis: RedisServer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with Detection(posts, config, redis.url, out, processes=1, pause_ms=1_000) as detection:
        detection.until_saved()
        until(lambda: backups_in(out / "recovery"), "a backup", PATIENCE_S)
        before = detection.read_bytes()
        until(lambda: detection.read_bytes() > before, "what the backup does not know", PATIENCE_S)
        detection.ask()
        assert detection.ended(SOON_S) == 0, detection.said
    spoil_store(out)
    shown = run("recovery", "show", "--dir", out / "recovery", code=1).stdout
    assert "damaged" in shown
    with Detection(posts, config, redis.url, out, processes=2, pause_ms=0) as detection:
        assert detection.ended() == 0, detection.said
        assert "the store was put aside in" in detection.said
        assert "goes on from the backup of" in detection.said
    assert found_in(out, redis) == calm


def test_without_a_backup_the_source_is_read_again_and_what_was_told_is_marked(
    posts: Path, config: Path, calm: Found, redis: RedisServer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with Detection(posts, config, redis.url, out, processes=1, pause_ms=150) as detection:
        store = connect(redis.url)
        until(lambda: store.read() or detection.is_over, "a signal", PATIENCE_S)
        first_at = store.read()[0].signal.at
        store.close()
        until(lambda: (told_until(out / "recovery") or 0) >= first_at, "later bins", PATIENCE_S)
        detection.ask()
        assert detection.ended(SOON_S) == 0
    shutil.rmtree(out / "recovery" / "backups", ignore_errors=True)
    spoil_store(out)
    redis.flush()  # else none of them would be new, and there would be no mark to see
    with Detection(posts, config, redis.url, out, processes=2, pause_ms=0) as detection:
        assert detection.ended() == 0, detection.said
        assert "learned anew from the posts since" in detection.said
    store = connect(redis.url)
    signals = {entry.signal.id: entry.signal for entry in store.read()}
    store.close()
    assert set(signals) == {one.id for one in calm[2]}
    marked = {one.at for one in signals.values() if one.told_before}
    fresh = {one.at for one in signals.values() if not one.told_before}
    assert marked
    assert fresh
    assert max(marked) < min(fresh)
    assert set(lines_in(out, "readings")) == set(calm[0])


def test_a_recording_is_refused_where_a_service_has_its_state(
    posts: Path, config: Path, redis: RedisServer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with Detection(posts, config, redis.url, out, processes=1, pause_ms=1_000) as detection:
        until(lambda: backups_in(out / "recovery"), "a backup", PATIENCE_S)
        detection.ask()
        assert detection.ended(SOON_S) == 0, detection.said
    kept = backups_in(out / "recovery")
    shared = tmp_path / "shared.toml"
    shared.write_text(
        config.read_text().replace("[recovery]", f'[recovery]\ndir = "{out}/recovery"')
    )
    elsewhere = ("--store", redis.url, "--out", tmp_path / "elsewhere")
    refused = run("detect", posts, "-c", shared, "--speed", "max", *elsewhere, code=2)
    assert "state of another run" in refused.stderr
    assert backups_in(out / "recovery") == kept
    assert not quarantined_in(out / "recovery")


def test_topics_may_come_and_go_and_the_others_keep_what_they_know(
    posts: Path, calm: Found, redis: RedisServer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    before = write_config(tmp_path / "before.toml", topics=("acme", "dune", "bolt"))
    after = write_config(
        tmp_path / "after.toml", "[detection]\nopen_score = 1.1", topics=("crane", *WORDS[1::2])
    )
    with Detection(posts, before, redis.url, out, processes=1, pause_ms=250) as detection:
        detection.until_saved()
        detection.ask()
        assert detection.ended(SOON_S) == 0, detection.said
    with Detection(posts, after, redis.url, out, processes=2, pause_ms=0) as detection:
        assert detection.ended() == 0, detection.said
        assert "where the last run stood" in detection.said
    assert not quarantined_in(out / "recovery")

    def counts(lines: list[bytes], topic: bytes) -> list[list[bytes]]:
        return [line.split(b",")[:3] for line in lines if line.startswith(topic)]

    found = lines_in(out, "readings")
    for topic in (b"bolt", b"dune"):
        assert counts(found, topic) == counts(calm[0], topic)
    assert 0 < len(counts(found, b"acme")) < len(counts(calm[0], b"acme"))
    assert 0 < len(counts(found, b"crane")) < len(counts(calm[0], b"crane"))
    # What was read ahead before it was watched is not counted for it: never more than there was.
    whole = {at: int(posts) for _, at, posts in counts(calm[0], b"crane")}
    assert all(int(posts) <= whole[at] for _, at, posts in counts(found, b"crane"))


def test_what_dies_at_every_start_ends_the_service(
    posts: Path, config: Path, redis: RedisServer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "recovery").write_text("a file where a folder is needed")
    with Detection(posts, config, redis.url, out, processes=1) as detection:
        assert detection.ended() == 70
        assert detection.said.count("starting it again") == 4
        assert "starting it again in 4 s" in detection.said
        assert "detection ended 5 times, each within a minute" in detection.said
        assert not detection.family()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a file system of some megabytes, or skip where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        skip(f"no file system can be mounted here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_full_disk_is_waited_out(
    processes: int, posts: Path, calm: Found, redis: RedisServer, small_disk: Path
) -> None:
    config = write_config(small_disk.parent / "crisis.toml")
    out, ballast = small_disk / "out", small_disk / "ballast"
    log_folder = small_disk.parent / "log"
    log_folder.mkdir()
    with Detection(
        posts, config, redis.url, out, processes=processes, pause_ms=250, log=log_folder / "log"
    ) as detection:
        detection.until_saved()
        fill(ballast)
        until(lambda: "the disk is full" in detection.said, "a full disk", SOON_S)
        assert "no space left on the device" in detection.said
        until(lambda: "tried again in 2 s" in detection.said, "patience", SOON_S)
        ballast.unlink()
        assert detection.ended() == 0, detection.said
        assert "where the last run stood" in detection.said
    assert not quarantined_in(out / "recovery")
    assert found_in(out, redis) == calm


def fill(ballast: Path) -> None:
    """Fill a small file system to the last byte."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65_536):
                pass
        except OSError:
            return
