"""The environment of the engines that the bench compares with; nothing else needs them."""

import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from zlib import crc32

_PYTHON = f"{platform.python_version()}-{crc32(sys.base_prefix.encode()):08x}"
HOME = Path.home() / ".cache" / "crisiswatch" / f"bench-venv-{_PYTHON}"
"""One for each interpreter: how it was built makes it faster or slower for all of them."""
PINNED = {"pathway": "0.33.0", "quixstreams": "3.28.1", "orjson": version("orjson")}
"""orjson is the same here and there, or the engines would be measured with another decoder."""
_MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Engines:
    """The Python that has them; or why it has not, by package."""

    python: Path
    missing: dict[str, str]


def engines() -> Engines:
    """Return the environment, made if it is not there; takes minutes the first time.

    Where a package can not be had, its row of the table says why, and the rest goes on.
    """
    python = HOME / "bin" / "python"
    if not python.exists():
        made = _run(sys.executable, "-m", "venv", str(HOME))
        if made:
            return Engines(python, dict.fromkeys(PINNED, f"no environment: {made}"))
    missing = {}
    for package, pinned in PINNED.items():
        wanted = f"{package}=={pinned}"
        there = f"from importlib.metadata import version as v; assert v({package!r}) == {pinned!r}"
        if _run(str(python), "-c", there):
            why = _run(str(python), "-m", "pip", "install", "--quiet", wanted)
            if why:
                missing[package] = f"{wanted} can not be installed: {why}"
    return Engines(python, missing)


def _run(*command: str) -> str:
    """Run it; return nothing, or the last line of what it complained about."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    last = done.stderr.strip().rpartition("\n")[2]
    return last[:_MOST_CHARACTERS] or f"code {done.returncode}"
