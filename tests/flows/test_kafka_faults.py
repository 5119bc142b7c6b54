"""A broker that fails, in each of the ways the mock cluster can: nothing is lost or claimed."""

import time

import pytest
from confluent_kafka import KafkaError

from crisiswatch.app.clock import SystemClock
from crisiswatch.config import KafkaSettings
from flows.kafka.quiet import AWAY_S
from flows.kafka.scout import Scout
from flows.kafka.settings import KafkaSecrets, client_settings
from tests.doubles.mock_kafka import FETCH, MockKafka, mock_kafka
from tests.flows.kafka_reading import TOPIC, SourceRun, post, write

__all__ = ["mock_kafka"]


def test_a_broker_that_is_down_is_waited_for_and_nobody_vouches_meanwhile(
    mock_kafka: MockKafka,
) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    write(mock_kafka.address, [post(1)])
    with SourceRun(mock_kafka.address) as run:
        run.until(lambda: run.vouched() != [])
        mock_kafka.go_down()
        down_at = time.time()
        run.until(lambda: run.heard.errors != [])
        run.until(lambda: time.time() > down_at + 3)
        assert run.vouched()[-1] <= down_at + 1
        state = run.snapshot()["kafka-0"]
        mock_kafka.come_up()
        write(mock_kafka.address, [post(2)])
        assert run.read(2) == [post(1), post(2)]
        assert state[1] == 1
        run.until(lambda: run.vouched()[-1] > down_at + 3)


@pytest.mark.slow
def test_after_the_broker_was_away_writers_have_time_to_bring_what_was_posted_meanwhile(
    mock_kafka: MockKafka,
) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    write(mock_kafka.address, [post(1)])
    with SourceRun(mock_kafka.address, back_s=8) as run:
        run.until(lambda: run.vouched() != [])
        mock_kafka.go_down()
        down_at = time.time()
        run.until(lambda: time.time() > down_at + AWAY_S + 1)
        mock_kafka.come_up()
        up_at = time.time()
        run.until(lambda: run.vouched()[-1] > down_at + AWAY_S)
        assert time.time() - up_at >= 8


def test_a_run_that_is_taken_up_vouches_no_sooner_than_after_an_outage(
    mock_kafka: MockKafka,
) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    write(mock_kafka.address, [post(1)])
    with SourceRun(mock_kafka.address) as run:
        run.read(1)
        states = run.snapshot()
    began_s = time.monotonic()
    with SourceRun(mock_kafka.address, states=states, back_s=4) as run:
        run.until(lambda: run.vouched() != [])
        assert time.monotonic() - began_s >= 4


def test_an_error_event_does_not_move_the_offset_and_reading_goes_on_after_it(
    mock_kafka: MockKafka,
) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    write(mock_kafka.address, map(post, range(7)))
    with SourceRun(mock_kafka.address) as run:
        run.read(7)
        before = run.snapshot()["kafka-0"]
        mock_kafka.fail_next(FETCH, *[KafkaError.TOPIC_AUTHORIZATION_FAILED] * 2)
        run.until(lambda: "TOPIC_AUTHORIZATION_FAILED" in run.heard.errors)
        assert run.snapshot()["kafka-0"] == before
        claimed = len(run.vouched())
        failed_at = time.time()
        write(mock_kafka.address, [post(7)])
        assert run.read(8)[-1] == post(7)
        assert len(run.vouched()) == claimed, f"vouched since {failed_at}"


def test_a_topic_that_is_not_there_yet_is_waited_for(mock_kafka: MockKafka) -> None:
    told: list[str] = []

    def on_fault(kind: str, _words: str) -> None:
        told.append(kind)
        mock_kafka.make_topic(TOPIC, 3)

    settings = client_settings(KafkaSettings(brokers=(mock_kafka.address,)), KafkaSecrets())
    scout = Scout({**settings, "group.id": "g"}, TOPIC, SystemClock())
    assert scout.wait_for_topic(stop=lambda: False, on_fault=on_fault) == 3
    assert told == ["UNKNOWN_TOPIC_OR_PART"]
    scout.close()
