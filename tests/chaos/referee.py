"""What must hold, whatever was done: everything counted once, every signal told once.

The referee knows from the start what an undisturbed run finds in the same posts, because
the flow's result does not depend on how fast or by how many processes it is read.
"""

import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from alerting.store.redis_store import RedisStore
from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.signal import Signal
from crisiswatch.detection.signal_codec import decode_signal
from tests.chaos.traffic import Record


@dataclass(slots=True)
class Referee:
    """Compare what the plant has found so far with what an undisturbed run finds."""

    readings: dict[tuple[str, str], str]
    signals: dict[str, Signal]

    @classmethod
    def of(cls, folder: Path, records: list[Record], configuration: str) -> Self:
        """Read the same posts from a file, in one process, undisturbed, as the same `configuration` says."""
        posts, out = folder / "undisturbed.jsonl", folder / "undisturbed"
        posts.write_bytes(b"".join(record.value + b"\n" for record in records))
        config = folder / "undisturbed.toml"  # its recovery folder stands beside it
        config.write_text(configuration)
        subprocess.run(
            [sys.executable, "-m", "crisiswatch", "replay", posts, "-c", config, "--out", out],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        lines = (out / "signals.jsonl").read_bytes().splitlines()
        return cls(
            readings=dict(found_readings(out)),
            signals={signal.id: signal for signal in map(decode_signal, lines)},
        )

    def check(self, out: Path, store: RedisStore) -> tuple[str, ...]:
        """Return what is wrong with what there is so far; nothing may be there that is not expected."""
        wrong: list[str] = []
        rows = found_readings(out)
        counted = Counter(key for key, _ in rows)
        wrong += [f"counted {times} times: {key}" for key, times in counted.items() if times > 1]
        wrong += [
            f"reading {key}: {line!r}, undisturbed {self.readings.get(key)!r}"
            for key, line in rows
            if self.readings.get(key) != line
        ]
        signals = found_signals(store)
        told = Counter(signal.id for signal in signals)
        wrong += [f"told {times} times: {name}" for name, times in told.items() if times > 1]
        wrong += [
            f"signal {signal.id} is not that of an undisturbed run"
            for signal in signals
            if self.signals.get(signal.id) != signal
        ]
        return tuple(wrong)

    def check_end(self, out: Path, store: RedisStore, ends_s: int) -> tuple[str, ...]:
        """Return what is wrong at the end, when nothing from before `ends_s` may be missing either."""
        rows = {key for key, _ in found_readings(out)}
        told = {signal.id for signal in found_signals(store)}
        return (
            *self.check(out, store),
            *(
                f"reading lost: {key}"
                for key in self.readings
                if key not in rows and _second(key[1]) + BIN_S <= ends_s
            ),
            *(
                f"signal lost: {signal.id}"
                for signal in self.signals.values()
                if signal.id not in told and signal.at <= ends_s
            ),
        )


BIN_S = WatchSettings().bin_s


def told_until_s(out: Path) -> int:
    """Return the start of the newest bin that every topic has a reading of, unix seconds; 0 while there is none.

    Of every topic, for after a restart the processes go on at a pace of their own.
    """
    newest: dict[str, str] = {}
    for (topic, bin_start), _ in found_readings(out):
        newest[topic] = max(bin_start, newest.get(topic, ""))
    return min(map(_second, newest.values()), default=0)


def _second(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp())


def found_readings(out: Path) -> list[tuple[tuple[str, str], str]]:
    """Return the rows of a run's readings by topic and bin, whole lines only."""
    rows = []
    for path in sorted(out.glob("readings*.csv")):
        text = path.read_text(encoding="utf-8")
        for line in text[: text.rfind("\n") + 1].splitlines():
            topic, bin_start, _ = line.split(",", 2)
            if topic != "topic":
                rows.append(((topic, bin_start), line))
    return rows


def found_signals(store: RedisStore) -> list[Signal]:
    """Return all signals of the log."""
    found: list[Signal] = []
    after = ""
    while entries := (store.read(after) if after else store.read()):
        found += [entry.signal for entry in entries]
        after = entries[-1].position
    return found
