import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crisiswatch.app.config_file import read_config
from crisiswatch.app.directory import directory_of
from crisiswatch.app.rota import run_rota_check, run_rota_show, run_rota_who
from crisiswatch.errors import InputError

REPOSITORY = Path(__file__).resolve().parents[2]
AIRLINE = REPOSITORY / "deploy" / "examples" / "airline.toml"

TEAM = """
[[people]]
id = "ada"
name = "Ada Lindt"
slack = "U0ADA"

[[rotas]]
name = "pr-on-call"
time_zone = "Europe/Berlin"
ical = "team.ics"
"""
EVENT = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def team(tmp_path: Path) -> Path:
    event = "DTSTART:20150222T090000\r\nDTEND:20150222T170000\r\nSUMMARY:Ada Lindt"
    (tmp_path / "team.ics").write_bytes(EVENT.format(event=event).encode())
    path = tmp_path / "c.toml"
    path.write_text(TEAM)
    return path


def test_who_tells_names_and_local_times(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_rota_who(AIRLINE, "2015-02-22T03:00", as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Sun 22 Feb 2015 03:00 (America/New_York)"
    assert lines[2].split("  ")[0] == "pr-on-call"
    assert "Anna Vogel" in lines[2]
    assert "Sun 22 Feb 13:00" in lines[2]


def test_who_without_a_time_means_now_and_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_rota_who(AIRLINE, None, as_json=True) == 0
    duties = {duty["name"]: duty for duty in json.loads(capsys.readouterr().out)}
    assert datetime.fromisoformat(duties["pr-on-call"]["until"]) > datetime.now(UTC)
    assert duties["legal"]["persons"] == ["nadia"]


def test_a_duty_that_nobody_has_is_the_exit_code(team: Path) -> None:
    assert run_rota_who(team, "2015-02-22T09:00+01:00", as_json=True) == 0
    assert run_rota_who(team, "2015-02-22T08:59+01:00", as_json=True) == 1


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(InputError, match="'noon' is no time; write it as in"):
        run_rota_who(AIRLINE, "noon", as_json=False)


@pytest.mark.parametrize("at", ["9999-12-31T23:00", "0001-01-01", "1969-12-31", "2200-01-01"])
def test_a_time_of_a_year_in_which_nobody_works_is_refused(at: str) -> None:
    year = int(at[:4])
    said = f"'{at}' is in the year {year}; give a time of the years 1970 to 2199"
    with pytest.raises(InputError, match=said):
        run_rota_who(AIRLINE, at, as_json=False)
    with pytest.raises(InputError, match=said):
        run_rota_show(AIRLINE, 2, as_json=False, at=at)


@pytest.mark.parametrize("at", ["1970-01-01T00:00+14:00", "2199-12-31T23:59-12:00"])
def test_the_first_and_the_last_time_are_shown(at: str) -> None:
    assert run_rota_show(AIRLINE, 52, as_json=True, at=at) == 0
    assert run_rota_who(AIRLINE, at, as_json=True) in {0, 1}


def test_show_draws_weeks_and_writes_a_calendar_that_reads_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rota.ics"
    assert run_rota_show(AIRLINE, 2, as_json=False, ics_out=out, at="2015-02-18") == 0
    shown = capsys.readouterr().out
    assert shown.count("pr-on-call-backup") == 2
    assert "Mon 16" in shown
    again = tmp_path / "again.toml"
    rotas = "".join(
        f'\n[[rotas]]\nname = "{rota.name}"\nical = "rota.ics"\n'
        for rota in read_config(AIRLINE).rotas
    )
    text = AIRLINE.read_text()
    people = text[text.index("\n[[people]]") :]
    again.write_text(people + rotas)
    now = datetime(2015, 2, 18, tzinfo=UTC)
    directory, findings = directory_of(read_config(again), again, now)
    original, _ = directory_of(read_config(AIRLINE), AIRLINE, now)
    assert not findings
    for day in range(17, 28):
        moment = datetime(2015, 2, day, 12, tzinfo=UTC)
        (person,) = directory.on_duty("pr-on-call", moment)
        assert (person.id,) == original.rotas["pr-on-call"].persons_at(moment)


def test_show_as_json_lists_every_shift(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_rota_show(AIRLINE, 1, as_json=True, at="2015-02-18") == 0
    shifts = json.loads(capsys.readouterr().out)
    legal = [shift for shift in shifts if shift["duty"] == "legal"]
    assert [(shift["persons"], shift["start"]) for shift in legal] == [
        (["nadia"], "2015-02-16T05:00:00+00:00")
    ]


@pytest.mark.parametrize("weeks", [0, -1, 53, 10**9])
def test_weeks_that_can_not_be_shown_are_refused(weeks: int) -> None:
    with pytest.raises(InputError, match="weeks can not be shown; give 1 to 52"):
        run_rota_show(AIRLINE, weeks, as_json=False)


def test_the_airline_example_has_a_clean_rota_today(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_rota_check(AIRLINE, 60, as_json=False) == 0
    assert capsys.readouterr().out.endswith("60 days: 0 errors, 0 warnings\n")


def test_check_names_gaps_and_what_calendars_lack_with_file_and_line(
    team: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    event = "DTSTART:20150222T090000\r\nDTEND:20150222T170000\r\nSUMMARY:Eve"
    calendar = team.with_name("team.ics")
    calendar.write_bytes(EVENT.format(event=event).encode())
    assert run_rota_check(team, 14, as_json=True) == 1
    findings = json.loads(capsys.readouterr().out)
    places = {(finding["source"], finding["line"]) for finding in findings}
    assert (str(calendar), 6) in places
    gaps = [finding for finding in findings if finding["path"].startswith("rotas[")]
    assert [(gap["line"], gap["path"]) for gap in gaps] == [(7, "rotas[1]")]


def test_a_calendar_that_is_not_there_is_refused_with_its_rota(team: Path) -> None:
    team.with_name("team.ics").unlink()
    with pytest.raises(InputError, match="correct ical of the rota 'pr-on-call'"):
        run_rota_who(team, None, as_json=False)
