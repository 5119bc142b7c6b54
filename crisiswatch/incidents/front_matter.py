"""The part of a runbook that a machine runs: TOML between `+++` lines."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from crisiswatch.config.rim import AT_LEAST_0, AT_LEAST_1, DURATION, NOT_EMPTY
from crisiswatch.detection import crisis_type


class CrisisType(StrEnum):
    """What kind of crisis it is; each has its runbook, `<type>.md`."""

    OWN_BLUNDER = crisis_type.OWN_BLUNDER
    VIRAL_COMPLAINT = crisis_type.VIRAL_COMPLAINT
    CAMPAIGN_BACKLASH = crisis_type.CAMPAIGN_BACKLASH
    SERVICE_OUTAGE = crisis_type.SERVICE_OUTAGE
    PRODUCT_SAFETY = crisis_type.PRODUCT_SAFETY
    DATA_BREACH = crisis_type.DATA_BREACH
    EXECUTIVE_CONDUCT = crisis_type.EXECUTIVE_CONDUCT
    RUMOUR = crisis_type.RUMOUR


class Strategy(StrEnum):
    """Who the public holds responsible, and so how to answer.

    After Coombs, Situational Crisis Communication Theory (2007): inform and adjust
    as a fellow `VICTIM`, diminish what was `ACCIDENTAL`, rebuild (apologise, make good)
    after what was `PREVENTABLE`.
    """

    VICTIM = "victim"
    ACCIDENTAL = "accidental"
    PREVENTABLE = "preventable"


Seconds = Annotated[int, DURATION]
Text = Annotated[str, NOT_EMPTY]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTable:
    """One severity's keys; a key left out takes the ladder's value (`runbook.LADDER`)."""

    page: tuple[Text, ...] | None = None
    ack_within: Seconds | None = None
    holding_message_within: Seconds | None = None
    update_every: Seconds | None = None
    approvals: Annotated[int, AT_LEAST_1] | None = None
    reserve: Annotated[int, AT_LEAST_0] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityTables:
    """The keys under `[severity.low]` to `[severity.critical]`."""

    low: LevelTable = field(default_factory=LevelTable)
    medium: LevelTable = field(default_factory=LevelTable)
    high: LevelTable = field(default_factory=LevelTable)
    critical: LevelTable = field(default_factory=LevelTable)


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaTable:
    """When somebody must be called in: always from a severity on, and in these cases."""

    from_severity: Literal["low", "medium", "high", "critical"]
    when: Annotated[tuple[Text, ...], NOT_EMPTY]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsTable:
    """What a slot says in one language until somebody knows more."""

    what_happened: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """All keys of a runbook's front matter."""

    title: Text
    summary: Text
    crisis_type: CrisisType
    strategy: Strategy
    languages: Annotated[tuple[Text, ...], NOT_EMPTY]
    legal: CriteriaTable
    leadership: CriteriaTable
    slots: dict[str, SlotsTable]
    severity: SeverityTables = field(default_factory=SeverityTables)
