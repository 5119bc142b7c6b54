"""What the signal log in a file promises beyond the contract of all signal logs."""

import os
import signal as os_signal
import subprocess
import sys
from pathlib import Path

import pytest

from alerting.signal_log import FileSignalLog, read_signals
from crisiswatch.detection.signal import Change
from crisiswatch.detection.signal_codec import encode_signal
from crisiswatch.errors import StoreError
from tests.conftest import REPOSITORY
from tests.made_signals import made_signal

ONE = made_signal(0, Change.OPENED)
TWO = made_signal(5, Change.WORSE)


def test_each_signal_is_one_encoded_line(tmp_path: Path) -> None:
    path = tmp_path / "out" / "signals.jsonl"

    with FileSignalLog(path) as log:
        log.append(ONE)
        log.append(TWO)

    assert path.read_bytes() == encode_signal(ONE) + b"\n" + encode_signal(TWO) + b"\n"


def test_ids_are_remembered_by_the_next_writer(tmp_path: Path) -> None:
    path = tmp_path / "signals.jsonl"
    with FileSignalLog(path) as log:
        log.append(ONE)

    with FileSignalLog(path) as log:
        assert not log.append(ONE)
        assert log.append(TWO)

    assert [entry.signal for entry in read_signals(path)] == [ONE, TWO]


@pytest.mark.parametrize("torn_bytes", [1, 50, len(encode_signal(TWO))])
def test_a_torn_last_line_is_cut_off_and_written_anew(tmp_path: Path, torn_bytes: int) -> None:
    path = tmp_path / "signals.jsonl"
    path.write_bytes(encode_signal(ONE) + b"\n" + encode_signal(TWO)[:torn_bytes])

    assert [entry.signal for entry in read_signals(path)] == [ONE]
    with FileSignalLog(path) as log:
        assert log.append(TWO)

    assert path.read_bytes() == encode_signal(ONE) + b"\n" + encode_signal(TWO) + b"\n"


def test_a_second_writer_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "signals.jsonl"
    first = FileSignalLog(path)

    with pytest.raises(StoreError, match="another crisiswatch writes to it"):
        FileSignalLog(path)

    first.close()
    FileSignalLog(path).close()


def test_a_refused_writer_does_not_cut_the_line_that_is_being_written(tmp_path: Path) -> None:
    path = tmp_path / "signals.jsonl"
    with FileSignalLog(path) as log:
        log.append(ONE)
        with path.open("ab") as half_written:
            half_written.write(b'{"version":1')

        with pytest.raises(StoreError):
            FileSignalLog(path)

        assert path.read_bytes().endswith(b'{"version":1')


def test_a_broken_line_in_the_middle_stops_instead_of_losing_an_alarm(tmp_path: Path) -> None:
    path = tmp_path / "signals.jsonl"
    path.write_bytes(encode_signal(ONE) + b"\nrubbish\n" + encode_signal(TWO) + b"\n")

    with pytest.raises(StoreError, match=r"signals\.jsonl, line ending at byte \d+: no signal"):
        FileSignalLog(path)

    path.write_bytes(encode_signal(ONE) + b"\n")
    FileSignalLog(path).close()


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Is a directory"):
        FileSignalLog(tmp_path)
    with pytest.raises(StoreError, match="Is a directory"):
        read_signals(tmp_path)


def test_a_disk_that_refuses_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """A file size limit, set in a process of its own, plays the full disk."""
    path = tmp_path / "signals.jsonl"
    script = f"""
import resource, signal
from pathlib import Path
from alerting.signal_log import FileSignalLog
from crisiswatch.detection.signal import Change
from crisiswatch.errors import StoreError
from tests.made_signals import made_signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
log = FileSignalLog(Path({str(path)!r}))
for minutes in range(100):
    try:
        log.append(made_signal(minutes, Change.REFRESHED))
    except StoreError as error:
        print(minutes, error)
        break
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(log.append(made_signal(minutes, Change.REFRESHED)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    first, second = done.stdout.splitlines()
    failed_at = int(first.split()[0])
    assert "make room on the disk" in first
    assert second == "True"
    assert [entry.signal.at for entry in read_signals(path)] == [
        made_signal(minutes, Change.REFRESHED).at for minutes in range(failed_at + 1)
    ]


def test_no_acknowledged_signal_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "signals.jsonl"
    script = f"""
from pathlib import Path
from alerting.signal_log import FileSignalLog
from crisiswatch.detection.signal import Change
from tests.made_signals import made_signal

log = FileSignalLog(Path({str(path)!r}))
for minutes in range(1_000_000):
    log.append(made_signal(minutes, Change.REFRESHED))
    print(minutes, flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
        os.kill(writer.pid, os_signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]

    with FileSignalLog(path) as log:
        kept = [entry.signal.at for entry in log.read()]
    assert kept[: len(acknowledged)] == [
        made_signal(minutes, Change.REFRESHED).at for minutes in acknowledged
    ]
    assert len(kept) <= len(acknowledged) + 1
