"""What `up` and `respond` say first: what is watched, who hears of it, how to answer, how to stop."""

import shlex
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerting.directory import Directory
from alerting.typed_commands import TypedCommands
from crisiswatch.config import Config
from crisiswatch.screen.words import foreign

MOST_DUTIES = 4


def greet(
    console: Console,
    lines: list[tuple[str, str]],
    on_call: list[tuple[str, bool]],
    commands: TypedCommands,
) -> None:
    """Print what is said, in two columns; a duty that nobody has stands out.

    The command stands last and is not wrapped, so that it can be copied.
    """
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for label, words in lines:
        table.add_row(label, foreign(words))
    for number, (words, is_filled) in enumerate(on_call):
        style = "" if is_filled else "bold red"
        table.add_row("on call" if number == 0 else "", foreign(words, style))
    console.print(Text("crisiswatch", style="bold"))
    console.print(table)
    console.print("answer   ", style="dim", end="")
    console.print(typed(commands, "incidents", "list"), markup=False, soft_wrap=True)


def on_call_at(config: Config, directory: Directory, at: datetime) -> list[tuple[str, bool]]:
    """Return who has the duties that change hands, those first that runbooks page first.

    With each line, whether anybody has it.
    """
    duties = [rota.at(at) for rota in directory.rotas.values()]
    turning = [duty for duty in duties if duty.until is not None] or duties
    zone = config.response.zone
    said = []
    for duty in turning[:MOST_DUTIES]:
        people = (directory.person(person) for person in duty.persons)
        names = ", ".join(person.name for person in people if person is not None)
        until = "" if duty.until is None else f" until {duty.until.astimezone(zone):%a %d %b %H:%M}"
        said.append((f"{duty.name}: {names or 'nobody'}{until}", bool(names)))
    left = len(directory.rotas) - len(said)
    if left > 0:
        said.append((f"and {left} more: `crisiswatch rota who`", True))
    return said or [("nobody: there are no [[rotas]]", False)]


def typed(commands: TypedCommands, *words: str) -> str:
    """Return a command as it is typed here."""
    return shlex.join(("crisiswatch", *words, *commands.options))
