"""Who is called for a case, and how each call goes on until somebody answers.

The first duty of a runbook's `page` list answers for the incident: its call begins
whenever the incident is triggered (opened, worse than what was acknowledged, or
acknowledged and forgotten) and ends with the acknowledgement. Every other duty, Legal
and leadership included, is called once its severity is reached, and its call ends when
somebody who has that duty, or was paged for it, acknowledges; so is one that has become the
first since the acknowledgement, by another type or severity.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from alerting.delivery import Lane
from alerting.escalation import Call, PageStep, due_steps
from alerting.notices import PageNotice
from alerting.response.actions import PageElsewhere, Post
from alerting.response.case import Case
from alerting.response.planned import WITH, Planned
from alerting.response.words import headline
from alerting.response.world import World
from alerting.silences import muted_by
from crisiswatch.config.people import SLACK_DM, SLACK_MENTION, Person
from crisiswatch.detection.signal import Change
from crisiswatch.incidents.incident import Incident, State

SAMPLES_SHOWN = 2
STEPS_SHOWN = 3


def plan_pages(case: Case, world: World, planned: Planned, room: str | None) -> None:
    """Plan every page that is due, on every call that nobody has answered."""
    incident = case.incident
    silence = muted_by(incident.topics, incident.severity, planned.now, world.silences)
    if silence is not None:
        planned.wake("silence-ends", silence.ends_at)
        return
    pages: list[tuple[PageStep, Call]] = []
    for call in calls(case, world, planned):
        escalation = due_steps(
            call,
            world.directory.escalation_of(call.duty),
            outcomes=planned.outcomes,
            resolve=lambda target, at: tuple(
                _reachable(person, world, room) for person in world.directory.resolve(target, at)
            ),
            now=planned.now,
            pace=world.pace,
        )
        pages += [(step, call) for step in escalation.pages]
        if escalation.next_at is not None:
            planned.wake(f"{call.id}/next", escalation.next_at)
    for together in _by_person(pages):
        _plan_page(together, case, world, planned, room)


def calls(case: Case, world: World, planned: Planned) -> Iterator[Call]:
    """Yield the calls that are open: nobody has answered them."""
    incident = case.incident
    if not incident.is_open or case.fresh_since is None:
        return
    runbook = world.policy.runbook(incident.crisis_type)
    level = runbook.level(incident.severity)
    acknowledged = _acknowledged_first(incident, world)
    for number, duty in enumerate(runbook.roles(incident.severity)):
        is_first = number == 0 and bool(level.page) and acknowledged in {None, duty}
        began = _triggered_at(incident) if is_first else _called_at(incident, world, duty)
        if began is None:
            continue
        at, heard_at = began
        call = Call(
            id=f"{case.id}/page/{duty}/{at:%Y%m%dT%H%M%SZ}",
            duty=duty,
            since=max(heard_at, case.fresh_since),
            ack_within_s=level.ack_within_s,
            severity=incident.severity,
        )
        if is_first or not _is_answered(call, incident, world, planned):
            yield call


def paged(planned: Planned, case: Case) -> tuple[str, ...]:
    """Return the ids of everybody who was paged, in the order of it."""
    prefix = f"{case.id}/page/"
    seen = sorted(
        (outcome.first_at or outcome.at, key.split("/")[-2])
        for key, outcome in planned.outcomes.items()
        if key.startswith(prefix)
    )
    return tuple(dict.fromkeys(person for _, person in seen))


def _triggered_at(incident: Incident) -> tuple[datetime, datetime] | None:
    """Return since when nobody is on it, and when the responder heard of that."""
    if incident.state is not State.TRIGGERED:
        return None
    at = incident.states[-1].at
    # Brought about by a step, it counts from when that was heard, which the clock of posts may
    # be ahead of; else by time (an acknowledgement that expired).
    heard = [step.heard_at for step in incident.history if step.at == at]
    return at, heard[-1] if heard else at


def _acknowledged_first(incident: Incident, world: World) -> str | None:
    """Return the first duty as it was when the acknowledgement in force was given; None without one.

    It answers for that duty. One that comes first only since the type or the severity was
    corrected is called like any other.
    """
    if incident.state is not State.ACKNOWLEDGED:
        return None
    acked_at = incident.acks[-1][0]
    known = [kind for at, _, kind in incident.corrections if at <= acked_at]
    crisis_type = incident.crisis_type
    if len(known) < len(incident.corrections):
        crisis_type = known[-1] if known else incident.worst.crisis_type
    heard = [step.severity for step in incident.history if step.heard_at <= acked_at]
    page = world.policy.runbook(crisis_type).level((heard or [incident.acked_severity])[-1]).page
    return page[0] if page else None


def _called_at(incident: Incident, world: World, duty: str) -> tuple[datetime, datetime] | None:
    """Return when a duty was first called for since the incident (re)opened, and heard of."""
    runbook = world.policy.runbook(incident.crisis_type)
    called_at = None
    for step in incident.history:
        if step.change is Change.OPENED:
            called_at = None
        if called_at is None and duty in runbook.roles(step.severity):
            called_at = (step.at, step.heard_at)
    return called_at


def _is_answered(call: Call, incident: Incident, world: World, planned: Planned) -> bool:
    paged_for_it = {key.split("/")[-2] for key in planned.outcomes if key.startswith(f"{call.id}/")}
    return any(
        at >= call.since
        and (by in paged_for_it or by in {p.id for p in world.directory.on_duty(call.duty, at)})
        for at, by in incident.acks
    )


def _reachable(person: Person, world: World, room: str | None) -> Person:
    """Leave of a person's contact methods those that can work here and now."""
    works = []
    for method in person.contact:
        if method == SLACK_DM:
            can = person.slack is not None
        elif method == SLACK_MENTION:
            can = person.slack is not None and (room or world.rooms.crisis_channel) is not None
        else:
            can = method in world.channels and method in person.addresses
        if can:
            works.append(method)
    return replace(person, contact=tuple(works))


def _by_person(
    pages: list[tuple[PageStep, Call]],
) -> Iterator[list[tuple[PageStep, Call]]]:
    """Put pages together that one message can carry: nobody is woken twice at once.

    A doubtful page stands alone: whether it arrived is its own question.
    """
    together: dict[tuple[str, str], list[tuple[PageStep, Call]]] = {}
    for step, call in pages:
        if step.is_doubtful:
            yield [(step, call)]
        else:
            together.setdefault((step.person, step.method), []).append((step, call))
    yield from together.values()


def _plan_page(
    together: list[tuple[PageStep, Call]],
    case: Case,
    world: World,
    planned: Planned,
    room: str | None,
) -> None:
    step, _ = together[0]
    or_in = None
    person = world.directory.person(step.person)
    if person is None:
        return
    also = tuple(other.key for other, _ in together[1:])
    notice = _notice(together, case, world, planned, room)
    match step.method:
        case "slack-dm" if person.slack is not None:
            place, named = person.slack, notice
        case "slack-mention" if person.slack is not None:
            or_in = world.rooms.crisis_channel
            place = room or or_in or ""
            named = replace(notice, mention=(person.slack,))
        case channel if channel in person.addresses:
            planned.add(
                PageElsewhere(
                    key=step.key,
                    channel=channel,
                    address=person.addresses[channel],
                    notice=notice,
                    also=also,
                )
            )
            return
        case _:
            return
    if place:
        planned.add(
            Post(
                key=step.key,
                place=place,
                notice=named,
                lane=Lane.PAGE,
                also=also,
                posted_as=_posted_as(planned, step.key),
                or_in=or_in,
            )
        )


def _posted_as(planned: Planned, key: str) -> str | None:
    """Return the key of the message that carried an earlier attempt, where it was another's."""
    outcome = planned.outcomes.get(key)
    if outcome is None or not outcome.result.startswith(WITH):
        return None
    return outcome.result.removeprefix(WITH)


def _notice(
    together: list[tuple[PageStep, Call]],
    case: Case,
    world: World,
    planned: Planned,
    room: str | None,
) -> PageNotice:
    incident = case.incident
    runbook = world.policy.runbook(incident.crisis_type)
    wait_s = min(step.answer_within_s for step, _ in together)
    return PageNotice(
        head=headline(incident),
        duty=", ".join(dict.fromkeys(call.duty for _, call in together)),
        reasons=incident.history[-1].reasons,
        samples=incident.latest.evidence.samples[:SAMPLES_SHOWN],
        first_steps=runbook.first_steps[:STEPS_SHOWN],
        ack_by=planned.now + timedelta(seconds=wait_s),
        room=room,
    )
