"""`crisiswatch up` and other long-running commands as their users run them: real processes.

    with Running("up", "--replay", posts, ..., folder=tmp_path) as up:
        up.wait_for("the recording has ended")

What it prints goes to files, so that nothing blocks and everything can be read afterwards.
At the end of the block whatever still lives is killed, and its parts with it.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Self

PATIENCE_S = 60.0
POLL_S = 0.02
TOKENS = {
    "SLACK_BOT_TOKEN": "xoxb-never-to-be-seen-1",
    "SLACK_APP_TOKEN": "xapp-never-to-be-seen-2",
}


def environment(**more: str) -> dict[str, str]:
    """Return our environment without what would reach a real Slack, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
    return {**kept, "COLUMNS": "80", **more}


def run(
    *arguments: str | Path, code: int = 0, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and check its exit code; `variables` go to its environment."""
    done = subprocess.run(
        [sys.executable, "-m", "crisiswatch", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
        env=environment(**(variables or {})),
        text=True,
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done


def until(holds: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Wait until something of another process holds."""
    over_at = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < over_at, f"not within {timeout_s:g} s: {what}"
        time.sleep(POLL_S)


class Running:
    """A command that runs until it is asked to stop, or by itself."""

    def __init__(self, *arguments: str | Path, folder: Path, **more: str) -> None:
        self._arguments = [str(one) for one in arguments]
        self._folder = folder
        self._environment = environment(**more)
        self._process: subprocess.Popen[bytes] | None = None
        self._family: set[int] = set()

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        out, err = (self._folder / "stdout").open("wb"), (self._folder / "stderr").open("wb")
        with out, err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "crisiswatch", *self._arguments],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                env=self._environment,
                start_new_session=True,
            )
        return self

    def __exit__(self, *error: object) -> None:
        family = self.family()
        for pid in (self.pid, *family):
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        self._running.wait()
        with contextlib.suppress(BrokenPipeError):
            self.stdin.close()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def pid(self) -> int:
        """Return the process of the command itself."""
        return self._running.pid

    @property
    def stdin(self) -> IO[bytes]:
        """Return the pipe that the command reads."""
        pipe = self._running.stdin
        assert pipe is not None
        return pipe

    @property
    def out(self) -> str:
        """Return what was printed on standard output so far."""
        return (self._folder / "stdout").read_text(errors="replace")

    @property
    def err(self) -> str:
        """Return what was printed on standard error so far."""
        return (self._folder / "stderr").read_text(errors="replace")

    def part(self, name: str) -> int:
        """Return the process of a part by a word of its command line; wait until there is one."""
        found: list[int] = []  # by one look: what is there now may be gone at the next

        def is_there() -> bool:
            found[:] = self._parts(name)
            return bool(found)

        until(is_there, f"a part {name!r} of {self.pid}: {self.err}")
        return found[0]

    def family(self) -> set[int]:
        """Return every process that was ever seen to be a part of this one, and lives."""
        self._family |= set(descendants(self.pid))
        return {pid for pid in self._family if alive(pid)}

    def wait_for(self, text: str, *, timeout_s: float = PATIENCE_S) -> None:
        """Wait until something is printed."""
        until(
            lambda: text in self.out + self.err or self._running.poll() is not None,
            f"{text!r} in {self.err[-2000:]}",
            timeout_s,
        )
        assert text in self.out + self.err, f"{text!r} is not in {self.err[-2000:]}"

    def kill(self, number: int) -> None:
        """Send the command itself a signal; as Ctrl-C does, SIGINT goes to its whole group."""
        self.family()
        if number == signal.SIGINT:
            os.killpg(self.pid, number)
        else:
            os.kill(self.pid, number)

    def ended(self, *, timeout_s: float = PATIENCE_S) -> int:
        """Wait until it has ended by itself; return its exit code."""
        return self._running.wait(timeout_s)

    def _parts(self, name: str) -> Iterator[int]:
        for pid in self.family():
            with contextlib.suppress(OSError):
                if name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                    yield pid


def descendants(parent: int) -> Iterator[int]:
    """Yield the processes below one, by what the kernel says of each."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    pending = children.get(parent, [])
    while pending:
        pid = pending.pop()
        yield pid
        pending += children.get(pid, [])


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
