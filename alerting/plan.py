"""Which actions an incident calls for: pure, and the same answer after every restart.

The plan names every action due so far, done or not. The responder leaves out what its
action log knows as done; that is how nothing is repeated and nothing forgotten.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerting.actions import Action, Announce, DraftHoldingMessage
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.incident import Incident, Step

TELLS_OF_TROUBLE = frozenset({Change.OPENED, Change.WORSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPolicy:
    """What calls for which action.

    `draft_from`: the lowest severity that gets a holding message; medium, the first
    that involves PR. `announce_within_s`: twelve hours; a step older than that is
    kept in the record but no longer news to anybody.
    """

    draft_from: Severity = Severity.MEDIUM
    announce_within_s: int = 43_200


DEFAULT_PLAN_POLICY = PlanPolicy()


def plan(
    incident: Incident, now: datetime, policy: PlanPolicy = DEFAULT_PLAN_POLICY
) -> tuple[Action, ...]:
    """Return what is due at `now`, in the order in which to do it.

    Every step of the history is announced; one that calls for a holding message is
    preceded by its draft. Steps older than `announce_within_s` are left out, except
    the newest step of an open incident: that a crisis is going on is news until
    somebody has been told.
    """
    oldest_news_at = now - timedelta(seconds=policy.announce_within_s)
    actions: list[Action] = []
    for step in incident.history:
        is_still_true = incident.is_open and step is incident.history[-1]
        if step.at < oldest_news_at and not is_still_true:
            continue
        actions += _actions_of(incident.as_of(step), step, policy)
    return tuple(actions)


def _actions_of(incident: Incident, step: Step, policy: PlanPolicy) -> tuple[Action, ...]:
    if step.change not in TELLS_OF_TROUBLE or step.severity < policy.draft_from:
        return (Announce(incident=incident, step=step, draft_key=None),)
    draft = DraftHoldingMessage(incident=incident, step=step)
    return (draft, Announce(incident=incident, step=step, draft_key=draft.key()))
