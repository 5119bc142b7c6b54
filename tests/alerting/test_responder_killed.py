"""A responder in a process of its own, with files, killed again and again."""

import signal as os_signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from alerting.signal_log import FileSignalLog
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.record import read_incidents
from tests.conftest import REPOSITORY
from tests.made_signals import made_signal

TOPICS = 40
SCRIPT = """
import os, signal, sys
from pathlib import Path
from alerting.action_log import FileActionLog
from alerting.incident_file import IncidentFile
from alerting.responder import Responder
from alerting.signal_log import FileSignalLog

folder, dies_at, dies = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]

class Wall:
    told = 0

    def notify(self, announcement):
        self.told += 1
        if (self.told, dies) == (dies_at, "before"):
            os.kill(os.getpid(), signal.SIGKILL)
        step = announcement.incident.history[-1]
        os.write(1, f"{announcement.incident.id} {step.change}\\n".encode())
        if (self.told, dies) == (dies_at, "after"):
            os.kill(os.getpid(), signal.SIGKILL)

with (
    FileSignalLog(folder / "signals.jsonl", fsync=False) as signals,
    FileActionLog(folder / "actions.jsonl", fsync=False) as actions,
):
    Responder(
        signals=signals,
        actions=actions,
        record=IncidentFile(folder / "incidents.jsonl"),
        notifier=Wall(),
        draft=lambda incident, now: incident.topic,
    ).replay()
"""


def test_nothing_is_forgotten_and_only_the_unrecorded_repeated(tmp_path: Path) -> None:
    with FileSignalLog(tmp_path / "signals.jsonl", fsync=False) as signals:
        for number in range(TOPICS):
            topic = f"topic-{number:02}"
            signals.append(made_signal(number, Change.OPENED, Severity.MEDIUM, topic=topic))
            signals.append(made_signal(number + 1, Change.WORSE, Severity.HIGH, topic=topic))
    everything = ["opened", "worse"] * TOPICS

    heard: list[str] = []
    for dies_at, dies, died in (
        (20, "before", True),
        (10, "after", True),
        (1, "before", True),
        (1, "after", True),
        (0, "never", False),
    ):
        responder = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path), str(dies_at), dies],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        assert responder.returncode == (-os_signal.SIGKILL if died else 0), responder.stderr
        heard += responder.stdout.splitlines()

    told_and_died_twice = heard[28]
    assert Counter(heard) == Counter(set(heard)) + Counter({told_and_died_twice: 2})
    assert [line.split()[-1] for line in dict.fromkeys(heard)] == everything
    assert len(read_incidents(tmp_path / "incidents.jsonl")) == TOPICS
