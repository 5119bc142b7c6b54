"""What every workspace promises; a new one is one line in `WORKSPACES`.

`MEMBERS` can be invited and written to, `STRANGER` is known to none of them.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from rich.console import Console

from alerting.console.workspace import ConsoleWorkspace
from alerting.delivery import Lane, Workspace
from alerting.notices import Notice
from alerting.slack.calls import Timing
from alerting.slack.connection import web_client
from alerting.slack.sender import SlackWorkspace
from tests.doubles.fake_slack import FakeSlack
from tests.made_notices import EVERY_KIND, PAGE, STATUS, TEXT
from tests.still_clock import StillClock

MEMBERS = ("U0ADA", "U0BEN")
STRANGER = "U0NOBODY"
LONG_AGO_S = 0.0


def console(folder: Path) -> AbstractContextManager[Workspace]:
    made = ConsoleWorkspace(
        Console(file=io.StringIO(), width=80),
        StillClock(),
        members=MEMBERS,
        memory=folder / "printed.jsonl",
    )
    return closing(made)


@contextmanager
def slack(_: Path) -> Iterator[Workspace]:
    ticks = count(step=60.0)
    unhurried = Timing(now_s=lambda: next(ticks), wait=lambda _: None)
    with FakeSlack(users=MEMBERS, open_directory=False) as server:
        yield SlackWorkspace(web_client("xoxb-test", server.url), timing=unhurried)


WORKSPACES: dict[str, Callable[[Path], AbstractContextManager[Workspace]]] = {
    "console": console,
    "slack": slack,
}


@pytest.fixture(params=WORKSPACES)
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    with WORKSPACES[request.param](tmp_path) as made:
        yield made


def test_a_key_opens_one_room_however_often(workspace: Workspace) -> None:
    first = workspace.open_room("crisis-acme", key="case-1")

    assert workspace.open_room("crisis-acme", key="case-1") == first
    assert workspace.open_room("crisis-acme", key="case-2") != first


def test_every_message_has_a_reference_of_its_own_in_its_room(workspace: Workspace) -> None:
    room = workspace.open_room("crisis-acme", key="case-1")

    references = [
        workspace.post(room, notice, key=f"k{number}", lane=Lane.ROOM)
        for number, notice in enumerate(EVERY_KIND)
    ]

    assert len(set(references)) == len(EVERY_KIND)
    assert {reference.partition("/")[0] for reference in references} == {room}


@pytest.mark.parametrize("notice", [PAGE, STATUS, TEXT], ids=lambda one: type(one).__name__)
def test_what_was_posted_is_found_by_its_key(workspace: Workspace, notice: Notice) -> None:
    room = workspace.open_room("crisis-acme", key="case-1")
    workspace.post(room, STATUS, key="before", lane=Lane.ROOM)
    reference = workspace.post(room, notice, key="this", lane=Lane.PAGE)
    workspace.post(room, STATUS, key="after", lane=Lane.ROOM)

    assert workspace.find(room, key="this", since_s=LONG_AGO_S) == reference
    assert workspace.find(room, key="another", since_s=LONG_AGO_S) is None


def test_an_answer_in_a_thread_is_found_by_its_key(workspace: Workspace) -> None:
    room = workspace.open_room("crisis-acme", key="case-1")
    status = workspace.post(room, STATUS, key="status", lane=Lane.ROOM)
    answer = workspace.post(room, TEXT, key="answer", lane=Lane.UPDATE, thread=status)

    assert answer != status
    assert workspace.find(room, key="answer", since_s=LONG_AGO_S) == answer


def test_a_message_to_a_person_is_found_by_its_key(workspace: Workspace) -> None:
    reference = workspace.post(MEMBERS[0], PAGE, key="page", lane=Lane.PAGE)

    assert workspace.find(MEMBERS[0], key="page", since_s=LONG_AGO_S) == reference


def test_an_updated_message_keeps_its_key(workspace: Workspace) -> None:
    room = workspace.open_room("crisis-acme", key="case-1")
    reference = workspace.post(room, STATUS, key="status", lane=Lane.ROOM)

    workspace.update(reference, TEXT, lane=Lane.UPDATE)
    workspace.pin(reference)
    workspace.set_topic(room, "critical: Acme Air")

    assert workspace.find(room, key="status", since_s=LONG_AGO_S) == reference


def test_who_can_not_be_invited_is_named_and_the_others_are_invited(workspace: Workspace) -> None:
    room = workspace.open_room("crisis-acme", key="case-1")

    refused = workspace.invite(room, [*MEMBERS, STRANGER])

    assert set(refused) == {STRANGER}
    assert refused[STRANGER]
    assert dict(workspace.invite(room, MEMBERS)) == {}
