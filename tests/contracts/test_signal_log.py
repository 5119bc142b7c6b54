"""What every signal log promises; a new one is one line in `LOGS`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alerting.ports import START, SignalLog
from alerting.signal_log import FileSignalLog, MemorySignalLog
from crisiswatch.detection.signal import Change, Severity
from tests.made_signals import made_signal

LOGS: dict[str, Callable[[Path], SignalLog]] = {
    "file": lambda folder: FileSignalLog(folder / "signals.jsonl"),
    "file-without-fsync": lambda folder: FileSignalLog(folder / "signals.jsonl", fsync=False),
    "memory": lambda _: MemorySignalLog(),
}

ONE = made_signal(0, Change.OPENED)
TWO = made_signal(5, Change.WORSE)
THREE = made_signal(9, Change.CLOSED)


@pytest.fixture(params=LOGS)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> SignalLog:
    return LOGS[request.param](tmp_path)


def test_an_empty_log_has_nothing_to_read(log: SignalLog) -> None:
    assert list(log.read()) == []


def test_signals_come_back_whole_and_in_the_order_of_writing(log: SignalLog) -> None:
    for signal in (TWO, ONE, THREE):
        assert log.append(signal)

    assert [entry.signal for entry in log.read(START)] == [TWO, ONE, THREE]


def test_the_first_writer_of_an_id_wins(log: SignalLog) -> None:
    other_content = made_signal(0, Change.OPENED, Severity.LOW, posts=1.0)
    assert other_content.id == ONE.id

    assert log.append(ONE)
    assert not log.append(other_content)
    assert not log.append(ONE)

    assert [entry.signal for entry in log.read()] == [ONE]


def test_reading_goes_on_after_any_position(log: SignalLog) -> None:
    signals = [ONE, TWO, THREE]
    for signal in signals:
        log.append(signal)

    for number, entry in enumerate(log.read(), start=1):
        assert [later.signal for later in log.read(entry.position)] == signals[number:]


def test_a_position_stays_good_for_what_is_written_later(log: SignalLog) -> None:
    log.append(ONE)
    read_to = log.read()[-1].position
    assert list(log.read(read_to)) == []

    log.append(TWO)

    assert [entry.signal for entry in log.read(read_to)] == [TWO]
