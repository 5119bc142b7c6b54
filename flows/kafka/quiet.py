"""Tell a quiet topic from a silent broker."""

from dataclasses import dataclass
from typing import Any

UP = "UP"
ACTIVE = "active"

AWAY_S = 10.0
"""A broker answers a client at the end several times a second; not heard for so long, it was away.

What is posted in the meantime of a shorter silence comes later by less than any sane lateness.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """When the broker that leads a partition was last heard.

    `at` is in unix seconds, `ticks_s` on the client's own clock, which nobody sets. With
    `is_end` the client is being told of everything that there is, so that at the end of a
    partition there was nothing more at that time.
    """

    at: float
    ticks_s: float
    is_end: bool


def heard_from(statistics: Any, *, topic: str, partition: int) -> Heard | None:
    """Return when the broker of a partition was last heard, None without a connection to it.

    `statistics` are librdkafka's. While a client is at the end of a partition it asks for
    more all the time and the broker answers at least every `fetch.wait.max.ms`, so as long
    as this moves on, the end is known to be the end. Not so where nothing is being fetched, or
    while a transaction is open: what it holds is there and can not be read yet.
    """
    found = statistics.get("topics", {}).get(topic, {}).get("partitions", {}).get(str(partition))
    if found is None:
        return None
    for broker in statistics["brokers"].values():
        if broker["nodeid"] == found["broker"] >= 0:
            if broker["state"] != UP or broker["rxidle"] < 0:
                return None
            idle_s = broker["rxidle"] / 1_000_000
            return Heard(
                at=statistics["time"] - idle_s,
                ticks_s=statistics["ts"] / 1_000_000 - idle_s,
                is_end=found["fetch_state"] == ACTIVE and found["ls_offset"] >= found["hi_offset"],
            )
    return None


def end_offset(statistics: Any, *, topic: str, partition: int) -> int | None:
    """Return the offset after the last message that the broker has told of, None if none yet."""
    found = statistics.get("topics", {}).get(topic, {}).get("partitions", {}).get(str(partition))
    if found is None or found["hi_offset"] < 0:
        return None
    end: int = found["hi_offset"]
    return end
