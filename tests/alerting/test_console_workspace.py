"""A workspace on a terminal; the contract of workspaces holds besides."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from alerting.console.workspace import ConsoleWorkspace
from alerting.delivery import Lane, UndeliveredError
from alerting.notices import ApprovalNotice, Notice, StatusNotice
from crisiswatch.detection.signal import Severity
from crisiswatch.errors import StoreError
from tests.made_notices import (
    APPROVAL,
    CASE,
    DOUBT,
    ENGLISH,
    EVERY_KIND,
    HEAD,
    OFFER,
    PAGE,
    STATUS,
    TEXT,
)
from tests.made_signals import NOON, minute
from tests.still_clock import StillClock

ROOM = "crisis-acme"


class Screen:
    """A terminal of 80 columns, and a workspace on it."""

    def __init__(self) -> None:
        self._file = io.StringIO()
        console = Console(file=self._file, width=80)
        self.workspace = ConsoleWorkspace(console, StillClock())

    def shown(self) -> str:
        """Return what was printed since the last time."""
        text = self._file.getvalue()
        self._file.seek(0)
        self._file.truncate()
        return text

    def after(self, before: Notice, after: Notice) -> str:
        """Return what the change of a message prints."""
        reference = self.workspace.post(ROOM, before, key="k", lane=Lane.ROOM)
        self.shown()
        self.workspace.update(reference, after, lane=Lane.UPDATE)
        return self.shown()


@pytest.fixture
def screen() -> Screen:
    return Screen()


def test_a_page_reads_calmly_at_80_columns(screen: Screen) -> None:
    screen.workspace.post("ada", PAGE, key="k", lane=Lane.PAGE)

    assert screen.shown() == (
        "┃ ● CRITICAL  Acme Air  page for pr-on-call  → ada\n"
        "┃ service-outage, since 22 Feb 2015 12:00 UTC\n"
        "┃   • negative posts 142/min where 6 were expected (23x)\n"
        "┃ What they say\n"
        "┃   » @acme cancelled again 😡 and [bold]nobody[/bold] answers\n"
        "┃ First steps\n"
        "┃   1. Acknowledge\n"
        "┃   2. Pause scheduled posts\n"
        "┃ Room: crisis-acme\n"
        "┃ Answer by 12:10 UTC, or the next person is called.\n"
        "┃ I am on it  crisiswatch incidents ack 'Acme Air/burst/1424606400'\n"
        "\n"
    )


@pytest.mark.parametrize("notice", EVERY_KIND, ids=lambda one: type(one).__name__)
def test_only_what_is_to_be_copied_is_wider_than_the_terminal(
    screen: Screen, notice: Notice
) -> None:
    long = replace(notice, head=replace(HEAD, topics=("Acme Air " * 9,)))

    screen.workspace.post(ROOM, long, key="k", lane=Lane.ROOM)

    lines = screen.shown().splitlines()
    assert len(lines) > 1
    assert [line for line in lines if len(line) > 80 and "crisiswatch incidents" not in line] == []


@pytest.mark.parametrize(
    ("notice", "commands"),
    [
        (PAGE, [f"ack '{CASE}'"]),
        (
            APPROVAL,
            [
                f"approve '{CASE}' --text 3f2a9c01bb7e",
                f"edit '{CASE}' --text 3f2a9c01bb7e",
                f"reject '{CASE}' --text 3f2a9c01bb7e --reason WHY",
            ],
        ),
        (DOUBT, [f"--went-out '{DOUBT.action_key}'", f"--did-not '{DOUBT.action_key}'"]),
        (OFFER, [f"accept '{CASE}' --as ben", f"decline '{CASE}' --as ben"]),
        (replace(APPROVAL, is_open=False), []),
        (replace(DOUBT, is_open=False), []),
        (replace(OFFER, is_open=False), []),
    ],
    ids=["page", "approval", "doubt", "offer", "decided", "settled", "answered"],
)
def test_what_slack_has_buttons_for_can_be_typed_whole(
    screen: Screen, notice: Notice, commands: list[str]
) -> None:
    screen.workspace.post(ROOM, notice, key="k", lane=Lane.ROOM)

    lines = [line for line in screen.shown().splitlines() if "crisiswatch incidents" in line]
    assert len(lines) == len(commands)
    for line, command in zip(lines, commands, strict=True):
        assert line.endswith(command)


def test_every_wording_is_shown_to_its_approvers(screen: Screen) -> None:
    screen.workspace.post(ROOM, APPROVAL, key="k", lane=Lane.DECISION)

    shown = screen.shown()
    for wording in APPROVAL.wordings:
        assert all(line in shown for line in wording.text.splitlines())


@pytest.mark.parametrize(
    "after",
    [
        replace(STATUS, updated_at=minute(1), reasons=("negative posts 150/min",)),
        replace(STATUS, paged=("Ada", "Ben"), reserve="7 of 8 called", themes=("others",)),
        STATUS,
    ],
    ids=["numbers", "lists", "nothing"],
)
def test_a_status_that_moves_from_minute_to_minute_prints_nothing(
    screen: Screen, after: StatusNotice
) -> None:
    assert screen.after(STATUS, after) == ""


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (replace(STATUS, state="acknowledged"), "┃ Now acknowledged\n"),
        (replace(STATUS, on_it=("Ada",)), "┃ On it: Ada\n"),
        (replace(STATUS, holding_message="approved"), "┃ Holding message: approved\n"),
        (
            replace(STATUS, head=replace(HEAD, severity=Severity.MEDIUM)),
            "┃ ● critical → ◑ medium\n",
        ),
    ],
    ids=["state", "on-it", "holding-message", "severity"],
)
def test_a_status_says_in_two_lines_what_people_care_about(
    screen: Screen, after: StatusNotice, said: str
) -> None:
    shown = screen.after(STATUS, after)

    assert shown.endswith(f"  update  → crisis-acme\n{said}\n")
    assert len(shown.splitlines()) == 3


def test_what_is_printed_is_measured_against_what_was_seen_last(screen: Screen) -> None:
    workspace = screen.workspace
    reference = workspace.post(ROOM, STATUS, key="k", lane=Lane.ROOM)
    on_it = replace(STATUS, on_it=("Ada",))
    workspace.update(reference, on_it, lane=Lane.UPDATE)
    screen.shown()

    workspace.update(reference, replace(on_it, updated_at=minute(9)), lane=Lane.UPDATE)
    assert screen.shown() == ""
    workspace.update(reference, replace(STATUS, updated_at=minute(10)), lane=Lane.UPDATE)
    assert "On it: nobody" in screen.shown()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (APPROVAL, replace(APPROVAL, approved_by=("Ada",), state="1 of 2"), "Approved by: Ada"),
        (OFFER, replace(OFFER, state="accepted", is_open=False), "Now accepted"),
        (DOUBT, replace(DOUBT, why="Ada saw it", is_open=False), "settled: Ada saw it"),
        (TEXT, replace(TEXT, lines=("Done",)), "Done"),
    ],
    ids=["approval", "offer", "doubt", "text"],
)
def test_other_messages_say_what_became_of_them(
    screen: Screen, before: Notice, after: Notice, said: str
) -> None:
    assert said in screen.after(before, after)


def test_an_edited_text_is_shown_whole_again(screen: Screen) -> None:
    edited: ApprovalNotice = replace(
        APPROVAL, sha256="b" * 64, wordings=(replace(ENGLISH, text="It is our fault."),)
    )

    shown = screen.after(APPROVAL, edited)

    assert "It is our fault." in shown
    assert "--text bbbbbbbbbbbb" in shown


def test_a_message_of_an_earlier_process_is_shown_whole(screen: Screen) -> None:
    screen.workspace.update("crisis-acme/7", STATUS, lane=Lane.UPDATE)

    assert "On it: nobody yet" in screen.shown()


def test_nothing_in_a_post_can_steer_the_terminal(screen: Screen) -> None:
    screen.workspace.post(
        ROOM, replace(PAGE, samples=("\x1b[2J\u202egone",)), key="k", lane=Lane.PAGE
    )

    shown = screen.shown()
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_terminal_without_accents_shows_what_it_can() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")

    ConsoleWorkspace(Console(file=file, width=80), StillClock()).post(
        "ada", PAGE, key="k", lane=Lane.PAGE
    )

    assert b"CRITICAL  Acme Air  page for pr-on-call" in raw.getvalue()


@contextmanager
def pipe_without_a_reader() -> Iterator[io.TextIOWrapper]:
    reading, writing = os.pipe()
    os.close(reading)
    pipe = os.fdopen(writing, "w")
    try:
        yield pipe
    finally:
        with pytest.raises(BrokenPipeError):
            pipe.close()


def test_a_reader_that_has_gone_gets_nothing_more_ever() -> None:
    with pipe_without_a_reader() as pipe:
        workspace = ConsoleWorkspace(Console(file=pipe, width=80), StillClock())

        with pytest.raises(UndeliveredError, match="nobody reads") as raised:
            workspace.post(ROOM, PAGE, key="k", lane=Lane.PAGE)

        assert raised.value.retry_in_s is None
        assert workspace.find(ROOM, key="k", since_s=0) is None


def test_a_full_disk_behind_the_terminal_is_worth_another_try() -> None:
    file = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115  # closing it fails too
    workspace = ConsoleWorkspace(Console(file=file, width=80), StillClock())

    with pytest.raises(UndeliveredError, match="No space left") as raised:
        workspace.post(ROOM, PAGE, key="k", lane=Lane.PAGE)

    assert raised.value.retry_in_s is not None
    with pytest.raises(OSError, match="No space left"):
        file.close()


def with_memory(path: Path, clock: StillClock) -> ConsoleWorkspace:
    return ConsoleWorkspace(Console(file=io.StringIO()), clock, memory=path)


def test_with_a_file_a_restart_finds_rooms_and_messages_and_counts_on(tmp_path: Path) -> None:
    path, clock = tmp_path / "printed.jsonl", StillClock()
    first = with_memory(path, clock)
    room = first.open_room("crisis/acme", key="case-1")
    reference = first.post(room, PAGE, key="page", lane=Lane.PAGE)
    first.close()

    second = with_memory(path, clock)
    assert second.open_room("crisis/acme", key="case-1") == room == "crisis-acme"
    assert second.find(room, key="page", since_s=NOON.timestamp()) == reference
    assert second.post(room, PAGE, key="next", lane=Lane.PAGE) != reference
    second.close()


def test_what_was_printed_before_the_asked_time_is_not_it(screen: Screen) -> None:
    screen.workspace.post(ROOM, PAGE, key="k", lane=Lane.PAGE)
    later = NOON + timedelta(seconds=1)

    assert screen.workspace.find(ROOM, key="k", since_s=later.timestamp()) is None


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    path.write_text("topic,bin\n")

    with pytest.raises(StoreError, match=r"readings\.csv, line ending at byte 10"):
        with_memory(path, StillClock())

    assert path.read_text() == "topic,bin\n"


def test_a_picture_is_kept_where_asked_and_said(tmp_path: Path) -> None:
    file = io.StringIO()
    workspace = ConsoleWorkspace(
        Console(file=file, width=200), StillClock(), pictures=tmp_path / "pictures"
    )

    reference = workspace.upload(ROOM, b"png", "Posts per minute", key="c", thread=None)

    path = tmp_path / "pictures" / "crisis-acme-1.png"
    assert path.read_bytes() == b"png"
    assert str(path) in file.getvalue()
    assert workspace.find(ROOM, key="c", since_s=0) == reference
