"""The incident's room: who is in it, what is pinned, what is told in its thread."""

import re
from collections.abc import Iterator
from dataclasses import replace

from alerting.delivery import Lane
from alerting.notices import StatusNotice, StepNotice
from alerting.ports import Status
from alerting.reserves import in_words as reserve_in_words
from alerting.response.actions import Invite, OpenRoom, Pin, Post, SetTopic, ShowChart, Update
from alerting.response.approving import may_approve, needed_for
from alerting.response.case import Case
from alerting.response.paging import paged
from alerting.response.planned import Planned
from alerting.response.tending import DRAFT_FROM
from alerting.response.words import digest, headline, name_of, names_of, stage_in_words
from alerting.response.world import World
from crisiswatch.detection.signal import Change
from crisiswatch.incidents.front_matter import CrisisType
from crisiswatch.incidents.incident import State

INVITED_AT_ONCE = 30
LONGEST_TOPIC = 240
NOTES_SHOWN = 3
ROOM_TRIES = 4


def room_of(case: Case, world: World, planned: Planned) -> str | None:
    """Return where the case is talked about: its room, or the standing one where it has none."""
    own = planned.result(f"{case.id}/room")
    if own is not None:
        return own
    outcome = planned.outcomes.get(f"{case.id}/room")
    has_failed = outcome is not None and (
        outcome.attempts >= ROOM_TRIES
        or (outcome.status is Status.FAILED and outcome.retry_at is None)
    )
    return world.rooms.crisis_channel if has_failed else None


def plan_room(case: Case, world: World, planned: Planned, room: str | None) -> None:
    """Plan the room, its people, its status and its story."""
    incident = case.incident
    if incident.highest_severity < DRAFT_FROM or case.fresh_since is None:
        return
    name = f"{world.rooms.prefix}{incident.topic}-{incident.opened_at:%m%d-%H%M}"
    if incident.is_open or planned.outcomes.get(f"{case.id}/room") is not None:
        planned.add(OpenRoom(key=f"{case.id}/room", name=_as_name(name)))
    if room is None:
        return
    has_own_room = planned.result(f"{case.id}/room") == room
    if has_own_room:
        topic = (
            f"{incident.severity.label.upper()} {', '.join(incident.topics)}: "
            f"{incident.crisis_type}, {incident.state}"
        )[:LONGEST_TOPIC]
        planned.add(SetTopic(key=f"{case.id}/topic", room=room, topic=topic, digest=digest(topic)))
        _plan_invitations(case, world, planned, room)
    status = status_notice(case, world, planned)
    status_key = f"{case.id}/status"
    first = planned.result(status_key)
    if first is not None and first.partition("/")[0] != room:
        # told in the standing room before there was one of its own: both show how things stand
        _keep_shown(status_key, first, status, planned)
        status_key = f"{case.id}/status/own-room"
    planned.add(Post(key=status_key, place=room, notice=status, lane=Lane.ROOM))
    reference = planned.result(status_key)
    if reference is None:
        return
    _keep_shown(status_key, reference, status, planned)
    for step in story(case, world):
        key = f"{case.id}/told/{digest((step.at, step.title))}"
        planned.add(Post(key=key, place=room, notice=step, lane=Lane.UPDATE, thread=reference))
    _plan_charts(case, planned, room, reference)


def _keep_shown(key: str, reference: str, status: StatusNotice, planned: Planned) -> None:
    planned.add(Pin(key=f"{key}/pin", reference=reference))
    planned.add(
        Update(key=f"{key}/shown", reference=reference, notice=status, digest=digest(status))
    )


def status_notice(case: Case, world: World, planned: Planned) -> StatusNotice:
    """Return what the pinned message says."""
    incident = case.incident
    runbook = world.policy.runbook(incident.crisis_type)
    evidence = incident.latest.evidence
    message = case.message
    on_it = (incident.acks[-1][1],) if incident.state is State.ACKNOWLEDGED else ()
    return StatusNotice(
        head=headline(incident),
        state=incident.state.value,
        reasons=incident.latest.reasons,
        themes=tuple(theme.text for theme in evidence.themes),
        samples=evidence.samples[:3],
        on_it=names_of(on_it, world),
        paged=names_of(paged(planned, case), world),
        holding_message="none"
        if message is None
        else stage_in_words(message, needed_for(case, world)),
        next_update_at=None if message is None else message.promised_at,
        reserve=reserve_in_words(case.reserve),
        checklist=runbook.first_steps,
        notes=tuple(
            f"{at:%H:%M} {name_of(by, world)}: {text}"
            for at, by, text in incident.notes[-NOTES_SHOWN:]
        ),
        crisis_types=tuple(CrisisType),
        updated_at=planned.now,
    )


def story(case: Case, world: World) -> Iterator[StepNotice]:
    """Yield everything worth a line in the thread, in the order in which it happened."""
    incident = case.incident
    head = headline(incident)
    told: list[StepNotice] = []
    for step in incident.history:
        as_then = replace(head, severity=step.severity)
        title = f"{step.change.value} at {step.severity.label}"
        told.append(StepNotice(head=as_then, at=step.at, title=title, lines=step.reasons))
    for change in incident.states[1:]:
        title = f"{change.state}"
        told.append(StepNotice(head=head, at=change.at, title=title, lines=(change.reason,)))
    for topic, at, why in incident.joined:
        told.append(StepNotice(head=head, at=at, title=f"{topic} joined", lines=(why,)))
    for message in case.messages:
        for approval in message.approvals:
            title = f"{name_of(approval.by, world)} approved the holding message"
            told.append(StepNotice(head=head, at=approval.at, title=title, lines=()))
        if message.decided_at is not None:
            title = f"holding message {message.stage}"
            told.append(
                StepNotice(head=head, at=message.decided_at, title=title, lines=(message.why,))
            )
    yield from sorted(told, key=lambda step: step.at)


def _plan_charts(case: Case, planned: Planned, room: str, thread: str) -> None:
    for step in case.incident.history:
        if step.change is Change.BETTER:
            continue
        course = tuple(point for point in case.course if point.at <= step.at)
        if course:
            planned.add(
                ShowChart(
                    key=f"{case.id}/chart/{step.change}/{step.at:%Y%m%dT%H%M%SZ}",
                    room=room,
                    thread=thread,
                    course=course,
                    title=f"{', '.join(case.incident.topics)}, {step.change.value}",
                )
            )


def _plan_invitations(case: Case, world: World, planned: Planned, room: str) -> None:
    """Invite whoever was paged, asked or has accepted, once each, some dozens at a time."""
    wanted: dict[str, None] = {}
    asked = {
        key.rsplit("/", 1)[-1] for key in planned.outcomes if key.startswith(f"{case.id}/message/")
    }
    coming = {offer.person for offer in case.reserve.offers if offer.accepted}
    for person_id in (*paged(planned, case), *sorted(asked & may_approve(world)), *sorted(coming)):
        person = world.directory.person(person_id)
        if person is not None and person.slack is not None:
            wanted[person.slack] = None
    prefix = f"{case.id}/invite/"
    invited = {
        member
        for key in planned.outcomes
        if key.startswith(prefix)
        for member in key.removeprefix(prefix).split("+")
    }
    for key in planned.outcomes:
        if key.startswith(prefix):  # a batch that is under way keeps its members
            members = tuple(key.removeprefix(prefix).split("+"))
            planned.add(Invite(key=key, room=room, members=members))
    new = [member for member in wanted if member not in invited][:INVITED_AT_ONCE]
    if new:
        planned.add(Invite(key=prefix + "+".join(new), room=room, members=tuple(new)))


def _as_name(text: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")[:70]
