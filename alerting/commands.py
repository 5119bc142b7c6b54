"""What people ask for, from a button, a slash command or a terminal: the tagged union.

`id` names the press once and for all: a click delivered twice has the same id and counts
once. `by` is a person's id, or the name of whoever pressed where nobody of that name is
known (`slack:U123`), who may do nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from crisiswatch.detection.signal import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a command, in a sentence for whoever asked; refusals too."""

    text: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who pressed what, when and where (`slack`, `terminal`, `system`)."""

    id: str
    by: str
    at: datetime
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """I am on it."""

    case_id: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """It is over; `note` says why."""

    case_id: str
    origin: Origin
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Something worth keeping."""

    case_id: str
    origin: Origin
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeverity:
    """It is worse, or better, than detection says; None gives detection the word again."""

    case_id: str
    origin: Origin
    severity: Severity | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectType:
    """It is a crisis of another kind."""

    case_id: str
    origin: Origin
    crisis_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """This very text may go out."""

    case_id: str
    origin: Origin
    message_id: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditMessage:
    """Say it like this instead: `texts` are (language, audience, text); approvals are void."""

    case_id: str
    origin: Origin
    message_id: str
    sha256: str
    texts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """This must not go out."""

    case_id: str
    origin: Origin
    message_id: str
    sha256: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOffer:
    """A reserve agent comes, or does not."""

    case_id: str
    origin: Origin
    person: str
    accepts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDoubt:
    """A person has looked: the publication is out, or it is not and may be tried again."""

    case_id: str
    origin: Origin
    action_key: str
    happened: bool


Command = (
    Acknowledge
    | Resolve
    | AddNote
    | SetSeverity
    | CorrectType
    | Approve
    | EditMessage
    | Reject
    | AnswerOffer
    | SettleDoubt
)
