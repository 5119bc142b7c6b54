"""Holding messages before their approvers, shown as they stand, and kept up to date.

Approvers are asked one after the other in groups, never all of them at night: first
those on duty for it, after the time limit the backups, after the same time again
everybody who may approve. Time alone never publishes.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from alerting.delivery import Lane
from alerting.notices import ApprovalNotice, TextNotice
from alerting.ports import Status
from alerting.response.actions import Post, Update
from alerting.response.case import Case
from alerting.response.holding import (
    HoldingMessage,
    Stage,
    approvals_needed,
    newest_approved,
)
from alerting.response.planned import Planned
from alerting.response.publishing import members, plan_doubts, plan_publication, whom_to_remind
from alerting.response.tending import DRAFT_FROM, level_of, update_due_at
from alerting.response.words import digest, headline, names_of, stage_in_words, wordings
from alerting.response.world import World
from crisiswatch.config.people import Person, Role
from crisiswatch.detection.signal import Change
from crisiswatch.incidents.lint import lint
from crisiswatch.incidents.runbook import PUBLIC

MESSAGES_SHOWN = 3
"""Of older messages nobody needs the buttons taken away."""


def plan_messages(case: Case, world: World, planned: Planned, room: str | None) -> None:
    """Plan asking for approval, showing what became of it, publishing, and reminding."""
    newest_out = newest_approved(case.messages)
    recent = case.messages[-MESSAGES_SHOWN:]
    shown = recent if newest_out is None or newest_out in recent else (newest_out, *recent)
    for message in shown:
        notice = approval_notice(message, case, world)
        if message.is_waiting:
            _ask(message, notice, world, planned, room)
        _show_what_became(message, notice, world, planned)
        if message is newest_out:
            plan_publication(message, case, world, planned, room)
        elif message.stage is Stage.APPROVED and room is not None:
            plan_doubts(message, case, world, planned, room)
    if room is not None:
        _remind(case, world, planned, room)


def may_approve(world: World) -> frozenset[str]:
    """Return who is asked to approve: those whose entry says approver.

    Whoever has the role by a Slack group may approve as well, and is not asked.
    """
    return frozenset(person.id for person in world.directory.with_role(Role.APPROVER))


def needed_for(case: Case, world: World) -> int:
    """Return how many different people must approve what goes out now."""
    return approvals_needed(case.incident.severity, level_of(case, world.policy).approvals)


def _ask(
    message: HoldingMessage,
    notice: ApprovalNotice,
    world: World,
    planned: Planned,
    room: str | None,
) -> None:
    text_key = _text_key(message)
    people = tuple(_asked(message, world, planned))
    shown = replace(notice, asked=tuple(person.name for person in people))
    for person in people:
        if person.slack is not None and person.id not in {a.by for a in message.approvals}:
            planned.add(
                Post(
                    key=f"{text_key}/ask/{person.id}",
                    place=person.slack,
                    notice=shown,
                    lane=Lane.DECISION,
                )
            )
    if room is not None:
        mentioned = tuple(person.slack for person in people if person.slack is not None)
        in_room = replace(shown, mention=mentioned)
        planned.add(
            Post(
                key=f"{text_key}/ask-room",
                place=room,
                notice=in_room,
                lane=Lane.DECISION,
                or_in=world.rooms.crisis_channel,
            )
        )


def _asked(message: HoldingMessage, world: World, planned: Planned) -> Iterator[Person]:
    """Yield whom to ask by now; whoever was asked about this message is asked about its edits too."""
    approval = world.policy.approval
    listed = may_approve(world)
    within = timedelta(seconds=approval.within)
    asked = [
        key.removeprefix(f"{message.id}/").split("/")
        for key in planned.outcomes
        if key.startswith(f"{message.id}/")
    ]
    already = {parts[2] for parts in asked if parts[1:2] == ["ask"] and parts[3:] == []}
    groups = [approval.ask or ("role:approver",), approval.backup, ("role:approver",)]
    seen: set[str] = set()
    for number, targets in enumerate(group for group in groups if group):
        begins_at = message.waits_since + number * within
        if begins_at > planned.now:
            planned.wake(f"{message.id}/ask-more", begins_at)
            break
        for target in targets:
            for person in world.directory.resolve(target, planned.now):
                if person.id in listed and person.id not in seen:
                    seen.add(person.id)
                    yield person
    for person_id in sorted(already - seen):
        person_asked = world.directory.person(person_id)
        if person_asked is not None:
            yield person_asked


def approval_notice(message: HoldingMessage, case: Case, world: World) -> ApprovalNotice:
    """Return a message as its approvers see it, without saying who was asked."""
    needed = needed_for(case, world)
    within = timedelta(seconds=world.policy.approval.within)
    return ApprovalNotice(
        head=headline(case.incident),
        message_id=message.id,
        sha256=message.sha256,
        wordings=wordings(message),
        warnings=_warnings(message),
        approvals_needed=needed,
        approved_by=names_of(tuple(approval.by for approval in message.approvals), world),
        asked=(),
        decide_by=min(message.waits_since + within, message.lapses_at),
        state=stage_in_words(message, needed),
        is_open=message.is_waiting,
    )


def _text_key(message: HoldingMessage) -> str:
    """Return the key of one text before its approvers: an edit back to an older one is a new one."""
    edits = f"-{len(message.editors)}" if message.editors else ""
    return f"{message.id}/{message.sha256[:12]}{edits}"


def _warnings(message: HoldingMessage) -> tuple[str, ...]:
    """Return what a person should look at in the public wordings, once people have changed them."""
    if not message.editors:
        return ()
    return tuple(
        f"{language}: {warning}"
        for language, audience, text in message.texts
        if audience == PUBLIC
        for warning in lint(text)
    )


def _show_what_became(
    message: HoldingMessage, notice: ApprovalNotice, world: World, planned: Planned
) -> None:
    """Bring every copy that was posted up to date, those with an older text too."""
    prefix = f"{message.id}/"
    copies = {
        key: parts
        for key in planned.outcomes
        if key.startswith(prefix)
        # <text>/ask/<person> and <text>/ask-room; an id may hold any of these words itself
        and (parts := key.removeprefix(prefix).split("/"))[1:2] in (["ask"], ["ask-room"])
        and parts[-1] != "shown"
    }
    asked = (parts[2] for parts in copies.values() if parts[1] == "ask")
    notice = replace(notice, asked=names_of(tuple(dict.fromkeys(asked)), world))
    current = f"{_text_key(message)}/"
    for key in copies:
        outcome = planned.outcomes[key]
        if outcome.status is not Status.DONE:
            continue
        if not key.startswith(current):
            shown = replace(
                notice,
                wordings=(),
                warnings=(),
                is_open=False,
                state="edited: see the newer text below",
            )
        elif message.is_waiting and not message.approvals:
            continue
        else:
            shown = notice
        planned.add(
            Update(
                key=f"{key}/shown",
                reference=outcome.result,
                notice=shown,
                digest=digest(shown),
                lane=Lane.ROOM,
            )
        )


def _remind(case: Case, world: World, planned: Planned, room: str) -> None:
    """Remind of the next update, and of a first message that is overdue."""
    on_it = members(whom_to_remind(case, world, planned.now), world)
    head = headline(case.incident)
    published = newest_approved(case.messages)
    if published is not None and case.incident.is_open:
        due_at = update_due_at(published, case, world.policy) or published.promised_at
        for key, at, title in (
            ("update-soon", due_at, "The next update is due soon"),
            ("update-now", published.promised_at, "The promised update is due now"),
        ):
            if key == "update-now" and case.message is not published and _is_newer_out(case):
                continue
            lines = (
                f"We promised news by {published.promised_at.astimezone(world.policy.zone):%H:%M %Z}.",
                "A draft stands before the approvers; edit what has changed, even if it is nothing.",
            )
            notice = TextNotice(head=head, title=title, lines=lines, mention=on_it)
            _remind_once(f"{published.id}/{key}", at, notice, planned, room)
    if published is None:
        overdue = _overdue_at(case, world)
        if overdue is not None:
            notice = TextNotice(
                head=head,
                title="The holding message is overdue",
                lines=("No holding message has been approved yet; the draft is above.",),
                mention=on_it,
            )
            key = f"{case.id}/holding-overdue/{overdue:%Y%m%dT%H%M%SZ}"
            _remind_once(key, overdue, notice, planned, room)


def _remind_once(key: str, at: datetime, notice: TextNotice, planned: Planned, room: str) -> None:
    if planned.now < at:
        planned.wake(key, at)
        return
    planned.add(Post(key=key, place=room, notice=notice, lane=Lane.DECISION))


def _is_newer_out(case: Case) -> bool:
    return case.message is not None and case.message.stage is Stage.APPROVED


def _overdue_at(case: Case, world: World) -> datetime | None:
    """Return when the first holding message should have been out, at the severity in force."""
    incident = case.incident
    within_s = level_of(case, world.policy).holding_message_within_s
    if not incident.is_open or incident.severity < DRAFT_FROM or within_s is None:
        return None
    reached = [
        step.heard_at
        for step in incident.history
        if step.change in {Change.OPENED, Change.WORSE} and step.severity <= incident.severity
    ]
    return max(reached) + timedelta(seconds=within_s) if reached else None
