"""Posts from a Kafka topic: every partition with a consumer and an event-time clock of its own.

How far a partition has come stands in Bytewax's snapshots and nowhere else. Offsets are
committed to the group so that other tools can see the lag; nothing reads them back.
"""

from collections.abc import Callable

from bytewax.inputs import FixedPartitionedSource

from crisiswatch.clock import Clock
from crisiswatch.errors import StoreError
from flows.kafka.closing import Closing
from flows.kafka.partition import KafkaPartition
from flows.kafka.reading import (
    STATE_VERSION,
    Reading,
    Shared,
    State,
    partition_name,
    partition_number,
)
from flows.kafka.reported import Reported
from flows.kafka.scout import Scout
from flows.messages import Chunk
from flows.sources.observing import SourceObserver

LEAST_SPARES = 8


def spares_for(partitions: int) -> int:
    """Return how many partitions may appear while a run goes on: the topic may be doubled."""
    return max(partitions, LEAST_SPARES)


class KafkaSource(FixedPartitionedSource[Chunk, State]):
    """Emit the messages of a topic as chunks; each counts once in what the snapshots hold.

    The topic has `partitions` when the run begins. Spare ones, which are not there yet, wait
    for their partition to appear and read it from its first message on. A broker that is away
    is waited for; nothing here blocks the dataflow. The source closes the `scout`.
    """

    def __init__(
        self,
        reading: Reading,
        *,
        partitions: int,
        scout: Scout,
        clock: Clock,
        stop: Callable[[], bool],
        observer: SourceObserver,
    ) -> None:
        self._reading = reading
        self._partitions = partitions
        self._shared = Shared(
            scout=scout,
            clock=clock,
            stop=stop,
            observer=observer,
            reported=Reported(clock, observer),
            most=partitions + spares_for(partitions),
            closing=Closing(clock),
        )

    def list_parts(self) -> list[str]:
        """Return the names of the partitions and of the spares."""
        return [partition_name(number) for number in range(self._shared.most)]

    def build_part(
        self,
        step_id: str,  # noqa: ARG002  # the signature is Bytewax's
        for_part: str,
        resume_state: State | None,
    ) -> KafkaPartition:
        """Open a partition where it stood, or where it is to begin."""
        number = partition_number(for_part)
        state = resume_state
        if state is None:
            begin = self._reading.start if number < self._partitions else "earliest"
            state = (STATE_VERSION, None, begin, 0, {})
        if state[0] != STATE_VERSION:
            raise StoreError(
                f"the recovery store holds a Kafka position of version {state[0]}, "
                f"not {STATE_VERSION}",
                "start with an empty recovery folder",
            )
        return KafkaPartition(self._reading, self._shared, number=number, state=state)
