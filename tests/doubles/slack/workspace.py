"""What a workspace is: people, channels, messages, pins, files; kept as JSON, and no network.

All of it is plain JSON, so that a state file is a dump and the page a rendering of the same.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.slack.answers import Json, RefusalError

TEAM = "T0CRISIS"
APP = "A0CRISIS"
BOT_USER = "U0BOT"
BOT = "B0BOT"
KEY_FIELD = "key"

_USER_ID = re.compile(r"[UW][A-Z0-9]{1,20}\Z")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,20}\Z")
_NAME_FORBIDS = re.compile(r"[\s.,!?'\"#@&/\\()<>\[\]{}|;:*+=%$^~`]")


@dataclass(slots=True, kw_only=True)
class Workspace:
    """The state of one workspace. `clock` says what time messages carry, in unix seconds.

    With `open_directory` every well-formed member id exists; otherwise only seeded ones do.
    With `open_channels` the same holds for channels and `#names`, and the bot is in them.
    Members in `closed_dms` take no direct message, those in `deactivated` do nothing at all.
    """

    clock: Callable[[], float]
    open_directory: bool = True
    open_channels: bool = False
    closed_dms: set[str] = field(default_factory=set)
    deactivated: set[str] = field(default_factory=set)
    users: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, Json] = field(default_factory=dict)
    messages: dict[str, list[Json]] = field(default_factory=dict)
    ephemerals: list[Json] = field(default_factory=list)
    pins: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    usergroups: dict[str, Json] = field(default_factory=dict)
    views: dict[str, Json] = field(default_factory=dict)
    last_ts_us: int = 0
    changes: int = 0
    _at: dict[tuple[str, str], Json] = field(default_factory=dict)

    def now_s(self) -> int:
        """Return the time in whole unix seconds."""
        return int(self.clock())

    def next_ts(self) -> str:
        """Return a timestamp that no other message has."""
        self.last_ts_us = max(int(self.clock() * 1e6), self.last_ts_us + 1)
        seconds, microseconds = divmod(self.last_ts_us, 1_000_000)
        return f"{seconds}.{microseconds:06d}"

    def add_user(self, user: str, name: str = "", **more: Any) -> Json:
        """Add a member, or replace one."""
        name = name or user.lower()
        self.users[user] = {
            "id": user,
            "team_id": TEAM,
            "name": name,
            "deleted": user in self.deactivated,
            "real_name": more.pop("real_name", name),
            "tz": more.pop("tz", "Europe/Berlin"),
            "is_bot": user == BOT_USER,
            "profile": {"real_name": name, "display_name": name, **more.pop("profile", {})},
            **more,
        }
        return self.users[user]

    def user(self, user: str) -> Json:
        """Return a member, made on the spot where the directory is open."""
        if user not in self.users:
            if not (self.open_directory and _USER_ID.match(user)):
                raise RefusalError("user_not_found")
            self.add_user(user)
        return self.users[user]

    def add_channel(
        self, name: str, *, channel: str = "", members: Iterable[str] = (BOT_USER,), **more: Any
    ) -> Json:
        """Add a channel that has this name and these members."""
        channel = channel or _new_id("C")
        made: Json = {
            "id": channel,
            "name": name,
            "name_normalized": name,
            "is_channel": True,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": False,
            "is_archived": False,
            "is_member": BOT_USER in members,
            "created": self.now_s(),
            "creator": BOT_USER,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "members": list(dict.fromkeys(members)),
            **more,
        }
        self.channels[channel] = made
        self.messages[channel] = []
        self.changes += 1
        return made

    def create_channel(self, name: str, *, private: bool) -> Json:
        """Create a channel under Slack's rules for names."""
        if not name:
            raise RefusalError("invalid_name_required")
        if len(name) > 80:
            raise RefusalError("invalid_name_maxlength")
        if not re.search(r"\w", name.replace("_", "")):
            raise RefusalError("invalid_name_punctuation")
        if name != name.lower() or _NAME_FORBIDS.search(name):
            raise RefusalError("invalid_name_specials")
        if any(channel["name"] == name for channel in self.channels.values()):
            raise RefusalError("name_taken")
        return self.add_channel(name, is_private=private, is_group=private, is_channel=not private)

    def open_direct(self, users: list[str]) -> tuple[Json, bool]:
        """Return the direct message with these members, and whether it was there already."""
        for user in users:
            if self.user(user)["deleted"]:
                raise RefusalError("user_disabled" if len(users) == 1 else "user_not_found")
            if user in self.closed_dms:
                raise RefusalError("cannot_dm_bot" if user == BOT_USER else "user_not_visible")
        members = [BOT_USER, *users]
        for channel in self.channels.values():
            is_direct = channel["is_im"] or channel["is_mpim"]
            if is_direct and set(channel["members"]) == set(members):
                return channel, True
        if len(users) == 1:
            made = self.add_channel(
                "",
                channel=_new_id("D"),
                members=members,
                is_im=True,
                is_channel=False,
                user=users[0],
            )
        else:
            name = "mpdm-" + "--".join(self.user(user)["name"] for user in users) + "-1"
            made = self.add_channel(
                name, members=members, is_mpim=True, is_channel=False, is_private=True
            )
        return made, False

    def channel(self, channel: str, *, by_name: bool = False) -> Json:
        """Return a channel by its id; where a method takes them, by `#name` or a member's id."""
        if channel in self.channels:
            return self.channels[channel]
        if by_name and _USER_ID.match(channel):
            try:
                return self.open_direct([channel])[0]
            except RefusalError as refusal:
                if refusal.error == "user_not_found":
                    raise RefusalError("channel_not_found") from refusal
                raise
        if by_name and channel:
            name = channel.removeprefix("#")
            for other in self.channels.values():
                if other["name"] == name:
                    return other
            if self.open_channels and channel.startswith("#"):
                return self.add_channel(name)
        if self.open_channels and _CHANNEL_ID.match(channel):
            return self.add_channel(channel.lower(), channel=channel)
        raise RefusalError("channel_not_found")

    def writable(self, channel: str, *, by_name: bool = False) -> Json:
        """Return a channel that the bot may write to."""
        found = self.channel(channel, by_name=by_name)
        if found["is_archived"]:
            raise RefusalError("is_archived")
        if not found["is_member"]:
            raise RefusalError("not_in_channel")
        return found

    def store(self, channel: str, message: Json) -> Json:
        """Keep a message: it is posted from here on."""
        message.setdefault("type", "message")
        message.setdefault("ts", self.next_ts())
        self.messages[channel].append(message)
        self._at[channel, message["ts"]] = message
        parent = message.get("thread_ts")
        if parent is not None and parent != message["ts"]:
            self._count_reply(self.message(channel, parent), message)
        self.changes += 1
        return message

    def message(self, channel: str, ts: str) -> Json:
        """Return a message by its timestamp."""
        found = self._at.get((channel, ts))
        if found is None:
            raise RefusalError("message_not_found")
        return found

    def remove(self, channel: str, ts: str) -> None:
        """Delete a message."""
        self.messages[channel].remove(self.message(channel, ts))
        del self._at[channel, ts]
        if ts in self.pins.get(channel, ()):
            self.pins[channel].remove(ts)
        self.changes += 1

    def everything(self) -> Iterator[tuple[str, Json]]:
        """Yield (channel id, message) of all that is stored."""
        for channel, messages in self.messages.items():
            for message in messages:
                yield channel, message

    def to_state(self) -> Json:
        """Return all of it as JSON."""
        return {
            "version": 1,
            "users": self.users,
            "channels": self.channels,
            "messages": self.messages,
            "ephemerals": self.ephemerals,
            "pins": self.pins,
            "files": self.files,
            "usergroups": self.usergroups,
            "views": self.views,
            "last_ts_us": self.last_ts_us,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Continue where `to_state` stopped."""
        for name in ("users", "channels", "messages", "ephemerals", "pins", "files"):
            setattr(self, name, state[name])
        self.usergroups, self.views = state["usergroups"], state["views"]
        self.last_ts_us = state["last_ts_us"]
        self._at = {(channel, each["ts"]): each for channel, each in self.everything()}

    @staticmethod
    def _count_reply(parent: Json, reply: Json) -> None:
        parent["thread_ts"] = parent["ts"]
        parent["reply_count"] = parent.get("reply_count", 0) + 1
        parent["latest_reply"] = reply["ts"]


def key_of(message: Json) -> str | None:
    """Return the key that the sender put into the message's metadata."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    key = payload.get(KEY_FIELD)
    return None if key is None else str(key)


def new_file_id() -> str:
    """Return an id for a file."""
    return _new_id("F")


def new_view_id() -> str:
    """Return an id for a view."""
    return _new_id("V")


def _new_id(prefix: str) -> str:
    return prefix + "0" + secrets.token_hex(5).upper()
