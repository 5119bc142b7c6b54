"""Names of rooms within Slack's rules, and how a room is recognised as ours."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_NAME = 80
LONGEST_TOPIC = 250
LONGEST_PURPOSE = 250
HALF_MADE_S = 900
"""A room of ours without a purpose is taken for one whose making was cut short, for so long."""

_OTHER = re.compile(r"[^a-z0-9_-]+")
_RUNS = re.compile(r"-{2,}")


def room_name(wanted: str) -> str:
    """Return a name like the wanted one in at most 80 lower case letters, digits, `-` and `_`.

    >>> room_name("Inc 2026-11-23 Flug gestrichen: Köln!")
    'inc-2026-11-23-flug-gestrichen-koln'
    """
    plain = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore").decode().lower()
    named = _RUNS.sub("-", _OTHER.sub("-", plain)).strip("-_")
    return named[:LONGEST_NAME].strip("-_") or "incident"


def numbered(name: str, number: int) -> str:
    """Return the name for another room like it: `name-2`."""
    ending = f"-{number}"
    return name[: LONGEST_NAME - len(ending)].rstrip("-_") + ending


def mark(key: str) -> str:
    """Return the short mark by which a room or file of this action is known again."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def purpose(key: str) -> str:
    """Return a room's purpose, which carries the mark: Slack keeps no metadata for a room."""
    return f"An incident, run by crisiswatch. Mark: {mark(key)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A room that this action made, and whether its purpose still has to be set."""

    room: str
    half_made: bool


def made_by(
    key: str, names: Collection[str], channels: Sequence[Mapping[str, Any]], bot: str, now_s: float
) -> Found | None:
    """Return the room that this key made, among the channels there are, or None.

    A crash between making a room and setting its purpose leaves one without a mark:
    young, made by us, of one of these names. It is adopted.
    """
    for channel in channels:
        if mark(key) in str((channel.get("purpose") or {}).get("value", "")):
            return Found(room=str(channel["id"]), half_made=False)
    for channel in channels:
        if (
            channel.get("name") in names
            and channel.get("creator") == bot
            and not (channel.get("purpose") or {}).get("value")
            and now_s - float(channel.get("created", 0)) < HALF_MADE_S
        ):
            return Found(room=str(channel["id"]), half_made=True)
    return None


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the first of `name`, `name-2`, `name-3` ... that is not taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = numbered(name, number)
    return free
