"""A Dockerfile as its instructions: enough to hold ours against the repository."""

import re
import shlex
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction of a stage, continued lines joined."""

    stage: int
    name: str
    value: str

    @property
    def words(self) -> list[str]:
        """Return the words after it, options left out."""
        return [word for word in shlex.split(self.value) if not word.startswith("--")]


def instructions(path: Path) -> tuple[Instruction, ...]:
    """Return what the file says, in order; what stands before the first FROM is of stage -1."""
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    stage, found = -1, []
    for line in filter(str.strip, joined.splitlines()):
        name, _, value = line.partition(" ")
        stage += name == "FROM"
        found.append(Instruction(stage=stage, name=name, value=value.strip()))
    return tuple(found)


def reaches_the_builder(path: str, dockerignore: Path) -> bool:
    """Tell whether .dockerignore lets a path, or all below it, into the build: last word wins."""
    is_in = True
    for line in dockerignore.read_text().splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        wanted = pattern.startswith("!")
        shape = pattern.lstrip("!").removeprefix("**/")
        parts = [path, *map(str, Path(path).parents)] if "/" in shape else Path(path).parts
        if shape == "*" or any(fnmatch(str(part), shape) for part in parts):
            is_in = wanted
    return is_in
