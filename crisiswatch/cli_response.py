"""The command line of the response: `up`, `respond` and `incidents`.

Each command imports what it needs, so that `--help` answers at once.
"""

import math
from pathlib import Path
from typing import Annotated

import typer

from crisiswatch.cli_ingest import Platform
from crisiswatch.errors import CrisiswatchError

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
CaseArgument = Annotated[str, typer.Argument(help="The incident's id, or any part of it.")]
AsOption = Annotated[
    str | None,
    typer.Option(
        "--as", help="Who you are, by id of [[people]]; else CRISISWATCH_PERSON, else your login."
    ),
]
TextOption = Annotated[
    str | None, typer.Option("--text", help="First digits of the text's hash; else the newest.")
]
ReadTextOption = Annotated[
    str | None,
    typer.Option("--text", help="First digits of the hash of the text that you have read."),
]

ParentOption = Annotated[
    int | None,
    typer.Option(hidden=True, help="The process that this one is a part of, and ends with."),
]

incidents = typer.Typer(no_args_is_help=True, help="The incidents of a store, from a terminal.")


def add_to(app: typer.Typer) -> None:
    """Give the program these commands."""
    app.command(
        epilog=(
            "Examples: `crisiswatch up -c airline.toml --replay posts.jsonl --speed 3600`, "
            "`crisiswatch up --from bluesky -c airline.toml`, "
            "`some-stream | crisiswatch up -c airline.toml`"
        )
    )(up)
    app.command(epilog="Example: `crisiswatch respond -c crisis.toml`")(respond)
    app.command(
        epilog=(
            "Examples: `crisiswatch detect -c crisis.toml --processes 2`, "
            "`some-stream | crisiswatch detect -c crisis.toml -`, "
            "`crisiswatch detect -c crisis.toml --process-id auto "
            "--addresses detect-0.detect:2101,detect-1.detect:2101`"
        )
    )(detect)
    app.add_typer(incidents, name="incidents")


def up(
    config: ConfigOption = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="Recorded posts, one JSON object a line; without it: standard input."),
    ] = None,
    platform: Annotated[
        Platform | None,
        typer.Option("--from", help="A platform whose live public stream to watch."),
    ] = None,
    speed: Annotated[
        str, typer.Option(help="Times faster than the posts' own clock; the rota's clock follows.")
    ] = "1",
    store: StoreOption = None,
    out: Annotated[Path, typer.Option(help="Folder for readings and dead letters.")] = Path("out"),
    stay: Annotated[
        bool, typer.Option("--stay", help="Go on responding after the recording has ended.")
    ] = False,
    for_real: Annotated[
        bool,
        typer.Option(
            "--for-real", help="With --replay: page people over Slack itself and second channels."
        ),
    ] = False,
    processes: Annotated[
        int | None,
        typer.Option(help="With Kafka: detect in so many processes, one a core."),
    ] = None,
) -> None:
    """Run everything on this machine: detection, response, and a store of its own."""
    from crisiswatch.app.up import UpOptions, run_up

    if replay is not None and str(replay) == "-":
        raise CrisiswatchError(
            "--replay -: what is piped in is live, and people would be paged about it in earnest",
            "give a recorded file with --replay; leave it out if the posts are of now",
        )
    _exit(
        run_up(
            UpOptions(
                config_path=config,
                file=replay,
                speed=_pace(speed),
                store=store,
                out=out,
                stay=stay,
                for_real=for_real,
                platform=None if platform is None else platform.value,
                processes=processes,
            )
        )
    )


def respond(
    config: ConfigOption = None,
    store: StoreOption = None,
    rehearsal: Annotated[
        bool,
        typer.Option("--rehearsal", help="Use neither Slack itself nor any second channel."),
    ] = False,
    parent: ParentOption = None,
) -> None:
    """Respond to the signals of a store; several may share one Redis."""
    from crisiswatch.app.up import run_respond

    _exit(run_respond(config_path=config, store=store, rehearsal=rehearsal, parent=parent))


def detect(
    posts: Annotated[
        str | None,
        typer.Argument(
            help="Recorded posts, one JSON object a line; - is standard input, live. "
            "Without it: the Kafka of the configuration."
        ),
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
    speed: Annotated[
        str, typer.Option(help="With a file: times faster than the posts' own clock, or `max`.")
    ] = "1",
    out: Annotated[
        Path, typer.Option(help="Folder for readings, dead letters and snapshots.")
    ] = Path("out"),
    processes: Annotated[
        int | None,
        typer.Option(
            help="Start so many processes on this machine, one a core, and keep them alive."
        ),
    ] = None,
    process_id: Annotated[
        str | None,
        typer.Option(
            help="Be this process, from 0, of a cluster that is started elsewhere; `auto`: the "
            "number at the end of the host's name."
        ),
    ] = None,
    addresses: Annotated[
        str | None,
        typer.Option(help="host:port of every process of that cluster, comma-separated."),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(help="host:port of /metrics, /healthz and /readyz; else as configured."),
    ] = None,
    parent: ParentOption = None,
) -> None:
    """Detect crises in a stream of posts; tell the responders of a store.

    It goes on where it stood after any end. SIGTERM and Ctrl-C end it at a snapshot. Exit
    codes besides those of all commands: 70 processes died again and again, 75 the disk is
    full, 76 another process of the cluster died, 77 the wall clock was set back, 130 a recording
    was stopped.
    """
    from crisiswatch.app.detecting import DetectOptions, run_detect

    _exit(
        run_detect(
            DetectOptions(
                posts=posts,
                config_path=config,
                speed=math.inf if speed == "max" else _pace(speed),
                store=store,
                out=out,
                processes=processes,
                process_id=process_id,
                addresses=addresses,
                metrics=metrics,
                parent=parent,
            )
        )
    )


@incidents.command("list", epilog="Example: `crisiswatch incidents list --all --json`")
def list_incidents(
    config: ConfigOption = None,
    store: StoreOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the open incidents."""
    from crisiswatch.app.incident_commands import run_list

    _exit(run_list(config_path=config, store=store, everything=everything, as_json=as_json))


@incidents.command(epilog="Example: `crisiswatch incidents show southwest`")
def show(
    case: CaseArgument,
    config: ConfigOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show everything about one incident."""
    from crisiswatch.app.incident_commands import run_show

    _exit(run_show(name=case, config_path=config, store=store, as_json=as_json))


@incidents.command(epilog="Example: `crisiswatch incidents ack southwest --as ada`")
def ack(
    case: CaseArgument,
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Say that you are on it; nobody else is called."""
    from alerting.commands import Acknowledge
    from crisiswatch.app.incident_commands import run_command

    _exit(
        run_command(
            lambda found, origin: Acknowledge(case_id=found.id, origin=origin),
            name=case,
            person=person,
            config_path=config,
            store=store,
        )
    )


@incidents.command(
    epilog="Example: `crisiswatch incidents resolve southwest --note 'flying again'`"
)
def resolve(
    case: CaseArgument,
    note: Annotated[str, typer.Option(help="Why it is over.")],
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Declare an incident over."""
    from alerting.commands import Resolve
    from crisiswatch.app.incident_commands import run_command

    _exit(
        run_command(
            lambda found, origin: Resolve(case_id=found.id, origin=origin, note=note),
            name=case,
            person=person,
            config_path=config,
            store=store,
        )
    )


@incidents.command(epilog="Example: `crisiswatch incidents note southwest 'operations confirm'`")
def note(
    case: CaseArgument,
    text: Annotated[str, typer.Argument(help="What is worth keeping.")],
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Add a note to the record."""
    from alerting.commands import AddNote
    from crisiswatch.app.incident_commands import run_command

    _exit(
        run_command(
            lambda found, origin: AddNote(case_id=found.id, origin=origin, text=text),
            name=case,
            person=person,
            config_path=config,
            store=store,
        )
    )


@incidents.command(
    epilog="Example: `crisiswatch incidents severity southwest critical --reason 'all flights stopped'`"
)
def severity(
    case: CaseArgument,
    to: Annotated[
        str, typer.Argument(help="low, medium, high, critical; auto: as detection says.")
    ],
    reason: Annotated[str, typer.Option(help="Why; it stands in the record.")],
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Override how bad it is."""
    from alerting.commands import SetSeverity
    from crisiswatch.app.incident_commands import run_command, severity_named

    _exit(
        run_command(
            lambda found, origin: SetSeverity(
                case_id=found.id, origin=origin, severity=severity_named(to), reason=reason
            ),
            name=case,
            person=person,
            config_path=config,
            store=store,
        )
    )


@incidents.command("type", epilog="Example: `crisiswatch incidents type southwest data-breach`")
def correct_type(
    case: CaseArgument,
    to: Annotated[str, typer.Argument(help="The crisis type, as runbooks are called.")],
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Correct what kind of crisis it is."""
    from alerting.commands import CorrectType
    from crisiswatch.app.incident_commands import run_command

    _exit(
        run_command(
            lambda found, origin: CorrectType(case_id=found.id, origin=origin, crisis_type=to),
            name=case,
            person=person,
            config_path=config,
            store=store,
        )
    )


@incidents.command(
    epilog="Example: `crisiswatch incidents approve southwest --text 3f9c2b7a10de --as ada`"
)
def approve(
    case: CaseArgument,
    text: ReadTextOption = None,
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Let this very holding message go out."""
    from alerting.commands import Approve
    from crisiswatch.app.incident_commands import message_read, run_command

    _exit(
        run_command(
            lambda found, origin: Approve(
                case_id=found.id,
                origin=origin,
                message_id=message_read(found, text).id,
                sha256=message_read(found, text).sha256,
            ),
            name=case,
            person=person,
            config_path=config,
            store=store,
        )
    )


@incidents.command(epilog="Example: `crisiswatch incidents edit southwest --as ada`")
def edit(
    case: CaseArgument,
    text: TextOption = None,
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Change the public wordings in your editor; they must be approved anew."""
    from alerting.commands import EditMessage
    from crisiswatch.app.incident_commands import edited_in_editor, message_with, run_command

    _exit(
        run_command(
            lambda found, origin: EditMessage(
                case_id=found.id,
                origin=origin,
                message_id=message_with(found, text).id,
                sha256=message_with(found, text).sha256,
                texts=edited_in_editor(message_with(found, text)),
            ),
            name=case,
            person=person,
            config_path=config,
            store=store,
        )
    )


@incidents.command(
    epilog="Example: `crisiswatch incidents reject southwest --text 3f9c2b7a10de --reason 'not true'`"
)
def reject(
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="Why it must not go out.")],
    text: ReadTextOption = None,
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Keep a holding message from going out."""
    from alerting.commands import Reject
    from crisiswatch.app.incident_commands import message_read, run_command

    _exit(
        run_command(
            lambda found, origin: Reject(
                case_id=found.id,
                origin=origin,
                message_id=message_read(found, text).id,
                sha256=message_read(found, text).sha256,
                reason=reason,
            ),
            name=case,
            person=person,
            config_path=config,
            store=store,
        )
    )


@incidents.command(epilog="Example: `crisiswatch incidents accept southwest --as gia`")
def accept(
    case: CaseArgument,
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Come, as a reserve agent who was asked."""
    _answer_offer(case, person, config, store, accepts=True)


@incidents.command(epilog="Example: `crisiswatch incidents decline southwest --as gia`")
def decline(
    case: CaseArgument,
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Stay away, as a reserve agent who was asked."""
    _answer_offer(case, person, config, store, accepts=False)


@incidents.command(epilog="Example: `crisiswatch incidents settle southwest --went-out KEY`")
def settle(
    case: CaseArgument,
    went_out: Annotated[
        str | None, typer.Option("--went-out", help="The publication that is out, by its key.")
    ] = None,
    did_not: Annotated[
        str | None, typer.Option("--did-not", help="The one that is not, and may be tried again.")
    ] = None,
    person: AsOption = None,
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Say whether a publication in doubt is out."""
    from alerting.commands import SettleDoubt
    from crisiswatch.app.incident_commands import key_in, run_command

    key = did_not if went_out is None else went_out
    if key is None or (went_out is not None and did_not is not None):
        raise CrisiswatchError("nothing is settled", "give one of --went-out KEY, --did-not KEY")
    _exit(
        run_command(
            lambda found, origin: SettleDoubt(
                case_id=found.id,
                origin=origin,
                action_key=key_in(found, key),
                happened=went_out is not None,
            ),
            name=case,
            person=person,
            config_path=config,
            store=store,
        )
    )


def _answer_offer(
    case: str, person: str | None, config: Path | None, store: str | None, *, accepts: bool
) -> None:
    from alerting.commands import AnswerOffer
    from crisiswatch.app.incident_commands import run_command

    _exit(
        run_command(
            lambda found, origin: AnswerOffer(
                case_id=found.id, origin=origin, person=origin.by, accepts=accepts
            ),
            name=case,
            person=person,
            config_path=config,
            store=store,
        )
    )


def _pace(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0 < speed < math.inf:
        raise CrisiswatchError(
            f"speed {text!r} is not a number above 0",
            "3600 lets an hour of posts, rotas and deadlines go by in a second",
        )
    return speed


def _exit(code: int) -> None:
    if code:
        raise typer.Exit(code)
