"""Canaries come by way of the topic that posts come by, or behind it where only reading is allowed."""

import time
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaError

from crisiswatch.app.clock import SystemClock
from crisiswatch.config import KafkaSettings
from crisiswatch.reading.canary import canary_line
from flows.kafka.canaries import Canaries
from flows.kafka.settings import KafkaSecrets, producer_settings
from tests.doubles.mock_kafka import MockKafka, mock_kafka
from tests.flows.kafka_reading import TOPIC, WITHIN_S, Heard, at

__all__ = ["mock_kafka"]

LINE = canary_line(1_767_225_600_000)
PRODUCE = 0
"""The number of the Produce request in Kafka's protocol."""


def canaries(address: str, heard: Heard) -> Canaries:
    settings = producer_settings(KafkaSettings(brokers=(address,)), KafkaSecrets())
    return Canaries(settings, TOPIC, clock=SystemClock(), observer=heard)


def until(holds: Callable[[], bool]) -> None:
    over_at = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < over_at
        time.sleep(0.02)


def test_a_canary_is_in_the_topic_as_a_post_would_be(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    heard = Heard()
    send = canaries(mock_kafka.address, heard)
    assert send(LINE)

    consumer = Consumer({"bootstrap.servers": mock_kafka.address, "group.id": "g"})
    consumer.assign([at(0, 0)])
    found = consumer.poll(WITHIN_S)
    consumer.close()
    assert found is not None
    assert found.value() == LINE.removesuffix(b"\n")
    assert heard.errors == []


def test_who_may_only_read_lets_them_in_behind_kafka(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    mock_kafka.fail_next(PRODUCE, *[KafkaError.TOPIC_AUTHORIZATION_FAILED] * 5)
    heard = Heard()
    send = canaries(mock_kafka.address, heard)

    assert send(LINE)
    until(lambda: not send(LINE))
    assert heard.errors == []


def test_a_broker_that_is_away_holds_nobody_up(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    mock_kafka.go_down()
    began_s = time.monotonic()

    assert canaries(mock_kafka.address, Heard())(LINE)
    assert time.monotonic() - began_s < 5
