"""The command line of what is kept: `rota` (who is responsible) and `audit` (what was done).

Each command imports what it needs, so that `--help` answers at once.
"""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="TOML file with topics, people and settings."),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        help="Folder of the embedded store, or redis://..., rediss://..., unix://.... "
        "Default: [store] of the configuration, else out/store."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
AtOption = Annotated[
    str | None,
    typer.Option(help="A time as in 2026-12-24T23:00, in response.time_zone; default: now."),
]

rota = typer.Typer(no_args_is_help=True, help="Who is responsible at any given time.")
audit = typer.Typer(no_args_is_help=True, help="The record of everything said and done.")


def add_to(app: typer.Typer) -> None:
    """Give the program these commands."""
    app.add_typer(rota, name="rota")
    app.add_typer(audit, name="audit")


@rota.command(epilog="Example: `crisiswatch rota who -c crisis.toml --at 2026-12-24T23:00`")
def who(config: ConfigOption = None, at: AtOption = None, as_json: JsonOption = False) -> None:
    """Say who has which duty, now or at a time."""
    from crisiswatch.app.rota import run_rota_who

    _exit(run_rota_who(config, at, as_json=as_json))


@rota.command(
    epilog="Example: `crisiswatch rota show -c crisis.toml --weeks 4 --ics rota.ics`",
)
def show(
    config: ConfigOption = None,
    weeks: Annotated[int, typer.Option(help="How many weeks.")] = 2,
    at: AtOption = None,
    ics: Annotated[
        Path | None, typer.Option(help="Write the shifts there, as a calendar that others import.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw the coming weeks: who, from when to when, and where nobody is."""
    from crisiswatch.app.rota import run_rota_show

    _exit(run_rota_show(config, weeks, as_json=as_json, ics_out=ics, at=at))


@rota.command("check", epilog="Example: `crisiswatch rota check -c crisis.toml --days 90`")
def check_rota(
    config: ConfigOption = None,
    days: Annotated[int, typer.Option(help="How far ahead.")] = 14,
    as_json: JsonOption = False,
) -> None:
    """Find gaps, people on two duties at once, and people who can not be reached."""
    from crisiswatch.app.rota import run_rota_check

    _exit(run_rota_check(config, days, as_json=as_json))


@audit.command(epilog="Example: `crisiswatch audit verify --store out/store`")
def verify(
    config: ConfigOption = None, store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """Prove that the record is as it was written, or name every place where it is not."""
    from crisiswatch.app.audit_commands import run_audit_verify
    from crisiswatch.app.config_file import read_config
    from crisiswatch.app.stores import opened, where

    with opened(where(read_config(config), config, store)) as log:
        code = run_audit_verify(log, as_json=as_json)
    _exit(code)


@audit.command(
    epilog=(
        "Examples: `crisiswatch audit export > audit.jsonl`, "
        "`crisiswatch audit export --csv --incident southwest --out southwest.csv`"
    )
)
def export(
    config: ConfigOption = None,
    store: StoreOption = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV instead of JSON lines.")] = False,
    incident: Annotated[
        str | None, typer.Option(help="Only what concerns this incident: its id or a part of it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A file; default: standard output.")] = None,
) -> None:
    """Write the record for others: every decision, attempt, outcome and refusal."""
    from crisiswatch.app.audit_commands import AuditFormat, run_audit_export
    from crisiswatch.app.config_file import read_config
    from crisiswatch.app.incident_commands import case_named
    from crisiswatch.app.stores import opened, where

    with opened(where(read_config(config), config, store)) as log:
        code = run_audit_export(
            log,
            export_format=AuditFormat.CSV if as_csv else AuditFormat.JSONL,
            out=out,
            case_id=None if incident is None else case_named(log, incident).id,
        )
    _exit(code)


@audit.command(
    epilog='Example: `crisiswatch audit drill --as ada --at 2026-11-27T15:00 --said "took 25 minutes"`'
)
def drill(
    config: ConfigOption = None,
    store: StoreOption = None,
    at: Annotated[
        str | None,
        typer.Option(
            help="When it ended, as in 2026-11-27T15:00, in response.time_zone; default: now."
        ),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="Who you are, by id of [[people]]; else CRISISWATCH_PERSON, else your login.",
        ),
    ] = None,
    said: Annotated[str | None, typer.Option(help="What came of it, for the record.")] = None,
) -> None:
    """Record that a drill has ended, in the store of the service: the monitoring asks for the next."""
    from crisiswatch.app.clock import SystemClock
    from crisiswatch.app.config_file import read_config
    from crisiswatch.app.drills import run_audit_drill
    from crisiswatch.app.incident_commands import acting_as
    from crisiswatch.app.moments import moment_of
    from crisiswatch.app.stores import opened, where

    settings = read_config(config)
    now = SystemClock().now()
    ended_at = now if at is None else moment_of(at, settings.response.zone)
    with opened(where(settings, config, store)) as log:
        code = run_audit_drill(log, ended_at=ended_at, now=now, by=acting_as(person), said=said)
    _exit(code)


def _exit(code: int) -> None:
    if code:
        raise typer.Exit(code)
