"""What the figures were measured on, and what processes cost it."""

import os
import platform
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def describe() -> str:
    """Return the machine, its Python, the time and how busy it is, on one line."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()} of {sys.base_prefix}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, "
        f"load {os.getloadavg()[0]:.2f}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def cpu_s(pids: Iterable[int]) -> float:
    """Return the processor time that these processes have used, children not included."""
    return sum(sum(map(int, _stat(pid)[11:13])) for pid in pids) / _TICKS_PER_S


def rss_bytes(pid: int) -> int:
    """Return the memory that a process holds now."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES


def stolen_share() -> tuple[int, int]:
    """Return the ticks that the hypervisor gave to others, and all ticks, since the start.

    A run in which the share between two calls is not near 0 measured the neighbours.
    """
    ticks = list(
        map(int, Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:9])
    )
    return ticks[7], sum(ticks)


def family(pid: int) -> list[int]:
    """Return a process and all that come from it, the eldest first."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += map(int, task.read_text(encoding="ascii").split())
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of a process that follow its name, which may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()


def cores() -> tuple[int, ...]:
    """Return the cores that we may use; the last one is where single processes are measured."""
    return tuple(sorted(os.sched_getaffinity(0)))
