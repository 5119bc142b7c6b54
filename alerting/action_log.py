"""The outbox on one machine: a file of JSON lines, and its twin in memory.

Both keep `alerting.ports.ActionLog`. Each line is one word on one action; the newest
wins. Every word is on the disk before the responder goes on, unless `fsync` is off: then
it outlives the process but not a power cut.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from alerting.append_file import AppendFile, ClosesOnExit, read_lines
from alerting.ports import Outcome, Status
from crisiswatch.errors import StoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    key: str
    status: Status
    at: datetime
    result: str


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Line)


class MemoryActionLog:
    """Outcomes for as long as the process lives."""

    def __init__(self) -> None:
        self._outcomes: dict[str, Outcome] = {}

    def record(self, key: str, outcome: Outcome) -> None:
        """Store the newest word on an action."""
        self._outcomes[key] = outcome

    def outcome(self, key: str) -> Outcome | None:
        """Return the newest word on an action, or None if nobody has intended it."""
        return self._outcomes.get(key)


class FileActionLog(ClosesOnExit):
    """Outcomes in a file; this is its only writer, and holds the newest word on each in memory.

    Raises StoreError where another process writes to the file, or where a whole line
    in it is no outcome.
    """

    def __init__(self, path: Path, *, fsync: bool = True) -> None:
        self._file = AppendFile(path, fsync=fsync)
        self._known = MemoryActionLog()
        for position, line in read_lines(path):
            try:
                word = _decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                self._file.close()
                raise StoreError(
                    f"{path}, line ending at byte {position}: no outcome of an action: {error}",
                    "restore the file from a backup; without it announcements are made again",
                ) from error
            self._known.record(
                word.key, Outcome(status=word.status, at=word.at, result=word.result)
            )

    def record(self, key: str, outcome: Outcome) -> None:
        """Store the newest word on an action in the file."""
        word = _Line(key=key, status=outcome.status, at=outcome.at, result=outcome.result)
        self._file.append(_encoder.encode(word))
        self._known.record(key, outcome)

    def outcome(self, key: str) -> Outcome | None:
        """Return the newest word on an action, or None if nobody has intended it."""
        return self._known.outcome(key)

    def close(self) -> None:
        """Give the file to the next writer."""
        self._file.close()
