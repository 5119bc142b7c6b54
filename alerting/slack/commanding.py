"""From what Slack says was pressed, typed or filled in to commands; pure.

The id of a command comes from the press itself, so a press delivered twice has one id.
"""

from collections.abc import Mapping
from typing import Any

from alerting.commands import (
    Acknowledge,
    AddNote,
    AnswerOffer,
    Approve,
    Command,
    CorrectType,
    EditMessage,
    Origin,
    Reject,
    Resolve,
    SetSeverity,
    SettleDoubt,
)
from alerting.notices import Press
from alerting.slack.buttons import CASE_BLOCK, Carried
from alerting.slack.slash import Ack, Judge, Keep, Over
from alerting.slack.views import Filled

WITH_DIALOG = (Press.EDIT, Press.REJECT, Press.RESOLVE, Press.RAISE, Press.LOWER)


def press_id(body: Mapping[str, Any]) -> str:
    """Return the id of a button's press."""
    container = body.get("container") or {}
    action = body["actions"][0]
    return ":".join(
        str(part)
        for part in (
            "slack",
            body["user"]["id"],
            container.get("channel_id", ""),
            container.get("message_ts", ""),
            action["action_id"],
            action.get("action_ts", ""),
        )
    )


def view_id(body: Mapping[str, Any]) -> str:
    """Return the id of a dialog that was filled in."""
    return f"slack:{body['user']['id']}:{body['view']['id']}:{body['view'].get('hash', '')}"


def slash_id(body: Mapping[str, Any]) -> str:
    """Return the id of a slash command; its trigger is made for it alone."""
    return f"slack:{body['user_id']}:{body['trigger_id']}"


def carried(action: Mapping[str, Any]) -> Carried:
    """Return what a button carries; raise ValueError if it is none of ours.

    The button's name has to agree with what it carries.
    """
    if action["action_id"] == Press.CORRECT_TYPE.value:
        block_id = str(action.get("block_id", ""))
        if not block_id.startswith(CASE_BLOCK):
            raise ValueError(f"no choice of ours: {block_id!r}")
        return Carried(press=Press.CORRECT_TYPE, case=block_id.removeprefix(CASE_BLOCK))
    found = Carried.from_value(str(action.get("value", "")))
    if found.press.value != action["action_id"]:
        raise ValueError(f"{action['action_id']!r} carries {found.press.value!r}")
    return found


def from_press(action: Mapping[str, Any], origin: Origin) -> Command:
    """Return what a button asks for that needs no dialog; raise ValueError if it is none of ours."""
    found = carried(action)
    case_id = found.case
    match found.press:
        case Press.ACKNOWLEDGE:
            return Acknowledge(case_id=case_id, origin=origin)
        case Press.CORRECT_TYPE:
            chosen = (action.get("selected_option") or {}).get("value")
            if not chosen:
                raise ValueError("nothing was chosen")
            return CorrectType(case_id=case_id, origin=origin, crisis_type=str(chosen))
        case Press.APPROVE:
            return Approve(
                case_id=case_id, origin=origin, message_id=found.message, sha256=found.sha256
            )
        case Press.ACCEPT | Press.DECLINE:
            return AnswerOffer(
                case_id=case_id,
                origin=origin,
                person=found.person,
                accepts=found.press is Press.ACCEPT,
            )
        case Press.IT_WENT_OUT | Press.IT_DID_NOT:
            return SettleDoubt(
                case_id=case_id,
                origin=origin,
                action_key=found.action,
                happened=found.press is Press.IT_WENT_OUT,
            )
        case _:
            raise ValueError(f"{found.press.value!r} needs a dialog")


def from_view(filled: Filled, origin: Origin) -> Command:
    """Return what a dialog asks for; raise ValueError if it is none of ours."""
    found = filled.kept.carried
    case_id = found.case
    match found.press:
        case Press.RESOLVE:
            return Resolve(case_id=case_id, origin=origin, note=filled.reason)
        case Press.RAISE | Press.LOWER:
            return SetSeverity(
                case_id=case_id, origin=origin, severity=filled.severity, reason=filled.reason
            )
        case Press.REJECT:
            return Reject(
                case_id=case_id,
                origin=origin,
                message_id=found.message,
                sha256=found.sha256,
                reason=filled.reason,
            )
        case Press.EDIT:
            return EditMessage(
                case_id=case_id,
                origin=origin,
                message_id=found.message,
                sha256=found.sha256,
                texts=filled.texts,
            )
        case _:
            raise ValueError(f"{found.press.value!r} has no dialog")


def from_slash(asked: Ack | Over | Keep | Judge, case_id: str, origin: Origin) -> Command:
    """Return what a slash command asks for, of a case that is known by now."""
    match asked:
        case Ack():
            return Acknowledge(case_id=case_id, origin=origin)
        case Over():
            return Resolve(case_id=case_id, origin=origin, note=asked.note)
        case Keep():
            return AddNote(case_id=case_id, origin=origin, text=asked.text)
        case Judge():
            return SetSeverity(
                case_id=case_id, origin=origin, severity=asked.severity, reason=asked.reason
            )
