"""The dialogs behind Edit, Reject, Resolve, Raise and Lower, and what comes back from them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alerting.notices import ApprovalNotice, Press, Wording
from alerting.slack.buttons import Carried
from alerting.slack.markup import cut, units
from alerting.slack.packet_blocks import label
from crisiswatch.detection.signal import Severity

View = dict[str, Any]

MOST_INPUT = 3_000
MOST_PRIVATE = 3_000
_MOST_BLOCKS = 100
_LABEL = 150
_TITLES = {
    Press.EDIT: ("Edit the wording", "Save"),
    Press.REJECT: ("Reject the wording", "Reject"),
    Press.RESOLVE: ("It is over", "Resolve"),
    Press.RAISE: ("Raise the severity", "Raise"),
    Press.LOWER: ("Lower the severity", "Lower"),
}
_QUESTIONS = {
    Press.REJECT: "Why must this not go out?",
    Press.RESOLVE: "Why is it over?",
    Press.RAISE: "Why is it worse?",
    Press.LOWER: "Why is it better?",
}
_BY_DETECTION = "detection"
_REASON, _SEVERITY = "reason", "severity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a dialog remembers: the press that opened it, and the room in which to answer."""

    carried: Carried
    room: str
    names: tuple[tuple[str, str], ...] = ()

    def to_private(self) -> str:
        """Return it as private metadata, which Slack hands back as it is."""
        return json.dumps(
            {"carried": self.carried.to_value(), "room": self.room, "names": self.names},
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_private(cls, text: str) -> "Kept":
        """Read private metadata; raise ValueError if it is none of ours."""
        try:
            kept = json.loads(text)
            return cls(
                carried=Carried.from_value(kept["carried"]),
                room=str(kept["room"]),
                names=tuple((str(language), str(audience)) for language, audience in kept["names"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no dialog of ours: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was typed: `severity` is None where detection shall decide; `texts` are the wordings."""

    kept: Kept
    reason: str
    severity: Severity | None
    texts: tuple[tuple[str, str, str], ...]


def reason_view(kept: Kept) -> View | None:
    """Return the dialog that asks why, and for Raise and Lower how far; None if it can not be asked."""
    press = kept.carried.press
    blocks = []
    if press in (Press.RAISE, Press.LOWER):
        options = [_option(severity) for severity in _choices(press, kept.carried.severity)]
        if press is Press.LOWER:
            options.append({"text": _plain("Let detection decide again"), "value": _BY_DETECTION})
        blocks.append(
            _input(
                _SEVERITY,
                "How bad is it?",
                {"type": "static_select", "action_id": _SEVERITY, "options": options},
            )
        )
    blocks.append(
        _input(
            _REASON,
            _QUESTIONS[press],
            {
                "type": "plain_text_input",
                "action_id": _REASON,
                "multiline": True,
                "max_length": MOST_INPUT,
            },
        )
    )
    return _view(kept, blocks)


def edit_view(kept: Kept, notice: ApprovalNotice) -> View | None:
    """Return the dialog with every wording; None if Slack can not hold them."""
    wordings = notice.wordings
    names = tuple((wording.language, wording.audience) for wording in wordings)
    too_long = any(units(wording.text) > MOST_INPUT for wording in wordings)
    if too_long or not wordings or len(wordings) > _MOST_BLOCKS:
        return None
    kept = Kept(carried=kept.carried, room=kept.room, names=names)
    return _view(kept, [_text_input(index, wording) for index, wording in enumerate(wordings)])


def filled(view: Mapping[str, Any]) -> Filled:
    """Return what came back; raise ValueError if the dialog is none of ours."""
    kept = Kept.from_private(str(view.get("private_metadata", "")))
    values = (view.get("state") or {}).get("values") or {}
    chosen = ((values.get(_SEVERITY) or {}).get(_SEVERITY) or {}).get("selected_option") or {}
    word = chosen.get("value")
    severity = None if word in (None, _BY_DETECTION) else Severity[str(word).upper()]
    return Filled(
        kept=kept,
        reason=_typed(values, _REASON),
        severity=severity,
        texts=tuple(
            (language, audience, _typed(values, _wording_id(index)))
            for index, (language, audience) in enumerate(kept.names)
        ),
    )


def _typed(values: Mapping[str, Any], name: str) -> str:
    return str(((values.get(name) or {}).get(name) or {}).get("value") or "").strip()


def _wording_id(index: int) -> str:
    return f"wording-{index}"


def _choices(press: Press, now: str) -> list[Severity]:
    known: list[Severity] = [each for each in Severity if each is not Severity.NONE]
    current = next((severity for severity in known if severity.label == now), None)
    if current is None:
        return known
    if press is Press.RAISE:
        return [severity for severity in known if severity > current]
    return [severity for severity in known if severity < current]


def _option(severity: Severity) -> View:
    return {"text": _plain(severity.label), "value": severity.label}


def _text_input(index: int, wording: Wording) -> View:
    return _input(
        _wording_id(index),
        cut(label(wording), _LABEL),
        {
            "type": "plain_text_input",
            "action_id": _wording_id(index),
            "multiline": True,
            "max_length": MOST_INPUT,
            "initial_value": wording.text,
        },
    )


def _input(block_id: str, asked: str, element: View) -> View:
    return {"type": "input", "block_id": block_id, "label": _plain(asked), "element": element}


def _view(kept: Kept, blocks: list[View]) -> View | None:
    private = kept.to_private()
    if units(private) > MOST_PRIVATE:
        return None
    title, submit = _TITLES[kept.carried.press]
    return {
        "type": "modal",
        "callback_id": kept.carried.press.value,
        "title": _plain(title),
        "submit": _plain(submit),
        "close": _plain("Back"),
        "private_metadata": private,
        "blocks": blocks,
    }


def _plain(text: str) -> View:
    return {"type": "plain_text", "text": text}
