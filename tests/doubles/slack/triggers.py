"""Trigger ids: good for one modal, within 3 s of the press."""

import secrets
import time
from dataclasses import dataclass, field

from tests.doubles.slack.answers import RefusalError

TRIGGER_S = 3.0


@dataclass(slots=True, kw_only=True)
class Triggers:
    """The trigger ids that were handed out. Times are monotonic: a moved clock changes nothing."""

    _given: dict[str, tuple[float, str]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def new(self, user: str) -> str:
        """Hand out a trigger id for what a person did."""
        trigger = f"{secrets.randbits(40)}.{secrets.randbits(40)}.{secrets.token_hex(16)}"
        self._given[trigger] = (time.monotonic(), user)
        return trigger

    def exchange(self, trigger: str) -> str:
        """Use a trigger up and return whose it was."""
        if trigger not in self._given:
            raise RefusalError("invalid_trigger_id")
        if trigger in self._used:
            raise RefusalError("exchanged_trigger_id")
        at, user = self._given[trigger]
        if time.monotonic() - at > TRIGGER_S:
            raise RefusalError("expired_trigger_id")
        self._used.add(trigger)
        return user
