"""What people do in the workspace: press, choose, submit, command; as the payloads Slack sends."""

import time
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.slack.answers import Json
from tests.doubles.slack.block_rules import elements
from tests.doubles.slack.triggers import Triggers
from tests.doubles.slack.workspace import APP, BOT, TEAM, Workspace, key_of

_RESPONSES_OF_URL = 5
_RESPONSE_URL_S = 1_800


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """Where an app may answer a press: five times, for half an hour."""

    channel: str
    ts: str | None
    user: str
    given_s: float
    used: int = 0

    def take(self) -> bool:
        """Use it once more, if it still can be."""
        self.used += 1
        return self.used <= _RESPONSES_OF_URL and time.monotonic() - self.given_s <= _RESPONSE_URL_S


@dataclass(slots=True, kw_only=True)
class PeopleActs:
    """Builds payloads from what is stored; a person can only do what a client would show."""

    workspace: Workspace
    triggers: Triggers
    base_url: str = ""
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)

    def find(self, message: str, channel: str | None = None) -> tuple[str, Json]:
        """Return (channel, message) by timestamp, by `channel/timestamp` or by key (the newest)."""
        room, _, ts = message.rpartition("/")
        found = [
            (where, one)
            for where, one in self.workspace.everything()
            if (one["ts"] == ts and room in {"", where}) or key_of(one) == message
            if channel in {None, where}
        ]
        if not found:
            keys = sorted({key for _, one in self.workspace.everything() if (key := key_of(one))})
            raise LookupError(f"no message {message!r} is stored; the newest keys: {keys[-20:]}")
        return found[-1]

    def press(self, where: str, message: Json, action: str, user: str) -> Json:
        """Return the payload of a pressed button, named by its action_id or by its text."""
        block, element = self._element(message, action, {"button", "overflow"})
        pressed: Json = {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "text": element.get("text"),
            **{name: element[name] for name in ("value", "style", "url") if name in element},
            "type": element["type"],
            "action_ts": f"{time.time():.6f}",
        }
        return self._block_actions(where, message, user, pressed)

    def select(self, where: str, message: Json, action: str, value: str, user: str) -> Json:
        """Return the payload of a choice in a select; `value` is an option's value or text."""
        block, element = self._element(
            message, action, {"static_select", "radio_buttons", "overflow", "users_select"}
        )
        chosen: Json = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": f"{time.time():.6f}",
        }
        if element["type"] == "users_select":
            chosen["selected_user"] = value
        else:
            groups = element.get("option_groups", ())
            options = [*element.get("options", ()), *(o for g in groups for o in g["options"])]
            fitting = [o for o in options if value in {o["value"], o["text"]["text"]}]
            if not fitting:
                raise LookupError(
                    f"{action}: no option {value!r}; there are {[o['value'] for o in options]}"
                )
            chosen["selected_option"] = fitting[0]
        payload = self._block_actions(where, message, user, chosen)
        payload["state"]["values"] = {block["block_id"]: {element["action_id"]: dict(chosen)}}
        return payload

    def submit_view(self, view_id: str, values: Json, user: str) -> Json:
        """Return the payload of a submitted modal.

        `values` maps action ids (or block ids, with a mapping of action ids each) to texts;
        what is not given stays as the modal showed it.
        """
        view = self.workspace.views.get(view_id)
        if view is None:
            raise LookupError(f"no view {view_id!r}; there are {list(self.workspace.views)}")
        state: Json = {}
        left = {
            (None if not isinstance(value, dict) else name, action): text
            for name, value in values.items()
            for action, text in (value.items() if isinstance(value, dict) else [(name, value)])
        }
        for block, element in elements(view["blocks"]):
            action = element["action_id"]
            given = left.pop((block["block_id"], action), left.pop((None, action), None))
            state.setdefault(block["block_id"], {})[action] = _input_state(element, given)
        if left:
            raise LookupError(f"the view has no inputs {sorted(map(str, left))}")
        view["state"] = {"values": state}
        return {
            **self._someone(user),
            "type": "view_submission",
            "trigger_id": self.triggers.new(user),
            "view": dict(view),
            "response_urls": [],
        }

    def close_view(self, view_id: str, user: str) -> Json:
        """Return the payload of a modal that was closed."""
        view = self.workspace.views[view_id]
        return {**self._someone(user), "type": "view_closed", "view": view, "is_cleared": False}

    def slash(self, command: str, text: str, channel: str, user: str) -> Json:
        """Return the payload of a slash command."""
        room = self.workspace.channel(channel, by_name=True)
        return {
            "token": "verification",
            "team_id": TEAM,
            "team_domain": "crisis",
            "channel_id": room["id"],
            "channel_name": room["name"] or "directmessage",
            "user_id": user,
            "user_name": self.workspace.user(user)["name"],
            "command": command,
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self._response_url(room["id"], None, user),
            "trigger_id": self.triggers.new(user),
        }

    def _block_actions(self, where: str, message: Json, user: str, action: Json) -> Json:
        room = self.workspace.channels[where]
        container = {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": where,
            "is_ephemeral": False,
        }
        if "thread_ts" in message:
            container["thread_ts"] = message["thread_ts"]
        return {
            **self._someone(user),
            "type": "block_actions",
            "container": container,
            "trigger_id": self.triggers.new(user),
            "channel": {"id": where, "name": room["name"] or "directmessage"},
            # Slack's payload holds the message without its metadata.
            "message": {name: value for name, value in message.items() if name != "metadata"},
            "state": {"values": {}},
            "response_url": self._response_url(where, message["ts"], user),
            "actions": [action],
        }

    def _someone(self, user: str) -> Json:
        found = self.workspace.user(user)
        return {
            "user": {
                "id": user,
                "username": found["name"],
                "name": found["name"],
                "team_id": TEAM,
            },
            "api_app_id": APP,
            "token": "verification",
            "team": {"id": TEAM, "domain": "crisis"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _response_url(self, channel: str, ts: str | None, user: str) -> str:
        name = f"{BOT}-{len(self.response_urls)}"
        self.response_urls[name] = ResponseUrl(
            channel=channel, ts=ts, user=user, given_s=time.monotonic()
        )
        return f"{self.base_url}/actions/{name}"

    @staticmethod
    def _element(message: Json, action: str, kinds: set[str]) -> tuple[Json, Json]:
        usable = [
            pair for pair in elements(message.get("blocks") or []) if pair[1]["type"] in kinds
        ]
        for pair in usable:
            if pair[1].get("action_id") == action:
                return pair
        for pair in usable:
            if (pair[1].get("text") or {}).get("text") == action:
                return pair
        shown = [element.get("action_id") for _, element in usable]
        raise LookupError(f"the message shows no {action!r}; it shows {shown}")


def _input_state(element: Json, given: Any) -> Json:
    kind = element["type"]
    match kind:
        case "static_select" | "radio_buttons":
            options = element.get("options", [])
            chosen = element.get("initial_option")
            if given is not None:
                fitting = [option for option in options if option["value"] == given]
                if not fitting:
                    raise LookupError(f"{element['action_id']}: no option {given!r}")
                chosen = fitting[0]
            return {"type": kind, "selected_option": chosen}
        case "users_select":
            return {"type": kind, "selected_user": given or element.get("initial_user")}
        case "checkboxes":
            options = element.get("options", [])
            chosen_all = element.get("initial_options", [])
            if given is not None:
                chosen_all = [option for option in options if option["value"] in given]
            return {"type": kind, "selected_options": chosen_all}
        case _:
            return {
                "type": kind,
                "value": given if given is not None else element.get("initial_value"),
            }
