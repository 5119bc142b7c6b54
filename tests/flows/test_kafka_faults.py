"""A broker that fails, in each of the ways the mock cluster can: nothing is lost or claimed."""

import time

import pytest
from confluent_kafka import KafkaError

from crisiswatch.app.clock import SystemClock
from crisiswatch.config import KafkaSettings
from flows.kafka.closing import LEAVE_WITHIN_S
from flows.kafka.quiet import AWAY_S
from flows.kafka.reading import State
from flows.kafka.scout import Scout
from flows.kafka.settings import KafkaSecrets, client_settings
from tests.doubles.mock_kafka import FETCH, MockKafka, mock_kafka
from tests.flows.kafka_reading import TOPIC, SourceRun, post, write

__all__ = ["mock_kafka"]

HOUR_MS = 3_600_000


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


def test_whoever_stops_while_the_broker_is_away_does_not_wait_for_it(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic(TOPIC, 3)
    for partition in range(3):
        write(mock_kafka.address, [post(partition)], partition=partition)
    run = SourceRun(mock_kafka.address, partitions=3)
    run.read(3)
    run.snapshot()
    run.until(lambda: len(run.vouched()) >= 3)
    mock_kafka.go_down()
    run.until(lambda: run.heard.errors != [])
    run.snapshot()  # asks to commit what the one before it held
    began_s = time.monotonic()
    run.close()
    assert time.monotonic() - began_s < LEAVE_WITHIN_S + 1


def test_a_partition_that_is_not_there_any_more_is_waited_for_like_a_new_one(
    mock_kafka: MockKafka, caplog: pytest.LogCaptureFixture
) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    write(mock_kafka.address, [post(1)])
    states: dict[str, State] = {"kafka-1": (1, 5, "latest", 1_767_225_600_000, {"bluesky": 7})}
    with SourceRun(mock_kafka.address, states=states, gone_s=1) as run:
        run.until(lambda: any(chunk.last for chunk in run.chunks))
        assert [chunk.partition for chunk in run.chunks if chunk.last] == ["kafka-1"]
        assert run.snapshot()["kafka-1"] == (1, None, "earliest", 0, {})
        assert "partition-gone" in run.heard.errors
        assert "posts/1 is not there" in caplog.text
        run.until(lambda: run.vouched() != [])
        assert run.read(1) == [post(1)]


def test_a_partition_is_not_given_up_while_no_broker_says_that_it_is_gone(
    mock_kafka: MockKafka,
) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    states: dict[str, State] = {"kafka-1": (1, 5, "latest", 0, {})}
    with SourceRun(mock_kafka.address, states=states, gone_s=1) as run:
        mock_kafka.go_down()
        down_s = time.monotonic()
        run.until(lambda: time.monotonic() > down_s + 4)
        assert run.snapshot()["kafka-1"][1] == 5
        mock_kafka.come_up()
        run.until(lambda: any(chunk.last for chunk in run.chunks))


def test_a_message_from_the_far_future_does_not_say_from_when_on_posts_are_lost(
    mock_kafka: MockKafka,
) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    now_ms = int(time.time() * 1000)
    write(mock_kafka.address, [post(1)], at_ms=now_ms)
    write(mock_kafka.address, [post(2)], at_ms=now_ms * 1000)  # microseconds
    with SourceRun(mock_kafka.address) as run:
        run.read(2)
        assert run.snapshot()["kafka-0"][3] <= now_ms


def test_a_future_that_an_earlier_release_believed_in_ends_nothing(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    now_ms = int(time.time() * 1000)
    write(mock_kafka.address, [post(1)], at_ms=now_ms * 1000)
    states: dict[str, State] = {"kafka-0": (1, 9, "latest", now_ms * 1000, {})}
    with SourceRun(mock_kafka.address, states=states) as run:
        assert run.read(1) == [post(1)]
        assert run.heard.expired == [("kafka-0", "earliest", None)]
        assert [chunk for chunk in run.chunks if chunk.lost is not None] == []


def test_after_a_loss_the_first_message_with_a_time_that_can_be_says_how_long_it_is(
    mock_kafka: MockKafka,
) -> None:
    mock_kafka.make_topic(TOPIC, 1)
    now_ms = int(time.time() * 1000)
    write(mock_kafka.address, [post(1)], at_ms=now_ms * 1000)
    states: dict[str, State] = {"kafka-0": (1, 9, "latest", now_ms - HOUR_MS, {})}
    with SourceRun(mock_kafka.address, states=states) as run:
        run.read(1)
        write(mock_kafka.address, [post(2)], at_ms=now_ms)
        run.read(2)
        stretches = [chunk.lost for chunk in run.chunks if chunk.lost is not None]
        assert stretches == [((now_ms - HOUR_MS) // 1000, now_ms // 1000)]


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
