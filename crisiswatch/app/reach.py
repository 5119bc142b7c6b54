"""Where the response reaches people: Slack or the console, second channels, the public."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from alerting import access
from alerting.console.workspace import ConsoleWorkspace
from alerting.delivery import Pager, Publisher, Workspace
from alerting.directory import Directory
from alerting.publishers.http_post import is_this_machine
from alerting.publishers.registry import pager, publisher
from alerting.publishers.target import Target
from alerting.response.case import CoursePoint
from alerting.response.front_desk import FrontDesk
from alerting.slack.clicks import Clicks
from alerting.slack.connection import web_client
from alerting.slack.groups import Groups
from alerting.slack.http import HttpMode
from alerting.slack.sender import SlackWorkspace
from alerting.slack.socket_mode import SocketMode
from alerting.store.connection import connection_settings
from alerting.typed_commands import TypedCommands
from crisiswatch.app.clock import SystemClock
from crisiswatch.app.secrets import required_secret, secret
from crisiswatch.config import Config
from crisiswatch.config.people import Role
from crisiswatch.config.responding import SlackSettings
from crisiswatch.secret import Secret

BOT_TOKEN = "SLACK_BOT_TOKEN"  # noqa: S105  # the name of a variable
APP_TOKEN = "SLACK_APP_TOKEN"  # noqa: S105  # as above
SIGNING_SECRET = "SLACK_SIGNING_SECRET"  # noqa: S105  # as above

EARLY = datetime.min.replace(tzinfo=UTC)
"""Any time will do to look up people and roles, who are the same at all times."""

Draw = Callable[[tuple[CoursePoint, ...], str], bytes | None]
Listening = Callable[[FrontDesk, Callable[[str], str]], "Ear"]


class Ear:
    """Nothing to listen to: a console has no buttons."""

    def start(self) -> None:
        """Begin to listen."""

    def close(self) -> None:
        """Stop."""

    def fault(self) -> str | None:
        """Return why what people press does not arrive, None where it does."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What leads outside, and back in. `told` says in words where people will hear of things."""

    workspace: Workspace
    pagers: Mapping[str, Pager] = field(default_factory=dict)
    publishers: Mapping[str, Publisher] = field(default_factory=dict)
    groups_of: Callable[[str], tuple[str, ...]] = lambda _member: ()
    listen: Listening = lambda _desk, _who: Ear()
    told: str = ""


def reach_of(
    config: Config, *, rehearsal: bool, commands: TypedCommands, now: SystemClock | None = None
) -> Reach:
    """Make what the configuration and the environment's tokens allow.

    In a `rehearsal` nobody is woken in earnest: nothing is published or sent to second
    channels, and Slack is used only where its address is one of this very machine, for a
    proxy leads to Slack as well as its own address does.
    """
    clock = SystemClock() if now is None else now
    token = secret(BOT_TOKEN)
    slack = config.slack
    pagers, publishers = ({}, {}) if rehearsal else outside(config, commands)
    is_elsewhere = rehearsal and not is_this_machine(urlsplit(slack.api_url).hostname or "")
    if token is None or slack.mode == "off" or is_elsewhere:
        console = Console(highlight=False)
        why = (
            "a replay does not page in earnest; --for-real would"
            if rehearsal and token is not None
            else f"no {BOT_TOKEN}"
        )
        return Reach(
            workspace=ConsoleWorkspace(console, clock, commands=commands),
            pagers=pagers,
            publishers=publishers,
            told=f"told on this terminal ({why})",
        )
    client = web_client(token.reveal(), slack.api_url)
    workspace = SlackWorkspace(client, private_rooms=slack.private_rooms)

    def listen(desk: FrontDesk, who: Callable[[str], str]) -> Ear:
        return _slack_ear(slack, token, desk, who)

    return Reach(
        workspace=workspace,
        pagers=pagers,
        publishers=publishers,
        groups_of=Groups(workspace.calls).groups_of,
        listen=listen,
        told=f"told in Slack at {slack.api_url}",
    )


def nowhere() -> Reach:
    """Return a reach for commands that only change a case: nothing is sent from there."""
    console = Console(highlight=False)
    return Reach(workspace=ConsoleWorkspace(console, SystemClock()))


def no_picture(_course: tuple[CoursePoint, ...], _title: str) -> bytes | None:
    """Draw nothing: commands at a terminal show no pictures."""
    return None


def roles_of(
    directory: Directory, config: Config, groups_of: Callable[[str], tuple[str, ...]]
) -> Callable[[str], frozenset[Role]]:
    """Return who may do what: a person's own roles, and those of their Slack groups.

    Whoever stands in a rota, or is called by an escalation, is an agent: somebody who can
    be paged must be able to answer.
    """
    can_be_paged = frozenset(_can_be_paged(directory))
    group_roles = config.slack.group_roles

    def roles(person_id: str) -> frozenset[Role]:
        person = directory.person(person_id)
        member = None if person is None else person.slack
        # groups cost a question to Slack, so they are asked about only if they can matter
        groups = groups_of(member) if group_roles and member is not None else ()
        granted = access.roles_of(person, groups, group_roles)
        return granted | {Role.AGENT} if person_id in can_be_paged else granted

    return roles


def _can_be_paged(directory: Directory) -> Iterator[str]:
    """Yield the ids of all whom any rota or any step of an escalation can call."""
    for duty, rota in directory.rotas.items():
        yield from rota.people
        policy = directory.escalation_of(duty)
        targets = [target for step in policy.steps for target in step.notify]
        for target in (*targets, *policy.last_resort):
            if target not in directory.rotas:
                yield from (person.id for person in directory.resolve(target, EARLY))


def who_of(directory: Directory) -> Callable[[str], str]:
    """Return the id of the person behind a Slack member; strangers keep their member id."""

    def who(member: str) -> str:
        person = directory.by_slack(member)
        return f"slack:{member}" if person is None else person.id

    return who


@contextmanager
def listening(reach: Reach, desk: FrontDesk, directory: Directory) -> Iterator[Ear]:
    """Take what people press, for as long as the block lasts."""
    ear = reach.listen(desk, who_of(directory))
    ear.start()
    try:
        yield ear
    finally:
        ear.close()


class _SlackEar(Ear):
    """Buttons and the slash command, over a socket that we open or over signed HTTP."""

    def __init__(self, clicks: Clicks, mode: SocketMode | HttpMode) -> None:
        self._clicks = clicks
        self._mode = mode

    def fault(self) -> str | None:
        """Return that no connection to Slack stands, where presses come over one."""
        is_deaf = isinstance(self._mode, SocketMode) and not self._mode.connected()
        return "no connection to Slack stands" if is_deaf else None

    def start(self) -> None:
        """Begin to listen, in the background."""
        self._mode.start()

    def close(self) -> None:
        """Stop, once what was pressed is carried out."""
        self._mode.close()
        self._clicks.close()


def _slack_ear(
    slack: SlackSettings, token: Secret, desk: FrontDesk, who: Callable[[str], str]
) -> Ear:
    client = web_client(token.reveal(), slack.api_url)
    clock = SystemClock()
    if slack.mode == "http":
        signing = required_secret(SIGNING_SECRET).reveal()
        clicks = Clicks(client, desk, who=who, now=clock.now, signing_secret=signing)
        http = HttpMode(clicks.app, signing, host=slack.http_host, port=slack.http_port)
        return _SlackEar(clicks, http)
    app_token = secret(APP_TOKEN)
    clicks = Clicks(client, desk, who=who, now=clock.now)
    if app_token is None:
        clicks.close()
        sys.stderr.write(
            f"crisiswatch: no {APP_TOKEN}: buttons in Slack will not work; "
            "set it, or answer with `crisiswatch incidents`\n"
        )
        return Ear()
    return _SlackEar(clicks, SocketMode(clicks.app, client, app_token.reveal()))


def outside(
    config: Config, commands: TypedCommands
) -> tuple[dict[str, Pager], dict[str, Publisher]]:
    """Make second channels and publishing targets; each address is in its variable.

    Raises:
        ConfigError: a variable is not set, or holds what can not work.
    """
    pagers = {
        channel.name: pager(
            channel.kind,
            Target(name=channel.name, url=required_secret(channel.url_env), commands=commands),
        )
        for channel in config.channels
    }
    publishers = {
        target.name: publisher(
            target.kind,
            Target(
                name=target.name,
                url=required_secret(target.url_env),
                language=target.language,
                commands=commands,
            ),
        )
        for target in config.publish
    }
    return pagers, publishers


def typed_commands(config_path: Path | None, store: str | None) -> TypedCommands:
    """Return the commands as they must be typed for this configuration and store."""
    options: list[str] = []
    if config_path is not None:
        options += ["-c", str(config_path)]
    if store is not None:
        # these words travel by SMS and chat: no password may be among them
        shown = connection_settings(store).address if "://" in store else store
        options += ["--store", shown]
    return TypedCommands(options=tuple(options))
