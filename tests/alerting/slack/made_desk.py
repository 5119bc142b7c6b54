"""A desk that takes everything and remembers it."""

import threading
from collections.abc import Callable

from alerting.commands import Answer, Command
from alerting.notices import ApprovalNotice


class MadeDesk:
    """Implements `alerting.slack.desk.Desk`; `refuse` lets it refuse, `hold` lets it be slow."""

    def __init__(self) -> None:
        self.taken: list[Command] = []
        self.changed = threading.Condition()
        self.refuse = ""
        self.hold = threading.Event()
        self.hold.set()
        self.rooms: dict[str, str] = {}
        self.packets: dict[tuple[str, str], ApprovalNotice] = {}
        self.broken = False

    def take(self, command: Command) -> Answer:
        """Remember the command."""
        self.hold.wait(timeout=10)
        if self.broken:
            raise RuntimeError("the store is on fire")
        with self.changed:
            self.taken.append(command)
            self.changed.notify_all()
        if self.refuse:
            return Answer(text=self.refuse, ok=False)
        return Answer(text=f"Done: {type(command).__name__}.", ok=True)

    def case_of_room(self, room: str) -> str | None:
        """Return what was set up."""
        return self.rooms.get(room)

    def packet(self, case_id: str, message_id: str, *, by: str) -> ApprovalNotice | None:
        """Return what was set up."""
        del by
        return self.packets.get((case_id, message_id))

    def open_cases(self, *, by: str) -> str:
        """Say who asks."""
        return f"open, for {by}"

    def describe(self, case_id: str, *, by: str) -> str:
        """Say what is asked, by whom."""
        return f"{case_id}, for {by}"

    def who(self, duty: str, *, by: str) -> str:
        """Say what is asked, by whom."""
        return f"{duty or 'all'}: Ada, for {by}"

    def wait_for(self, count: int, holds: Callable[[], bool] = lambda: True) -> list[Command]:
        """Wait until so many commands were taken, and return them."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.taken) >= count and holds(), timeout=5)
            return list(self.taken)
