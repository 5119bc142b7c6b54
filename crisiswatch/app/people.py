"""How people at a terminal hear of incidents."""

from rich.console import RenderableType

from alerting.actions import Announcement
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.runbook import Runbook
from crisiswatch.screen.incident_panel import IncidentNotice, incident_panel

STEPS_SHOWN = 3


class NoticeRenderer:
    """Word an announcement as a panel, with the first steps of the crisis type's runbook."""

    def __init__(self, runbooks: dict[str, Runbook]) -> None:
        self._runbooks = runbooks

    def __call__(self, announcement: Announcement) -> RenderableType:
        """Return what to print."""
        incident = announcement.incident
        step = incident.history[-1]
        before = incident.history[-2].severity if len(incident.history) > 1 else None
        worst = incident.worst
        runbook = self._runbooks.get(worst.crisis_type)
        calls_for_steps = step.severity >= Severity.MEDIUM and step.change in {
            Change.OPENED,
            Change.WORSE,
        }
        return incident_panel(
            IncidentNotice(
                change=announcement.change,
                topic=incident.topic,
                severity=step.severity,
                crisis_type=worst.crisis_type,
                opened_at=incident.opened_at,
                at=step.at,
                reasons=step.reasons,
                was_severity=before,
                themes=worst.evidence.themes,
                samples=worst.evidence.samples,
                next_steps=runbook.first_steps[:STEPS_SHOWN]
                if runbook is not None and calls_for_steps
                else (),
                holding_message=announcement.holding_message_text or "",
            )
        )


class CollectedNotices:
    """A notifier that keeps announcements, for runs that tell everything at their end.

    A fast replay finds incidents topic by topic; people want them in order of time.
    """

    def __init__(self) -> None:
        self._announcements: list[Announcement] = []

    def notify(self, announcement: Announcement) -> None:
        """Keep it."""
        self._announcements.append(announcement)

    @property
    def in_time_order(self) -> list[Announcement]:
        """Return what was announced, oldest first."""
        return sorted(
            self._announcements, key=lambda announcement: announcement.incident.history[-1].at
        )
