"""`incidents`: the cases of a store, from a terminal.

A case is named by any part of its id that no other case's id has. What is asked for here
goes the same way as a button in Slack: the same roles, the same record.
"""

import getpass
import os
import shlex
import uuid
from collections.abc import Callable
from pathlib import Path

import orjson
from rich.console import Console

from alerting.commands import Command, Origin
from alerting.response.case import Case, UnreadableCaseError, decode_case
from alerting.response.holding import HoldingMessage
from alerting.response.response_text import case_lines
from alerting.store.redis_store import RedisStore
from crisiswatch.app.config_file import read_config
from crisiswatch.app.reach import no_picture, nowhere
from crisiswatch.app.response import Response
from crisiswatch.app.stores import opened, where
from crisiswatch.detection.signal import Severity
from crisiswatch.errors import CrisiswatchError
from crisiswatch.incidents.record import record_line

OK = 0
FOUND_SOMETHING = 1

ACTING_AS = "CRISISWATCH_PERSON"
"""The variable that says which person of the configuration sits at this terminal."""


def run_list(
    *, config_path: Path | None, store: str | None, everything: bool, as_json: bool
) -> int:
    """Print the open cases, or all of them; name those that can not be read, and return 1."""
    config = read_config(config_path)
    cases: list[Case] = []
    code = OK
    with opened(where(config, config_path, store)) as kept:
        for item in kept.cases(open_only=False):
            try:
                cases.append(decode_case(item.body))
            except UnreadableCaseError as error:
                Console(stderr=True, highlight=False).print(
                    f"{item.case_id}: {error}", markup=False, soft_wrap=True
                )
                code = FOUND_SOMETHING
    shown = [case for case in cases if everything or case.incident.is_open]
    shown.sort(key=lambda case: (case.incident.opened_at, case.id))
    console = Console(highlight=False)
    if as_json:
        console.out(orjson.dumps([record_line(case.incident) for case in shown]).decode())
        return code
    if not shown:
        console.print("no open incidents" if not everything else "no incidents")
        return code
    rows = [("severity", "state", "type", "message", "incident")]
    rows += [
        (
            case.incident.severity.label,
            case.incident.state.value,
            case.incident.crisis_type,
            "none" if case.message is None else case.message.stage.value,
            case.id,
        )
        for case in shown
    ]
    # Not a table of rich's: it cuts what is too wide, and a cut id names nothing.
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        console.print(
            line.rstrip(), style="dim" if number == 0 else None, markup=False, soft_wrap=True
        )
    return code


def run_show(*, name: str, config_path: Path | None, store: str | None, as_json: bool) -> int:
    """Print everything about one case."""
    config = read_config(config_path)
    with opened(where(config, config_path, store)) as kept:
        case = case_named(kept, name)
    console = Console(highlight=False, soft_wrap=True)
    if as_json:
        console.out(orjson.dumps(record_line(case.incident)).decode())
    else:
        for line in case_lines(case, all_wordings=True):
            console.print(line, markup=False)
    return OK


def run_command(
    make: Callable[[Case, Origin], Command],
    *,
    name: str,
    person: str | None,
    config_path: Path | None,
    store: str | None,
) -> int:
    """Ask for something as a person; print the answer; return 1 where it was refused."""
    config = read_config(config_path)
    with opened(where(config, config_path, store)) as kept:
        response = Response(
            config,
            config_path,
            store=kept,
            reach=nowhere(),
            draw=no_picture,
            keeps_calendars=False,
        )
        case = case_named(kept, name)
        origin = Origin(
            id=f"terminal/{uuid.uuid4().hex}",
            by=acting_as(person),
            at=response.clock.now(),
            via="terminal",
        )
        answer = response.desk.take(make(case, origin))
    Console(highlight=False, stderr=not answer.ok).print(answer.text, markup=False)
    return OK if answer.ok else FOUND_SOMETHING


def case_named(store: RedisStore, name: str) -> Case:
    """Return the case whose id is, or alone contains, `name`.

    Raises:
        CrisiswatchError: there is none, or more than one.
    """
    kept = store.case(name)
    if kept is not None:
        return decode_case(kept.body)
    every = [item for item in store.cases(open_only=False) if name.lower() in item.case_id.lower()]
    found = [item for item in every if item.is_open] or every
    if len(found) != 1:
        ids = ", ".join(item.case_id for item in found[:5]) or "none"
        raise CrisiswatchError(
            f"{name!r} names {len(found)} incidents ({ids})",
            "give a part of its id that only one has; `crisiswatch incidents list --all` shows them",
        )
    return decode_case(found[0].body)


def message_with(case: Case, text: str | None) -> HoldingMessage:
    """Return the message whose text's hash begins with `text`; without it the newest.

    Raises:
        CrisiswatchError: there is no such message.
    """
    for message in reversed(case.messages):
        if text is None or message.sha256.startswith(text):
            return message
    raise CrisiswatchError(
        f"no holding message whose text is {text!r}" if text else "there is no holding message",
        f"`crisiswatch incidents show {case.id}` shows the newest one and its hash",
    )


def message_read(case: Case, text: str | None) -> HoldingMessage:
    """Return the message that a person has read, by its text's hash.

    The newest is not good enough: somebody may have edited it since it was read.

    Raises:
        CrisiswatchError: no text is named, or there is no such message.
    """
    if not text:
        raise CrisiswatchError(
            "it is not said which text",
            f"read it with `crisiswatch incidents show {shlex.quote(case.id)}`, "
            "and give the first digits of its hash as --text",
        )
    return message_with(case, text)


def severity_named(text: str) -> Severity | None:
    """Return a severity by its name; `auto` gives detection the word again.

    Raises:
        CrisiswatchError: there is no such severity.
    """
    names = {severity.label: severity for severity in Severity if severity > Severity.NONE}
    if text != "auto" and text not in names:
        raise CrisiswatchError(
            f"severity {text!r} does not exist", f"use one of {', '.join(names)}, auto"
        )
    return names.get(text)


def key_in(case: Case, key: str) -> str:
    """Return an action's key, which people may give whole or from the message on."""
    return key if key.startswith(case.id) else f"{case.id}/{key}"


def edited_in_editor(message: HoldingMessage) -> tuple[tuple[str, str, str], ...]:
    """Let a person change the public wordings in their editor; return those that changed."""
    import click  # noqa: PLC0415  # only this command opens an editor

    changed = []
    for language, audience, text in message.texts:
        if audience != "public":
            continue
        new = click.edit(text, extension=f".{language}.txt")
        if new is not None and new.strip() and new.strip() != text:
            changed.append((language, audience, new.strip()))
    return tuple(changed)


def acting_as(person: str | None) -> str:
    """Return the id of whoever asks: as named, else by the environment, else the login."""
    named = person or os.environ.get(ACTING_AS)
    return named or getpass.getuser()
