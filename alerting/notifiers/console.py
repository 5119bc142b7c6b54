"""Announcements on a terminal."""

from collections.abc import Callable

from rich.console import Console, RenderableType

from alerting.actions import Announcement
from alerting.ports import NotDeliveredError


class ConsoleNotifier:
    """Print announcements as `render` draws them."""

    def __init__(self, console: Console, render: Callable[[Announcement], RenderableType]) -> None:
        self._console = console
        self._render = render

    def notify(self, announcement: Announcement) -> None:
        """Print it; raise NotDeliveredError where the terminal or pipe is gone."""
        # Rich ends the process on a broken pipe, so it only draws and we write.
        with self._console.capture() as drawn:
            self._console.print(self._render(announcement))
        try:
            self._console.file.write(drawn.get())
            self._console.file.flush()
        except OSError as error:
            raise NotDeliveredError(f"console: {error.strerror}") from error
