"""Whether Slack lets us do what we will need, asked before it is needed."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from alerting.slack.failures import FAILURES, meaning, name_of

REQUIRED_SCOPES = (
    "channels:history",
    "channels:manage",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "im:history",
    "im:write",
    "pins:write",
    "usergroups:read",
    "users:read",
)
PRIVATE_ROOM_SCOPES = ("groups:history", "groups:read", "groups:write")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackFinding:
    """One thing that was asked: whether it is well, and what to do if it is not."""

    is_well: bool
    what: str
    remedy: str = ""


def self_test(
    client: WebClient,
    *,
    private_rooms: bool = False,
    members: Sequence[str] = (),
    app_client: WebClient | None = None,
) -> tuple[SlackFinding, ...]:
    """Ask Slack who we are, what we may do, and whether these members can be reached.

    `app_client` holds the app token of Socket Mode. Changes nothing and never raises.
    """
    try:
        answer = client.auth_test()
    except FAILURES as error:
        return (
            SlackFinding(
                is_well=False,
                what=meaning(error, "auth.test", changes=False).why,
                remedy="check SLACK_BOT_TOKEN, slack.api_url and the network",
            ),
        )
    found = [
        SlackFinding(
            is_well=True, what=f"Slack knows us as {answer.get('user')} in {answer.get('team')}"
        ),
        _scopes(dict(answer.headers), private_rooms=private_rooms),
        *(finding for member in members if (finding := _member(client, member)) is not None),
    ]
    if app_client is not None:
        found.append(_socket_mode(app_client))
    return tuple(found)


def _scopes(headers: dict[str, str], *, private_rooms: bool) -> SlackFinding:
    given = next(
        (value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), None
    )
    if given is None:
        return SlackFinding(
            is_well=False,
            what="Slack does not say which scopes the token has",
            remedy="check that slack.api_url reaches Slack and that a proxy keeps its headers",
        )
    needed = REQUIRED_SCOPES + (PRIVATE_ROOM_SCOPES if private_rooms else ())
    has = {scope.strip() for scope in given.split(",")}
    missing = [scope for scope in needed if scope not in has]
    if missing:
        return SlackFinding(
            is_well=False,
            what=f"the token lacks {', '.join(missing)}",
            remedy="add them under OAuth & Permissions (or use deploy/slack-manifest.yaml) and reinstall the app",
        )
    return SlackFinding(is_well=True, what="the token has every scope it needs")


def _member(client: WebClient, member: str) -> SlackFinding | None:
    try:
        user = client.users_info(user=member).get("user") or {}
    except SlackApiError as error:
        return SlackFinding(
            is_well=False,
            what=f"member {member}: {name_of(error)}",
            remedy="correct `slack` of the person who has this id",
        )
    except FAILURES as error:
        return SlackFinding(is_well=False, what=meaning(error, "users.info", changes=False).why)
    if user.get("deleted"):
        return SlackFinding(
            is_well=False,
            what=f"member {member} is deactivated: a page would reach nobody",
            remedy="take them off the rotas",
        )
    return None


def _socket_mode(app_client: WebClient) -> SlackFinding:
    try:
        app_client.apps_connections_open(app_token=str(app_client.token))
    except FAILURES as error:
        return SlackFinding(
            is_well=False,
            what=meaning(error, "apps.connections.open", changes=False).why,
            remedy="check SLACK_APP_TOKEN (xapp-, scope connections:write) and that Socket Mode is on",
        )
    return SlackFinding(is_well=True, what="Socket Mode can be opened")
