"""What people are shown: values that every vendor's adapter renders, and nothing else.

All wording, numbers and times stand here ready to show; rendering is pure and knows
neither incidents nor rotas. `case_id` travels in every button.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crisiswatch.detection.signal import Severity


class Press(StrEnum):
    """What a button asks for; the same words name commands in `alerting.commands`."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    RAISE = "raise"
    LOWER = "lower"
    CORRECT_TYPE = "correct-type"
    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    ACCEPT = "accept"
    DECLINE = "decline"
    IT_WENT_OUT = "it-went-out"
    IT_DID_NOT = "it-did-not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One text of a packet: for whom, in which language. `audience` is `public` or an agent's case."""

    language: str
    audience: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What every notice says first: which crisis, how bad, since when."""

    case_id: str
    topics: tuple[str, ...]
    severity: Severity
    crisis_type: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNotice:
    """A page: wake up, this is why, press here. `duty` is what the person is called as.

    `ack_by` is when the next person is called. `room` is the incident's channel, if there is one yet.
    `mention` are Slack members named where the page goes to a channel instead of a person.
    """

    head: Headline
    duty: str
    reasons: tuple[str, ...]
    samples: tuple[str, ...]
    first_steps: tuple[str, ...]
    ack_by: datetime | None
    room: str | None
    mention: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusNotice:
    """The live status: pinned in the room and kept up to date. All times are aware."""

    head: Headline
    state: str
    reasons: tuple[str, ...]
    themes: tuple[str, ...]
    samples: tuple[str, ...]
    on_it: tuple[str, ...]
    paged: tuple[str, ...]
    holding_message: str
    next_update_at: datetime | None
    reserve: str
    checklist: tuple[str, ...]
    notes: tuple[str, ...]
    crisis_types: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNotice:
    """One thing that happened, told in the status message's thread (or in the room)."""

    head: Headline
    at: datetime
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalNotice:
    """A holding message before its approvers; `sha256` binds every button to these texts.

    `state` says in words where it stands, `warnings` what of an edited text a person should
    look at. Without `is_open` there are no buttons.
    """

    head: Headline
    message_id: str
    sha256: str
    wordings: tuple[Wording, ...]
    approvals_needed: int
    approved_by: tuple[str, ...]
    asked: tuple[str, ...]
    decide_by: datetime | None
    state: str
    is_open: bool
    warnings: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedNotice:
    """The approved wording as agents and public channels get it: one company position."""

    head: Headline
    message_id: str
    sha256: str
    wordings: tuple[Wording, ...]
    approved_by: tuple[str, ...]
    approved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtNotice:
    """Nobody knows whether a publication went out: a person looks, and says so."""

    head: Headline
    action_key: str
    target: str
    what: str
    why: str
    is_open: bool
    mention: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferNotice:
    """A reserve agent is asked to come; `is_open` is off once answered, withdrawn or lapsed."""

    head: Headline
    person: str
    reason: str
    answer_by: datetime
    state: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextNotice:
    """A short message: a reminder, thanks, an error. `mention` are Slack members."""

    head: Headline | None
    title: str
    lines: tuple[str, ...]
    mention: tuple[str, ...] = ()


Notice = (
    PageNotice
    | StatusNotice
    | StepNotice
    | ApprovalNotice
    | PublishedNotice
    | DoubtNotice
    | OfferNotice
    | TextNotice
)
