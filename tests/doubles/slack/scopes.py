"""Which scope each method needs, where the double checks them."""

from tests.doubles.slack.workspace import Workspace

NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.create": "channels:manage",
    "conversations.list": "channels:read",
    "conversations.info": "channels:read",
    "conversations.open": "im:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "conversations.invite": "channels:manage",
    "conversations.setTopic": "channels:manage",
    "conversations.setPurpose": "channels:manage",
    "conversations.members": "channels:read",
    "conversations.join": "channels:join",
    "conversations.archive": "channels:manage",
    "conversations.rename": "channels:manage",
    "pins.add": "pins:write",
    "pins.list": "pins:read",
    "reactions.add": "reactions:write",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "usergroups.users.update": "usergroups:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
ALL_SCOPES = frozenset(NEEDED.values()) | {"commands", "im:history", "im:read"}


def missing_scope(
    method: str, channel: str, scopes: frozenset[str], workspace: Workspace
) -> str | None:
    """Return the scope that a call lacks; reading a direct message needs the scope for those."""
    needed = NEEDED.get(method)
    is_direct = workspace.channels.get(channel, {}).get("is_im", False)
    if needed == "channels:history" and is_direct:
        needed = "im:history"
    return None if needed is None or needed in scopes else needed
