"""What only a real Apache Kafka can show: retention, times, transactions, more partitions, codecs."""

import asyncio
import time
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from confluent_kafka import Producer
from confluent_kafka.cimpl import NewPartitions

from crisiswatch.config import KafkaSettings
from crisiswatch.errors import StoreError
from flows.kafka.reading import State
from flows.kafka.settings import KafkaSecrets, producer_settings
from flows.kafka.writer import KafkaWriter
from flows.streams.ports import Record
from tests.doubles.kafka_broker import KafkaBroker, real_kafka
from tests.doubles.up_process import until
from tests.flows.kafka_reading import TOPIC, SourceRun, at, post, write

__all__ = ["real_kafka"]

pytestmark = pytest.mark.slow

HOUR_MS = 3_600_000


@pytest.fixture
def topic(real_kafka: KafkaBroker) -> str:
    name = f"posts-{uuid4().hex[:8]}"
    real_kafka.make_topic(name, 1)
    return name


def expire(broker: KafkaBroker, topic: str, before: int) -> None:
    """Let the first messages be gone, as retention does."""
    admin = broker.admin()
    place = at(0, before, topic)
    admin.delete_records([place])[place].result(30)


@pytest.mark.parametrize(
    ("expired", "goes_on", "lost"), [("earliest", range(40, 50), 30), ("latest", (), 40)]
)
def test_messages_that_expired_unread_are_reported_and_reading_goes_on_as_configured(
    real_kafka: KafkaBroker,
    topic: str,
    expired: Literal["earliest", "latest"],
    goes_on: range | tuple[int, ...],
    lost: int,
) -> None:
    hour_ago_ms = int(time.time() * 1000) - HOUR_MS
    write(real_kafka.address, map(post, range(10)), topic=topic, at_ms=hour_ago_ms)
    with SourceRun(real_kafka.address, topic=topic) as run:
        run.read(10)
        states = run.snapshot()
    write(real_kafka.address, map(post, range(10, 50)), topic=topic)
    expire(real_kafka, topic, 40)
    resumed = SourceRun(real_kafka.address, topic=topic, expired=expired, states=states)
    with resumed as run:
        run.until(lambda: run.heard.expired != [])
        assert run.heard.expired == [("kafka-0", expired, lost)]
        run.until(lambda: run.snapshot()["kafka-0"][1] == 50)
        write(real_kafka.address, [post(50)], topic=topic)
        assert run.read(len(goes_on) + 1) == sorted(map(post, [*goes_on, 50]))
        stretches = [chunk.lost for chunk in run.chunks if chunk.lost is not None]
        assert len(stretches) == 1
        assert stretches[0][0] == hour_ago_ms // 1000
        assert stretches[0][1] >= (hour_ago_ms + HOUR_MS) // 1000


def test_messages_that_expired_unread_stop_the_run_where_that_is_wished(
    real_kafka: KafkaBroker, topic: str
) -> None:
    write(real_kafka.address, map(post, range(50)), topic=topic)
    expire(real_kafka, topic, 40)
    states: dict[str, State] = {"kafka-0": (1, 10, "latest", 0, {})}
    with SourceRun(real_kafka.address, topic=topic, expired="stop", states=states) as run:
        with pytest.raises(StoreError, match=r"message 10 is gone.*up to 30 posts"):
            run.until(lambda: False)
        assert run.heard.expired == [("kafka-0", "stop", 30)]
        assert run.snapshot()["kafka-0"][1] == 10


def test_a_run_begins_at_the_messages_of_a_time(real_kafka: KafkaBroker, topic: str) -> None:
    now_ms = int(time.time() * 1000)
    for hour in range(5):
        write(real_kafka.address, [post(hour)], topic=topic, at_ms=now_ms - (5 - hour) * HOUR_MS)
    start = now_ms - 5 * HOUR_MS // 2
    with SourceRun(real_kafka.address, topic=topic, start=start) as run:
        assert run.read(2) == [post(3), post(4)]
    with SourceRun(real_kafka.address, topic=topic, start=now_ms + HOUR_MS) as run:
        run.until(lambda: run.snapshot()["kafka-0"][1] == 5)


def test_partitions_that_are_added_while_a_run_goes_on_are_read(
    real_kafka: KafkaBroker, topic: str
) -> None:
    with SourceRun(real_kafka.address, topic=topic, start="latest") as run:
        run.until(lambda: run.vouched() != [])
        admin = real_kafka.admin()
        admin.create_partitions([NewPartitions(topic, 12)])[topic].result(30)
        for partition in (1, 8, 9):
            write(real_kafka.address, [post(partition)], topic=topic, partition=partition)
        assert run.read(2) == [post(1), post(8)]
        run.until(lambda: "too-many-partitions" in run.heard.errors)
        states = run.snapshot()
    resumed = SourceRun(
        real_kafka.address, topic=topic, partitions=12, start="earliest", states=states
    )
    with resumed as run:
        assert run.read(1) == [post(9)]


def test_a_topic_that_is_made_anew_with_fewer_partitions_is_read_on(
    real_kafka: KafkaBroker, topic: str
) -> None:
    admin = real_kafka.admin()
    admin.create_partitions([NewPartitions(topic, 2)])[topic].result(30)
    with SourceRun(real_kafka.address, topic=topic, partitions=2, gone_s=1) as run:
        for partition in (0, 1):
            write(real_kafka.address, [post(partition)], topic=topic, partition=partition)
        assert run.read(2) == [post(0), post(1)]
        admin.delete_topics([topic])[topic].result(30)
        until(lambda: topic not in admin.list_topics(timeout=5).topics, "the topic's end")
        real_kafka.make_topic(topic, 1)
        run.until(lambda: any(chunk.last for chunk in run.chunks))
        assert [chunk.partition for chunk in run.chunks if chunk.last] == ["kafka-1"]
        admin.create_partitions([NewPartitions(topic, 2)])[topic].result(30)
        write(real_kafka.address, [post(7)], topic=topic, partition=1)
        assert run.read(3)[-1] == post(7)


def test_what_is_too_large_for_the_topic_is_left_out_and_all_else_is_written(
    real_kafka: KafkaBroker, caplog: pytest.LogCaptureFixture
) -> None:
    topic = f"posts-{uuid4().hex[:8]}"
    real_kafka.make_topic(topic, 1, config={"max.message.bytes": "20000"})
    settings = KafkaSettings(
        brokers=(real_kafka.address,), topic=topic, settings={"compression.type": "none"}
    )
    writer = KafkaWriter(producer_settings(settings, KafkaSecrets()), topic)
    small = [Record(line=b'{"n":%d,"x":"%s"}' % (n, b"x" * 900), key=f"k{n}") for n in range(100)]
    large = Record(line=b'{"secret":"%s"}' % (b"x" * 50_000), key="the-large-one")
    asyncio.run(writer.write([*small[:50], large, *small[50:]]))
    with SourceRun(real_kafka.address, topic=topic) as run:
        assert run.read(100) == sorted(record.line for record in small)
    assert "the-large-one" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_compressed_messages_are_read(real_kafka: KafkaBroker, topic: str, codec: str) -> None:
    write(real_kafka.address, map(post, range(300)), topic=topic, codec=codec)
    with SourceRun(real_kafka.address, topic=topic) as run:
        assert run.read(300) == sorted(map(post, range(300)))


def test_a_transaction_counts_once_it_has_succeeded_and_is_waited_for(
    real_kafka: KafkaBroker, topic: str
) -> None:
    producer = Producer(
        {"bootstrap.servers": real_kafka.address, "transactional.id": topic, "log_level": 0}
    )
    producer.init_transactions(30)
    for number, succeeds in ((1, False), (2, True)):
        producer.begin_transaction()
        producer.produce(topic, post(number))
        producer.flush(30)
        (producer.commit_transaction if succeeds else producer.abort_transaction)(30)
    with SourceRun(real_kafka.address, topic=topic) as run:
        assert run.read(1) == [post(2)]
        run.until(lambda: run.vouched() != [])
        producer.begin_transaction()
        producer.produce(topic, post(3))
        producer.flush(30)
        opened_at = time.time()
        run.until(lambda: time.time() > opened_at + 4)
        assert run.vouched()[-1] <= opened_at + 2
        producer.commit_transaction(30)
        assert run.read(2) == [post(2), post(3)]


def test_a_broker_that_is_killed_or_hangs_is_waited_for(tmp_path: Path) -> None:
    with KafkaBroker(tmp_path / "kafka") as broker:
        broker.make_topic(TOPIC, 1)
        write(broker.address, [post(1)])
        with SourceRun(broker.address) as run:
            run.until(lambda: run.vouched() != [])
            broker.pause()
            paused_at = time.time()
            run.until(lambda: time.time() > paused_at + 5)
            assert run.vouched()[-1] <= paused_at + 1
            broker.resume()
            run.until(lambda: run.vouched()[-1] > paused_at + 5)
            broker.kill()
            killed_at = time.time()
            run.until(lambda: time.time() > killed_at + 2)
            assert run.vouched()[-1] <= killed_at + 1
            broker.start()
            write(broker.address, [post(2)])
            assert run.read(2) == [post(1), post(2)]
