"""The command line of live streams: `ingest`.

Each command imports what it needs, so that `--help` answers at once.
"""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crisiswatch.errors import InputError


class Platform(StrEnum):
    """The platforms whose streams can be read."""

    BLUESKY = "bluesky"
    MASTODON = "mastodon"
    X = "x"


def add_to(app: typer.Typer) -> None:
    """Give the program this command."""
    app.command(
        epilog=(
            "Examples: `crisiswatch ingest bluesky | crisiswatch up -c my-brand/crisiswatch.toml`, "
            "`crisiswatch ingest bluesky --cursor bluesky.json >> posts.jsonl`, "
            "`crisiswatch ingest x -c my-brand/crisiswatch.toml --rules sync`, "
            "`crisiswatch ingest x -c my-brand/crisiswatch.toml --to kafka --retire`. "
            "All at once: `crisiswatch up --from bluesky -c my-brand/crisiswatch.toml`"
        )
    )(ingest)


def ingest(
    platform: Annotated[Platform, typer.Argument(help="Whose public stream to read.")],
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="TOML file; not needed for Bluesky."),
    ] = None,
    to: Annotated[
        str, typer.Option(help="Where posts go: - is standard output, or `kafka` as in [kafka].")
    ] = "-",
    cursor: Annotated[
        Path | None,
        typer.Option(
            help="File that remembers how far the stream was heard; a restart goes on there."
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            help="Begin here, in UTC, where no cursor is kept yet (Bluesky only, a day or two back).",
            formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"],
        ),
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option(
            help="X only: `show` the rules that choose posts, or `sync` them with the topics."
        ),
    ] = None,
    retire: Annotated[
        bool,
        typer.Option(
            help="With --to kafka: read nothing, and tell detection that this platform's reader is "
            "gone for good, so that it does not wait for it."
        ),
    ] = False,
    metrics: Annotated[
        str | None,
        typer.Option(
            help="Where to serve /metrics, /healthz and /readyz: HOST:PORT. With --to kafka they "
            "are served anyway, at [monitoring] ingest_listen or 127.0.0.1:9484 and above."
        ),
    ] = None,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Read a platform's live public stream, one post a line; Ctrl-C loses nothing.

    Bluesky needs no account. Tokens come from CRISISWATCH_MASTODON_TOKEN and CRISISWATCH_X_TOKEN.
    """
    from crisiswatch.app.ingesting import IngestOptions, run_ingest, run_retire, run_rules

    if rules is not None:
        if platform is not Platform.X:
            raise InputError(f"{platform} has no rules", "leave --rules out")
        _exit(run_rules(config_path=config, action=rules))
        return
    if retire:
        run_retire(platform.value, config_path=config, to=to)
        return
    _exit(
        run_ingest(
            IngestOptions(
                platform=platform.value,
                config_path=config,
                to=to,
                cursor=cursor,
                since=None if since is None else since.replace(tzinfo=UTC),
                metrics=metrics,
                parent=parent,
            )
        )
    )


def _exit(code: int) -> None:
    if code:
        raise typer.Exit(code)
