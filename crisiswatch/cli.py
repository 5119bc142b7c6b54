"""The command line: parse, wire, run, say what happened.

Exit codes: 0 all is well, 1 something wrong was found, 2 wrong usage or input.
Each command imports what it needs, so that `--help` answers at once.
"""

import codecs
import errno
import io
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from crisiswatch import __version__, cli_ingest, cli_record, cli_recovery, cli_response
from crisiswatch.errors import CrisiswatchError

FOUND_SOMETHING = 1
WRONG_USAGE = 2
PROGRAM = "crisiswatch"

_PERMISSION = "choose a place where you may read and write, or change its permissions"
_OS_FAULTS = {
    errno.EEXIST: ("a file stands where a folder is needed", "give another folder"),
    errno.ENOTDIR: ("a file stands where a folder is needed", "give another folder"),
    errno.EISDIR: ("is a folder, not a file", "give a file"),
    errno.ENOENT: ("no such file or folder", "correct the path, or make its folder first"),
    errno.EACCES: ("permission denied", _PERMISSION),
    errno.EPERM: ("operation not permitted", _PERMISSION),
    errno.EROFS: ("read-only file system", _PERMISSION),
    errno.ENOSPC: ("no space left on the device", "make room, then repeat the command"),
}

app = typer.Typer(
    name=PROGRAM,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Detect social-media crises as they start, and get the right people moving.",
    epilog="Start with `crisiswatch demo`: a minute, real parts, no account needed.",
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="TOML file with topics and settings."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]


def main() -> None:
    """Run the command line; errors that a person can act on are one line, not a traceback."""
    _say_everything()
    try:
        app()
    except Exception as raised:
        match _without_wrapping(raised):
            case BrokenPipeError():
                sys.stderr.close()
                sys.exit(0)
            case CrisiswatchError() as error:
                problem = str(error)
            case OSError() as error:
                problem = _os_fault(error)
            case _:
                raise
        typer.echo(f"{PROGRAM}: {problem}", err=True)
        sys.exit(WRONG_USAGE)


def _say_everything() -> None:
    """Write what an output's encoding lacks as JSON escapes it: a name ends no command."""
    codecs.register_error("escaped", _escaped)
    for stream in (sys.stdout, sys.stderr):
        # Others than strict were chosen, by the user or for a terminal that takes any bytes.
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="escaped")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _without_wrapping(error: BaseException) -> BaseException | None:
    """Return what was raised inside the dataflow; its engine wraps that in RuntimeErrors."""
    inner: BaseException | None = error
    while isinstance(inner, RuntimeError):
        inner = inner.__cause__ or inner.__context__
    return inner


def _os_fault(error: OSError) -> str:
    """Say what the system refused: the path, why, and what to do."""
    known = (error.strerror or str(error), "correct the path")
    why, remedy = _OS_FAULTS.get(error.errno or 0, known)
    place = "" if error.filename is None else f"{error.filename}: "
    return f"{place}{why}; {remedy}"


def _version(asked: bool) -> None:  # noqa: FBT001  # typer's signature
    if asked:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[  # typer acts on it before we are called
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command(
    epilog="Examples: `crisiswatch demo`, `crisiswatch demo --watch 0 --seed 3`",
)
def demo(
    out: Annotated[Path, typer.Option(help="Folder for what the run finds.")] = Path("demo-out"),
    seed: Annotated[int, typer.Option(help="Another seed is another day.", min=0)] = 7,
    watch_s: Annotated[
        float | None,
        typer.Option(
            "--watch",
            min=0,
            help="Seconds to take at least; default: 50 on a terminal, none in a pipe.",
        ),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Save the live view's busiest moment here, as SVG.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run a day of a fictional airline's posts, with crises in it, through the real pipeline."""
    from crisiswatch.app.demonstration import run_demo

    _exit(run_demo(out=out, seed=seed, watch_s=watch_s, picture=picture, as_json=as_json))


@app.command(
    epilog="Example: `crisiswatch init my-brand && crisiswatch check --config my-brand/crisiswatch.toml`",
)
def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make; it must not hold files yet.")],
    brand: Annotated[str, typer.Option(help="Whose name to put in.")] = "Example Air",
) -> None:
    """Write a commented starter configuration with runbooks."""
    from crisiswatch.app.setting_up import write_starter

    for path in write_starter(folder, brand):
        typer.echo(f"wrote {path}")
    typer.echo(f"next: {PROGRAM} check --config {folder / 'crisiswatch.toml'}")


@app.command(
    epilog="Example: `crisiswatch check --config deploy/examples/airline.toml`",
)
def check(
    config: ConfigOption = None,
    online: Annotated[
        bool,
        typer.Option("--online", help="Also ask Slack, the store and Kafka, and look for secrets."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Validate a configuration, its runbooks and rotas; name every fault with file and line."""
    from crisiswatch.app.setting_up import run_check

    if not online:
        _exit(run_check(config, as_json=as_json))
        return
    from crisiswatch.app.online import online_findings

    _exit(run_check(config, as_json=as_json, online=online_findings))


@app.command(
    epilog=(
        "Examples: `crisiswatch replay posts.jsonl -c airline.toml --out out/`, "
        "`crisiswatch replay posts.jsonl -c airline.toml --speed 3600`, "
        "`some-stream | crisiswatch replay - --live -c airline.toml`"
    ),
)
def replay(
    file: Annotated[
        Path, typer.Argument(help="Recorded posts, one JSON object a line; - is standard input.")
    ],
    config: ConfigOption = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="With -: while nothing comes, the wall clock goes on."),
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for what the run finds.")] = Path("out"),
    format_name: Annotated[
        str | None,
        typer.Option("--format", help="Shape of the posts; `auto` finds it line by line."),
    ] = None,
    speed: Annotated[
        str, typer.Option(help="Times faster than the posts' own clock, or `max`.")
    ] = "max",
    inspect: Annotated[
        str | None,
        typer.Option(
            help="`every-line` reads all lines for faults; `candidates`, faster, only what "
            "may match a topic. The counts are the same. Default: what the configuration says, "
            "else `every-line`."
        ),
    ] = None,
    recovery: Annotated[
        Path | None,
        typer.Option(help="Folder for snapshots: a killed run goes on where it stood."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Send recorded posts through the real pipeline; write signals, incidents and a page."""
    from crisiswatch.app.commands import run_replay

    _exit(
        run_replay(
            file=None if str(file) == "-" else file,
            live=live,
            config_path=config,
            out=out,
            format_name=format_name,
            speed=speed,
            inspect=inspect,
            recovery=recovery,
            as_json=as_json,
        )
    )


@app.command(
    epilog="Example: `crisiswatch backtest mentions.csv --scores scores.csv`",
)
def backtest(
    series: Annotated[
        Path, typer.Argument(help="CSV with `timestamp,value[,negative]`, a row per stretch.")
    ],
    scores: Annotated[
        Path | None,
        typer.Option(help="Write `timestamp,value,anomaly_score`; above 0 where one opens."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a count series through the real detectors; print openings with their reasons."""
    from crisiswatch.app.commands import run_backtest

    _exit(run_backtest(path=series, scores=scores, config_path=config, as_json=as_json))


@app.command(
    epilog='Example: `echo \'{"text": "still no refund!"}\' | crisiswatch score`',
)
def score(
    file: Annotated[
        Path | None,
        typer.Argument(help="JSONL with `text` (and `language`); - or nothing is standard input."),
    ] = None,
) -> None:
    """Say of each post how negative it is, whether it complains, and mask personal data.

    Each line is answered by one line; blank lines are passed over.
    """
    from crisiswatch.app.scoring import run_score

    _exit(run_score(None if file is None or str(file) == "-" else file))


def _exit(code: int) -> None:
    if code:
        raise typer.Exit(code)


cli_response.add_to(app)
cli_ingest.add_to(app)
cli_record.add_to(app)
cli_recovery.add_to(app)
