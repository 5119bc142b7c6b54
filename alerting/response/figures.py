"""How quickly people were reached and the public was answered, read off the audit log.

    signal (medium or worse, fresh) ----> first page that arrived     time to page
                                    ----> first acknowledgement       time to acknowledge
                                    ----> first publication           time to holding message

Everything is counted from facts that outlive the process, so whoever reads the whole log
comes to the same figures: a restart counts nothing twice, and all responders of one store
tell the same.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.audit import AuditRecord

BUCKETS_S = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600, 14_400)
"""From a page over a live connection to a holding message that took half a day."""

FROM = Severity.MEDIUM
"""The first severity that involves people, by the ladder that ships."""

_SEVERITIES = {severity.label: severity for severity in Severity}


class Times:
    """How often something took how long."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        self.sum_s = 0.0

    def add(self, took_s: float) -> None:
        """Count one; what seems to have happened before its cause took no time."""
        took_s = max(0.0, took_s)
        place = next((n for n, at_most in enumerate(BUCKETS_S) if took_s <= at_most), -1)
        self.counts[place] += 1
        self.sum_s += took_s

    def cumulative(self) -> list[tuple[str, float]]:
        """Return the buckets as Prometheus wants them: upper bound, and how many took no longer."""
        bounds = [*(f"{bound:g}" for bound in BUCKETS_S), "+Inf"]
        sums = [sum(self.counts[: n + 1]) for n in range(len(self.counts))]
        return [(bound, float(count)) for bound, count in zip(bounds, sums, strict=True)]


@dataclass(slots=True)
class _Told:
    """What the log has said of one incident so far."""

    since: datetime | None = None
    reached: int = 0
    paged: bool = False
    acknowledged: bool = False
    published: bool = False


class Figures:
    """Sums over the audit log; feed it every record, in order.

    `incidents` counts an incident once for each severity that it has reached. `pages`
    counts attempts by (what became of it, channel); one that was found to have arrived
    after all counts as unknown first and as done then.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.incidents: Counter[str] = Counter()
        self.pages: Counter[tuple[str, str]] = Counter()
        self.to_page = Times()
        self.to_acknowledge = Times()
        self.to_holding_message = Times()
        self._told: dict[str, _Told] = {}

    def note(self, record: AuditRecord) -> None:
        """Take in the next record."""
        self.seq = record.seq
        if record.case_id is None:
            return
        told = self._told.setdefault(record.case_id, _Told())
        detail = record.detail
        match record.kind:
            case "signal":
                self._severity(told, detail.get("incident_severity"))
                if detail.get("paged"):
                    self._concerns_people(told, detail.get("incident_severity"), record.at)
            case "severity" | "SetSeverity":
                self._severity(told, detail.get("severity"))
                self._concerns_people(told, detail.get("severity"), record.at)
            case "Acknowledge":
                self._acknowledged(told, record.at)
            case "outcome" | "found":
                self._became(told, record)
            case "SettleDoubt" if detail.get("happened"):
                self._published(told, record.at)
            case "archived":
                self._told.pop(record.case_id)

    def _severity(self, told: _Told, label: object) -> None:
        severity = _SEVERITIES.get(str(label), Severity.NONE)
        if severity and not told.reached >> severity & 1:
            told.reached |= 1 << severity
            self.incidents[severity.label] += 1

    def _concerns_people(self, told: _Told, label: object, at: datetime) -> None:
        if told.since is None and _SEVERITIES.get(str(label), Severity.NONE) >= FROM:
            told.since = at

    def _acknowledged(self, told: _Told, at: datetime) -> None:
        if told.since is not None and not told.acknowledged:
            told.acknowledged = True
            self.to_acknowledge.add((at - told.since).total_seconds())

    def _published(self, told: _Told, at: datetime) -> None:
        if told.since is not None and not told.published:
            told.published = True
            self.to_holding_message.add((at - told.since).total_seconds())

    def _became(self, told: _Told, record: AuditRecord) -> None:
        detail = record.detail
        status, key = str(detail.get("status")), str(detail.get("key"))
        if key.startswith(f"{record.case_id}/page/"):
            self.pages[status, key.rpartition("/")[2]] += 1
            if status == "done" and told.since is not None and not told.paged:
                told.paged = True
                self.to_page.add((record.at - told.since).total_seconds())
        elif status == "done" and (
            detail.get("action") == "Publish" or detail.get("notice") == "PublishedNotice"
        ):
            self._published(told, record.at)
