"""One of several processes that share a recorded file; started by tests.

python cluster_member.py FILE OUT PROCESS ADDRESS[,ADDRESS] PARTITIONS BLOCK_BYTES
"""

import sys
from pathlib import Path

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.products import READINGS_HEADER, encode_reading, encode_rejected
from crisiswatch.app.wiring import reader, tally_step, watch_plan
from crisiswatch.config import Config
from crisiswatch.detection.signal_codec import encode_signal
from crisiswatch.reading.tally import Inspect
from crisiswatch.reading.topic import Topic
from flows.firehose import Sinks, firehose
from flows.run import Stop, run_flow
from flows.sinks.lines import LinesFile
from flows.sinks.signals import SignalSink
from flows.sinks.statistics import Statistics
from flows.sources.recorded_file import RecordedFile, partition_names

TOPICS = tuple(Topic(name=name, terms=(name,)) for name in ("acme", "bolt", "crane", "dune"))


def main() -> None:
    file, out, process, addresses, partitions, block_bytes = sys.argv[1:]
    folder = Path(out)
    config = Config(topics=TOPICS)
    names = partition_names(int(partitions))
    plan = watch_plan(
        tuple(topic.name for topic in TOPICS), config.detection, config=config, partitions=names
    )
    step = tally_step(TOPICS, reader(config, SystemClock()), inspect=Inspect.EVERY_LINE, step_s=60)
    signals = (folder / f"signals-{process}.jsonl").open("wb")
    flow = firehose(
        source=RecordedFile(
            Path(file), partitions=len(names), block_bytes=int(block_bytes), stop=Stop()
        ),
        tally=step,
        plan=plan,
        sinks=Sinks(
            readings=LinesFile(
                folder / "readings.csv", encode=encode_reading, header=READINGS_HEADER
            ),
            signals=SignalSink(lambda signal: signals.write(encode_signal(signal) + b"\n")),
            dead_letters=LinesFile(folder / "deadletters.jsonl", encode=encode_rejected),
            statistics=Statistics(lambda _totals: None),
        ),
    )
    listed = tuple(addresses.split(",")) if addresses else ()
    run_flow(flow, process_id=int(process), addresses=listed)
    signals.close()


if __name__ == "__main__":
    main()
