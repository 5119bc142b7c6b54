"""The whole dataflow on one screen: posts to readings, signals and dead letters.

    source --> tally --+--> Partial, by shard --> watch --+--> BinReading --> readings
                       |                                  +--> Signal, Heartbeat --> signal log
                       |                                  +--> SourceGap, LatePosts --+
                       +--> Intake --+--> Rejected --> dead letters                   |
                                     +------------------> statistics <----------------+

Nothing here waits for the outside: no Slack, no HTTP, one thread.
"""

from dataclasses import dataclass
from types import UnionType
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream
from bytewax.inputs import Source
from bytewax.operators import KeyedStream
from bytewax.outputs import Sink

from crisiswatch.detection.signal import Heartbeat, Signal
from crisiswatch.detection.step import BinReading
from crisiswatch.reading.post import Rejected
from flows.messages import Chunk, Intake, LatePosts, Partial, SourceGap
from flows.tally_step import TallyStep
from flows.watch_logic import Out, ShardLogic, WatchPlan

ONE_KEY = "all"
"""Sinks that are one file have one partition; the key only satisfies Bytewax."""

PostSource = Source[Chunk]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sinks:
    """Where the flow's four products go; dead letters to a topic besides, if there is one."""

    readings: Sink[Any]
    signals: Sink[Any]
    dead_letters: Sink[Any]
    statistics: Sink[Any]
    dead_letter_topic: Sink[Any] | None = None


def firehose(*, source: PostSource, tally: TallyStep, plan: WatchPlan, sinks: Sinks) -> Dataflow:
    """Wire raw posts through to the sinks; the same flow serves production, replay and demo."""
    flow = Dataflow("crisiswatch")
    chunks = op.input("posts", flow, source)
    tallied = op.flat_map("tally", chunks, tally)
    partials = op.filter_map("partials", tallied, _partial_by_shard)
    intakes = op.filter_map("intakes", tallied, _only(Intake))
    rejected = op.flat_map("rejected", intakes, _rejected)
    letters = op.key_on("one_dead_letters", rejected, _one)
    op.output("dead_letters", letters, sinks.dead_letters)
    if sinks.dead_letter_topic is not None:
        op.output("dead_letter_topic", letters, sinks.dead_letter_topic)
    _watch(intakes, partials, plan, sinks)
    return flow


def series(*, source: Source[Partial | Intake], plan: WatchPlan, sinks: Sinks) -> Dataflow:
    """Wire a count series into the same watches: the flow without its reading step."""
    flow = Dataflow("crisiswatch")
    rows = op.input("rows", flow, source)
    partials = op.filter_map("partials", rows, _partial_by_shard)
    intakes = op.filter_map("intakes", rows, _only(Intake))
    _watch(intakes, partials, plan, sinks)
    return flow


def _watch(
    intakes: Stream[Intake], partials: KeyedStream[Partial], plan: WatchPlan, sinks: Sinks
) -> None:
    watched: KeyedStream[Out] = op.stateful_batch(
        "watch", partials, lambda state: ShardLogic(plan, state)
    )
    said = op.key_rm("said", watched)
    readings = op.filter_map("only_readings", said, _only(BinReading))
    signals = op.filter_map("only_signals", said, _only(Signal | Heartbeat))
    gaps = op.filter_map("only_gaps", said, _only(SourceGap))
    late = op.filter_map("only_late", said, _only(LatePosts))
    noted = op.merge("noted", intakes, gaps, late)
    op.output("readings", op.key_on("one_readings", readings, _one), sinks.readings)
    op.output("signals", signals, sinks.signals)
    op.output("statistics", op.key_on("one_statistics", noted, _one), sinks.statistics)


def _partial_by_shard(item: Partial | Intake) -> tuple[str, Partial] | None:
    return (item.shard, item) if isinstance(item, Partial) else None


def _rejected(intake: Intake) -> tuple[Rejected, ...]:
    return intake.rejected


def _only(kind: type[object] | UnionType) -> Any:
    def keep(item: object) -> object | None:
        return item if isinstance(item, kind) else None

    return keep


def _one(_item: object) -> str:
    return ONE_KEY
