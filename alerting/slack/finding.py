"""Looking for a message of ours by the key of the action that posted it."""

from collections.abc import Iterator
from typing import Any

from alerting.delivery import Lane
from alerting.slack.calls import SlackCalls
from alerting.slack.rooms import mark

EVENT_TYPE = "crisiswatch_action"
_PAGE = 200
_OLDER_PAGES = 5


def metadata(key: str) -> dict[str, Any]:
    """Return the metadata under which a message is found again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def find_message(calls: SlackCalls, room: str, key: str, since_s: float) -> str | None:
    """Return the timestamp of the message or answer in a thread that carries the key.

    Looks at everything posted since, and at the threads answered since: those of messages
    posted since, and of the thousand before. An answer to something older is not found.
    """
    threads = []
    for message in _history(calls, room, oldest=since_s):
        if _carries(message, key):
            return str(message["ts"])
        if message.get("reply_count"):
            threads.append(str(message["ts"]))
    older = _history(calls, room, latest=since_s, most_pages=_OLDER_PAGES)
    threads += [
        str(message["ts"])
        for message in older
        if message.get("reply_count") and float(message.get("latest_reply") or 0) >= since_s
    ]
    for thread in threads:
        for message in _pages(
            calls, "conversations.replies", room, ts=thread, oldest=f"{since_s:.6f}"
        ):
            if _carries(message, key):
                return str(message["ts"])
    return None


def keys_in_thread(calls: SlackCalls, room: str, ts: str) -> frozenset[str]:
    """Return the keys that answers in a thread carry."""
    return frozenset(
        str((message.get("metadata") or {}).get("event_payload", {}).get("key"))
        for message in _pages(calls, "conversations.replies", room, ts=ts)
        if (message.get("metadata") or {}).get("event_type") == EVENT_TYPE
    )


def _history(
    calls: SlackCalls,
    room: str,
    *,
    oldest: float | None = None,
    latest: float | None = None,
    most_pages: int | None = None,
) -> Iterator[dict[str, Any]]:
    return _pages(
        calls,
        "conversations.history",
        room,
        most_pages=most_pages,
        oldest=None if oldest is None else f"{oldest:.6f}",
        latest=None if latest is None else f"{latest:.6f}",
    )


def _pages(
    calls: SlackCalls, method: str, room: str, *, most_pages: int | None = None, **fields: object
) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    turned = 0
    while most_pages is None or turned < most_pages:
        page = calls(
            method,
            Lane.DECISION,
            changes=False,
            channel=room,
            limit=_PAGE,
            include_all_metadata=True,
            cursor=cursor,
            **fields,
        )
        yield from page.get("messages", ())
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
        turned += 1
        if cursor is None:
            return


def _carries(message: dict[str, Any], key: str) -> bool:
    kept = message.get("metadata") or {}
    if kept.get("event_type") == EVENT_TYPE:
        return bool((kept.get("event_payload") or {}).get("key") == key)
    return any(mark(key) in str(file.get("name", "")) for file in message.get("files") or ())
