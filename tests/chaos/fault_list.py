"""How often each fault comes, and which alert must answer it."""

import random

from tests.chaos import faults
from tests.chaos.faults import Fault

RESTARTED = ("CrisiswatchRestarted", "CrisiswatchRestartLoop")
STORE = ("CrisiswatchStoreDown",)
NO_POSTS = ("CrisiswatchNoPosts", "CrisiswatchSourceErrors")
NO_ROOM = ("CrisiswatchNoRoom",)
CLOCK = ("CrisiswatchClockStep",)

APART = 45
"""So many faults take a quarter of an hour."""

FAULTS = (
    Fault(name="kill a detect process", share=20, do=faults.kill_detect_process, alerts=RESTARTED),
    Fault(
        name="kill the detect supervisor",
        share=8,
        do=faults.kill_detect_supervisor,
        alerts=RESTARTED,
    ),
    Fault(name="kill a responder", share=15, do=faults.kill_respond, alerts=RESTARTED),
    Fault(name="kill Redis", share=10, do=faults.kill_redis, alerts=STORE),
    Fault(name="kill Kafka", share=8, do=faults.kill_kafka, alerts=NO_POSTS),
    Fault(name="blackhole Kafka", share=6, do=faults.blackhole_kafka, alerts=NO_POSTS),
    Fault(name="blackhole detect's Redis", share=6, do=faults.blackhole_redis, alerts=STORE),
    Fault(name="blackhole respond's Redis", share=6, do=faults.blackhole_respond, alerts=STORE),
    Fault(name="drop a reply to detect", share=8, do=faults.drop_detect_reply, alerts=()),
    Fault(name="drop a reply to respond", share=6, do=faults.drop_respond_reply, alerts=()),
    Fault(name="fill the recovery store's disk", share=4, do=faults.fill_disk, alerts=NO_ROOM),
    Fault(name="clock an hour back", share=2, do=faults.clock_back, alerts=CLOCK),
    Fault(name="clock an hour ahead", share=1, do=faults.clock_ahead, alerts=CLOCK),
)


def a_sequence(number: int, rng: random.Random, *, only: str | None = None) -> list[Fault]:
    """Return so many faults in their shares, every kind at least once, shuffled.

    But for the clock's: among others there are as many of them as can be told apart.
    """
    kinds = [fault for fault in FAULTS if only is None or only in fault.name]
    whole = sum(fault.share for fault in kinds)
    sequence = [
        fault for fault in kinds for _ in range(max(1, round(fault.share * number / whole)))
    ]
    rng.shuffle(sequence)
    # A clock that was set is doubted, and its alert stands, for a quarter of an hour. These come so
    # far apart, as many as there is time for, that each one's alert can be told from the last.
    steps = [fault for fault in sequence if fault.alerts == CLOCK]
    others = [fault for fault in sequence if fault.alerts != CLOCK]
    if others:
        steps = steps[: 1 + len(others) // APART]
    for place, step in enumerate(steps):
        others.insert(place * len(sequence) // max(1, len(steps) - 1), step)
    return others
