"""The user groups that a member is in, for roles that are given to groups."""

from threading import Lock

from alerting.delivery import Lane, UndeliveredError
from alerting.slack.calls import SlackCalls

FRESH_S = 300
"""How long the groups are believed without asking again."""

STALE_S = 3_600
"""How long they are believed while Slack does not answer; after that nobody is in any."""


class Groups:
    """All groups and their members, asked for at once and kept for five minutes."""

    def __init__(self, calls: SlackCalls) -> None:
        self._calls = calls
        self._lock = Lock()
        self._groups_of: dict[str, tuple[str, ...]] = {}
        self._read_at_s: float | None = None

    def groups_of(self, member: str) -> tuple[str, ...]:
        """Return ids (`S...`) and handles of the member's groups."""
        with self._lock:
            now_s = self._calls.timing.now_s()
            age_s = None if self._read_at_s is None else now_s - self._read_at_s
            if age_s is None or age_s > FRESH_S:
                try:
                    self._groups_of, self._read_at_s = self._read(), now_s
                except UndeliveredError:
                    if age_s is None or age_s > STALE_S:
                        return ()
            return self._groups_of.get(member, ())

    def _read(self) -> dict[str, tuple[str, ...]]:
        answer = self._calls("usergroups.list", Lane.DECISION, changes=False, include_users=True)
        found: dict[str, tuple[str, ...]] = {}
        for group in answer.get("usergroups") or ():
            names = tuple(str(group[name]) for name in ("id", "handle") if group.get(name))
            for member in group.get("users") or ():
                found[member] = found.get(member, ()) + names
        return found
