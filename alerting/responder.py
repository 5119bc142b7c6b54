r"""The responder: reads signals, changes incidents, and does what they call for.

    signal log --> apply --> plan --> [ intent -> telling -> outcome ] --> incident record
                                        \______ action log _______/

It keeps nothing of its own: a new one reads the signal log from the start, arrives at
the same incidents, and leaves out the actions whose outcome is recorded.

Guarantees, whenever the process dies:
- an announcement whose outcome was recorded is never made again;
- one that was not, is made: at least once, and twice only if the process died between
  making it and recording that, when nobody can know.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import assert_never

from alerting.actions import Action, Announce, Announcement, DraftHoldingMessage
from alerting.plan import DEFAULT_PLAN_POLICY, PlanPolicy, plan
from alerting.ports import (
    START,
    ActionLog,
    Entry,
    HoldingDrafter,
    IncidentRecord,
    NotDeliveredError,
    Notifier,
    Outcome,
    SignalLog,
    Status,
)
from crisiswatch.incidents.events import SignalArrived, TimePassed
from crisiswatch.incidents.grouping import ALONE, Relations, route
from crisiswatch.incidents.incident import (
    DEFAULT_POLICY,
    Incident,
    IncidentPolicy,
    apply,
)


class Responder:
    """Turn the signals of one log into incidents and announcements, one at a time.

    Live, call `catch_up(now)` again and again with the wall time; over a recording,
    `replay()`, where each signal's own time is the time. Both are the same steps, and
    both may be called again whenever the log has grown. The record is saved after
    either, if anything changed, and once at first.
    """

    def __init__(
        self,
        *,
        signals: SignalLog,
        actions: ActionLog,
        record: IncidentRecord,
        notifier: Notifier,
        draft: HoldingDrafter,
        incident_policy: IncidentPolicy = DEFAULT_POLICY,
        plan_policy: PlanPolicy = DEFAULT_PLAN_POLICY,
        relations: Relations = ALONE,
    ) -> None:
        self._signals = signals
        self._actions = actions
        self._record = record
        self._notifier = notifier
        self._draft = draft
        self._incident_policy = incident_policy
        self._plan_policy = plan_policy
        self._relations = relations
        self._read_to = START
        self._incidents: dict[str, Incident] = {}
        self._saved: tuple[Incident, ...] | None = None

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Return all incidents, by when they opened, then by id."""
        everything = self._incidents.values()
        return tuple(sorted(everything, key=lambda incident: (incident.opened_at, incident.id)))

    def catch_up(self, now: datetime) -> None:
        """Apply the unread signals, let time pass until `now`, then do what is due.

        Signals come before actions, so that after an outage only what is still worth
        saying is said. Trap: over a recording, `now` must not run ahead of the
        watermark, or severities fall before the signals that keep them up have come.
        """
        for entry in self._unread():
            self._apply(entry)
        self._pass_time(now)
        for incident in self.incidents:
            self._perform_due(incident, now)
        self._save()

    def replay(self, until: datetime | None = None, *, save: bool = True) -> None:
        """Apply the unread signals one by one, acting at each one's own time.

        `until` is the end of the recording: severities whose hold is over by then fall.
        With `save` off the record waits for a later call: saving replaces a whole file,
        too much after every signal of a fast replay.
        """
        entries = tuple(self._unread())
        # In order of time, as they come live: a topic that joins another's incident must
        # find it as it was then. A fast replay emits topic by topic.
        for entry in sorted(entries, key=lambda entry: entry.signal.at):
            now = datetime.fromtimestamp(entry.signal.at, UTC)
            self._perform_due(self._apply(entry), now)
        if entries:
            self._read_to = entries[-1].position
        if until is not None:
            self._pass_time(until)
            for incident in self._incidents.values():
                self._perform_due(incident, until)
        if save:
            self._save()

    def _save(self) -> None:
        incidents = self.incidents
        if incidents != self._saved:
            self._record.save(incidents)
            self._saved = incidents

    def _unread(self) -> Iterable[Entry]:
        return self._signals.read(self._read_to)

    def _apply(self, entry: Entry) -> Incident:
        routed = route(entry.signal, self._incidents.values(), self._relations)
        before = None if routed.incident_id is None else self._incidents[routed.incident_id]
        arrived = SignalArrived(signal=entry.signal, joins=routed.reason)
        after = apply(before, arrived, policy=self._incident_policy)
        self._incidents[after.id] = after
        self._read_to = entry.position
        return after

    def _pass_time(self, now: datetime) -> None:
        for incident_id, incident in self._incidents.items():
            self._incidents[incident_id] = apply(incident, TimePassed(now=now))

    def _perform_due(self, incident: Incident, now: datetime) -> None:
        for action in plan(incident, now, self._plan_policy):
            known = self._actions.outcome(action.key())
            if known is None or known.status is not Status.DONE:
                self._perform(action, now)

    def _perform(self, action: Action, now: datetime) -> None:
        match action:
            case DraftHoldingMessage(incident=incident):
                # a draft leaves no trace outside, so it needs no intent
                text = self._draft(incident, now) or ""
                self._note(action, Outcome(status=Status.DONE, at=now, result=text))
            case Announce():
                self._note(action, Outcome(status=Status.INTENDED, at=now, result=""))
                self._note(action, self._tell(action, now))
            case _:
                assert_never(action)

    def _note(self, action: Action, outcome: Outcome) -> None:
        self._actions.record(action.key(), outcome)

    def _tell(self, action: Announce, now: datetime) -> Outcome:
        announcement = Announcement(
            incident=action.incident,
            change=action.step.change,
            holding_message_text=self._drafted(action.draft_key),
        )
        try:
            self._notifier.notify(announcement)
        except NotDeliveredError as error:
            return Outcome(status=Status.FAILED, at=now, result=str(error))
        return Outcome(status=Status.DONE, at=now, result="")

    def _drafted(self, draft_key: str | None) -> str | None:
        outcome = None if draft_key is None else self._actions.outcome(draft_key)
        return None if outcome is None or outcome.result == "" else outcome.result
