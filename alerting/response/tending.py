"""What time does to a case: severities fall, drafts lapse, updates fall due, offers run out.

`tend` is called whenever a case is looked at, and changes nothing that is as it should
be; `tending_times` says when it next will. Both are pure, so a restart, a second
responder or a moved clock come to the same case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from alerting import reserves
from alerting.ports import Outcome, Status
from alerting.response.case import Case
from alerting.response.holding import HoldingMessage, Stage, drafted, put_aside
from alerting.response.world import Policy, World
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.errors import ConfigError
from crisiswatch.incidents.events import TimePassed
from crisiswatch.incidents.incident import Incident, State, ack_expires_at, apply
from crisiswatch.incidents.packet import Packet, draft_packet
from crisiswatch.incidents.runbook_types import Level

DRAFT_FROM = Severity.MEDIUM
"""The first severity that involves PR."""

UPDATE_LEAD_SHARE = 4
LONGEST_UPDATE_LEAD = timedelta(minutes=30)
"""The next update is drafted a quarter of the cadence ahead, at most half an hour."""


def tend(
    case: Case, world: World, now: datetime, outcomes: Mapping[str, Outcome] | None = None
) -> Case:
    """Return the case as it should be at `now`, by what is due through time alone.

    `outcomes` tell which offers to reserve agents have arrived: nobody is given up on
    before they were asked. None: take all of them to have.
    """
    tended = replace(case, incident=apply(case.incident, TimePassed(now=now)))
    if tended.fresh_since is None:
        return tended
    tended = _with_messages(tended, world.policy, now)
    return _with_reserve(tended, world, now, outcomes)


def tending_times(case: Case, world: World) -> Iterator[tuple[str, datetime]]:
    """Yield when `tend` will next change the case, by what for."""
    incident = case.incident
    if not incident.is_open:
        if incident.state is not State.REVIEWED:
            for number, until in enumerate(case.live_until()):
                yield f"archive-{number}", until
        return
    hold = timedelta(seconds=incident.policy.fall_hold_s)
    for fall in incident.falls[:1]:
        yield "fall", fall.since + hold
    expires_at = ack_expires_at(incident)
    if expires_at is not None:
        yield "ack-expires", expires_at
    message = case.message
    if message is not None and message.is_waiting:
        yield "draft-lapses", message.lapses_at
    update_at = next_draft_at(case, world.policy)
    if update_at is not None:
        yield "next-update", update_at
    lapse_at = reserves.due_at(case.reserve)
    if lapse_at is not None:
        yield "offer-lapses", lapse_at


def level_of(case: Case, policy: Policy) -> Level:
    """Return what the runbook asks for at the severity in force."""
    return policy.runbook(case.incident.crisis_type).level(case.incident.severity)


def next_draft_at(case: Case, policy: Policy) -> datetime | None:
    """Return when the next update is to be drafted, after one that was approved or rejected."""
    message = case.message
    if not case.incident.is_open or message is None:
        return None
    if message.stage not in {Stage.APPROVED, Stage.REJECTED}:
        return None
    return update_due_at(message, case, policy)


def update_due_at(message: HoldingMessage, case: Case, policy: Policy) -> datetime | None:
    """Return when to begin with the update that a message promises.

    One that was rejected promised nothing to anybody; the cadence goes on all the same. At
    a severity that asks for a quicker one than was promised, the quicker one counts.
    """
    every_s = level_of(case, policy).update_every_s
    if every_s is None:
        return None
    lead = min(timedelta(seconds=every_s / UPDATE_LEAD_SHARE), LONGEST_UPDATE_LEAD)
    decided_at = message.decided_at or message.drafted_at
    return min(message.promised_at, decided_at + timedelta(seconds=every_s)) - lead


def _with_messages(case: Case, policy: Policy, now: datetime) -> Case:
    message = case.message
    if not case.incident.is_open:
        if message is not None and message.is_waiting:
            why = "the incident is over"
            aside = put_aside(message, stage=Stage.SUPERSEDED, at=now, why=why)
            return case.with_message(aside)
        return case
    due = _draft_due(case, policy, now)
    if due is None:
        return case
    cause, stage, why = due
    packet = _packet(case, policy, now)
    if packet is None:
        return case
    if message is not None and message.is_waiting:
        case = case.with_message(put_aside(message, stage=stage, at=now, why=why))
    number = len(case.messages) + 1
    message_id = f"{case.id}/message/{number}"
    draft = drafted(packet, message_id=message_id, cause=cause, now=now)
    # detection's clock may be ahead of ours: this is the draft for that opening all the same
    opened_at = _span_opened_at(case.incident)
    draft = replace(draft, drafted_at=max(now, opened_at))
    return case.with_message(draft).without_old_texts()


def _draft_due(case: Case, policy: Policy, now: datetime) -> tuple[str, Stage, str] | None:
    """Return the cause of a draft that is due, and what becomes of the one still waiting."""
    incident = case.incident
    level = level_of(case, policy)
    if incident.severity < DRAFT_FROM or level.update_every_s is None:
        return None
    message = case.message
    if message is None or message.drafted_at < _span_opened_at(incident):
        return "opened", Stage.SUPERSEDED, "the crisis came back"
    if message.is_waiting:
        return _why_anew(case, message, timedelta(seconds=level.update_every_s), now)
    after_rejection = _why_after_rejection(incident, message)
    if after_rejection is not None:
        return after_rejection
    update_at = next_draft_at(case, policy)
    if update_at is not None and now >= update_at:
        return "next-update", Stage.SUPERSEDED, "the next update is due"
    return None


def _why_anew(
    case: Case, message: HoldingMessage, every: timedelta, now: datetime
) -> tuple[str, Stage, str] | None:
    if now >= message.lapses_at:
        return "lapsed", Stage.LAPSED, "nobody approved it before the time that it promises"
    if _type_since(case.incident, message.drafted_at) and not message.editors:
        why = f"it is now taken for {case.incident.crisis_type}"
        return "type-corrected", Stage.SUPERSEDED, why
    if message.promised_at > now + every and not message.editors:
        why = f"at {case.incident.severity.label} the next update comes sooner"
        return "worse", Stage.SUPERSEDED, why
    return None


def _why_after_rejection(
    incident: Incident, message: HoldingMessage
) -> tuple[str, Stage, str] | None:
    if message.stage is not Stage.REJECTED or message.decided_at is None:
        return None
    if _type_since(incident, message.drafted_at):
        return "type-corrected", Stage.SUPERSEDED, ""
    worse_at = _last_worse_at(incident)
    if worse_at is not None and worse_at > message.decided_at:
        return "worse", Stage.SUPERSEDED, ""
    return None


def _type_since(incident: Incident, since: datetime) -> bool:
    return any(at > since for at, _, _ in incident.corrections)


def _span_opened_at(incident: Incident) -> datetime:
    return max(step.heard_at for step in incident.history if step.change is Change.OPENED)


def _last_worse_at(incident: Incident) -> datetime | None:
    times = [step.heard_at for step in incident.history if step.change is Change.WORSE]
    return max(times, default=None)


def _packet(case: Case, policy: Policy, now: datetime) -> Packet | None:
    """Draft from the runbook; None where it has no wording in any configured language."""
    incident = case.incident
    try:
        return draft_packet(
            policy.runbook(incident.crisis_type),
            languages=policy.response.languages,
            brand=policy.response.brand or incident.topic,
            severity=incident.severity,
            now=now,
            zone=policy.zone,
        )
    except ConfigError:
        return None


def _with_reserve(
    case: Case, world: World, now: datetime, outcomes: Mapping[str, Outcome] | None
) -> Case:
    incident = case.incident
    if not incident.is_open:
        return replace(case, reserve=reserves.stood_down(case.reserve, now))
    settings = world.policy.reserve
    pool = tuple(
        person
        for person_id in settings.people
        if (person := world.directory.person(person_id)) is not None
    )
    answer_within = timedelta(seconds=settings.answer_within)
    offers = tuple(
        replace(offer, answer_by=now + answer_within)
        if offer.is_open and offer.answer_by <= now and _is_on_its_way(offer, case, outcomes)
        else offer
        for offer in case.reserve.offers
    )
    wave = reserves.call_up(
        replace(case.reserve, offers=offers),
        pool=pool,
        level_reserve=level_of(case, world.policy).reserve,
        evidence=incident.latest.evidence,
        severity=incident.severity,
        languages=world.policy.response.languages,
        settings=settings,
        now=now,
    )
    return replace(case, reserve=wave)


def _is_on_its_way(
    offer: reserves.Offer, case: Case, outcomes: Mapping[str, Outcome] | None
) -> bool:
    """Tell whether an offer has not arrived so far, and still may."""
    if outcomes is None:
        return False
    prefix = f"{case.id}/reserve/{offer.wave}/{offer.person}/"
    words = [word for key, word in outcomes.items() if key.startswith(prefix)]
    arrived = any(word.status is not Status.FAILED for word in words)
    has_failed = bool(words) and all(word.retry_at is None for word in words)
    return not arrived and not has_failed
