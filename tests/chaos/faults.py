"""What is done to the plant: one function a fault, each undone at its end.

Each says which operator alert must fire for it, by the name it has in
`deploy/prometheus/crisiswatch.rules.yml`; None where the fault is one that nobody need hear of.
"""

import contextlib
import os
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.plant import Plant, until
from tests.doubles.tcp_proxy import TcpProxy

HOUR_S = 3_600
DROPPED_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of fault, how often it comes among a hundred, and which alerts answer it.

    Any one of `alerts` will do: which part notices first is a matter of chance.
    """

    name: str
    share: int
    do: Callable[[Plant, random.Random], None]
    alerts: tuple[str, ...]


def _pause(rng: random.Random, least_s: float, most_s: float) -> None:
    threading.Event().wait(rng.uniform(least_s, most_s))


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_detect_process(plant: Plant, rng: random.Random) -> None:
    """Kill one process of the cluster; the others panic, and the supervisor starts all anew."""
    children = plant.detect.children()
    if children:
        _kill(rng.choice(children))


def kill_detect_supervisor(plant: Plant, _rng: random.Random) -> None:
    """Kill the supervisor; its processes end with it, and systemd starts it again."""
    _kill(plant.detect.pid)


def kill_respond(plant: Plant, rng: random.Random) -> None:
    """Kill one of the responders."""
    _kill(rng.choice(plant.responders).pid)


def kill_redis(plant: Plant, rng: random.Random) -> None:
    """Kill Redis, and start it again with its append-only file."""
    plant.redis.kill()
    _pause(rng, 5.0, 8.0)
    plant.redis.start()


def kill_kafka(plant: Plant, rng: random.Random) -> None:
    """Kill the broker, and start it again with its log."""
    plant.feeder.hold()
    try:
        plant.broker.kill()
        _pause(rng, 16.0, 20.0)
        plant.broker.start()
    finally:
        plant.feeder.go_on()


def blackhole_kafka(plant: Plant, rng: random.Random) -> None:
    """Let Kafka's wire swallow everything for a while."""
    plant.kafka_wire.blackhole()
    _pause(rng, 22.0, 26.0)
    plant.kafka_wire.heal()


def blackhole_redis(plant: Plant, rng: random.Random) -> None:
    """Let the wire between detection and Redis swallow everything for a while."""
    plant.redis_wire.blackhole()
    _pause(rng, 8.0, 11.0)
    plant.redis_wire.heal()


def blackhole_respond(plant: Plant, rng: random.Random) -> None:
    """Let the wire between the responders and Redis swallow everything for a while."""
    plant.respond_wire.blackhole()
    _pause(rng, 8.0, 11.0)
    plant.respond_wire.heal()


def drop_detect_reply(plant: Plant, _rng: random.Random) -> None:
    """Lose what Redis answers to a signal being stored: nobody may notice."""
    _drop_reply(plant.redis_wire)


def drop_respond_reply(plant: Plant, _rng: random.Random) -> None:
    """Lose what Redis answers to a change by a responder: nobody may notice."""
    _drop_reply(plant.respond_wire)


def _drop_reply(wire: TcpProxy) -> None:
    before = wire.dropped_replies
    wire.drop_next_reply(to=b"EVALSHA")
    until(lambda: wire.dropped_replies > before, "a reply to drop", DROPPED_WITHIN_S)


def fill_disk(plant: Plant, rng: random.Random) -> None:
    """Leave the recovery store no room, and make room again."""
    ballast = plant.disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"\0" * 65_536)
            file.flush()
    _pause(rng, 8.0, 10.0)
    ballast.unlink()


def clock_back(plant: Plant, rng: random.Random) -> None:
    """Set detection's wall clock an hour back, and right again."""
    plant.step_clock(-HOUR_S)
    _pause(rng, 6.0, 9.0)
    plant.step_clock(0)


def clock_ahead(plant: Plant, rng: random.Random) -> None:
    """Set detection's wall clock an hour ahead, and right again."""
    plant.step_clock(HOUR_S)
    _pause(rng, 6.0, 9.0)
    plant.step_clock(0)
