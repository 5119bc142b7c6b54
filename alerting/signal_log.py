"""The signal log on one machine: a file of JSON lines, and its twin in memory.

Both keep `alerting.ports.SignalLog`. The file is what `signals.jsonl` is: one
`encode_signal` line per signal. Every append is on the disk before it returns (fsync
per signal; signals are rare), unless `fsync` is off: then it outlives the process but
not a power cut, good enough for a recording that can be replayed. All ids stay in memory, about 200 bytes each, so that a
signal is recognised however late it is emitted again.
"""

from collections.abc import Sequence
from pathlib import Path

from alerting.append_file import AppendFile, ClosesOnExit, read_lines
from alerting.ports import START, Entry
from crisiswatch.detection.signal import Signal
from crisiswatch.detection.signal_codec import decode_signal, encode_signal
from crisiswatch.errors import InputError, StoreError


class FileSignalLog(ClosesOnExit):
    """Signals in a file; this is its only writer.

    Raises StoreError where another process writes to the file, or where a whole line
    in it is no signal (a torn last line is cut off, see `alerting.append_file`).
    """

    def __init__(self, path: Path, *, fsync: bool = True) -> None:
        self._file = AppendFile(path, fsync=fsync)
        try:
            self._ids = {entry.signal.id for entry in read_signals(path)}
        except StoreError:
            self._file.close()
            raise

    def append(self, signal: Signal) -> bool:
        """Store the signal in the file, unless its id is there already."""
        if signal.id in self._ids:
            return False
        self._file.append(encode_signal(signal))
        self._ids.add(signal.id)
        return True

    def read(self, after: str = START) -> Sequence[Entry]:
        """Return the signals after a position, oldest first."""
        return read_signals(self._file.path, after)

    def close(self) -> None:
        """Give the file to the next writer."""
        self._file.close()


class MemorySignalLog:
    """Signals for as long as the process lives."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._entries: list[Entry] = []

    def append(self, signal: Signal) -> bool:
        """Store the signal, unless its id is there already."""
        if signal.id in self._ids:
            return False
        self._ids.add(signal.id)
        self._entries.append(Entry(position=str(len(self._entries) + 1), signal=signal))
        return True

    def read(self, after: str = START) -> Sequence[Entry]:
        """Return the signals after a position, oldest first."""
        return tuple(self._entries[_number(after) :])


def read_signals(path: Path, after: str = START) -> tuple[Entry, ...]:
    """Return the signals of a file after a position, while others may write to it.

    Raises StoreError for a whole line that is no signal: losing an alarm silently is
    worse than stopping.
    """
    entries = []
    for position, line in read_lines(path, from_byte=_number(after)):
        try:
            signal = decode_signal(line)
        except InputError as error:
            raise StoreError(
                f"{path}, line ending at byte {position}: {error.problem}",
                "move the file away and replay, or restore it from a backup",
            ) from error
        entries.append(Entry(position=str(position), signal=signal))
    return tuple(entries)


def _number(position: str) -> int:
    return 0 if position == START else int(position)
