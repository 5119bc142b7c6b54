"""A drill on the record."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from alerting.keeping import AuditEntry
from crisiswatch.app.drills import drill_ended_s, run_audit_drill
from crisiswatch.errors import InputError
from crisiswatch.incidents.audit import GENESIS, AuditRecord, chain

ENDED = datetime(2026, 11, 27, 15, 0, tzinfo=timezone(timedelta(hours=1)))
NOW = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)


class Written:
    """A log that keeps its records in memory."""

    def __init__(self) -> None:
        self.records: list[AuditRecord] = []

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Append."""
        for one in entries:
            self.records.append(
                chain(
                    GENESIS,
                    at=one.at,
                    kind=one.kind,
                    case_id=one.case_id,
                    actor=one.actor,
                    detail=one.detail,
                )
            )


@pytest.fixture
def log() -> Written:
    return Written()


def test_a_drill_is_recorded_with_its_end_who_said_so_and_what_came_of_it(
    log: Written, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_audit_drill(log, ended_at=ENDED, now=NOW, by="ada", said="25 minutes") == 0

    (record,) = log.records
    assert (record.kind, record.actor, record.at) == ("drill", "ada", NOW)
    assert record.detail == {"ended_at": "2026-11-27T14:00:00+00:00", "said": "25 minutes"}
    assert drill_ended_s(record) == ENDED.timestamp()
    said = capsys.readouterr().out
    assert said == "recorded: a drill that ended at 2026-11-27 14:00 UTC, by ada\n"


def test_a_drill_that_has_not_ended_is_not_recorded(log: Written) -> None:
    with pytest.raises(InputError, match="has not ended; record it when it has"):
        run_audit_drill(log, ended_at=NOW + timedelta(seconds=1), now=NOW, by="ada", said=None)

    assert log.records == []


@pytest.mark.parametrize("detail", [{}, {"ended_at": 3}, {"ended_at": "noon"}], ids=str)
def test_a_record_that_tells_of_no_end_is_passed_over(log: Written, detail: dict[str, str]) -> None:
    run_audit_drill(log, ended_at=ENDED, now=NOW, by="ada", said=None)

    assert drill_ended_s(replace(log.records[0], detail=detail)) == 0
    assert drill_ended_s(replace(log.records[0], kind="outcome")) == 0
