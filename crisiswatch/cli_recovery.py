"""The command line of recovery: what detection has kept, copies of it, and a new beginning."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="TOML file whose [recovery] names the folder."),
]
DirOption = Annotated[
    Path | None,
    typer.Option("--dir", help="The recovery folder; else that of --config, else out/recovery."),
]

recovery = typer.Typer(
    no_args_is_help=True, help="What detection has kept to go on from, and its backups."
)


def add_to(app: typer.Typer) -> None:
    """Give the program these commands."""
    app.add_typer(recovery, name="recovery")


@recovery.command(epilog="Example: `crisiswatch recovery show -c crisis.toml`")
def show(
    config: ConfigOption = None,
    folder: DirOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script.")] = False,
) -> None:
    """Show what is kept: the store, its backups, and what was put aside. It may be in use."""
    from crisiswatch.app.recovery_commands import folder_of, run_show

    _exit(run_show(folder_of(config, folder), as_json=as_json))


@recovery.command(epilog="Example: `crisiswatch recovery backup -c crisis.toml --keep 10`")
def backup(
    config: ConfigOption = None,
    folder: DirOption = None,
    keep: Annotated[int, typer.Option(min=1, help="How many backups stay, the newest.")] = 4,
) -> None:
    """Copy the store as it is at this moment; detection may run meanwhile."""
    from crisiswatch.app.recovery_commands import folder_of, run_backup

    _exit(run_backup(folder_of(config, folder), keep=keep))


@recovery.command(epilog="Example: `crisiswatch recovery restore 20260301T103000Z -c crisis.toml`")
def restore(
    name: Annotated[
        str | None,
        typer.Argument(help="The backup, or the store that was put aside; else the newest backup."),
    ] = None,
    config: ConfigOption = None,
    folder: DirOption = None,
) -> None:
    """Make a backup the store; the store of now is put aside. Detection must not run."""
    from crisiswatch.app.recovery_commands import folder_of, run_restore

    _exit(run_restore(folder_of(config, folder), name))


@recovery.command(epilog="Example: `crisiswatch recovery rebuild -c crisis.toml`")
def rebuild(config: ConfigOption = None, folder: DirOption = None) -> None:
    """Put store and backups aside: the next start reads its source again. Detection must not run."""
    from crisiswatch.app.recovery_commands import folder_of, run_rebuild

    _exit(run_rebuild(folder_of(config, folder)))


def _exit(code: int) -> None:
    if code:
        raise typer.Exit(code)
