"""Which actions a case calls for right now: pure, and the same after every restart.

The plan names everything that the case has ever called for; what the outbox knows as
done is left out. So nothing is repeated, and nothing is forgotten by whoever dies in
between.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from alerting.ports import Outcome
from alerting.response.approving import plan_messages
from alerting.response.call_ups import plan_reserve
from alerting.response.case import Case
from alerting.response.paging import plan_pages
from alerting.response.planned import Planned
from alerting.response.rooms import plan_room, room_of
from alerting.response.tending import tending_times
from alerting.response.world import World

log = logging.getLogger("crisiswatch")


def plan(case: Case, world: World, outcomes: Mapping[str, Outcome], now: datetime) -> Planned:
    """Return what is due at `now`, most urgent first, and when to look again, by what for."""
    planned = Planned(outcomes=outcomes, now=now, pace=world.pace)
    room = room_of(case, world, planned)
    plan_pages(case, world, planned, room)
    for part in (
        partial(plan_messages, case, world, planned, room),
        partial(plan_reserve, case, world, planned),
        partial(plan_room, case, world, planned, room),
    ):
        try:
            part()
        except Exception:
            # A page must go out even where what is said elsewhere can not be worded.
            what = ("case %s: %s failed; pages go on", case.id, part.func.__name__)
            log.exception(*what, extra={"incident": case.id})
    for what_for, at in tending_times(case, world):
        planned.wake(what_for, at)
    planned.due.sort(key=lambda action: action.lane)
    return planned
