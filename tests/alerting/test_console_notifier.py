"""Announcements on a terminal."""

import io
import os

import pytest
from rich.console import Console
from rich.text import Text

from alerting.actions import Announcement
from alerting.notifiers.console import ConsoleNotifier
from alerting.ports import NotDeliveredError
from crisiswatch.detection.signal import Change
from crisiswatch.incidents.events import SignalArrived
from crisiswatch.incidents.incident import apply
from tests.made_signals import made_signal

ANNOUNCEMENT = Announcement(
    incident=apply(None, SignalArrived(signal=made_signal(0, Change.OPENED))),
    change=Change.OPENED,
    holding_message_text="We are sorry.\nMore at 14:30.",
)


def drawn(announcement: Announcement) -> Text:
    return Text(f"{announcement.incident.topic} {announcement.change}", style="bold red").append(
        f"\n{announcement.holding_message_text}"
    )


def test_an_announcement_is_printed_as_it_is_drawn() -> None:
    screen = io.StringIO()

    ConsoleNotifier(Console(file=screen, width=100), drawn).notify(ANNOUNCEMENT)

    assert screen.getvalue() == "air opened\nWe are sorry.\nMore at 14:30.\n"


def test_a_terminal_gets_colours() -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, width=100, force_terminal=True, color_system="standard")

    ConsoleNotifier(terminal, drawn).notify(ANNOUNCEMENT)

    assert "\x1b[1;31mair opened" in screen.getvalue()


def test_a_reader_that_has_gone_is_no_delivery_and_does_not_end_the_program() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    pipe = os.fdopen(writing, "w")

    with pytest.raises(NotDeliveredError, match="Broken pipe"):
        ConsoleNotifier(Console(file=pipe, width=100), drawn).notify(ANNOUNCEMENT)

    with pytest.raises(BrokenPipeError):
        pipe.close()
