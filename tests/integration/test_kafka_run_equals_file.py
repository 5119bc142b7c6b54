"""The same posts give the same readings and signals from Kafka as from a file."""

import random
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from bytewax.testing import TestingSink

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.posts import posts_of_kafka
from crisiswatch.app.products import iso
from crisiswatch.app.replay import ReplayOptions, replay_job
from crisiswatch.app.wiring import reader, tally_step, watch_plan
from crisiswatch.clock import at_utc
from crisiswatch.config import Config, KafkaSettings, load_config
from crisiswatch.detection.step import BinReading
from crisiswatch.reading.tally import Inspect
from flows.firehose import Sinks, firehose
from flows.resuming import Beginning
from flows.run import Flow, Stop, run_flow
from flows.sinks.statistics import RunTotals, Statistics
from flows.sources.observing import NoObserver
from tests.doubles.mock_kafka import MockKafka, mock_kafka
from tests.flows.kafka_reading import TOPIC, write

__all__ = ["mock_kafka"]

PARTITIONS = 3
POSTS = 6_000
NOISE = [b"no json", b'{"id": 5}', b""]


def made_posts(first_s: int) -> list[bytes]:
    """Return ten minutes of posts, in order, with a burst of anger and some noise."""
    chance = random.Random(7)
    lines = []
    for number in range(POSTS):
        is_angry = number > POSTS * 0.7 and chance.random() < 0.5
        text = "Acme is terrible, worst ever" if is_angry else f"hello {number}"
        lines.append(
            orjson.dumps(
                {
                    "id": str(number),
                    "platform": "test",
                    "author": f"a{number % 500}",
                    "text": text if chance.random() < 0.9 else "acme again",
                    "posted_at": iso(at_utc(first_s + number // 10)),
                }
            )
        )
    return [*lines[:3_000], *NOISE, *lines[3_000:]]


class Ran:
    """What one run found; it is asked to stop once it has closed everything before `until_s`."""

    def __init__(self, until_s: int) -> None:
        self.stop = Stop()
        self.totals = RunTotals()
        self._readings: list[Any] = []
        self._signals: list[Any] = []
        self._letters: list[Any] = []
        self._until_s = until_s

    def sinks(self) -> Sinks:
        return Sinks(
            readings=TestingSink(self._readings),
            signals=TestingSink(self._signals),
            dead_letters=TestingSink(self._letters),
            statistics=Statistics(self._on_totals),
        )

    def _on_totals(self, totals: RunTotals) -> None:
        self.totals = totals
        if any(reading.bin_start >= self._until_s for reading in self.readings()):
            self.stop.ask()

    def run(self, flow: Flow) -> None:
        run_flow(flow)

    def readings(self) -> list[BinReading]:
        return [item[1] if isinstance(item, tuple) else item for item in self._readings]

    def found(self) -> tuple[Any, ...]:
        """Return everything that must not depend on where the posts came from."""
        readings = [each for each in self.readings() if each.bin_start < self._until_s]
        reasons = sorted(
            each[1].reason if isinstance(each, tuple) else each.reason for each in self._letters
        )
        signals = sorted(each.id for each in self._signals)
        totals = self.totals
        return (
            sorted(readings, key=lambda each: each.bin_start),
            signals,
            reasons,
            (totals.lines, totals.matched, totals.rejected, totals.skipped, totals.late_posts),
            (totals.first_s, totals.newest_s),
        )


def test_the_same_posts_give_the_same_from_kafka_as_from_a_file(
    mock_kafka: MockKafka, tmp_path: Path
) -> None:
    config = load_config('[[topics]]\nname = "Acme"\nterms = ["acme"]\n', "x.toml")
    bin_s = config.detection.bin_s
    first_s = (int(time.time()) - 1_500) // bin_s * bin_s
    last_bin_s = first_s + POSTS // 10
    posts = made_posts(first_s)
    file = tmp_path / "posts.jsonl"
    file.write_bytes(b"".join(line + b"\n" for line in posts))
    mock_kafka.make_topic(TOPIC, PARTITIONS)
    for partition in range(PARTITIONS):
        write(mock_kafka.address, posts[partition::PARTITIONS], partition=partition)

    from_kafka = Ran(last_bin_s)
    from_kafka.run(flow_from_kafka(kafka_of(config, mock_kafka), from_kafka))
    from_file = Ran(last_bin_s)
    options = ReplayOptions(file=file)
    job = replay_job(options, config, clock=SystemClock(), stop=Stop())
    from_file.run(job.build(from_file.sinks()))

    assert from_kafka.found() == from_file.found()
    readings, _, reasons, counted, _ = from_kafka.found()
    assert sum(each.posts for each in readings) > 500
    assert len(reasons) == 2
    assert counted[0] == POSTS + len(NOISE)


def kafka_of(config: Config, cluster: MockKafka) -> Config:
    return replace(config, kafka=KafkaSettings(brokers=(cluster.address,), start="earliest"))


def flow_from_kafka(config: Config, ran: Ran) -> Flow:
    clock = SystemClock()
    posts = posts_of_kafka(config, stop=ran.stop, observer=NoObserver())
    step = tally_step(
        config.topics,
        reader(config, clock),
        inspect=Inspect(config.reading.inspect),
        step_s=config.detection.step_s,
        live_clock=clock,
    )
    plan = watch_plan(
        tuple(topic.name for topic in config.topics),
        config.detection,
        config=config,
        partitions=posts.partitions,
    )
    source = posts.source(Beginning.anew())
    return firehose(source=source, tally=step, plan=plan, sinks=ran.sinks())
