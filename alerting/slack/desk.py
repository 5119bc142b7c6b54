"""What the presses and slash commands of Slack need from the response, as a port."""

from typing import Protocol

from alerting.commands import Answer, Command
from alerting.notices import ApprovalNotice


class Desk(Protocol):
    """Takes commands and answers questions. `by` is who asks, as in a command's origin.

    Everything is called from worker threads, may take its time, and checks for itself
    whether `by` may do or see this. A command with an id that was taken before changes nothing.
    """

    def take(self, command: Command) -> Answer:
        """Carry a command out, or refuse it."""
        ...

    def case_of_room(self, room: str) -> str | None:
        """Return the case whose room this is."""
        ...

    def packet(self, case_id: str, message_id: str, *, by: str) -> ApprovalNotice | None:
        """Return a holding message as it stands now, to be edited."""
        ...

    def open_cases(self, *, by: str) -> str:
        """Say which incidents are open."""
        ...

    def describe(self, case_id: str, *, by: str) -> str:
        """Say how an incident stands."""
        ...

    def who(self, duty: str, *, by: str) -> str:
        """Say who has a duty now; an empty one: all duties."""
        ...
