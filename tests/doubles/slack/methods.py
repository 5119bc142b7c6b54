"""Slack's Web API methods over a `Workspace`: arguments in, Slack's answer or refusal out."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.slack.answers import Json, RefusalError
from tests.doubles.slack.block_rules import (
    TEXT_OF_POST,
    TEXT_OF_UPDATE,
    check_message_blocks,
    check_view,
)
from tests.doubles.slack.triggers import Triggers
from tests.doubles.slack.workspace import (
    APP,
    BOT,
    BOT_USER,
    TEAM,
    Workspace,
    new_file_id,
    new_view_id,
)

_METADATA_BYTES = 8_000
_TS = re.compile(r"\d{1,12}(\.\d{1,6})?\Z")


@dataclass(slots=True, kw_only=True)
class Methods:
    """The methods that the fake answers; `call` is the only way in."""

    workspace: Workspace
    triggers: Triggers
    base_url: str = ""
    uploads: dict[str, bytes] = field(default_factory=dict)

    def call(self, method: str, args: Json) -> Json:
        """Answer one call; raises RefusalError for what Slack answers with `ok: false`."""
        handler = METHODS.get(method)
        if handler is None:
            raise RefusalError("unknown_method", {"req_method": method})
        return {"ok": True, **handler(self, args)}

    def api_test(self, args: Json) -> Json:
        """Echo."""
        if "error" in args:
            raise RefusalError(str(args["error"]), {"args": args})
        return {"args": args}

    def auth_test(self, _args: Json) -> Json:
        """Say who the token is."""
        return {
            "url": "https://crisis.slack.test/",
            "team": "Crisis",
            "user": "crisiswatch",
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": False,
        }

    def chat_post_message(self, args: Json) -> Json:
        """Post a message."""
        content = _content(args, most=TEXT_OF_POST)
        metadata = _metadata(args)
        channel = self.workspace.writable(str(args.get("channel", "")), by_name=True)
        message: Json = {**_from_bot(), "text": "", **content}
        if metadata:
            message["metadata"] = metadata
        thread = args.get("thread_ts")
        if thread:
            parent = self._parent(channel["id"], str(thread))
            message["thread_ts"] = parent["ts"]
            message["parent_user_id"] = parent.get("user", "")
            if _flag(args.get("reply_broadcast")):
                message["subtype"] = "thread_broadcast"
        stored = self.workspace.store(channel["id"], message)
        return {"channel": channel["id"], "ts": stored["ts"], "message": dict(stored)}

    def chat_post_ephemeral(self, args: Json) -> Json:
        """Show a message to one person; it is never stored."""
        content = _content(args, most=TEXT_OF_POST)
        channel = self.workspace.writable(str(args.get("channel", "")), by_name=True)
        user = str(args.get("user", ""))
        if user not in channel["members"]:
            raise RefusalError("user_not_in_channel")
        ts = self.workspace.next_ts()
        self.workspace.ephemerals.append(
            {"channel": channel["id"], "user": user, "ts": ts, **content}
        )
        self.workspace.changes += 1
        return {"message_ts": ts}

    def chat_update(self, args: Json) -> Json:
        """Replace a message: a text without blocks removes the blocks, blocks alone keep the text."""
        content = _content(args, most=TEXT_OF_UPDATE)
        metadata = _metadata(args)
        channel = self.workspace.channel(str(args.get("channel", "")))
        if channel["is_archived"]:
            raise RefusalError("is_inactive")
        message = self.workspace.message(channel["id"], str(args.get("ts", "")))
        if message.get("user") != BOT_USER:
            raise RefusalError("cant_update_message")
        if "text" in content and "blocks" not in content:
            message.pop("blocks", None)
            message.pop("attachments", None)
        message.update(content)
        message["edited"] = {"user": BOT_USER, "ts": self.workspace.next_ts()}
        if metadata is not None:
            message["metadata"] = metadata
        self.workspace.changes += 1
        return {
            "channel": channel["id"],
            "ts": message["ts"],
            "text": message["text"],
            "message": dict(message),
        }

    def chat_delete(self, args: Json) -> Json:
        """Delete a message of the bot."""
        channel = self.workspace.channel(str(args.get("channel", "")))
        ts = str(args.get("ts", ""))
        if self.workspace.message(channel["id"], ts).get("user") != BOT_USER:
            raise RefusalError("cant_delete_message")
        self.workspace.remove(channel["id"], ts)
        return {"channel": channel["id"], "ts": ts}

    def conversations_create(self, args: Json) -> Json:
        """Create a channel."""
        made = self.workspace.create_channel(
            str(args.get("name", "")), private=_flag(args.get("is_private"))
        )
        return {"channel": _shown(made)}

    def conversations_list(self, args: Json) -> Json:
        """List channels by pages."""
        kinds = set(str(args.get("types") or "public_channel").split(","))
        found = [
            _shown(channel)
            for channel in self.workspace.channels.values()
            if _kind(channel) in kinds
            and not (_flag(args.get("exclude_archived")) and channel["is_archived"])
        ]
        return _page(found, "channels", args)

    def conversations_info(self, args: Json) -> Json:
        """Return one channel."""
        channel = self.workspace.channel(str(args.get("channel", "")))
        shown = _shown(channel)
        if _flag(args.get("include_num_members")):
            shown["num_members"] = len(channel["members"])
        return {"channel": shown}

    def conversations_open(self, args: Json) -> Json:
        """Open a direct message."""
        if args.get("channel"):
            channel, was_there = self.workspace.channel(str(args["channel"])), True
        else:
            users = _ids(args.get("users"))
            if not users:
                raise RefusalError("users_list_not_supplied")
            if len(users) > 8:
                raise RefusalError("too_many_users")
            channel, was_there = self.workspace.open_direct(users)
        shown = _shown(channel) if _flag(args.get("return_im")) else {"id": channel["id"]}
        return {"channel": shown} | ({"no_op": True, "already_open": True} if was_there else {})

    def conversations_history(self, args: Json) -> Json:
        """Return a channel's messages, newest first, without the replies in threads."""
        channel = self.workspace.channel(str(args.get("channel", "")))
        if not channel["is_member"] and channel["is_private"]:
            raise RefusalError("channel_not_found")
        if not channel["is_member"]:
            raise RefusalError("not_in_channel")
        found = [
            message
            for message in reversed(self.workspace.messages[channel["id"]])
            if message.get("thread_ts", message["ts"]) == message["ts"]
            or message.get("subtype") == "thread_broadcast"
        ]
        answer = _page(_within(found, args), "messages", args)
        answer["messages"] = _told(answer["messages"], args)
        answer["pin_count"] = len(self.workspace.pins.get(channel["id"], ()))
        return answer

    def conversations_replies(self, args: Json) -> Json:
        """Return a thread: the parent on every page, then replies, oldest first."""
        channel = self.workspace.channel(str(args.get("channel", "")))
        thread = str(args.get("ts", ""))
        try:
            parent = self.workspace.message(channel["id"], thread)
        except RefusalError as refusal:
            raise RefusalError("thread_not_found") from refusal
        replies = [
            message
            for message in self.workspace.messages[channel["id"]]
            if message.get("thread_ts") == thread and message["ts"] != thread
        ]
        answer = _page(_within(replies, args), "messages", args)
        answer["messages"] = _told([parent, *answer["messages"]], args)
        return answer

    def conversations_invite(self, args: Json) -> Json:
        """Invite members: all, or none where one can not be and `force` is not set."""
        channel = self.workspace.writable(str(args.get("channel", "")))
        if channel["is_im"] or channel["is_mpim"]:
            raise RefusalError("method_not_supported_for_channel_type")
        users = _ids(args.get("users"))
        if not users:
            raise RefusalError("no_user")
        if len(users) > 100:
            raise RefusalError("too_many_users")
        errors = [
            {"user": user, "ok": False, "error": why}
            for user in users
            if (why := self._why_not_invited(channel, user)) is not None
        ]
        refused = {error["user"] for error in errors}
        welcome = [user for user in users if user not in refused]
        if errors and not (_flag(args.get("force")) and welcome):
            raise RefusalError(str(errors[0]["error"]), {"errors": errors})
        channel["members"] += welcome
        self.workspace.changes += 1
        return {"channel": _shown(channel)} | ({"errors": errors} if errors else {})

    def conversations_set_topic(self, args: Json) -> Json:
        """Set what stands above a channel."""
        return self._describe(args, "topic")

    def conversations_set_purpose(self, args: Json) -> Json:
        """Set what a channel is for."""
        return self._describe(args, "purpose")

    def conversations_members(self, args: Json) -> Json:
        """List who is in a channel."""
        channel = self.workspace.channel(str(args.get("channel", "")))
        return _page(list(channel["members"]), "members", args)

    def conversations_join(self, args: Json) -> Json:
        """Join a public channel."""
        channel = self.workspace.channel(str(args.get("channel", "")))
        if channel["is_archived"]:
            raise RefusalError("is_archived")
        if channel["is_private"] or channel["is_im"]:
            raise RefusalError("method_not_supported_for_channel_type")
        extra = {"warning": "already_in_channel"} if channel["is_member"] else {}
        channel["is_member"] = True
        channel["members"] = list(dict.fromkeys([*channel["members"], BOT_USER]))
        self.workspace.changes += 1
        return {"channel": _shown(channel), **extra}

    def conversations_archive(self, args: Json) -> Json:
        """Archive a channel."""
        channel = self.workspace.channel(str(args.get("channel", "")))
        if channel["is_archived"]:
            raise RefusalError("already_archived")
        channel["is_archived"] = True
        self.workspace.changes += 1
        return {}

    def conversations_rename(self, args: Json) -> Json:
        """Rename a channel under the rules of `conversations.create`."""
        channel = self.workspace.writable(str(args.get("channel", "")))
        made = self.workspace.create_channel(str(args.get("name", "")), private=False)
        del self.workspace.channels[made["id"]], self.workspace.messages[made["id"]]
        channel["name"] = channel["name_normalized"] = made["name"]
        return {"channel": _shown(channel)}

    def pins_add(self, args: Json) -> Json:
        """Pin a message."""
        channel = self.workspace.writable(str(args.get("channel", "")))
        ts = str(args.get("timestamp", ""))
        if not ts:
            raise RefusalError("no_item_specified")
        self.workspace.message(channel["id"], ts)
        pins = self.workspace.pins.setdefault(channel["id"], [])
        if ts in pins:
            raise RefusalError("already_pinned")
        if len(pins) >= 100:
            raise RefusalError("too_many_pins")
        pins.append(ts)
        self.workspace.changes += 1
        return {}

    def pins_list(self, args: Json) -> Json:
        """List what is pinned."""
        channel = self.workspace.channel(str(args.get("channel", "")))
        items = [
            {
                "type": "message",
                "channel": channel["id"],
                "created": self.workspace.now_s(),
                "created_by": BOT_USER,
                "message": self.workspace.message(channel["id"], ts),
            }
            for ts in self.workspace.pins.get(channel["id"], ())
        ]
        return {"items": items}

    def reactions_add(self, args: Json) -> Json:
        """React to a message."""
        channel = self.workspace.writable(str(args.get("channel", "")))
        message = self.workspace.message(channel["id"], str(args.get("timestamp", "")))
        name = str(args.get("name", ""))
        if not re.fullmatch(r"[\w+'-]+(::skin-tone-[2-6])?", name):
            raise RefusalError("invalid_name")
        reactions = message.setdefault("reactions", [])
        if any(reaction["name"] == name for reaction in reactions):
            raise RefusalError("already_reacted")
        reactions.append({"name": name, "count": 1, "users": [BOT_USER]})
        self.workspace.changes += 1
        return {}

    def users_info(self, args: Json) -> Json:
        """Return one member."""
        return {"user": self.workspace.user(str(args.get("user", "")))}

    def users_list(self, args: Json) -> Json:
        """List members by pages."""
        return _page(list(self.workspace.users.values()), "members", args)

    def users_lookup_by_email(self, args: Json) -> Json:
        """Find a member by address."""
        for user in self.workspace.users.values():
            if user["profile"].get("email") == args.get("email") and not user["deleted"]:
                return {"user": user}
        raise RefusalError("users_not_found")

    def usergroups_list(self, args: Json) -> Json:
        """List groups."""
        groups = [dict(group) for group in self.workspace.usergroups.values()]
        if not _flag(args.get("include_users")):
            for group in groups:
                del group["users"]
        return {"usergroups": groups}

    def usergroups_users_list(self, args: Json) -> Json:
        """List a group's members."""
        return {"users": self._usergroup(args)["users"]}

    def usergroups_users_update(self, args: Json) -> Json:
        """Replace a group's whole list; a group can not be emptied."""
        group = self._usergroup(args)
        users = _ids(args.get("users"))
        if not users:
            raise RefusalError("no_users_provided")
        try:
            gone = [user for user in users if self.workspace.user(user)["deleted"]]
        except RefusalError as refusal:
            raise RefusalError("invalid_users") from refusal
        if gone:
            raise RefusalError("invalid_users")
        group["users"] = users
        group["user_count"] = len(users)
        self.workspace.changes += 1
        return {"usergroup": group}

    def views_open(self, args: Json) -> Json:
        """Open a modal with a trigger that was not used and is not older than 3 s."""
        view = _object(args.get("view"), "invalid_arguments")
        check_view(view)
        user = self.triggers.exchange(str(args.get("trigger_id", "")))
        made = {
            **view,
            "id": new_view_id(),
            "team_id": TEAM,
            "app_id": APP,
            "bot_id": BOT,
            "state": {"values": {}},
            "hash": f"{time.time():.6f}.{new_view_id()}",
            "opened_by": user,
        }
        _number_blocks(made["blocks"])
        self.workspace.views[made["id"]] = made
        self.workspace.changes += 1
        return {"view": made}

    def views_update(self, args: Json) -> Json:
        """Replace a modal."""
        view = _object(args.get("view"), "invalid_arguments")
        check_view(view)
        found = self._view(args)
        if args.get("hash") and args["hash"] != found["hash"]:
            raise RefusalError("hash_conflict")
        found.update(view)
        _number_blocks(found["blocks"])
        found["hash"] = f"{time.time():.6f}.{new_view_id()}"
        self.workspace.changes += 1
        return {"view": found}

    def files_get_upload_url(self, args: Json) -> Json:
        """Promise a place for a file's bytes."""
        name, length = str(args.get("filename", "")), str(args.get("length", ""))
        if not name or not length.isdigit() or int(length) == 0:
            raise RefusalError("invalid_arguments")
        file = new_file_id()
        self.workspace.files[file] = {
            "id": file,
            "name": name,
            "title": name,
            "size": int(length),
            "state": "promised",
            "user": BOT_USER,
            "created": self.workspace.now_s(),
        }
        return {"upload_url": f"{self.base_url}/upload/v1/{file}", "file_id": file}

    def files_complete_upload(self, args: Json) -> Json:
        """Share uploaded files in a channel, as one message of the bot."""
        wanted = _array(args.get("files"))
        if not wanted:
            raise RefusalError("invalid_arguments")
        files = []
        for each in wanted:
            file = self.workspace.files.get(str(each.get("id")))
            if file is None or file["state"] != "uploaded":
                raise RefusalError("file_not_found")
            files.append((file, each))
        channel = None
        thread: Json = {}
        if args.get("channel_id"):
            channel = self.workspace.writable(str(args["channel_id"]))
            if args.get("thread_ts"):
                parent = self._parent(channel["id"], str(args["thread_ts"]))
                thread = {"thread_ts": parent["ts"]}
        for file, each in files:
            file["title"] = each.get("title") or file["name"]
            file["state"] = "complete"
        if channel is not None:
            self.workspace.store(
                channel["id"],
                {
                    **_from_bot(),
                    "text": str(args.get("initial_comment") or ""),
                    "upload": True,
                    "files": [dict(file) for file, _ in files],
                    **thread,
                },
            )
        return {"files": [{"id": file["id"], "title": file["title"]} for file, _ in files]}

    def _usergroup(self, args: Json) -> Json:
        group = self.workspace.usergroups.get(str(args.get("usergroup", "")))
        if group is None:
            raise RefusalError("no_such_subteam")
        return group

    def _view(self, args: Json) -> Json:
        for view in self.workspace.views.values():
            by_external = args.get("external_id") and view.get("external_id") == args["external_id"]
            if view["id"] == args.get("view_id") or by_external:
                return view
        raise RefusalError("not_found")

    def _parent(self, channel: str, thread: str) -> Json:
        """Return the message that a reply hangs on; a reply to a reply goes to the same thread."""
        if not _TS.match(thread):
            raise RefusalError("invalid_thread_ts")
        try:
            found = self.workspace.message(channel, thread)
        except RefusalError as refusal:
            raise RefusalError("thread_not_found") from refusal
        return self.workspace.message(channel, str(found.get("thread_ts", found["ts"])))

    def _describe(self, args: Json, what: str) -> Json:
        channel = self.workspace.writable(str(args.get("channel", "")))
        if channel["is_im"]:
            raise RefusalError("method_not_supported_for_channel_type")
        words = str(args.get(what, ""))
        if len(words) > 250:
            raise RefusalError("too_long")
        channel[what] = {"value": words, "creator": BOT_USER, "last_set": self.workspace.now_s()}
        self.workspace.changes += 1
        return {"channel": _shown(channel), what: words}

    def _why_not_invited(self, channel: Json, user: str) -> str | None:
        if user == BOT_USER:
            return "cant_invite_self"
        try:
            found = self.workspace.user(user)
        except RefusalError as refusal:
            return refusal.error
        if found["deleted"]:
            return "user_is_deactivated"
        if user in channel["members"]:
            return "already_in_channel"
        return None


METHODS: dict[str, Callable[[Methods, Json], Json]] = {
    "api.test": Methods.api_test,
    "auth.test": Methods.auth_test,
    "chat.postMessage": Methods.chat_post_message,
    "chat.postEphemeral": Methods.chat_post_ephemeral,
    "chat.update": Methods.chat_update,
    "chat.delete": Methods.chat_delete,
    "conversations.create": Methods.conversations_create,
    "conversations.list": Methods.conversations_list,
    "conversations.info": Methods.conversations_info,
    "conversations.open": Methods.conversations_open,
    "conversations.history": Methods.conversations_history,
    "conversations.replies": Methods.conversations_replies,
    "conversations.invite": Methods.conversations_invite,
    "conversations.setTopic": Methods.conversations_set_topic,
    "conversations.setPurpose": Methods.conversations_set_purpose,
    "conversations.members": Methods.conversations_members,
    "conversations.join": Methods.conversations_join,
    "conversations.archive": Methods.conversations_archive,
    "conversations.rename": Methods.conversations_rename,
    "pins.add": Methods.pins_add,
    "pins.list": Methods.pins_list,
    "reactions.add": Methods.reactions_add,
    "users.info": Methods.users_info,
    "users.list": Methods.users_list,
    "users.lookupByEmail": Methods.users_lookup_by_email,
    "usergroups.list": Methods.usergroups_list,
    "usergroups.users.list": Methods.usergroups_users_list,
    "usergroups.users.update": Methods.usergroups_users_update,
    "views.open": Methods.views_open,
    "views.update": Methods.views_update,
    "files.getUploadURLExternal": Methods.files_get_upload_url,
    "files.completeUploadExternal": Methods.files_complete_upload,
}


def _from_bot() -> Json:
    return {"type": "message", "user": BOT_USER, "bot_id": BOT, "app_id": APP, "team": TEAM}


def _content(args: Json, *, most: int) -> Json:
    """Return what a message says, after the checks that Slack makes before it looks where to."""
    content: Json = {}
    if args.get("text"):
        content["text"] = str(args["text"])
        if len(content["text"]) > most:
            raise RefusalError("msg_too_long")
    for name, error in (
        ("blocks", "invalid_blocks_format"),
        ("attachments", "invalid_attachments"),
    ):
        if args.get(name) is not None and args[name] != "":
            content[name] = _array(args[name], error)
    if "blocks" in content:
        check_message_blocks(content["blocks"])
        _number_blocks(content["blocks"])
    if not any(content.get(name) for name in ("text", "blocks", "attachments")):
        raise RefusalError("no_text")
    return content


def _metadata(args: Json) -> Json | None:
    """Return a message's metadata: None where none is given, empty where it is to be removed."""
    if args.get("metadata") is None or args["metadata"] == "":
        return None
    metadata = _object(args["metadata"], "invalid_metadata_format")
    if not metadata:
        return {}
    if not isinstance(metadata.get("event_type"), str) or not isinstance(
        metadata.get("event_payload"), dict
    ):
        raise RefusalError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > _METADATA_BYTES:
        raise RefusalError("metadata_too_large")
    return metadata


def _number_blocks(blocks: list[Json]) -> None:
    """Give blocks and elements the ids that Slack gives where the sender gave none."""
    for index, block in enumerate(blocks):
        block.setdefault("block_id", f"b{index:03d}")
        inner = [block.get("accessory"), block.get("element"), *block.get("elements", ())]
        for place, element in enumerate(inner):
            if isinstance(element, dict) and block["type"] in {"actions", "input", "section"}:
                element.setdefault("action_id", f"a{index:03d}-{place}")


def _array(value: Any, error: str = "invalid_arguments") -> list[Any]:
    parsed = _parsed(value, error)
    if not isinstance(parsed, list):
        raise RefusalError(error)
    return parsed


def _object(value: Any, error: str) -> Json:
    parsed = _parsed(value, error)
    if not isinstance(parsed, dict):
        raise RefusalError(error)
    return parsed


def _parsed(value: Any, error: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as unreadable:
        raise RefusalError(error) from unreadable


def _flag(value: Any) -> bool:
    return str(value).lower() in {"1", "true"}


def _ids(value: Any) -> list[str]:
    if value is None:
        return []
    ids = value if isinstance(value, list) else str(value).split(",")
    return [one.strip() for one in ids if one.strip()]


def _shown(channel: Json) -> Json:
    return {name: value for name, value in channel.items() if name != "members"}


def _kind(channel: Json) -> str:
    if channel["is_im"]:
        return "im"
    if channel["is_mpim"]:
        return "mpim"
    return "private_channel" if channel["is_private"] else "public_channel"


def _microseconds(ts: Any) -> int:
    whole, _, part = str(ts).partition(".")
    try:
        return int(whole or "0") * 1_000_000 + int(part.ljust(6, "0")[:6] or "0")
    except ValueError as unreadable:
        raise RefusalError("invalid_ts_oldest") from unreadable


def _within(messages: list[Json], args: Json) -> list[Json]:
    """Return the messages between `oldest` and `latest`, whose ends count only if `inclusive`."""
    oldest = _microseconds(args.get("oldest") or "0")
    latest = _microseconds(args["latest"]) if args.get("latest") else None
    inclusive = _flag(args.get("inclusive"))
    found = []
    for message in messages:
        at = _microseconds(message["ts"])
        after = at > oldest or (inclusive and at == oldest)
        before = latest is None or at < latest or (inclusive and at == latest)
        if after and before:
            found.append(message)
    return found


def _told(messages: list[Json], args: Json) -> list[Json]:
    """Return messages as the API tells them: metadata only where it is asked for."""
    if _flag(args.get("include_all_metadata")):
        return messages
    return [
        {name: value for name, value in message.items() if name != "metadata"}
        for message in messages
    ]


def _page(items: list[Any], name: str, args: Json) -> Json:
    limit = args.get("limit")
    try:
        size = 100 if limit in {None, "", 0, "0"} else int(str(limit))
        cursor = str(args.get("cursor") or "")
        start = int(cursor.removeprefix("next:")) if cursor else 0
    except ValueError as unreadable:
        raise RefusalError(
            "invalid_cursor" if args.get("cursor") else "invalid_limit"
        ) from unreadable
    if not 1 <= size <= 1000:
        raise RefusalError("invalid_limit")
    page = items[start : start + size]
    more = start + size < len(items)
    answer: Json = {
        name: page,
        "response_metadata": {"next_cursor": f"next:{start + size}" if more else ""},
    }
    if name == "messages":
        answer["has_more"] = more
    return answer
