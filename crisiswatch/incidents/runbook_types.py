"""What a runbook says, once it is read and checked: values that the responder acts on."""

from dataclasses import dataclass

from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.front_matter import CrisisType, Strategy

PUBLIC = "public"
AGENT_AUDIENCES = ("refund", "safety-worry", "outrage", "press")
"""What agents answer, by type of customer message: money back, fear, anger, journalists."""
AUDIENCES = (PUBLIC, *AGENT_AUDIENCES)
AUTOMATIC_SLOTS = ("brand", "next_update_at")
"""Slots that the system always fills; the others need a default in `[slots.<language>]`."""
SLOTS = (*AUTOMATIC_SLOTS, "what_happened")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What is due at one severity. None: not asked for at this severity.

    `page` are roles of the rota. Deadlines count from the moment the incident reached
    the severity. `approvals` is how many different people must approve what is
    published; `reserve` how many reserve agents to call up before anything is measured.
    """

    page: tuple[str, ...]
    ack_within_s: int | None
    holding_message_within_s: int | None
    update_every_s: int | None
    approvals: int
    reserve: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """When a role is called in: from a severity on without asking, and in the cases named."""

    from_severity: Severity
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One holding message's template; `line` is where it begins in the runbook."""

    language: str
    audience: str
    template: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """One crisis type's plan, checked; `source` is the file it was read from."""

    source: str
    title: str
    summary: str
    crisis_type: CrisisType
    strategy: Strategy
    languages: tuple[str, ...]
    levels: tuple[tuple[Severity, Level], ...]
    legal: Criteria
    leadership: Criteria
    slots: tuple[tuple[str, str], ...]
    first_steps: tuple[str, ...]
    wordings: tuple[Wording, ...]
    prose: str

    def level(self, severity: Severity) -> Level:
        """Return what is due at `severity`; `Severity.NONE` is no level (KeyError)."""
        return dict(self.levels)[severity]

    def roles(self, severity: Severity) -> tuple[str, ...]:
        """Return who is called at `severity`, Legal and leadership where their line is reached."""
        called = self.level(severity).page
        for role, criteria in (("legal", self.legal), ("leadership", self.leadership)):
            if severity >= criteria.from_severity and role not in called:
                called = (*called, role)
        return called

    def what_happened(self, language: str) -> str:
        """Return what is said in `language` to have happened until somebody knows more."""
        return dict(self.slots)[language]

    def wording(self, language: str, audience: str) -> Wording | None:
        """Return the holding message's template, or None where nobody has written one."""
        for wording in self.wordings:
            if (wording.language, wording.audience) == (language, audience):
                return wording
        return None


LADDER = {
    Severity.LOW: Level(
        page=(),
        ack_within_s=None,
        holding_message_within_s=None,
        update_every_s=None,
        approvals=1,
        reserve=0,
    ),
    Severity.MEDIUM: Level(
        page=("pr-on-call",),
        ack_within_s=30 * 60,
        holding_message_within_s=None,
        update_every_s=4 * 3_600,
        approvals=1,
        reserve=0,
    ),
    Severity.HIGH: Level(
        page=("pr-on-call",),
        ack_within_s=15 * 60,
        holding_message_within_s=60 * 60,
        update_every_s=2 * 3_600,
        approvals=1,
        reserve=0,
    ),
    Severity.CRITICAL: Level(
        page=("pr-on-call", "crisis-lead"),
        ack_within_s=5 * 60,
        holding_message_within_s=30 * 60,
        update_every_s=3_600,
        approvals=2,
        reserve=6,
    ),
}
"""What a severity asks for where the runbook does not say otherwise."""
