r"""Holding messages on their way to the public.

    drafted --> waiting --- enough approvals ---> approved --> published (see the outbox)
                  |  ^
                  |  +-- edited: new hash, no approvals
                  +--- rejected
                  +--- lapsed: the time it promises has come too close
                  +--- superseded: a newer draft took its place

An approval binds to the hash of all texts together. Nothing here publishes, and no time
that passes approves anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.packet import Packet, packet_sha256

TWO_PEOPLE = 2
"""At critical no single person publishes, whatever a runbook says."""

LEAST_NOTICE = timedelta(minutes=5)
"""A message that promises news sooner than this comes too late to be worth approving."""


class Stage(StrEnum):
    """How far a holding message has come."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who let which text go out, and when."""

    by: str
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingMessage:
    """All wordings that go out together; `texts` are (language, audience, text).

    `waits_since` is when these very texts were first shown: an edit starts it anew.
    `promised_at` is the time of the next update that the texts name. `topics` are those of
    the case as it was approved: a topic that joins later needs a message of its own.
    """

    id: str
    cause: str
    texts: tuple[tuple[str, str, str], ...]
    sha256: str
    drafted_at: datetime
    waits_since: datetime
    promised_at: datetime
    stage: Stage = Stage.WAITING
    approvals: tuple[Approval, ...] = ()
    editors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    decided_at: datetime | None = None
    why: str = ""

    @property
    def is_waiting(self) -> bool:
        """Tell whether it can still be approved, edited or rejected."""
        return self.stage is Stage.WAITING

    @property
    def lapses_at(self) -> datetime:
        """Return when it is too late to approve it: always after it was drafted."""
        return self.promised_at - min(LEAST_NOTICE, (self.promised_at - self.drafted_at) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why something was not done, in words for the person who asked."""

    reason: str


def drafted(packet: Packet, *, message_id: str, cause: str, now: datetime) -> HoldingMessage:
    """Return a draft that waits for its approvers."""
    return HoldingMessage(
        id=message_id,
        cause=cause,
        texts=packet.texts,
        sha256=packet.sha256,
        drafted_at=now,
        waits_since=now,
        promised_at=packet.promised_at,
    )


def approvals_needed(severity: Severity, runbook_says: int) -> int:
    """Return how many different people must approve."""
    least = TWO_PEOPLE if severity is Severity.CRITICAL else 1
    return max(least, runbook_says)


def approve(
    message: HoldingMessage,
    *,
    by: str,
    at: datetime,
    sha256: str,
    needed: int,
    topics: tuple[str, ...],
) -> HoldingMessage | Refusal:
    """Count one person's approval of the text with that hash, in a case of these topics."""
    refusal = _not_this_text(message, sha256) or _too_late(message, at)
    if refusal is not None:
        return refusal
    approvals = message.approvals
    if by not in {approval.by for approval in approvals}:
        approvals = (*approvals, Approval(by=by, at=at, sha256=sha256))
    elif len(approvals) < needed:
        return Refusal(reason="you have approved this text already; another person must, too")
    if len(approvals) < needed:
        return replace(message, approvals=approvals)
    names = " and ".join(approval.by for approval in approvals)
    return replace(
        message,
        approvals=approvals,
        stage=Stage.APPROVED,
        topics=topics,
        decided_at=at,
        why=f"approved by {names}",
    )


def edit(
    message: HoldingMessage,
    *,
    by: str,
    at: datetime,
    sha256: str,
    texts: tuple[tuple[str, str, str], ...],
) -> HoldingMessage | Refusal:
    """Replace texts of a message; every approval given so far is void.

    `texts` may hold some of the wordings only; the others stay as they are.
    """
    refusal = _not_this_text(message, sha256) or _too_late(message, at)
    if refusal is not None:
        return refusal
    known = {(language, audience): text for language, audience, text in message.texts}
    for language, audience, text in texts:
        if (language, audience) not in known:
            return Refusal(reason=f"there is no wording ({language}, {audience}) to edit")
        if not text.strip():
            return Refusal(reason=f"the wording ({language}, {audience}) would be empty")
        known[language, audience] = text.strip()
    changed = tuple((language, audience, text) for (language, audience), text in known.items())
    if changed == message.texts:
        return Refusal(reason="the text is as it was; nothing changed")
    return replace(
        message,
        texts=changed,
        sha256=packet_sha256(changed),
        waits_since=at,
        approvals=(),
        editors=(*message.editors, by),
    )


def reject(
    message: HoldingMessage, *, by: str, at: datetime, sha256: str, reason: str
) -> HoldingMessage | Refusal:
    """Take a message out of the way for good."""
    refusal = _not_this_text(message, sha256)
    if refusal is not None:
        return refusal
    why = f"rejected by {by}: {reason}"
    return replace(message, stage=Stage.REJECTED, decided_at=at, why=why)


def newest_approved(messages: Sequence[HoldingMessage]) -> HoldingMessage | None:
    """Return the message that is the company's position now: the newest that was approved."""
    return next((one for one in reversed(messages) if one.stage is Stage.APPROVED), None)


def put_aside(message: HoldingMessage, *, stage: Stage, at: datetime, why: str) -> HoldingMessage:
    """Return the message as one that nobody can approve any more."""
    return replace(message, stage=stage, decided_at=at, why=why)


def _not_this_text(message: HoldingMessage, sha256: str) -> Refusal | None:
    if not message.is_waiting:
        return Refusal(reason=f"this message waits no longer: {message.why}")
    if sha256 != message.sha256:
        return Refusal(reason="the text has changed since you saw it; look at the newest one")
    return None


def _too_late(message: HoldingMessage, at: datetime) -> Refusal | None:
    if at < message.lapses_at:
        return None
    return Refusal(reason="the time that it promises has come too close; a new draft follows")
