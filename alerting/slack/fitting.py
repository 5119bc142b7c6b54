"""Slack's limits on a message, kept at one place.

Every text is cut to the limit of where it stands; where a message as a whole is too
much, the pieces that matter least are left out, and it says so. A message that Slack
refuses reaches nobody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from alerting.slack.markup import EMPTY, cut, units

MOST_BLOCKS = 50
ALL_TEXT = 13_000
MESSAGE_TEXT = 3_400
HEADER = 150
SECTION = 3_000
FIELD = 2_000
MOST_FIELDS = 10
BUTTON_VALUE = 2_000
BUTTON_TEXT = 75
OPTION_VALUE = 150
MOST_OPTIONS = 100
BLOCK_ID = 255
_CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
_PLACEHOLDER = 150
_LEFT_OUT = "Some details are left out here: the message was too long for Slack."

Block = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as Slack takes it; `text` is what a notification and a screen reader say."""

    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A block, and how easily it can be spared: 0 never, the highest number first.

    One that is `whole` is not shortened for the sake of others either; its maker keeps count.
    """

    block: Block
    spare: int = 0
    whole: bool = False


def fit(text: str, pieces: Sequence[Piece]) -> Rendered:
    """Return a message within all limits; pieces that can not be spared stay, shortened at worst."""
    kept = list(pieces)
    for piece in kept:
        for owner, key, limit in _texts(piece.block):
            owner[key]["text"] = cut(owner[key]["text"], limit) or EMPTY
    left_out = False
    while _too_much(kept, left_out=left_out):
        spared = max(range(len(kept)), key=lambda index: (kept[index].spare, index))
        if kept[spared].spare == 0:
            _halve_longest(kept)
        else:
            del kept[spared]
        left_out = True
    blocks = [piece.block for piece in kept]
    if left_out:
        blocks.append(note(_LEFT_OUT))
    return Rendered(text=cut(text, MESSAGE_TEXT) or EMPTY, blocks=tuple(blocks))


def header(text: str) -> Block:
    """Return a heading."""
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": True}}


def words(mrkdwn: str) -> Block:
    """Return a paragraph of mrkdwn."""
    return {"type": "section", "text": _mrkdwn(mrkdwn)}


def plain(text: str) -> Block:
    """Return a paragraph in which nothing is markup."""
    return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}


def columns(mrkdwn: Sequence[str]) -> Block:
    """Return short texts in two columns."""
    return {"type": "section", "fields": [_mrkdwn(text) for text in mrkdwn[:MOST_FIELDS]]}


def note(mrkdwn: str) -> Block:
    """Return a line in small letters."""
    return {"type": "context", "elements": [_mrkdwn(mrkdwn)]}


def _mrkdwn(text: str) -> dict[str, Any]:
    # Without `verbatim` Slack makes links of bare addresses and channel names.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _texts(block: Block) -> Iterator[tuple[Any, Any, int]]:
    """Yield (owner, key, limit) of every text object in a block."""
    match block["type"]:
        case "header":
            yield block, "text", HEADER
        case "section":
            if "text" in block:
                yield block, "text", SECTION
            for index in range(len(block.get("fields", ()))):
                yield block["fields"], index, FIELD
        case "context":
            for index in range(len(block["elements"])):
                yield block["elements"], index, FIELD
        case "actions":
            for element in block["elements"]:
                yield from _element_texts(element)


def _element_texts(element: Block) -> Iterator[tuple[Any, Any, int]]:
    if "text" in element:
        yield element, "text", BUTTON_TEXT
    if "placeholder" in element:
        yield element, "placeholder", _PLACEHOLDER
    for option in element.get("options", ()):
        yield option, "text", BUTTON_TEXT
    for name, limit in _CONFIRM.items():
        if name in element.get("confirm", {}):
            yield element["confirm"], name, limit


def _too_much(kept: Sequence[Piece], *, left_out: bool) -> bool:
    all_text = sum(
        units(owner[key]["text"]) for piece in kept for owner, key, _ in _texts(piece.block)
    )
    return (
        len(kept) + left_out > MOST_BLOCKS
        or all_text + (units(_LEFT_OUT) if left_out else 0) > ALL_TEXT
    )


def _halve_longest(kept: Sequence[Piece]) -> None:
    owner, key, _ = max(
        (text for piece in kept if not piece.whole for text in _texts(piece.block)),
        key=lambda text: units(text[0][text[1]]["text"]),
    )
    longest = owner[key]["text"]
    owner[key]["text"] = cut(longest, units(longest) // 2)
