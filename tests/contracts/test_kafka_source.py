"""What the Kafka source promises, on librdkafka's mock cluster and on a real Apache Kafka."""

import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from confluent_kafka import Consumer

from crisiswatch.reading.post import Reason
from crisiswatch.reading.stream_note import StreamNote, encode_note
from flows.kafka.reading import State
from tests.doubles.kafka_broker import real_kafka
from tests.doubles.mock_kafka import MockKafka
from tests.flows.kafka_reading import MAX_LINE_BYTES, Broker, SourceRun, at, post, write

__all__ = ["real_kafka"]


@pytest.fixture(params=["mock", pytest.param("real", marks=pytest.mark.slow)])
def kafka(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Return each kind of broker."""
    if request.param == "real":
        yield request.getfixturevalue("real_kafka")
    else:
        with MockKafka() as cluster:
            yield cluster


@pytest.fixture
def topic(kafka: Broker) -> str:
    """Return a topic of two partitions that no other test uses."""
    name = f"posts-{uuid4().hex[:8]}"
    kafka.make_topic(name, 2)
    return name


def test_every_message_comes_once_and_in_order_of_its_partition(kafka: Broker, topic: str) -> None:
    for partition in (0, 1):
        numbers = range(partition, 6_000, 2)
        write(kafka.address, map(post, numbers), topic=topic, partition=partition)
    with SourceRun(kafka.address, topic=topic, partitions=2) as run:
        assert run.read(6_000) == sorted(map(post, range(6_000)))
        for partition in (0, 1):
            mine = [one for one in run.chunks if one.partition == f"kafka-{partition}"]
            lines = b"".join(one.data for one in mine).splitlines()
            assert lines == [post(number) for number in range(partition, 6_000, 2)]


def test_a_run_goes_on_where_the_snapshot_stood_however_often_it_is_killed(
    kafka: Broker, topic: str
) -> None:
    write(kafka.address, map(post, range(2_500)), topic=topic)
    states = None
    kept: list[bytes] = []
    while len(kept) < 2_500:
        with SourceRun(kafka.address, topic=topic, partitions=2, states=states) as run:
            run.until(lambda: len(run.chunks) >= 1)  # called at once
            states = run.snapshot()
            kept += run.lines()
            # Read on, and forget it: this run is killed before its next snapshot.
            run.parts["kafka-0"].next_batch()
    assert kept == [post(number) for number in range(2_500)]


def test_tombstones_breaks_and_what_is_no_json_cost_only_themselves(
    kafka: Broker, topic: str
) -> None:
    avro = b"\x00\x00\x00\x00\x07\x02\n"
    long = b'{"text":"' + b"x" * MAX_LINE_BYTES + b'"}'
    values = [post(1), None, b'{\n  "n": 2\r\n}', b"", avro, long, b"plain words", post(3)]
    write(kafka.address, values, topic=topic)
    with SourceRun(kafka.address, topic=topic, partitions=2) as run:
        run.until(lambda: run.lines()[-1:] == [post(3)])
        assert [line for line in run.lines() if line] == [post(1), b'{   "n": 2  }', post(3)]
        refused = [each for chunk in run.chunks for each in chunk.refused]
        assert [(each.reason, each.where.partition("@")[2]) for each in refused] == [
            (Reason.NOT_JSON, "4"),
            (Reason.TOO_LONG, "5"),
            (Reason.NOT_JSON, "6"),
        ]
        assert "schema 7" in refused[0].detail
        assert sum(chunk.tombstones for chunk in run.chunks) == 1
        assert run.heard.refusals == ["not-json", "too-long", "not-json"]


def test_latest_begins_behind_what_is_there_and_misses_nothing_after(
    kafka: Broker, topic: str
) -> None:
    write(kafka.address, map(post, range(10)), topic=topic)
    with SourceRun(kafka.address, topic=topic, partitions=2, start="latest") as run:
        run.until(lambda: run.snapshot()["kafka-0"][1] is not None)
        states = run.snapshot()
    write(kafka.address, [post(10)], topic=topic)
    resumed = SourceRun(kafka.address, topic=topic, partitions=2, start="latest", states=states)
    with resumed as run:
        assert run.read(1) == [post(10)]


def test_a_partition_that_appears_later_is_read_from_its_first_message(
    kafka: Broker, topic: str
) -> None:
    with SourceRun(kafka.address, topic=topic, partitions=1, start="latest") as run:
        assert len(run.parts) == 1 + 8
        write(kafka.address, [post(1)], topic=topic, partition=1)
        assert run.read(1) == [post(1)]
        assert run.chunks[-1].partition == "kafka-1"


def test_a_quiet_partition_vouches_for_the_time_and_a_busy_one_does_not(
    kafka: Broker, topic: str
) -> None:
    began_s = int(time.time())
    with SourceRun(kafka.address, topic=topic, partitions=2) as run:
        run.until(lambda: len({one.partition for one in run.chunks}) == 2)
        assert all(began_s <= second <= time.time() for second in run.vouched())
        assert {one.partition for one in run.chunks} == {"kafka-0", "kafka-1"}


def test_the_lag_is_what_was_not_read_yet(kafka: Broker, topic: str) -> None:
    write(kafka.address, map(post, range(500)), topic=topic)
    with SourceRun(kafka.address, topic=topic, partitions=2) as run:
        run.read(500)
        run.until(lambda: run.heard.lags == {"kafka-0": 0, "kafka-1": 0})


def test_the_group_hears_of_an_offset_only_once_an_earlier_snapshot_holds_it(
    kafka: Broker, topic: str
) -> None:
    def committed() -> int:
        asking = Consumer({"bootstrap.servers": kafka.address, "group.id": "crisiswatch"})
        found = asking.committed([at(0, 0, topic)], timeout=10)[0].offset
        asking.close()
        return int(found)

    write(kafka.address, map(post, range(20)), topic=topic)
    with SourceRun(kafka.address, topic=topic, partitions=2) as run:
        run.read(20)
        assert run.snapshot()["kafka-0"][1] == 20
        run.until(lambda: run.heard.lags.get("kafka-0") == 0)
        assert committed() < 0
        run.snapshot()
        run.until(lambda: committed() == 20)


def test_an_offset_beyond_the_end_is_reported_and_read_from_what_is_left(
    kafka: Broker, topic: str
) -> None:
    write(kafka.address, map(post, range(5)), topic=topic)
    states: dict[str, State] = {"kafka-0": (1, 900, "latest", 0, {})}
    with SourceRun(kafka.address, topic=topic, partitions=2, states=states) as run:
        assert run.read(5) == [post(number) for number in range(5)]
        assert run.heard.expired == [("kafka-0", "earliest", None)]


def test_asking_to_stop_ends_every_partition_without_a_last_chunk(
    kafka: Broker, topic: str
) -> None:
    with SourceRun(kafka.address, topic=topic, partitions=2) as run:
        run.stopped = True
        for part in run.parts.values():
            with pytest.raises(StopIteration):
                part.next_batch()
        assert run.chunks == []


def test_what_a_reader_of_streams_notes_outlives_a_restart(kafka: Broker, topic: str) -> None:
    note = encode_note(StreamNote(stream="bluesky", heard_at=1_767_225_600))
    write(kafka.address, [post(1), note], topic=topic)
    with SourceRun(kafka.address, topic=topic, partitions=1) as run:
        run.until(lambda: run.vouched() == [1_767_225_600])
        states = run.snapshot()
    with SourceRun(kafka.address, topic=topic, partitions=1, states=states) as run:
        run.until(lambda: run.heard.lags.get("kafka-0") == 0)
        looked_at = time.time()
        run.until(lambda: time.time() > looked_at + 2)
        assert [one for one in run.chunks if one.partition == "kafka-0"] == []


def test_nothing_is_asked_again_at_once_while_nothing_comes(kafka: Broker, topic: str) -> None:
    with SourceRun(kafka.address, topic=topic, partitions=2) as run:
        run.until(lambda: run.vouched() != [])
        for part in run.parts.values():
            part.next_batch()
            awake_at = part.next_awake()
            assert awake_at is not None
            assert awake_at.timestamp() > time.time()
