"""The reader beside detection: when its end is the end of all, and when it is started again."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crisiswatch.app.feeding import Feeding
from tests.doubles.fake_jetstream import FakeJetstream
from tests.doubles.stream_server import Answer
from tests.doubles.up_process import until


@pytest.fixture(autouse=True)
def _own_input() -> Iterator[None]:
    kept = os.dup(0)
    yield
    os.dup2(kept, 0)
    os.close(kept)


def feeding(
    server: FakeJetstream, folder: Path, stop: threading.Event, *, steady_s: float
) -> Feeding:
    config = folder / "crisis.toml"
    config.write_text(f'[ingest.bluesky]\nhosts = ["{server.url}"]\n')
    arguments = ["--config", str(config), "--metrics", "127.0.0.1:0"]
    return Feeding("bluesky", arguments, stop, steady_s=steady_s)


def test_a_reader_that_is_refused_at_the_start_ends_it(tmp_path: Path) -> None:
    stop = threading.Event()
    with FakeJetstream() as server:
        server.answer_next(Answer(status=403))
        with feeding(server, tmp_path, stop, steady_s=60.0) as reader:
            until(stop.is_set, "the end")
            assert reader.refused


def test_a_reader_that_was_let_in_once_is_started_again_whatever_it_ends_with(
    tmp_path: Path,
) -> None:
    stop = threading.Event()
    with FakeJetstream() as server:
        server.answer_next(Answer(status=403))
        with feeding(server, tmp_path, stop, steady_s=0.0) as reader:
            server.wait_for_connection()
            assert not stop.is_set()
            assert not reader.refused
