"""Posts of a stream go to Kafka once each, wait out an outage, and notes reach every partition."""

import asyncio
from collections.abc import Sequence

import confluent_kafka
import pytest

from crisiswatch.config import KafkaSettings
from crisiswatch.errors import ConfigError, StoreError
from crisiswatch.reading.stream_note import StreamNote, decode_note, encode_note
from flows.kafka.settings import KafkaSecrets, producer_settings
from flows.kafka.writer import KafkaWriter
from flows.streams.ports import Record
from tests.doubles.mock_kafka import MockKafka, mock_kafka
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


def test_a_message_that_no_broker_would_take_ends_it_with_the_reason(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic("posts", PARTITIONS)
    writer = writer_for(mock_kafka)
    with pytest.raises(StoreError, match=r"does not take posts for the topic 'posts'.*see that"):
        asyncio.run(writer.write([Record(line=b"x" * 2_000_000, key="large")]))


def test_settings_that_the_client_does_not_know_are_refused(mock_kafka: MockKafka) -> None:
    with pytest.raises(ConfigError, match=r"kafka\.settings"):
        writer_for(mock_kafka, **{"no.such.setting": "1"})
