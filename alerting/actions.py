"""What the responder can do, and what it tells people."""

from dataclasses import dataclass

from crisiswatch.detection.signal import Change
from crisiswatch.incidents.incident import Incident, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What people are told of an incident: the value that notifiers render.

    `incident` is as it was right after `change`: its last `history` step has the
    time, the severity and the reasons. `holding_message_text` is the draft that would
    go out now, or None where none is called for.
    """

    incident: Incident
    change: Change
    holding_message_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftHoldingMessage:
    """Word a holding message for a step that calls for one; `incident` is as of that step.

    Each such step gets words of its own, because they promise a time.
    """

    incident: Incident
    step: Step

    def key(self) -> str:
        """Name this draft, the same after every restart and replay."""
        return f"{self.incident.id}/holding-message/{self.step.cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Tell people of one step; `incident` is as of that step.

    `draft_key` names the draft to show along with it, or is None.
    """

    incident: Incident
    step: Step
    draft_key: str | None

    def key(self) -> str:
        """Name this announcement, the same after every restart and replay."""
        return f"{self.incident.id}/{self.step.change}/{self.step.cause}"


Action = DraftHoldingMessage | Announce
