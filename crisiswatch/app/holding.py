"""The wording of holding messages during a run: runbook and configuration meet incident."""

from datetime import datetime

from crisiswatch.config import Config
from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.holding_text import automatic_slots, draft
from crisiswatch.incidents.incident import Incident
from crisiswatch.incidents.runbook import PUBLIC, Runbook


class RunbookDrafter:
    """Draft an incident's holding message from the runbook of its crisis type."""

    def __init__(self, runbooks: dict[str, Runbook], config: Config) -> None:
        self._runbooks = runbooks
        self._response = config.response
        self._zone = config.response.zone

    def __call__(self, incident: Incident, now: datetime) -> str | None:
        """Return the text in the first configured language, None without a runbook."""
        runbook = self._runbooks.get(incident.crisis_type)
        if runbook is None:
            return None
        language = self._response.languages[0]
        if runbook.wording(language, PUBLIC) is None:
            return None
        slots = automatic_slots(
            runbook=runbook,
            severity=max(incident.severity, Severity.MEDIUM),
            language=language,
            brand=self._response.brand or incident.topic,
            now=now,
            zone=self._zone,
        )
        return draft(runbook, language, PUBLIC, slots).text
