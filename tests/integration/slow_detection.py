"""Detection on a recorded file that is read slowly, as a cluster of processes; started by tests.

python slow_detection.py POSTS CONFIG STORE OUT PAUSE_MS --processes N

Everything is as in `crisiswatch detect` but the source: a live one, in 4 partitions, that can
be read again from where a snapshot stood. Its processes are this program again.
"""

import os
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition

from crisiswatch.app.clock import SystemClock
from crisiswatch.app.cluster_watch import ClusterWatch
from crisiswatch.app.clustering import Cluster, run_cluster
from crisiswatch.app.config_file import read_config
from crisiswatch.app.logs import log_format, start_logging
from crisiswatch.app.membership import member_of
from crisiswatch.app.monitoring_detection import DetectionMonitoring
from crisiswatch.app.parent import end_with
from crisiswatch.app.pipeline import stopping_on_signals
from crisiswatch.app.posts import Posts
from crisiswatch.app.stores import connect
from crisiswatch.app.watching import Place, detect_posts
from flows.messages import Chunk
from flows.run import Stop
from flows.sources.recorded_file import RecordedFile, partition_names

PARTITIONS = 4
BLOCK_BYTES = 4_096


class Slow(FixedPartitionedSource[Chunk, int]):
    """Let a source rest after every chunk."""

    def __init__(self, source: RecordedFile, pause: timedelta) -> None:
        self._source = source
        self._pause = pause

    def list_parts(self) -> list[str]:
        """Return those of the source."""
        return self._source.list_parts()

    def build_part(
        self, step_id: str, for_part: str, resume_state: int | None
    ) -> StatefulSourcePartition[Chunk, int]:
        """Open one, slowly."""
        return _SlowPart(self._source.build_part(step_id, for_part, resume_state), self._pause)


class _SlowPart(StatefulSourcePartition[Chunk, int]):
    def __init__(self, part: StatefulSourcePartition[Chunk, int], pause: timedelta) -> None:
        self._part = part
        self._pause = pause

    def next_batch(self) -> Iterable[Chunk]:
        return self._part.next_batch()

    def next_awake(self) -> datetime:
        return datetime.now(UTC) + self._pause

    def snapshot(self) -> int:
        return self._part.snapshot()

    def close(self) -> None:
        self._part.close()


def supervise(arguments: list[str], processes: int) -> int:
    def command(number: int, addresses: tuple[str, ...]) -> list[str]:
        own = ["--member", str(os.getpid()), str(number), ",".join(addresses)]
        return [sys.executable, __file__, *arguments, *own]

    cluster = Cluster("detection", command, processes)
    stop, woken = Stop(), threading.Event()
    stop.on_ask(woken.set)
    with stopping_on_signals(stop):
        return run_cluster(cluster, Path(arguments[3]), woken, ClusterWatch(cluster))


def be_member(arguments: list[str], parent: str, number: str, addresses: str) -> int:
    end_with(int(parent))
    file, config_path, store, out, pause_ms = arguments
    config, stop, kept = read_config(Path(config_path)), Stop(), connect(store)

    def posts() -> Posts:
        source = RecordedFile(Path(file), partitions=PARTITIONS, block_bytes=BLOCK_BYTES, stop=stop)
        return Posts(
            name=file,
            partitions=partition_names(PARTITIONS),
            source=lambda _beginning: Slow(source, timedelta(milliseconds=int(pause_ms))),
            is_live=True,
            resumes=True,
        )

    place = Place(
        kept=kept,
        out=Path(out),
        recovery=Path(out) / "recovery",
        member=member_of(number, addresses),
        monitoring=DetectionMonitoring(
            config.monitoring,
            clock=SystemClock(),
            stop=stop,
            store=kept,
            interval_s=config.recovery.interval_s,
            is_live=False,  # neither a canary nor a guard of the clock: the posts are old
            process_id=int(number),
        ),
    )
    return detect_posts(posts, config, place, stop)


if __name__ == "__main__":
    start_logging(log_format("terminal"))
    given, mode, *more = sys.argv[1:6], *sys.argv[6:]
    sys.exit(supervise(given, int(more[0])) if mode == "--processes" else be_member(given, *more))
