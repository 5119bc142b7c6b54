"""A job that fetches the calendar dies half-way, and then the responders start again.

Pia has the night by the calendar, Per by the layers below it. The calendar that is on the disk
when a crisis opens is only half there: Pia is paged all the same, as it stood when a responder
last read it. In a store that never saw it whole, Per is.
"""

import logging
from pathlib import Path

import pytest

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import TEAM, crisis_room, team

ROTA = 'name = "pr-on-call"\ntime_zone = "UTC"\n'
WITH_CALENDAR = team(base=TEAM.replace(ROTA, ROTA + 'ical = "team.ics"\n', 1))
CALENDAR = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260309T200000Z\r\n"
    "DTEND:20260310T080000Z\r\nSUMMARY:Pia\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.parametrize(
    ("before", "paged"),
    [
        pytest.param(CALENDAR, "pia", id="it-was-read-before"),
        pytest.param(CALENDAR[:70], "per", id="it-never-was-whole"),
    ],
)
def test_a_responder_that_starts_with_half_a_calendar_pages_all_the_same(
    make_store: MakeStore,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    before: str,
    paged: str,
) -> None:
    with crisis_room(make_store, config=WITH_CALENDAR, responders=0) as room:
        (tmp_path / "team.ics").write_text(before)
        room.stop_responder(room.add_responder(folder=tmp_path))
        (tmp_path / "team.ics").write_text(CALENDAR[:70])
        caplog.clear()
        room.add_responder(folder=tmp_path)

        room.signal("opened", Severity.HIGH)

        assert room.pages() == [("03:00", paged)]
        (record,) = caplog.records
        assert record.levelno == logging.ERROR
        assert f"{tmp_path}/team.ics: not a calendar; the rota 'pr-on-call'" in record.getMessage()
