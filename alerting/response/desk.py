"""Where people's wishes arrive: checked for the right to it, counted once, written down.

Every press is in the audit log, the refused ones too. A press that was counted already
is answered, and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from alerting import reserves
from alerting.access import may
from alerting.commands import (
    Acknowledge,
    AddNote,
    Answer,
    AnswerOffer,
    Approve,
    Command,
    CorrectType,
    EditMessage,
    Reject,
    Resolve,
    SetSeverity,
    SettleDoubt,
)
from alerting.keeping import AuditEntry, CaseWrite, Commit, Store
from alerting.ports import Status
from alerting.response import holding
from alerting.response.approving import may_approve, needed_for
from alerting.response.case import Case, Settled, decode_case, encode_case
from alerting.response.holding import HoldingMessage, Refusal, newest_approved
from alerting.response.world import World
from crisiswatch.config.people import Role
from crisiswatch.errors import StoreError
from crisiswatch.incidents.events import (
    Acknowledged,
    Active,
    Deed,
    Noted,
    Resolved,
    SeverityOverridden,
    TypeCorrected,
)
from crisiswatch.incidents.front_matter import CrisisType
from crisiswatch.incidents.incident import apply

TRIES = 20
"""So many responders can not change one case within the same instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """A case after a command, and what to say."""

    case: Case
    text: str


class Desk:
    """Take commands, from whatever shell they come."""

    def __init__(
        self,
        store: Store,
        *,
        world_of: Callable[[Case], World],
        now: Callable[[], datetime],
        roles_of: Callable[[str], frozenset[Role]],
    ) -> None:
        self._store = store
        self._world_of = world_of
        self._now = now
        self._roles_of = roles_of

    def take(self, command: Command) -> Answer:
        """Do what is asked if it may be; raise StoreError where the store can not be reached."""
        for _ in range(TRIES):
            answer = self._try(command)
            if answer is not None:
                return answer
        raise StoreError(
            f"case {command.case_id}: others keep changing it", "wait a moment and press again"
        )

    def _try(self, command: Command) -> Answer | None:
        """Return None where another was faster; the case has to be looked at again."""
        now = self._now()
        origin = command.origin
        kept = self._store.case(command.case_id)
        if kept is None:
            return self._refuse(command, f"there is no incident {command.case_id}", now)
        case = decode_case(kept.body)
        if origin.id in case.presses:
            return Answer(text="That has been counted already.", ok=True)
        world = self._world_of(case)
        roles = self._roles_of(origin.by)
        approvers = may_approve(world)
        if Role.APPROVER in roles:  # by a Slack group, too
            approvers |= {origin.by}
        if isinstance(command, Approve):
            case = self._without_lapsed_approvals(case, approvers)
        decision = may(command, world.directory.person(origin.by), roles=roles, approvers=approvers)
        if not decision.allowed:
            return self._refuse(command, decision.reason, now)
        done = self._do(command, case, world, now)
        if isinstance(done, Refusal):
            return self._refuse(command, done.reason, now)
        changed = done.case.with_press(origin.id)
        detail = {"said": done.text, "via": origin.via, "press": origin.id, **_detail(command)}
        write = CaseWrite(
            case_id=case.id,
            body=encode_case(changed),
            expected_version=kept.version,
            is_open=changed.is_live(now),
        )
        entry = AuditEntry(
            at=now, kind=_kind(command), case_id=case.id, actor=origin.by, detail=detail
        )
        if not self._store.commit(Commit(writes=(write,), audit=(entry,))):
            return None
        return Answer(text=done.text, ok=True)

    def _without_lapsed_approvals(self, case: Case, approvers: frozenset[str]) -> Case:
        """Leave out approvals of waiting texts by people who may not approve any more."""
        for message in case.messages:
            if not message.is_waiting:
                continue
            kept = tuple(
                approval
                for approval in message.approvals
                if approval.by in approvers or Role.APPROVER in self._roles_of(approval.by)
            )
            if kept != message.approvals:
                case = case.with_message(replace(message, approvals=kept))
        return case

    def _refuse(self, command: Command, reason: str, now: datetime) -> Answer:
        detail = {"asked": _kind(command), "why": reason, "via": command.origin.via}
        entry = AuditEntry(
            at=now,
            kind="refused",
            case_id=command.case_id,
            actor=command.origin.by,
            detail={**detail, **_detail(command)},
        )
        self._store.audit((entry,))
        return Answer(text=reason, ok=False)

    def _do(self, command: Command, case: Case, world: World, now: datetime) -> _Done | Refusal:
        match command:
            case Acknowledge() | Resolve() | SetSeverity() | AddNote() | CorrectType():
                return _with_deed(command, case, now)
            case Approve() | EditMessage() | Reject():
                return _decided(command, case, world, now)
            case AnswerOffer():
                return _answered(command, case, now)
            case SettleDoubt():
                return self._settled(command, case, now)
            case _:
                assert_never(command)

    def _settled(self, command: SettleDoubt, case: Case, now: datetime) -> _Done | Refusal:
        key, happened = command.action_key, command.happened
        outcome = self._store.outcomes(case.id).get(key)
        if outcome is None or outcome.status is not Status.UNKNOWN:
            return Refusal(reason="this is in doubt no longer")
        if any((s.action_key, s.attempt) == (key, outcome.attempts) for s in case.settled):
            return Refusal(reason="somebody has settled this already")
        word = Settled(
            action_key=key,
            attempt=outcome.attempts,
            happened=happened,
            by=command.origin.by,
            at=now,
        )
        text = "Settled: it went out." if happened else _did_not_go_out(key, case, now)
        return _Done(case=replace(case, settled=(*case.settled, word)), text=text)


def _did_not_go_out(action_key: str, case: Case, now: datetime) -> str:
    """Say what follows for a message that is not out: a newer one, or its time, may end it."""
    newest = newest_approved(case.messages)
    if newest is None or not action_key.startswith(f"{newest.id}/"):
        return "Noted: it did not go out. It stays so, for a newer message is out."
    if now >= newest.promised_at:
        return "Noted: it did not go out. It stays so, for the time that it promises is over."
    return "Noted: it did not go out. It is published again now."


def _with_deed(
    command: Acknowledge | Resolve | SetSeverity | AddNote | CorrectType, case: Case, now: datetime
) -> _Done | Refusal:
    incident = case.incident
    if isinstance(command, Acknowledge | Resolve | SetSeverity) and not incident.is_open:
        return Refusal(reason=f"the incident is {incident.state.value} already")
    by, press = command.origin.by, command.origin.id
    event: Deed
    match command:
        case Acknowledge():
            event = Acknowledged(at=now, by=by, id=press)
            text = "You are on it. Other duties, such as legal, are called until they answer, too."
        case Resolve(note=note):
            event = Resolved(at=now, by=by, note=note, id=press)
            text = "Resolved."
        case SetSeverity(severity=severity, reason=reason):
            event = SeverityOverridden(at=now, by=by, severity=severity, reason=reason, id=press)
            to = "what detection says" if severity is None else severity.label
            text = f"Severity set to {to}."
        case AddNote(text=note):
            event = Noted(at=now, by=by, text=note, id=press)
            text = "Noted."
        case CorrectType(crisis_type=crisis_type):
            if crisis_type not in set(CrisisType):
                known = ", ".join(CrisisType)
                return Refusal(reason=f"{crisis_type!r} is no crisis type; use one of {known}")
            event = TypeCorrected(at=now, by=by, crisis_type=crisis_type, id=press)
            text = f"It is now taken for {crisis_type}."
        case _:
            assert_never(command)
    return _Done(case=replace(case, incident=apply(incident, event)), text=text)


def _answered(command: AnswerOffer, case: Case, now: datetime) -> _Done | Refusal:
    answered = reserves.answer(case.reserve, command.person, accepts=command.accepts, now=now)
    if isinstance(answered, str):
        return Refusal(reason=answered)
    text = "Thank you. The room is yours." if command.accepts else "Noted. Somebody else is asked."
    return _Done(case=replace(case, reserve=answered), text=text)


def _decided(
    command: Approve | EditMessage | Reject, case: Case, world: World, now: datetime
) -> _Done | Refusal:
    message = next((m for m in case.messages if m.id == command.message_id), None)
    if message is None:
        return Refusal(reason="there is no such holding message")
    if not case.incident.is_open:
        return Refusal(reason=f"the incident is {case.incident.state}; nothing goes out any more")
    by = command.origin.by
    changed: HoldingMessage | Refusal
    match command:
        case Approve(sha256=sha256):
            needed = needed_for(case, world)
            changed = holding.approve(
                message,
                by=by,
                at=now,
                sha256=sha256,
                needed=needed,
                topics=case.incident.topics,
            )
            what = "approved the holding message"
            missing = 0 if isinstance(changed, Refusal) else needed - len(changed.approvals)
            text = (
                "Approved. It goes out now."
                if missing <= 0
                else f"Approved. {missing} more must approve before it goes out."
            )
        case EditMessage(sha256=sha256, texts=texts):
            changed = holding.edit(message, by=by, at=now, sha256=sha256, texts=texts)
            what, text = "edited the holding message", "Changed. It has to be approved anew."
        case Reject(sha256=sha256, reason=reason):
            changed = holding.reject(message, by=by, at=now, sha256=sha256, reason=reason)
            what, text = "rejected the holding message", "Rejected. It does not go out."
        case _:
            assert_never(command)
    if isinstance(changed, Refusal):
        return changed
    active = Active(at=now, by=by, what=what)
    with_message = case.with_message(changed)
    incident = apply(with_message.incident, active)
    return _Done(case=replace(with_message, incident=incident), text=text)


def _kind(command: Command) -> str:
    return type(command).__name__


def _detail(  # noqa: C901, PLR0911  # one line for each kind of command
    command: Command,
) -> dict[str, object]:
    """Return what the audit log keeps of a command: all of it but the origin."""
    match command:
        case Acknowledge():
            return {}
        case Resolve(note=note):
            return {"note": note}
        case AddNote(text=text):
            return {"text": text}
        case SetSeverity(severity=severity, reason=reason):
            return {"severity": None if severity is None else severity.label, "reason": reason}
        case CorrectType(crisis_type=crisis_type):
            return {"crisis_type": crisis_type}
        case Approve(message_id=message, sha256=sha256):
            return {"message": message, "sha256": sha256}
        case EditMessage(message_id=message, sha256=sha256, texts=texts):
            return {"message": message, "sha256": sha256, "texts": [list(t) for t in texts]}
        case Reject(message_id=message, sha256=sha256, reason=reason):
            return {"message": message, "sha256": sha256, "reason": reason}
        case AnswerOffer(person=person, accepts=accepts):
            return {"person": person, "accepts": accepts}
        case SettleDoubt(action_key=key, happened=happened):
            return {"key": key, "happened": happened}
        case _:
            assert_never(command)
