"""Signals into cases: each signal counted once, whoever reads it, whatever dies when.

The cases and the position in the signal log move together, by compare-and-set: of two
responders that read the same signal one stores what came of it, and the other reads on.

No signal and no case holds the others up. A case that breaks on a signal is passed over, and
the signal goes where it would without that case; one that breaks by itself is put aside, with
its reason in the audit log.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from alerting.keeping import AuditEntry, CaseWrite, Commit, Store, UnreadableEntry
from alerting.ports import Entry
from alerting.response.case import COURSE_KEPT, Case, CoursePoint, encode_case, readable_cases
from crisiswatch.clock import at_utc
from crisiswatch.detection.signal import Signal
from crisiswatch.errors import StoreError
from crisiswatch.incidents.events import SignalArrived
from crisiswatch.incidents.grouping import Relations, Routed, route
from crisiswatch.incidents.incident import IncidentPolicy, apply

SIGNALS_AT_ONCE = 50
"""Enough to catch up after an outage quickly, few enough to be stored in one call."""

log = logging.getLogger("crisiswatch")


class Intake:
    """Apply the signals of a store's log to its cases.

    New cases open under `policy_id`. A signal that was heard more than `max_age_s` after
    its time, or that a rebuilt detection tells again, is recorded and wakes nobody.
    """

    def __init__(
        self,
        store: Store,
        *,
        policy_id: str,
        incident_policy: IncidentPolicy,
        relations: Relations,
        max_age_s: float,
    ) -> None:
        self._store = store
        self._policy_id = policy_id
        self._incident_policy = incident_policy
        self._relations = relations
        self._max_age = timedelta(seconds=max_age_s)

    def take(self, now: datetime) -> int:
        """Apply signals that nobody has applied; return how many this call did.

        Raises StoreError where the store can not be reached; no signal is passed over by that.
        """
        position = self._store.position()
        entries = self._store.read_entries(position)[:SIGNALS_AT_ONCE]
        if not entries:
            return 0
        kept = {item.case_id: item for item in self._store.cases(open_only=True)}
        cases = {case.id: case for case in readable_cases(kept.values())}
        before = dict(cases)
        audit = [
            self._fold(entry, cases, now) if isinstance(entry, Entry) else _put_aside(entry, now)
            for entry in entries
        ]
        writes = tuple(
            CaseWrite(
                case_id=case.id,
                body=encode_case(case),
                expected_version=kept[case.id].version if case.id in kept else 0,
                is_open=case.is_live(now),
            )
            for case in _changed(cases.values(), before)
        )
        commit = Commit(
            writes=writes, position=(position, entries[-1].position), audit=tuple(audit)
        )
        return len(entries) if self._store.commit(commit) else 0

    def _fold(self, entry: Entry, cases: dict[str, Case], now: datetime) -> AuditEntry:
        """Apply a signal to the cases that do not break on it, or put it aside."""
        signal = entry.signal
        try:
            return self._apply(signal, cases, cases.values(), now)
        except StoreError:
            raise
        except Exception:
            # the outermost frame for this signal: whatever is wrong, others must go on
            log.exception("signal %s can not be counted as it should be", entry.position)
        whole = [case for case in cases.values() if self._is_whole(case, signal, now)]
        try:
            return self._apply(signal, cases, whole, now)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  # as above, where it was logged
            why = type(error).__name__
            return _put_aside(UnreadableEntry(position=entry.position, why=why), now)

    def _is_whole(self, case: Case, signal: Signal, now: datetime) -> bool:
        """Tell whether a case by itself lets a signal come in, to it or past it."""
        try:
            self._after(signal, (case,), now)
        except Exception:  # noqa: BLE001  # whatever is wrong with it
            return False
        return True

    def _apply(
        self, signal: Signal, cases: dict[str, Case], among: Collection[Case], now: datetime
    ) -> AuditEntry:
        """Put the case of a signal, one `among` these or a new one, into `cases`."""
        before, case, routed = self._after(signal, among, now)
        if before is None:
            incident = replace(case.incident, id=self._free_id(case.id, cases))
            case = replace(case, incident=incident)
        is_stale = signal.told_before or now - at_utc(signal.at) > self._max_age
        if before is not None and not before.incident.is_open and case.incident.is_open:
            case = replace(case, fresh_since=None)  # a new wave is as fresh as its own signal
        if case.fresh_since is None and not is_stale:
            case = replace(case, fresh_since=now)
        cases[case.id] = replace(case, course=(*case.course, _point(signal))[-COURSE_KEPT:])
        return AuditEntry(
            at=now,
            kind="signal",
            case_id=case.id,
            actor="detection",
            detail={
                "signal": signal.id,
                "change": signal.change.value,
                "severity": signal.verdict.severity.label,
                "reasons": list(signal.verdict.reasons),
                "config": signal.config_hash,
                "routed": routed.reason,
                "incident_severity": case.incident.severity.label,
                "paged": not is_stale,
            },
        )

    def _after(
        self, signal: Signal, among: Collection[Case], now: datetime
    ) -> tuple[Case | None, Case, Routed]:
        """Return a signal's case before it (None: it opens one) and after it, and why that one."""
        by_id = {case.id: case for case in among}
        routed = route(signal, [case.incident for case in among], self._relations)
        before = None if routed.incident_id is None else by_id[routed.incident_id]
        incident = apply(
            None if before is None else before.incident,
            SignalArrived(signal=signal, heard_at=now, joins=routed.reason),
            policy=self._incident_policy,
        )
        if before is None or before.id != incident.id:
            before, case = None, Case(incident=incident, policy=self._policy_id)
        else:
            case = replace(before, incident=incident)
        case.is_live(now)  # will be asked when it is stored, where it would cost all the others
        return before, case, routed

    def _free_id(self, wanted: str, cases: Mapping[str, Case]) -> str:
        """Return an id that no case has had, archived ones included."""
        for number in count(1):
            name = wanted if number == 1 else f"{wanted}-{number}"
            if name not in cases and self._store.case(name) is None:
                return name
        raise AssertionError("count never ends")


def _put_aside(entry: UnreadableEntry, now: datetime) -> AuditEntry:
    """Write down a signal that this version can not take in; the others must not wait for it."""
    return AuditEntry(
        at=now,
        kind="unreadable",
        case_id=None,
        actor="detection",
        detail={"position": entry.position, "why": entry.why},
    )


def _changed(cases: Iterable[Case], before: dict[str, Case]) -> Iterable[Case]:
    return (case for case in cases if before.get(case.id) is not case)


def _point(signal: Signal) -> CoursePoint:
    evidence = signal.verdict.evidence
    return CoursePoint(
        at=at_utc(signal.at),
        topic=signal.topic,
        severity=signal.verdict.severity,
        posts_per_min=evidence.posts,
        expected_posts_per_min=evidence.expected_posts,
        negatives_per_min=evidence.negatives,
        expected_negatives_per_min=evidence.expected_negatives,
    )
