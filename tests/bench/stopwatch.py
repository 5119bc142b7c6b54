"""Wall and processor time of this process, from a first post to a last one."""

import time
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(slots=True)
class Stopwatch:
    """Started by whichever call comes first; a second `start` changes nothing."""

    began_s: float = 0.0
    _began_cpu_s: float = 0.0
    seconds: float = 0.0
    cpu_s: float = 0.0

    def start(self) -> None:
        """Begin to measure, if that has not begun."""
        if self.began_s == 0.0:
            self.began_s, self._began_cpu_s = time.monotonic(), time.process_time()

    def stop(self) -> None:
        """Note how much time has gone by."""
        self.seconds = time.monotonic() - self.began_s
        self.cpu_s = time.process_time() - self._began_cpu_s

    def report(self, posts: int, **further: Any) -> str:
        """Return what was measured as a line of JSON."""
        figures = {"posts": posts, "seconds": self.seconds, "cpu_s": self.cpu_s}
        return orjson.dumps({**figures, **further}).decode()
