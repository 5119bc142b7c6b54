"""What is wrong in a file that people write: the value, where it stands, and the remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from crisiswatch.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong (`error`) or likely not meant (`warning`).

    `source` is the file as the reader knows it, `line` counts from 1 (None where the
    place has no line, such as a key that is missing from a whole file), and `path` is
    the key within the file, as in `topics[2].terms`, counting from 1 as people do.
    """

    level: Literal["error", "warning"]
    source: str
    line: int | None
    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        key = f"{self.path}: " if self.path else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{place}: {key}{self.message}{remedy}"


class FaultsError(ConfigError):
    """A file that can not be used, with every fault found in it, in reading order."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings, key=_reading_order))
        lines = [str(finding) for finding in self.findings]
        if len(lines) > 1:
            lines.insert(0, f"{len(lines)} faults:")
        super().__init__("\n  ".join(lines))


def _reading_order(finding: Finding) -> tuple[str, int, str]:
    return (finding.source, finding.line or 0, finding.path)
