"""What people may ask of the response: to do something, and to be told how it stands."""

from collections.abc import Callable
from datetime import datetime

from alerting.commands import Answer, Command
from alerting.directory import Directory
from alerting.keeping import Store
from alerting.notices import ApprovalNotice
from alerting.ports import Status
from alerting.response.approving import approval_notice
from alerting.response.case import Case, decode_case, readable_cases
from alerting.response.desk import Desk
from alerting.response.response_text import case_lines, open_lines
from alerting.response.world import World
from crisiswatch.config.people import Role

STRANGER = "You are not among the people of this configuration; ask an admin to add you."


class FrontDesk:
    """Take commands and answer questions, for those who are known here."""

    def __init__(
        self,
        desk: Desk,
        store: Store,
        *,
        world_of: Callable[[Case], World],
        directory: Directory,
        now: Callable[[], datetime],
        roles_of: Callable[[str], frozenset[Role]],
    ) -> None:
        self._desk = desk
        self._store = store
        self._world_of = world_of
        self._directory = directory
        self._now = now
        self._roles_of = roles_of

    def take(self, command: Command) -> Answer:
        """Carry a command out, or refuse it."""
        return self._desk.take(command)

    def case_of_room(self, room: str) -> str | None:
        """Return the newest live case whose room this is."""
        found = None
        for kept in self._store.cases(open_only=True):
            opened = self._store.outcomes(kept.case_id).get(f"{kept.case_id}/room")
            if opened is not None and opened.status is Status.DONE and opened.result == room:
                found = kept.case_id
        return found

    def packet(self, case_id: str, message_id: str, *, by: str) -> ApprovalNotice | None:
        """Return a holding message as it stands now, to be edited."""
        kept = self._store.case(case_id)
        if kept is None or not self._roles_of(by):
            return None
        case = decode_case(kept.body)
        for message in case.messages:
            if message.id == message_id:
                return approval_notice(message, case, self._world_of(case))
        return None

    def open_cases(self, *, by: str) -> str:
        """Say which incidents are open."""
        if not self._roles_of(by):
            return STRANGER
        cases = tuple(readable_cases(self._store.cases(open_only=True)))
        return "\n".join(open_lines(cases)) or "No incident is open."

    def describe(self, case_id: str, *, by: str) -> str:
        """Say how an incident stands."""
        if not self._roles_of(by):
            return STRANGER
        kept = self._store.case(case_id)
        if kept is None:
            return f"There is no incident {case_id}."
        return "\n".join(case_lines(decode_case(kept.body)))

    def who(self, duty: str, *, by: str) -> str:
        """Say who has a duty now; an empty one: all duties."""
        if not self._roles_of(by):
            return STRANGER
        now = self._now()
        duties = [duty] if duty else list(self._directory.rotas)
        if duty and duty not in self._directory.rotas:
            return f"There is no duty {duty}; there are {', '.join(self._directory.rotas)}."
        lines = []
        for name in duties:
            people = ", ".join(person.name for person in self._directory.on_duty(name, now))
            lines.append(f"{name}: {people or 'nobody'}")
        return "\n".join(lines) or "No rotas are configured."
