"""Let chaos loose on the real thing, fault after fault, and see what holds.

    python -m tests.chaos [--faults N] [--seed S] [--only NAME] [--keep DIR]

Real Kafka, Redis, Prometheus and processes. After each fault: is everything that was counted
counted once and as by an undisturbed run, is every signal there once, did the right operator
alert fire, and how long until detection had caught up. Prints a table; exits 1 where anything
did not hold. Needs root (a small file system), Java 17, a C compiler and Prometheus.
"""

import argparse
import random
import shutil
import socket
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from crisiswatch.app.clock_guard import DOUBT_S
from tests.chaos import traffic
from tests.chaos.alerts import Prometheus, running_prometheus
from tests.chaos.fault_list import CLOCK, a_sequence
from tests.chaos.faults import Fault
from tests.chaos.plant import PACE, PROCESSES, RESPONDERS, Plant, running_plant, until
from tests.chaos.referee import Referee, told_until_s
from tests.chaos.table import Seen, table

CATCHES_UP_WITHIN_S = 90.0
ALERT_WITHIN_S = 30.0
QUIET_WITHIN_S = 45.0
"""An alert of an earlier fault must have ended, or it could not be told from a new one."""
CLOCK_QUIET_WITHIN_S = DOUBT_S + QUIET_WITHIN_S
"""A clock that was set is doubted for so long, and its alert stands."""

SECONDS_A_FAULT = 30.0
"""So many real ones are fed for, at the most."""

BEHIND_S = 900
"""Event seconds that detection is behind the feeder when it keeps up: the lateness allowed, a
bin, and at this pace a few seconds on the way."""


def main() -> int:
    """Run the faults and print the table."""
    options = argparse.ArgumentParser(prog="python -m tests.chaos")
    options.add_argument("--faults", type=int, default=100)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--only", help="faults whose name holds this")
    options.add_argument("--keep", type=Path, help="folder for what the parts wrote and logged")
    chosen = options.parse_args()
    rng = random.Random(chosen.seed)
    sequence = a_sequence(chosen.faults, rng, only=chosen.only)
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="crisiswatch-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    seen, at_end = let_loose(folder, sequence, rng)
    print(f"\n{table(seen)}\n")
    for line in at_end[:20]:
        print(f"AT THE END  {line[:300]}")
    if chosen.keep is None:
        shutil.rmtree(folder, ignore_errors=True)
    holds = all(one.holds for one in seen) and not at_end
    print(
        f"{len(seen)} faults, seed {chosen.seed}: {'all holds' if holds else 'NOT EVERYTHING HOLDS'}"
    )
    return int(not holds)


def let_loose(
    folder: Path, sequence: list[Fault], rng: random.Random
) -> tuple[list[Seen], tuple[str, ...]]:
    """Run the plant through the faults; return what was seen after each, and at the end."""
    hours = max(6.0, (120 + len(sequence) * SECONDS_A_FAULT) * PACE / 3_600)
    records = list(traffic.records(hours=hours, seed=1))
    ports = _ports()
    with running_plant(folder, records, ports) as plant:
        referee = Referee.of(folder, records, (plant.disk / "crisiswatch.toml").read_text())
        targets = {
            "detect": [ports["detect"] + one for one in range(PROCESSES + 1)],
            "respond": [ports[f"respond-{one}"] for one in range(RESPONDERS)],
        }
        with running_prometheus(folder / "prometheus", ports["prometheus"], targets) as prometheus:
            until(lambda: told_until_s(plant.out) > 0, "detection counts", CATCHES_UP_WITHIN_S)
            known = sum(map(len, targets.values()))
            until(lambda: prometheus.knows(known), "Prometheus has seen all parts", 60)
            seen = []
            for number, fault in enumerate(sequence, 1):
                seen.append(_one(fault, plant, referee, prometheus, rng))
                _say(number, seen[-1])
            # The feeder goes on: a topic in which nothing comes any more is another matter.
            ends_s = plant.feeder.fed_s - BEHIND_S
            with suppress(TimeoutError):  # what is missing then, the referee tells
                until(
                    lambda: told_until_s(plant.out) >= ends_s,
                    "detection reads all",
                    CATCHES_UP_WITHIN_S,
                )
            until(lambda: not plant.store.read(plant.store.position()), "responders took all", 60)
            return seen, referee.check_end(plant.out, plant.store, ends_s)


def _one(
    fault: Fault, plant: Plant, referee: Referee, prometheus: Prometheus, rng: random.Random
) -> Seen:
    wrong: list[str] = []
    try:
        until(
            lambda: not prometheus.firing() & set(fault.alerts),
            "earlier alerts end",
            CLOCK_QUIET_WITHIN_S if fault.alerts == CLOCK else QUIET_WITHIN_S,
        )
        begun_s = time.monotonic()
        fault.do(plant, rng)
        undone_s = time.monotonic()
        target_s = plant.feeder.fed_s
        until(
            lambda: told_until_s(plant.out) >= target_s, "detection catches up", CATCHES_UP_WITHIN_S
        )
        recovered_s = time.monotonic() - undone_s
    except TimeoutError as error:
        wrong.append(str(error))
        begun_s, recovered_s = time.monotonic(), CATCHES_UP_WITHIN_S
    alert = _alert_for(fault, prometheus, begun_s)
    wrong += referee.check(plant.out, plant.store)
    return Seen(fault=fault, recovered_s=recovered_s, alert=alert, wrong=tuple(wrong))


def _alert_for(fault: Fault, prometheus: Prometheus, begun_s: float) -> str | None:
    """Return which of the fault's alerts has fired since it began; wait for it a while."""
    if not fault.alerts:
        return None

    def fired() -> frozenset[str]:
        return prometheus.fired_within(time.monotonic() - begun_s + 1) & frozenset(fault.alerts)

    try:
        until(fired, f"one of {fault.alerts} fires", ALERT_WITHIN_S)
    except TimeoutError:
        return None
    return min(fired(), key=fault.alerts.index)


def _say(number: int, seen: Seen) -> None:
    state = "holds" if seen.holds else "FAILS"
    alert = seen.alert or (
        "-" if not seen.fault.alerts else f"none of {', '.join(seen.fault.alerts)}"
    )
    print(
        f"{number:>4}  {state}  {seen.fault.name:<32} {seen.recovered_s:5.1f} s  {alert}",
        flush=True,
    )
    for line in seen.wrong[:5]:
        print(f"      {line[:300]}", flush=True)


def _ports() -> dict[str, int]:
    """Return free ports; those of detection's processes follow its supervisor's."""
    while True:
        lines = [socket.create_server(("127.0.0.1", 0)) for _ in range(RESPONDERS + 2)]
        numbers = [line.getsockname()[1] for line in lines]
        base = numbers[0]
        try:
            lines += [
                socket.create_server(("127.0.0.1", base + one + 1)) for one in range(PROCESSES)
            ]
        except OSError:
            continue
        finally:
            for line in lines:
                line.close()
        responders = {f"respond-{one}": numbers[one + 2] for one in range(RESPONDERS)}
        return {"detect": base, "prometheus": numbers[1], **responders}


if __name__ == "__main__":
    sys.exit(main())
