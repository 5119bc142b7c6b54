"""`ingest --retire`: the last word on a stream that nobody reads any more."""

import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crisiswatch.cli import app
from crisiswatch.errors import InputError
from crisiswatch.reading.stream_note import StreamNote, encode_note
from tests.doubles.mock_kafka import MockKafka, mock_kafka
from tests.doubles.up_process import Running
from tests.flows.kafka_reading import SourceRun, write

__all__ = ["mock_kafka"]

PARTITIONS = 2


def told(*words: str) -> str:
    """Run the command and return what it prints; raises what it raises."""
    done = CliRunner().invoke(app, ["ingest", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_detection_waits_no_longer_for_a_stream_that_is_retired(
    mock_kafka: MockKafka, tmp_path: Path
) -> None:
    mock_kafka.make_topic("posts", PARTITIONS)
    config = tmp_path / "crisis.toml"
    config.write_text(f'[kafka]\nbrokers = ["{mock_kafka.address}"]\ntopic = "posts"\n')
    for partition in range(PARTITIONS):
        there = [StreamNote(stream="x"), StreamNote(stream="bluesky", heard_at=100)]
        write(mock_kafka.address, map(encode_note, there), partition=partition)
    with SourceRun(mock_kafka.address, partitions=PARTITIONS) as run:
        run.until(lambda: set(run.heard.lags.values()) == {0})
        assert run.vouched() == [], "x has not been heard yet"
        output = told("x", "-c", str(config), "--to", "kafka", "--retire")
        assert output == "x is retired: detection on topic 'posts' waits for it no more\n"
        for partition in range(PARTITIONS):
            note = encode_note(StreamNote(stream="bluesky", heard_at=200))
            write(mock_kafka.address, [note], partition=partition)
        run.until(lambda: run.vouched() == [200] * PARTITIONS)


def test_who_reads_no_topic_remembers_no_stream() -> None:
    with pytest.raises(InputError, match="--retire without --to kafka"):
        told("x", "--retire")


def test_who_is_stopped_before_kafka_answers_hears_that_nothing_was_told(tmp_path: Path) -> None:
    config = tmp_path / "crisis.toml"
    config.write_text('[kafka]\nbrokers = ["127.0.0.1:9"]\n')
    wanted = ("ingest", "x", "-c", config, "--to", "kafka", "--retire")
    with Running(*wanted, folder=tmp_path / "retiring") as command:
        command.wait_for("Kafka does not answer")
        command.kill(signal.SIGINT)
        assert command.ended() == 2
        assert "x is not retired: stopped before Kafka had the word" in command.err
