"""Approved messages out to agents and the public, each at most once.

Only the newest approved message goes out: whatever is still open of an older one ends with
it, or an old position would come after the new one. Where nobody knows whether something
went out, a person is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from alerting.delivery import Lane
from alerting.notices import DoubtNotice, PublishedNotice, TextNotice
from alerting.ports import Status
from alerting.response.actions import Post, Publish, Update
from alerting.response.case import Case
from alerting.response.holding import HoldingMessage
from alerting.response.planned import Planned
from alerting.response.words import digest, headline, names_of, wordings
from alerting.response.world import World

HELD_UP_AFTER = 6
"""So many tries, a minute of them, may fail before people are told; it is tried on."""


def plan_publication(
    message: HoldingMessage, case: Case, world: World, planned: Planned, room: str | None
) -> None:
    """Plan telling agents and the public, asking in doubt, and saying where it is not out."""
    out = _Approved(message=message, case=case, world=world)
    notice = out.notice
    is_in_time = planned.now < message.promised_at
    agents = world.rooms.agents_channel or room
    keys = [f"{out.key}/agents", *(f"{out.key}/{target}" for target in out.targets)]
    if agents is not None and is_in_time:
        planned.add(
            Post(
                key=keys[0],
                place=agents,
                notice=notice,
                lane=Lane.DECISION,
                or_in=world.rooms.crisis_channel,
            )
        )
    for target in out.targets if is_in_time else ():
        planned.add(Publish(key=f"{out.key}/{target}", target=target, notice=notice))
    planned.wake(f"{message.id}/promise-over", message.promised_at)
    if room is None:
        return
    plan_doubts(message, case, world, planned, room)
    for why, missing in _missing(keys, out, planned):
        _tell_not_published(out, why, missing, planned, room)


def plan_doubts(
    message: HoldingMessage, case: Case, world: World, planned: Planned, room: str
) -> None:
    """Ask where nobody knows whether a message went out, an older one as well."""
    out = _Approved(message=message, case=case, world=world)
    for target in out.targets:
        _plan_doubt(target, out, planned, room)


def whom_to_remind(case: Case, world: World, now: datetime) -> tuple[str, ...]:
    """Return who acknowledged last, else who is on duty."""
    if case.incident.acks:
        return (case.incident.acks[-1][1],)
    duties = world.policy.runbook(case.incident.crisis_type).level(case.incident.severity).page
    return tuple(person.id for duty in duties[:1] for person in world.directory.on_duty(duty, now))


def members(people: tuple[str, ...], world: World) -> tuple[str, ...]:
    """Return the Slack ids of people, each once."""
    found = (world.directory.person(person) for person in people)
    slack = (person.slack for person in found if person is not None)
    return tuple(dict.fromkeys(member for member in slack if member is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Approved:
    """An approved message of a case, and what follows from both."""

    message: HoldingMessage
    case: Case
    world: World

    @property
    def key(self) -> str:
        return f"{self.message.id}/{self.message.sha256[:12]}/publish"

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets that are for a topic of the case as it was when the message was approved."""
        # A message that was approved before topics were kept is for all of the case.
        topics = set(self.message.topics or self.case.incident.topics)
        only_for = self.world.target_topics
        return tuple(
            target
            for target in sorted(self.world.targets)
            if not only_for.get(target) or set(only_for[target]) & topics
        )

    @property
    def notice(self) -> PublishedNotice:
        message = self.message
        approvers = tuple(approval.by for approval in message.approvals)
        return PublishedNotice(
            head=headline(self.case.incident),
            message_id=message.id,
            sha256=message.sha256,
            wordings=wordings(message),
            approved_by=names_of(approvers, self.world),
            approved_at=message.decided_at or message.waits_since,
        )

    def concerned(self, now: datetime) -> tuple[str, ...]:
        """Return the Slack ids of whoever has the crisis in hand, and of those who approved."""
        approvers = tuple(approval.by for approval in self.message.approvals)
        people = (*whom_to_remind(self.case, self.world, now), *approvers)
        return members(people, self.world)


def _missing(
    keys: list[str], out: _Approved, planned: Planned
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield why a message is not out, and at which targets, in the keys' order."""

    def named(found: Iterator[str]) -> tuple[str, ...]:
        return tuple(key.rsplit("/", 1)[-1] for key in found)

    if planned.now >= out.message.promised_at:
        why = "The time that it promises is over, so it is not published any more."
        yield why, named(key for key in keys if planned.result(key) is None)
        return
    why = "It was refused there; publish it by hand, or correct what is wrong."
    yield why, named(key for key in keys if _is_refused(planned, key))
    until = out.message.promised_at.astimezone(out.world.policy.zone)
    why = f"It is tried on until {until:%H:%M %Z}; if that is too late, publish it by hand."
    yield why, named(key for key in keys if _is_held_up(planned, key))


def _is_refused(planned: Planned, key: str) -> bool:
    outcome = planned.outcomes.get(key)
    return outcome is not None and outcome.status is Status.FAILED and outcome.retry_at is None


def _is_held_up(planned: Planned, key: str) -> bool:
    outcome = planned.outcomes.get(key)
    return (
        outcome is not None
        and outcome.status is Status.FAILED
        and outcome.retry_at is not None
        and outcome.attempts >= HELD_UP_AFTER
    )


def _tell_not_published(
    out: _Approved, why: str, missing: tuple[str, ...], planned: Planned, room: str
) -> None:
    if not missing:
        return
    notice = TextNotice(
        head=headline(out.case.incident),
        title="The approved message is not out everywhere",
        lines=(f"Not, or not surely, at: {', '.join(missing)}.", why),
        mention=out.concerned(planned.now),
    )
    key = f"{out.message.id}/not-published/{digest(notice.lines)}"
    planned.add(Post(key=key, place=room, notice=notice, lane=Lane.DECISION))


def _plan_doubt(target: str, out: _Approved, planned: Planned, room: str) -> None:
    """Ask a person where nobody knows whether it went out, and show that it is settled.

    A word on one attempt does not answer for the next: that has a question of its own.
    """
    key = f"{out.key}/{target}"
    outcome = planned.outcomes.get(key)
    answered = sum(word.action_key == key for word in out.case.settled)
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
            head=headline(out.case.incident),
            action_key=key,
            target=target,
            what="the holding message",
            why="" if outcome is None else outcome.result,
            is_open=is_open,
            mention=out.concerned(planned.now) if is_open else (),
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
