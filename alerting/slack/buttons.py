"""Buttons: what they say, and what they carry so that a press says exactly what was pressed."""

import json
from dataclasses import dataclass
from typing import Any

from alerting.notices import Press
from alerting.slack.fitting import BLOCK_ID, BUTTON_VALUE, MOST_OPTIONS, OPTION_VALUE, Block, note
from alerting.slack.markup import EMPTY, units
from crisiswatch.report.shown_text import tame

CASE_BLOCK = "case:"
_NO_BUTTONS = (
    "This incident's name is too long for buttons. Answer in a terminal: `crisiswatch incidents`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a press means, whatever has happened to the message since. Empty: not of this press."""

    press: Press
    case: str
    message: str = ""
    sha256: str = ""
    action: str = ""
    person: str = ""
    severity: str = ""

    def to_value(self) -> str:
        """Return compact JSON without what is empty."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps(
            {name: value for name, value in fields.items() if value or name == "case"},
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_value(cls, value: str) -> "Carried":
        """Read a button's value; raise ValueError if it is none of ours."""
        try:
            fields = json.loads(value)
            known = {name: fields[name] for name in cls.__dataclass_fields__ if name in fields}
            if not all(isinstance(text, str) for text in known.values()):
                raise TypeError("a field is no text")  # noqa: TRY301  # told as the others are
            return cls(**{**known, "press": Press(known["press"])})
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no button of ours: {error}") from error


def button(label: str, carried: Carried, *, style: str = "", confirm: Block | None = None) -> Block:
    """Return a button; `style` is `primary`, `danger` or nothing."""
    element: Block = {
        "type": "button",
        "action_id": carried.press.value,
        "text": _plain(label),
        "value": carried.to_value(),
    }
    if style:
        element["style"] = style
    if confirm is not None:
        element["confirm"] = confirm
    return element


def question(title: str, text: str, yes: str) -> Block:
    """Return a dialog that asks once more."""
    return {
        "title": _plain(title),
        "text": _plain(text),
        "confirm": _plain(yes),
        "deny": _plain("Back"),
    }


def row(*buttons: Block) -> Block:
    """Return buttons side by side, or where to go instead if they can not carry what they must."""
    if any(units(element["value"]) > BUTTON_VALUE for element in buttons):
        return note(_NO_BUTTONS)
    return {"type": "actions", "elements": list(buttons)}


def type_select(case_id: str, crisis_types: tuple[str, ...]) -> Block | None:
    """Return the choice of another crisis type, or None where there is nothing to choose.

    An option carries too little for a case's id, so the block's own id carries it.
    """
    options = [
        {"text": _plain(tame(crisis_type, 60) or EMPTY), "value": crisis_type}
        for crisis_type in crisis_types[:MOST_OPTIONS]
        if 0 < units(crisis_type) <= OPTION_VALUE
    ]
    block_id = CASE_BLOCK + case_id
    if not options or units(block_id) > BLOCK_ID:
        return None
    return {
        "type": "actions",
        "block_id": block_id,
        "elements": [
            {
                "type": "static_select",
                "action_id": Press.CORRECT_TYPE.value,
                "placeholder": _plain("It is another kind of crisis…"),
                "options": options,
            }
        ],
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": True}
