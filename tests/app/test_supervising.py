"""What ends is started again, unless it has come to an end of its own."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from crisiswatch.app.supervising import PidsFile, Restarted, supervise

HANGS_S = 10.0


class Played:
    """A part that ends with the codes of its script, one for each start, and then runs on."""

    def __init__(
        self, name: str, *codes: int, on_last_start: Callable[[], None] = lambda: None
    ) -> None:
        self.name = name
        self.starts = 0
        self._codes = codes
        self._on_last_start = on_last_start

    def start(self) -> None:
        """Play the next line of the script."""
        self.starts += 1
        if self.starts > len(self._codes):
            self._on_last_start()

    def ended(self) -> int | None:
        """Return what the script says, None where it is over."""
        return self._codes[self.starts - 1] if self.starts <= len(self._codes) else None

    def stop(self) -> None:
        """End it."""

    def pids(self) -> Sequence[int]:
        """Return nobody."""
        return ()


@pytest.mark.parametrize("code", [0, -15, 130], ids=["calmly", "killed", "asked-to-stop"])
def test_a_response_has_no_end_of_its_own(code: int, tmp_path: Path) -> None:
    stop = threading.Event()
    detection = Played("detection")
    response = Played("response", code, on_last_start=stop.set)
    detection.start()
    response.start()
    hanging = threading.Timer(HANGS_S, stop.set)
    hanging.start()
    supervise(detection, response, None, stop, stay=False, pids=PidsFile(tmp_path, "up"))
    hanging.cancel()
    assert (detection.starts, response.starts) == (1, 2)


def test_the_end_of_the_posts_is_the_end_of_detection_and_a_request_to_stop_is_not(
    tmp_path: Path,
) -> None:
    stop = threading.Event()
    detection, response = Played("detection", 130, 0), Played("response")
    detection.start()
    response.start()
    supervise(detection, response, None, stop, stay=False, pids=PidsFile(tmp_path, "up"))
    assert (detection.starts, response.starts) == (2, 1)


def test_what_restarts_something_is_told_how_it_ended() -> None:
    part, told = Played("response", 0), list[int]()
    part.start()
    restarted = Restarted(part, has_end=False, on_restart=told.append)
    assert restarted.look() is None
    assert told == [0]
    assert part.starts == 2
