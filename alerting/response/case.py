"""A case: one incident, and everything that people have made of it.

The incident is what detection says and where people stand with it; the case adds the
holding messages, the reserve, and which presses have been counted already. It is kept by
compare-and-set as one value, so what a person decides and what it was decided on can
not drift apart. What was *done* is not in it: that is the outbox.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec

from alerting.keeping import Kept
from alerting.reserves import Reserve
from alerting.response.holding import HoldingMessage, Stage
from crisiswatch.detection.signal import Severity
from crisiswatch.errors import StoreError
from crisiswatch.incidents.incident import Incident, State

CASE_VERSION = 1

LONGEST_AFTER_CLOSE = timedelta(days=7)
TEXTS_KEPT = 3

PRESSES_REMEMBERED = 500
"""A click can come again within minutes; no incident sees so many in a day."""


COURSE_KEPT = 400
"""Signals of an open incident come at most every half hour and topic: about a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePoint:
    """What one signal said of a topic: rates per minute, for the picture of the course."""

    at: datetime
    topic: str
    severity: Severity
    posts_per_min: float
    expected_posts_per_min: float
    negatives_per_min: float | None
    expected_negatives_per_min: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A person's word on a publication in doubt: whether that attempt's text is out."""

    action_key: str
    attempt: int
    happened: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An incident with its response; `policy` names the policy that it opened with.

    `fresh_since` is when the responder first heard a signal that was not too old to wake
    anybody for; None: all that is known is old news, recorded and not paged.
    """

    incident: Incident
    policy: str
    fresh_since: datetime | None = None
    messages: tuple[HoldingMessage, ...] = ()
    reserve: Reserve = field(default_factory=Reserve)
    course: tuple[CoursePoint, ...] = ()
    settled: tuple[Settled, ...] = ()
    presses: tuple[str, ...] = ()
    version: int = CASE_VERSION

    @property
    def id(self) -> str:
        """Return the incident's id."""
        return self.incident.id

    @property
    def message(self) -> HoldingMessage | None:
        """Return the newest holding message, whatever became of it."""
        return self.messages[-1] if self.messages else None

    def with_message(self, changed: HoldingMessage) -> "Case":
        """Return the case with that message in place of the one of its id, or added."""
        if changed.id not in {message.id for message in self.messages}:
            return replace(self, messages=(*self.messages, changed))
        kept = tuple(changed if message.id == changed.id else message for message in self.messages)
        return replace(self, messages=kept)

    def without_old_texts(self) -> "Case":
        """Return the case with the texts of its newest messages, and of those that were approved.

        A case is stored as a whole at every change; what older drafts said is in the audit log.
        """
        recent = self.messages[-TEXTS_KEPT:]
        kept = tuple(
            message
            if message in recent or message.stage is Stage.APPROVED
            else replace(message, texts=())
            for message in self.messages
        )
        return replace(self, messages=kept)

    def with_press(self, press: str) -> "Case":
        """Return the case that knows this press."""
        return replace(self, presses=(*self.presses, press)[-PRESSES_REMEMBERED:])

    def is_live(self, now: datetime) -> bool:
        """Tell whether anything may still be due or come again: open, or closed not long ago."""
        if self.incident.is_open:
            return True
        if self.incident.state is State.REVIEWED or self.incident.closed_at is None:
            return False
        return any(now < until for until in self.live_until())

    def live_until(self) -> Iterator[datetime]:
        """Yield until when a closed case may matter: a new wave, a publication, detection's word.

        While detection has not closed the episode that a person has, its signals belong
        here; for `LONGEST_AFTER_CLOSE` at most.
        """
        closed_at = self.incident.closed_at
        if closed_at is None:
            return
        yield closed_at + timedelta(seconds=self.incident.policy.reopen_within_s)
        yield from (m.promised_at for m in self.messages if m.stage is Stage.APPROVED)
        if not all(standing.is_closed for standing in self.incident.standings):
            yield closed_at + LONGEST_AFTER_CLOSE


class UnreadableCaseError(StoreError):
    """A stored case, or its policy, is of another version, lost or damaged.

    It must not hold up the others.
    """


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Case)


def encode_case(case: Case) -> bytes:
    """Return the case as JSON."""
    return _encoder.encode(case)


def readable_cases(kept: Iterable[Kept]) -> Iterator[Case]:
    """Yield the cases that this version can read; the worker writes down those that it can not."""
    for one in kept:
        with suppress(UnreadableCaseError):
            yield decode_case(one.body)


def decode_case(body: bytes) -> Case:
    """Return a case from its JSON; raise UnreadableCaseError if this version can not read it."""
    remedy = "run the version of crisiswatch that wrote it, or restore a backup"
    try:
        case = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableCaseError(f"a stored case can not be read: {error}", remedy) from error
    if case.version > CASE_VERSION:
        # what this version does not know it would drop when it writes the case back
        raise UnreadableCaseError(f"a stored case is of version {case.version}", remedy)
    return case
