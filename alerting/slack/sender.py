"""Slack as the workspace in which people talk.

Messages carry the action's key as metadata, rooms a mark of it in their purpose and
pictures in their file name: after a crash they are found again. Every call is made once
and ends as the port promises; where no token of the rate limit is left, Slack is not
asked at all. Safe to share between threads.
"""

import http.client
import urllib.request
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from alerting.delivery import Lane, OutcomeUnknownError, TooSoonError, UndeliveredError
from alerting.notices import ApprovalNotice, Notice, PublishedNotice
from alerting.slack.blocks import render
from alerting.slack.calls import Answered, SlackCalls, Timing
from alerting.slack.connection import TIMEOUT_S
from alerting.slack.failures import SOON_S, name_of
from alerting.slack.finding import find_message, keys_in_thread, metadata
from alerting.slack.limits import Limits
from alerting.slack.markup import cut, is_member
from alerting.slack.packet_blocks import overflow, withheld
from alerting.slack.rooms import (
    LONGEST_TOPIC,
    free_name,
    made_by,
    mark,
    numbered,
    purpose,
    room_name,
)

INVITE_AT_ONCE = 30
_MOST_NAMES = 20
_PAGE = 1_000
_LISTED_ANEW_S = 300
"""A listing is not gone on with after this: channels were made since, and Slack forgets cursors."""


class SlackWorkspace:
    """Implements `alerting.delivery.Workspace`.

    `private_rooms` makes rooms that only invited people see; both kinds need their scopes.
    """

    def __init__(
        self,
        client: WebClient,
        *,
        private_rooms: bool = False,
        limits: Limits | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.calls = SlackCalls(client, limits=limits, timing=timing)
        self._private = private_rooms
        self._direct: dict[str, str] = {}
        self._lock = Lock()
        self._cut_short: tuple[float, str | None, list[Mapping[str, Any]]] = (0.0, None, [])
        self._bot: str | None = None

    def busy_s(self, place: str | None, *, lane: Lane) -> float:
        """Return how long the rate limits would hold a post, or an update, back."""
        if place is None:
            return self.calls.busy_s("chat.update", "", lane)
        return self.calls.busy_s("chat.postMessage", self._direct.get(place, place), lane)

    def open_room(self, name: str, *, key: str) -> str:
        """Make a room, or return the one that this key made already, even if only half."""
        name = room_name(name)
        wanted = name
        taken: set[str] = set()
        for _ in range(_MOST_NAMES):
            try:
                made = self.calls(
                    "conversations.create", Lane.ROOM, name=wanted, is_private=self._private
                )
                room = str(made["channel"]["id"])
            except UndeliveredError as error:
                if not _is(error, "name_taken"):
                    raise
                channels = self._channels_after_asking()
                # Archived rooms keep their names, but are not listed.
                taken |= {str(channel.get("name")) for channel in channels} | {wanted}
                names = {name, *(numbered(name, number) for number in range(2, _MOST_NAMES))}
                found = made_by(key, names, channels, self._bot_id(), self.calls.timing.unix_s())
                if found is None:
                    wanted = free_name(name, taken)
                    continue
                if not found.half_made:
                    return found.room
                room = found.room
            self._set_purpose(room, key)
            return room
        raise UndeliveredError(
            f"conversations.create: {name} and {_MOST_NAMES} names like it are taken",
            retry_in_s=None,
        )

    def set_topic(self, room: str, topic: str) -> None:
        """Set what stands above the room, cut to the 250 characters that Slack takes."""
        self.calls(
            "conversations.setTopic", Lane.UPDATE, channel=room, topic=cut(topic, LONGEST_TOPIC)
        )

    def invite(self, room: str, members: Sequence[str]) -> Mapping[str, str]:
        """Invite in batches; return {member: why not}. Who is there already is no failure."""
        refused: dict[str, str] = {}
        for start in range(0, len(members), INVITE_AT_ONCE):
            refused |= self._invite(room, list(members[start : start + INVITE_AT_ONCE]))
        return refused

    def post(
        self, place: str, notice: Notice, *, key: str, lane: Lane, thread: str | None = None
    ) -> str:
        """Post to a room, or to a person's direct messages.

        What does not fit into one message follows in its thread. Only then does the message
        carry its key and its buttons: one that is found is whole, and so is what is approved.
        """
        room = self._room_of(place, lane)
        root = None if thread is None else _split(thread)[1]
        if not overflow(notice) or not isinstance(notice, ApprovalNotice | PublishedNotice):
            return self._post(room, notice, key=key, lane=lane, root=root)
        reference = self._post(room, withheld(notice), key=f"{key}/not-whole", lane=lane, root=root)
        try:
            self._complete(reference, notice, key=key, root=root)
        except TooSoonError as error:
            # Slack was asked before, so this is more than having come too soon.
            raise UndeliveredError(error.why, retry_in_s=error.retry_in_s) from error
        return reference

    def _complete(
        self,
        reference: str,
        notice: ApprovalNotice | PublishedNotice,
        *,
        key: str,
        root: str | None,
    ) -> None:
        try:
            self._post_rest(reference, notice, root)
        except OutcomeUnknownError as error:
            # Whether a part of it arrived or not: the whole of it did not.
            raise UndeliveredError(error.why, retry_in_s=SOON_S) from error
        self._update(reference, notice, lane=Lane.DECISION, key=key)

    def _post(self, room: str, notice: Notice, *, key: str, lane: Lane, root: str | None) -> str:
        shown = render(notice)
        posted = self.calls(
            "chat.postMessage",
            lane,
            channel=room,
            text=shown.text,
            blocks=list(shown.blocks),
            metadata=metadata(key),
            thread_ts=root,
            unfurl_links=False,
            unfurl_media=False,
            link_names=False,
            parse="none",
        )
        return f"{posted.get('channel', room)}/{posted['ts']}"

    def update(self, reference: str, notice: Notice, *, lane: Lane) -> None:
        """Replace a message; its key stays. What is new in a text that did not fit is told first."""
        if isinstance(notice, PublishedNotice) or (
            isinstance(notice, ApprovalNotice) and notice.is_open
        ):
            self._post_rest(reference, notice, None)
        self._update(reference, notice, lane=lane, key=None)

    def _post_rest(
        self, reference: str, notice: ApprovalNotice | PublishedNotice, root: str | None
    ) -> None:
        rest = overflow(notice)
        if not rest:
            return
        room, ts = _split(reference)
        root = ts if root is None else root
        there = keys_in_thread(self.calls, room, root)
        for number, part in enumerate(rest):
            key = f"{notice.message_id}/{notice.sha256}/{number}"
            if key not in there:
                # Whatever lane it is for: half a text helps nobody.
                self._post(room, part, key=key, lane=Lane.DECISION, root=root)

    def _update(self, reference: str, notice: Notice, *, lane: Lane, key: str | None) -> None:
        room, ts = _split(reference)
        shown = render(notice)
        self.calls(
            "chat.update",
            lane,
            channel=room,
            ts=ts,
            text=shown.text,
            blocks=list(shown.blocks),
            metadata=None if key is None else metadata(key),
            link_names=False,
            parse="none",
        )

    def pin(self, reference: str) -> None:
        """Pin a message; one that is pinned already stays so."""
        room, ts = _split(reference)
        try:
            self.calls("pins.add", Lane.UPDATE, channel=room, timestamp=ts)
        except UndeliveredError as error:
            if not _is(error, "already_pinned"):
                raise

    def upload(self, room: str, png: bytes, title: str, *, key: str, thread: str | None) -> str:
        """Show a picture; only the last of three steps is seen, so only it can be in doubt.

        Slack shares a file some moments later: where it does not say the message's
        timestamp, the file's id stands in its place.
        """
        ticket = self.calls(
            "files.getUploadURLExternal",
            Lane.UPDATE,
            changes=False,
            filename=f"chart-{mark(key)}.png",
            length=len(png),
        )
        _send_file(str(ticket["upload_url"]), png)
        done = self.calls(
            "files.completeUploadExternal",
            Lane.UPDATE,
            files=[{"id": ticket["file_id"], "title": cut(title, 200)}],
            channel_id=room,
            thread_ts=None if thread is None else _split(thread)[1],
        )
        return f"{room}/{_shared_at(done, room) or ticket['file_id']}"

    def find(self, place: str, *, key: str, since_s: float) -> str | None:
        """Return the reference of the message that carries the key, in the room or its threads."""
        room = self._room_of(place, Lane.DECISION)
        if room.startswith("#"):
            room = self._room_named(room)
        ts = find_message(self.calls, room, key, since_s)
        return None if ts is None else f"{room}/{ts}"

    def _room_of(self, place: str, lane: Lane) -> str:
        if not is_member(place):
            return place
        if place not in self._direct:
            # Opening shows nothing to anybody: whatever goes wrong, nothing was posted.
            opened = self.calls("conversations.open", lane, changes=False, users=place)
            self._direct[place] = str(opened["channel"]["id"])
        return self._direct[place]

    def _room_named(self, name: str) -> str:
        # Only looking needs the id; a page by name must not wait behind a listing.
        for channel in self._channels():
            if channel.get("name") == name.removeprefix("#"):
                return str(channel["id"])
        raise UndeliveredError(f"conversations.list: there is no {name}", retry_in_s=None)

    def _set_purpose(self, room: str, key: str) -> None:
        try:
            self.calls("conversations.setPurpose", Lane.ROOM, channel=room, purpose=purpose(key))
        except UndeliveredError as error:
            # A room without a mark is better than none; only finding it again is lost.
            if error.retry_in_s is not None:
                raise

    def _bot_id(self) -> str:
        if self._bot is None:
            self._bot = str(self.calls("auth.test", Lane.ROOM, changes=False)["user_id"])
        return self._bot

    def _channels_after_asking(self) -> list[Mapping[str, Any]]:
        try:
            return self._channels()
        except TooSoonError as error:
            # Slack was asked for the room before: this try counts, or none would ever be the last.
            raise UndeliveredError(error.why, retry_in_s=error.retry_in_s) from error

    def _channels(self) -> list[Mapping[str, Any]]:
        """Return all channels; a listing that the rate limit cuts short goes on where it stood."""
        with self._lock:
            began_s, cursor, listed = self._cut_short
            self._cut_short = (0.0, None, [])
        now_s = self.calls.timing.now_s()
        if cursor is None or now_s - began_s > _LISTED_ANEW_S:
            began_s, cursor, listed = now_s, None, []
        while True:
            try:
                page = self.calls(
                    "conversations.list",
                    Lane.ROOM,
                    changes=False,
                    types="private_channel" if self._private else "public_channel",
                    exclude_archived=True,
                    limit=_PAGE,
                    cursor=cursor,
                )
            except TooSoonError:
                with self._lock:
                    self._cut_short = (began_s, cursor, listed)
                raise
            listed += page.get("channels", ())
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return listed

    def _invite(self, room: str, members: list[str]) -> dict[str, str]:
        try:
            answer: Answered = self.calls(
                "conversations.invite", Lane.ROOM, channel=room, users=",".join(members), force=True
            )
        except UndeliveredError as error:
            failed = error.__cause__
            if error.retry_in_s is not None or not isinstance(failed, SlackApiError):
                raise
            name = name_of(failed)
            answer = failed.response.data if isinstance(failed.response.data, dict) else {}
            if not answer.get("errors"):
                if name == "already_in_channel" and len(members) == 1:
                    return {}
                if name not in _ABOUT_A_MEMBER:
                    raise
                if len(members) == 1:
                    return {members[0]: name}
                return self._one_by_one(room, members)
        return {
            str(each["user"]): str(each.get("error", "not invited"))
            for each in answer.get("errors") or ()
            if each.get("user") in members and each.get("error") != "already_in_channel"
        }

    def _one_by_one(self, room: str, members: list[str]) -> dict[str, str]:
        refused: dict[str, str] = {}
        for member in members:
            refused |= self._invite(room, [member])
        return refused


_ABOUT_A_MEMBER = frozenset(
    {
        "already_in_channel",
        "cant_invite",
        "cant_invite_self",
        "no_user",
        "org_user_not_in_team",
        "ura_max_channels",
        "user_is_restricted",
        "user_not_found",
        "user_team_not_in_channel",
        "users_not_found",
    }
)


def _is(error: UndeliveredError, name: str) -> bool:
    return isinstance(error.__cause__, SlackApiError) and name_of(error.__cause__) == name


def _split(reference: str) -> tuple[str, str]:
    room, _, ts = reference.partition("/")
    return room, ts


def _send_file(url: str, content: bytes) -> None:
    if not url.startswith(("https://", "http://")):
        raise UndeliveredError("files: an upload address that is no web address", retry_in_s=None)
    request = urllib.request.Request(  # noqa: S310  # the scheme is checked above
        url, data=content, headers={"Content-Type": "application/octet-stream"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # as above
            answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise UndeliveredError(
            f"files: not sent ({type(error).__name__})", retry_in_s=SOON_S
        ) from error


def _shared_at(done: Answered, room: str) -> str | None:
    for file in done.get("files") or ():
        for kind in ("public", "private"):
            for share in ((file.get("shares") or {}).get(kind) or {}).get(room) or ():
                return str(share["ts"])
    return None
