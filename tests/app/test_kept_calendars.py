"""What a responder goes by that starts where a calendar is damaged."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerting.store.redis_store import RedisStore
from crisiswatch.app.config_file import read_config
from crisiswatch.app.kept_calendars import CALENDAR_DOCUMENT, standing_directory
from tests.doubles.redis_server import make_store, running_redis, store

__all__ = ["make_store", "running_redis", "store"]

TEAM = """
[[people]]
id = "ada"
name = "Ada Lindt"

[[people]]
id = "bo"
name = "Bo Berg"

[[rotas]]
name = "pr-on-call"
ical = "team.ics"
[[rotas.layers]]
people = ["bo"]
start = 2015-01-05

[[rotas]]
name = "legal"
always = ["bo"]
"""
CALENDAR = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20150222T090000Z\r\n"
    "DTEND:20150222T170000Z\r\nSUMMARY:Ada Lindt\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
NOON = datetime(2015, 2, 22, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "c.toml").write_text(TEAM)
    (tmp_path / "team.ics").write_text(CALENDAR)
    return tmp_path / "c.toml"


def on_call(path: Path, store: RedisStore, *, keeps: bool = True) -> tuple[list[str], list[str]]:
    """Start with the files as they are now; return who has the duty, and what is told."""
    directory, damaged = standing_directory(read_config(path), path, NOON, store, keeps=keeps)
    people = [person.id for person in directory.on_duty("pr-on-call", NOON)]
    return people, [str(finding).replace(f"{path.parent}/", "") for finding in damaged]


def _becomes_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut-short": (lambda path: path.write_text(CALENDAR[:-60]), "not a calendar"),
    "cut-in-the-middle-of-a-name": (
        lambda path: path.write_text(CALENDAR[: CALENDAR.index("Lindt")] + "\r\nLindt"),
        "not a calendar",
    ),
    "empty": (lambda path: path.write_text(""), "not a calendar"),
    "zeros": (lambda path: path.write_bytes(b"\0" * 512), "not a calendar"),
    "a-page-to-sign-in": (lambda path: path.write_text("<html>Sign in"), "not a calendar"),
    "not-utf8": (lambda path: path.write_bytes(b"caf\xe9"), "not UTF-8"),
    "gone": (os.unlink, "No such file or directory"),
    "a-folder": (_becomes_a_folder, "Is a directory"),
}
REMEDY = "mend the file and start the responders again; `crisiswatch check` tells more"


@pytest.mark.parametrize(("damage", "fault"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_calendar_stands_as_it_was_last_read(
    path: Path, store: RedisStore, damage: Callable[[Path], object], fault: str
) -> None:
    assert on_call(path, store) == (["ada"], [])

    damage(path.with_name("team.ics"))

    told = (
        f"team.ics: {fault}; the rota 'pr-on-call' goes by the shifts that were read from it at "
        f"2015-02-22 12:00 UTC; {REMEDY}"
    )
    assert on_call(path, store) == (["ada"], [told])
    assert on_call(path, store) == (["ada"], [told])  # what was damaged is never what is kept


@pytest.mark.parametrize(("damage", "fault"), DAMAGE.values(), ids=DAMAGE)
def test_one_that_was_never_read_leaves_the_layers(
    path: Path, store: RedisStore, damage: Callable[[Path], object], fault: str
) -> None:
    damage(path.with_name("team.ics"))

    told = (
        f"team.ics: {fault}; the rota 'pr-on-call' goes by its layers and overrides alone; {REMEDY}"
    )
    assert on_call(path, store) == (["bo"], [told])


def test_where_there_are_no_layers_it_says_that_nobody_is_left(
    path: Path, store: RedisStore
) -> None:
    path.write_text(TEAM.replace('[[rotas.layers]]\npeople = ["bo"]\nstart = 2015-01-05\n', ""))
    path.with_name("team.ics").write_text("")

    people, (told,) = on_call(path, store)
    assert people == []
    assert "its overrides alone: at all other times nobody has the duty" in told


def test_what_another_release_has_kept_is_as_good_as_nothing(path: Path, store: RedisStore) -> None:
    store.keep(CALENDAR_DOCUMENT + "pr-on-call", b'{"read_at": 1}')
    path.with_name("team.ics").write_text("")

    people, (told,) = on_call(path, store)
    assert people == ["bo"]
    assert "goes by its layers" in told


def test_a_calendar_that_is_mended_counts_again(path: Path, store: RedisStore) -> None:
    on_call(path, store)
    path.with_name("team.ics").write_text("")
    on_call(path, store)
    path.with_name("team.ics").write_text(CALENDAR.replace("Ada Lindt", "bo"))

    assert on_call(path, store) == (["bo"], [])


def test_a_command_takes_what_is_kept_and_keeps_nothing(path: Path, store: RedisStore) -> None:
    on_call(path, store)
    path.with_name("team.ics").write_text(CALENDAR.replace("Ada Lindt", "bo"))
    assert on_call(path, store, keeps=False) == (["bo"], [])
    path.with_name("team.ics").write_text("")

    assert on_call(path, store, keeps=False)[0] == ["ada"]


def test_only_ids_and_times_of_a_calendar_are_kept(path: Path, store: RedisStore) -> None:
    on_call(path, store)
    kept = store.kept(CALENDAR_DOCUMENT + "pr-on-call")
    assert kept is not None
    assert b"Lindt" not in kept
    assert store.kept(CALENDAR_DOCUMENT + "legal") is None
