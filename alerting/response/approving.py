"""Holding messages before their approvers, out to the public, and kept up to date.

Approvers are asked one after the other in groups, never all of them at night: first
those on duty for it, after the time limit the backups, after the same time again
everybody who may approve. Time alone never publishes.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from alerting.delivery import Lane
from alerting.notices import ApprovalNotice, DoubtNotice, PublishedNotice, TextNotice
from alerting.ports import Status
from alerting.response.actions import Post, Publish, Update
from alerting.response.case import Case
from alerting.response.holding import HoldingMessage, Stage, approvals_needed
from alerting.response.planned import Planned
from alerting.response.tending import DRAFT_FROM, level_of, update_due_at
from alerting.response.words import digest, headline, names_of, stage_in_words, wordings
from alerting.response.world import World
from crisiswatch.config.people import Person, Role
from crisiswatch.detection.signal import Change

MESSAGES_SHOWN = 3
"""Of older messages nobody needs the buttons taken away."""


def plan_messages(case: Case, world: World, planned: Planned, room: str | None) -> None:
    """Plan asking for approval, showing what became of it, publishing, and reminding."""
    newest_out = [m for m in case.messages if m.stage is Stage.APPROVED][-1:]
    recent = case.messages[-MESSAGES_SHOWN:]
    for message in (*(m for m in newest_out if m not in recent), *recent):
        notice = approval_notice(message, case, world)
        if message.is_waiting:
            _ask(message, notice, world, planned, room)
        _show_what_became(message, notice, world, planned)
        if message.stage is Stage.APPROVED:
            _publish(message, case, world, planned, room)
    if room is not None:
        _remind(case, world, planned, room)


def may_approve(world: World) -> frozenset[str]:
    """Return who may approve, whoever is asked: those whose entry says so, nobody else."""
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
    text_key = f"{message.id}/{message.sha256[:12]}"
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
            Post(key=f"{text_key}/ask-room", place=room, notice=in_room, lane=Lane.DECISION)
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
        approvals_needed=needed,
        approved_by=names_of(tuple(approval.by for approval in message.approvals), world),
        asked=(),
        decide_by=min(message.waits_since + within, message.lapses_at),
        state=stage_in_words(message, needed),
        is_open=message.is_waiting,
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
    current = f"{message.id}/{message.sha256[:12]}/"
    for key in copies:
        outcome = planned.outcomes[key]
        if outcome.status is not Status.DONE:
            continue
        if not key.startswith(current):
            shown = replace(
                notice, wordings=(), is_open=False, state="edited: see the newer text below"
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


def _publish(
    message: HoldingMessage, case: Case, world: World, planned: Planned, room: str | None
) -> None:
    notice = PublishedNotice(
        head=headline(case.incident),
        message_id=message.id,
        sha256=message.sha256,
        wordings=wordings(message),
        approved_by=names_of(tuple(approval.by for approval in message.approvals), world),
        approved_at=message.decided_at or message.waits_since,
    )
    approval_key = f"{message.id}/{message.sha256[:12]}/publish"
    is_in_time = planned.now < message.promised_at
    agents = world.rooms.agents_channel or room
    if agents is not None and is_in_time:
        planned.add(
            Post(key=f"{approval_key}/agents", place=agents, notice=notice, lane=Lane.DECISION)
        )
    keys = [f"{approval_key}/agents"]
    for target in _targets_for(case, world):
        key = f"{approval_key}/{target}"
        keys.append(key)
        if is_in_time:
            planned.add(Publish(key=key, target=target, notice=notice))
        if room is not None:
            _plan_doubt(key, target, notice, case, planned, room=room)
    planned.wake(f"{message.id}/promise-over", message.promised_at)
    missing = tuple(
        key.rsplit("/", 1)[-1]
        for key in keys
        if (planned.result(key) is None if not is_in_time else _is_refused(planned, key))
    )
    if room is not None and missing:
        _tell_not_published(message, missing, case, world, planned, room=room)


def _targets_for(case: Case, world: World) -> Iterator[str]:
    """Yield the targets that are for an incident of these topics."""
    for target in sorted(world.targets):
        only = world.target_topics.get(target, ())
        if not only or set(only) & set(case.incident.topics):
            yield target


def _is_refused(planned: Planned, key: str) -> bool:
    outcome = planned.outcomes.get(key)
    return outcome is not None and outcome.status is Status.FAILED and outcome.retry_at is None


def _tell_not_published(
    message: HoldingMessage,
    missing: tuple[str, ...],
    case: Case,
    world: World,
    planned: Planned,
    *,
    room: str,
) -> None:
    """Say where an approved message has not appeared: refused, or what it promises is over."""
    if planned.now < message.promised_at:
        why = "It was refused there; publish it by hand, or correct what is wrong."
    else:
        why = "The time that it promises is over, so it is not published any more."
    approvers = tuple(approval.by for approval in message.approvals)
    notice = TextNotice(
        head=headline(case.incident),
        title="The approved message is not out everywhere",
        lines=(f"Not, or not surely, at: {', '.join(missing)}.", why),
        mention=_members((*_whom_to_remind(case, world, planned.now), *approvers), world),
    )
    key = f"{message.id}/not-published/{digest(notice.lines)}"
    planned.add(Post(key=key, place=room, notice=notice, lane=Lane.DECISION))


def _plan_doubt(
    key: str, target: str, published: PublishedNotice, case: Case, planned: Planned, *, room: str
) -> None:
    """Ask a person where nobody knows whether it went out, and show that it is settled.

    A word on one attempt does not answer for the next: that has a question of its own.
    """
    outcome = planned.outcomes.get(key)
    answered = sum(word.action_key == key for word in case.settled)
    newest = f"{key}/doubt/{answered + 1}" if answered else f"{key}/doubt"
    is_in_doubt = outcome is not None and outcome.status is Status.UNKNOWN
    asked = {
        one
        for one in planned.outcomes
        if one.startswith(f"{key}/doubt") and not one.endswith("/shown")
    }
    for question in sorted(asked | {newest} if is_in_doubt else asked):
        is_open = is_in_doubt and question == newest
        notice = DoubtNotice(
            head=published.head,
            action_key=key,
            target=target,
            what="the holding message",
            why="" if outcome is None else outcome.result,
            is_open=is_open,
        )
        planned.add(Post(key=question, place=room, notice=notice, lane=Lane.DECISION))
        reference = planned.result(question)
        if not is_open and reference is not None:
            planned.add(
                Update(
                    key=f"{question}/shown",
                    reference=reference,
                    notice=notice,
                    digest=digest(notice),
                )
            )


def _remind(case: Case, world: World, planned: Planned, room: str) -> None:
    """Remind of the next update, and of a first message that is overdue."""
    on_it = _members(_whom_to_remind(case, world, planned.now), world)
    head = headline(case.incident)
    published = next((m for m in reversed(case.messages) if m.stage is Stage.APPROVED), None)
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


def _members(people: tuple[str, ...], world: World) -> tuple[str, ...]:
    """Return the Slack ids of people, each once."""
    found = (world.directory.person(person) for person in people)
    slack = (person.slack for person in found if person is not None)
    return tuple(dict.fromkeys(member for member in slack if member is not None))


def _is_newer_out(case: Case) -> bool:
    return case.message is not None and case.message.stage is Stage.APPROVED


def _whom_to_remind(case: Case, world: World, now: datetime) -> tuple[str, ...]:
    """Return who acknowledged last, else who is on duty."""
    if case.incident.acks:
        return (case.incident.acks[-1][1],)
    duties = world.policy.runbook(case.incident.crisis_type).level(case.incident.severity).page
    return tuple(person.id for duty in duties[:1] for person in world.directory.on_duty(duty, now))


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
