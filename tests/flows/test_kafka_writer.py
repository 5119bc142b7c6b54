"""Posts of a stream go to Kafka once each, wait out an outage, and notes reach every partition."""

import asyncio
from collections.abc import Sequence

import confluent_kafka
import pytest
from confluent_kafka import KafkaError

from crisiswatch.config import KafkaSettings
from crisiswatch.errors import ConfigError, StoreError
from crisiswatch.reading.stream_note import StreamNote, decode_note, encode_note
from flows.kafka.settings import KafkaSecrets, producer_settings
from flows.kafka.writer import KafkaWriter
from flows.streams.ports import Record
from tests.doubles.mock_kafka import PRODUCE, MockKafka, mock_kafka
from tests.doubles.up_process import until

__all__ = ["mock_kafka"]

PARTITIONS = 3
NOTE = StreamNote(stream="bluesky", heard_at=1_767_225_600)


def writer_for(kafka: MockKafka, **settings: str) -> KafkaWriter:
    configured = KafkaSettings(brokers=(kafka.address,), topic="posts", settings=settings)
    return KafkaWriter(producer_settings(configured, KafkaSecrets()), "posts")


def posts(count: int, *, since: int = 0) -> list[Record]:
    return [
        Record(line=b'{"n":%d}' % number, key=f"post-{number}")
        for number in range(since, since + count)
    ]


def note() -> Record:
    return Record(line=encode_note(NOTE), key="", note=NOTE)


def read_all(kafka: MockKafka, count: int) -> list[confluent_kafka.Message]:
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": kafka.address, "group.id": "t", "auto.offset.reset": "earliest"}
    )
    consumer.assign([confluent_kafka.TopicPartition("posts", n, 0) for n in range(PARTITIONS)])
    read: list[confluent_kafka.Message] = []
    until(lambda: len(_more(consumer, read)) >= count, f"{count} messages")
    _more(consumer, read)
    consumer.close()
    return read


def _more(
    consumer: confluent_kafka.Consumer, read: list[confluent_kafka.Message]
) -> Sequence[confluent_kafka.Message]:
    read += [message for message in consumer.consume(1000, 0.1) if message.error() is None]
    return read


def test_every_post_is_there_once_under_its_key_and_in_order(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic("posts", PARTITIONS)
    writer = writer_for(mock_kafka)
    asyncio.run(writer.write(posts(500)))
    asyncio.run(writer.write(posts(500, since=500)))
    read = read_all(mock_kafka, 1000)
    assert sorted(message.key() or b"" for message in read) == sorted(
        b"post-%d" % number for number in range(1000)
    )
    for partition in range(PARTITIONS):
        offsets = [m.offset() or 0 for m in read if m.partition() == partition]
        numbers = [int((m.key() or b"")[5:]) for m in read if m.partition() == partition]
        assert offsets == sorted(offsets)
        assert numbers == sorted(numbers)


def test_a_note_reaches_every_partition(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic("posts", PARTITIONS)
    asyncio.run(writer_for(mock_kafka).write([note()]))
    read = read_all(mock_kafka, PARTITIONS)
    assert sorted(message.partition() or 0 for message in read) == list(range(PARTITIONS))
    assert {decode_note(message.value() or b"") for message in read} == {NOTE}
    assert all(message.key() is None for message in read)


def test_brokers_that_are_away_are_waited_for_and_nothing_is_lost(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic("posts", PARTITIONS)
    settings = {"reconnect.backoff.max.ms": "200"}
    writer = writer_for(mock_kafka, **settings)

    async def through_an_outage() -> None:
        await writer.write(posts(10))
        mock_kafka.go_down()
        writing = asyncio.create_task(writer.write(posts(100, since=10)))
        done, _ = await asyncio.wait({writing}, timeout=1.0)
        assert not done
        mock_kafka.come_up()
        await asyncio.wait_for(writing, 30)

    asyncio.run(through_an_outage())
    keys = [message.key() for message in read_all(mock_kafka, 110)]
    assert len(keys) == len(set(keys)) == 110


def test_who_is_asked_to_stop_during_an_outage_does_not_wait_for_it(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic("posts", PARTITIONS)
    writer = writer_for(mock_kafka)

    async def stopped() -> None:
        await writer.write(posts(1))
        mock_kafka.go_down()
        writing = asyncio.create_task(writer.write(posts(10, since=1)))
        await asyncio.wait({writing}, timeout=0.2)
        await writer.close()
        await asyncio.wait_for(writing, 10)

    asyncio.run(stopped())


def test_what_is_too_large_for_the_client_is_left_out_and_all_else_is_written(
    mock_kafka: MockKafka, caplog: pytest.LogCaptureFixture
) -> None:
    mock_kafka.make_topic("posts", PARTITIONS)
    writer = writer_for(mock_kafka)
    large = Record(line=b"secret" * 400_000, key="large")
    large_note = Record(line=b"secret" * 400_000, key="", note=NOTE)
    asyncio.run(writer.write([*posts(5), large, large_note, *posts(5, since=5)]))
    read = read_all(mock_kafka, 10)
    assert sorted(message.key() or b"" for message in read) == [b"post-%d" % n for n in range(10)]
    assert "'large', 2400000 bytes" in caplog.text
    assert "a note, 2400000 bytes" in caplog.text
    assert "secret" not in caplog.text


def test_posts_that_a_broker_refused_for_the_size_of_their_batch_are_written_alone(
    mock_kafka: MockKafka, caplog: pytest.LogCaptureFixture
) -> None:
    mock_kafka.make_topic("posts", 1)
    writer = writer_for(mock_kafka)
    asyncio.run(writer.write(posts(1)))
    mock_kafka.fail_next(PRODUCE, KafkaError.MSG_SIZE_TOO_LARGE)
    asyncio.run(writer.write(posts(20, since=1)))
    keys = sorted(message.key() or b"" for message in read_all(mock_kafka, 21))
    assert keys == sorted(b"post-%d" % number for number in range(21))
    assert "bytes" not in caplog.text


def test_a_topic_that_is_not_there_ends_it_with_the_reason(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic("posts", 1)
    writer = writer_for(mock_kafka)
    asyncio.run(writer.write(posts(1)))
    mock_kafka.fail_next(PRODUCE, KafkaError.TOPIC_AUTHORIZATION_FAILED)
    with pytest.raises(StoreError, match=r"does not take posts for the topic 'posts'.*see that"):
        asyncio.run(writer.write(posts(1)))


def test_settings_that_the_client_does_not_know_are_refused(mock_kafka: MockKafka) -> None:
    with pytest.raises(ConfigError, match=r"kafka\.settings"):
        writer_for(mock_kafka, **{"no.such.setting": "1"})
