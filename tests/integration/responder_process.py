"""Responders to be killed: `crisiswatch respond` in processes that start at once.

    python -m tests.integration.responder_process CONFIG STORE_URL

Reads commands from standard input and answers each with a line:

    start       -> the process id of a new responder
    kill PID    -> "killed", after kill -9; "ended CODE" if it had ended by itself
    stop PID    -> "ended CODE", after SIGTERM

Starting Python and importing everything takes seconds of a core, which is longer than a
responder is to live here. So this process imports it all once and forks; what a responder
does from its first line on, reading its configuration, is the program's own code. With the
end of standard input all responders end.
"""

import os
import signal
import sys
import traceback
from pathlib import Path

from crisiswatch.app.up import run_respond
from crisiswatch.errors import StoreError

NO_STORE = 3
"""The exit code of a responder that found no store when it started."""


def main() -> None:
    """Obey until standard input ends."""
    config, store = Path(sys.argv[1]), sys.argv[2]
    alive: set[int] = set()
    for line in sys.stdin:
        match line.split():
            case ["start"]:
                pid = _fork(config, store)
                alive.add(pid)
                _answer(str(pid))
            case ["kill", given]:
                alive.remove(int(given))
                _answer(_end(int(given), signal.SIGKILL))
            case ["stop", given]:
                alive.remove(int(given))
                _answer(_end(int(given), signal.SIGTERM))
            case _:
                raise SystemExit(f"unknown command {line!r}")
    for pid in alive:
        _end(pid, signal.SIGKILL)


def _fork(config: Path, store: str) -> int:
    pid = os.fork()
    if pid != 0:
        return pid
    code = 1
    try:
        os.close(0)
        code = run_respond(config_path=config, store=store, rehearsal=False)
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
        code = NO_STORE
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


def _end(pid: int, with_signal: signal.Signals) -> str:
    """End a child that nobody has waited for yet, so the number is surely still its own."""
    os.kill(pid, with_signal)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "killed"
    return f"ended {os.waitstatus_to_exitcode(status)}"


def _answer(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
