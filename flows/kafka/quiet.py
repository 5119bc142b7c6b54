"""Tell a quiet topic from a silent broker."""

from typing import Any

UP = "UP"
ACTIVE = "active"

AWAY_S = 3.0
"""A broker answers a client at the end several times a second; not heard for so long, it was away."""


def heard_at(statistics: Any, *, topic: str, partition: int) -> float | None:
    """Return when the broker that leads a partition was last heard, in unix seconds.

    `statistics` are librdkafka's. None where there is no connection to it, or nothing is
    being fetched. While a client is at the end of a partition it asks for more all the time
    and the broker answers at least every `fetch.wait.max.ms`, so as long as this moves on,
    the end is known to be the end. None, too, while a transaction is open: what it holds is
    there and can not be read yet.
    """
    found = statistics.get("topics", {}).get(topic, {}).get("partitions", {}).get(str(partition))
    if found is None or found["fetch_state"] != ACTIVE or found["ls_offset"] < found["hi_offset"]:
        return None
    for broker in statistics["brokers"].values():
        if broker["nodeid"] == found["broker"] >= 0:
            if broker["state"] != UP or broker["rxidle"] < 0:
                return None
            heard: float = statistics["time"] - broker["rxidle"] / 1_000_000
            return heard
    return None


def end_offset(statistics: Any, *, topic: str, partition: int) -> int | None:
    """Return the offset after the last message that the broker has told of, None if none yet."""
    found = statistics.get("topics", {}).get(topic, {}).get("partitions", {}).get(str(partition))
    if found is None or found["hi_offset"] < 0:
        return None
    end: int = found["hi_offset"]
    return end
