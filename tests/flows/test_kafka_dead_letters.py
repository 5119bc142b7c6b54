"""Dead letters reach their topic as they came, or stay in the file alone."""

import time
from dataclasses import replace

from confluent_kafka import Consumer, Message

from crisiswatch import __version__
from crisiswatch.app.clock import SystemClock
from crisiswatch.config import KafkaSettings
from crisiswatch.reading.post import Reason, Rejected
from flows.kafka.dead_letters import DeadLettersTopic
from flows.kafka.settings import KafkaSecrets, producer_settings
from tests.doubles.mock_kafka import MockKafka, mock_kafka
from tests.flows.kafka_reading import Heard, at

__all__ = ["mock_kafka"]

LETTER = Rejected(
    reason=Reason.NOT_JSON, detail="begins with b'x\\xff'", raw=b"x\xff\n\x00", where="posts/3@17"
)


def letters(address: str, heard: Heard, topic: str = "dead") -> DeadLettersTopic:
    settings = producer_settings(KafkaSettings(brokers=(address,)), KafkaSecrets())
    settings |= {"message.timeout.ms": 1_000}
    return DeadLettersTopic(topic=topic, settings=settings, clock=SystemClock(), observer=heard)


def read_one(address: str) -> Message:
    """Return the letter that stands in the topic now: what comes after the call is not seen."""
    consumer = Consumer({"bootstrap.servers": address, "group.id": "g"})
    _, end = consumer.get_watermark_offsets(at(0, 0, "dead"), timeout=60)
    assert end == 1
    consumer.assign([at(0, 0, "dead")])
    found = consumer.poll(60)
    consumer.close()
    assert found is not None
    return found


def test_a_letter_is_there_before_the_snapshot_with_its_bytes_and_the_reason(
    mock_kafka: MockKafka,
) -> None:
    # Both waits are long enough for any machine; the letter waits in the client for two
    # seconds, so that it is not there by the snapshot unless the snapshot sends it.
    mock_kafka.make_topic("dead", 1)
    heard = Heard()
    topic = letters(mock_kafka.address, heard)
    patient = {**topic.settings, "message.timeout.ms": 60_000, "linger.ms": 2_000}
    part = replace(topic, settings=patient, flush_s=60).build_part("s", "dead", None)
    part.write_batch([LETTER])
    part.snapshot()
    found = read_one(mock_kafka.address)
    assert found.value() == LETTER.raw
    assert found.headers() == [
        ("crisiswatch.reason", b"not-json"),
        ("crisiswatch.detail", b"begins with b'x\\xff'"),
        ("crisiswatch.where", b"posts/3@17"),
        ("crisiswatch.version", __version__.encode()),
    ]
    assert heard.errors == []
    part.close()


def test_a_broker_that_is_away_holds_nobody_up_and_each_letter_is_counted(
    mock_kafka: MockKafka,
) -> None:
    mock_kafka.make_topic("dead", 1)
    heard = Heard()
    part = letters(mock_kafka.address, heard).build_part("s", "dead", None)
    mock_kafka.go_down()
    began_s = time.monotonic()
    part.write_batch([LETTER] * 3)
    part.snapshot()
    assert time.monotonic() - began_s < 5
    over_at = time.monotonic() + 20
    while heard.errors != ["dead-letters"] * 3:
        assert time.monotonic() < over_at, heard.errors
        part.write_batch([])
        part.snapshot()
    part.close()
