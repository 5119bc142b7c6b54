"""The limits of Block Kit that Slack enforces, as faults with JSON pointers."""

from collections.abc import Iterator
from typing import Any

from tests.doubles.slack.answers import Json, RefusalError, refusal_with_messages

BLOCKS_PER_MESSAGE = 50
BLOCKS_PER_VIEW = 100
# Not in the reference; measured by users of the service (slackapi/bolt-js 2509).
CHARACTERS_OF_ALL_BLOCKS = 13_200
TEXT_OF_POST = 40_000
TEXT_OF_UPDATE = 4_000

BUTTON_STYLES = {"primary", "danger"}
SELECTS = {
    "static_select",
    "multi_static_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "external_select",
}
INPUTS = SELECTS | {
    "plain_text_input",
    "radio_buttons",
    "checkboxes",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "number_input",
    "email_text_input",
    "url_text_input",
}
INTERACTIVE = INPUTS | {"button", "overflow"}


def check_message_blocks(blocks: Any) -> None:
    """Refuse blocks that Slack would not post; `invalid_blocks` tells each fault."""
    faults = list(_faults_of_blocks(blocks, most=BLOCKS_PER_MESSAGE))
    if faults:
        raise refusal_with_messages("invalid_blocks", faults)
    if sum(_characters(block) for block in blocks) > CHARACTERS_OF_ALL_BLOCKS:
        raise RefusalError("msg_blocks_too_long")


def check_view(view: Json) -> None:
    """Refuse a modal that Slack would not open."""
    faults: list[str] = []
    if view.get("type") not in {"modal", "home"}:
        faults.append("must be one of modal, home [json-pointer:/view/type]")
    if view.get("type") == "modal" and not isinstance(view.get("title"), dict):
        faults.append("missing required field: title [json-pointer:/view]")
    for field in ("title", "submit", "close"):
        if field in view:
            faults += _text_faults(view[field], f"/view/{field}", most=24, plain=True)
    for field, most in (("callback_id", 255), ("private_metadata", 3000)):
        if len(str(view.get(field, ""))) > most:
            faults.append(f"must be less than {most + 1} characters [json-pointer:/view/{field}]")
    blocks = view.get("blocks")
    faults += _faults_of_blocks(blocks, most=BLOCKS_PER_VIEW, at="/view/blocks")
    if any(block.get("type") == "input" for block in blocks or ()) and "submit" not in view:
        faults.append("missing required field: submit [json-pointer:/view]")
    if faults:
        raise refusal_with_messages("invalid_arguments", faults)


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield (block, element) of everything in the blocks that carries an action_id."""
    for block in blocks:
        inner = [block.get("accessory"), block.get("element"), *block.get("elements", ())]
        for element in inner:
            if isinstance(element, dict) and element.get("type") in INTERACTIVE:
                yield block, element


def _faults_of_blocks(blocks: Any, *, most: int, at: str = "/blocks") -> Iterator[str]:
    if not isinstance(blocks, list):
        yield f"must be an array [json-pointer:{at}]"
        return
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"
    block_ids: set[str] = set()
    for index, block in enumerate(blocks):
        here = f"{at}/{index}"
        if not isinstance(block, dict):
            yield f"must be an object [json-pointer:{here}]"
            continue
        block_id = block.get("block_id")
        if block_id is not None and (not block_id or len(block_id) > 255):
            yield f"must be less than 256 characters [json-pointer:{here}/block_id]"
        if block_id in block_ids:
            yield f"`block_id`: {block_id} already exists [json-pointer:{here}/block_id]"
        if block_id is not None:
            block_ids.add(block_id)
        yield from _faults_of_block(block, here)
    yield from _repeated_actions([block for block in blocks if isinstance(block, dict)], at)


def _repeated_actions(blocks: list[Json], at: str) -> Iterator[str]:
    seen: set[str] = set()
    for _, element in elements(blocks):
        action_id = element.get("action_id")
        if action_id in seen:
            yield f"`action_id`: {action_id} already exists [json-pointer:{at}]"
        if action_id is not None:
            seen.add(action_id)


def _faults_of_block(block: Json, at: str) -> Iterator[str]:  # noqa: C901, PLR0912  # one case per kind of block
    match block.get("type"):
        case "header":
            yield from _text_faults(block.get("text"), f"{at}/text", most=150, plain=True)
        case "section":
            yield from _section_faults(block, at)
        case "context":
            yield from _count_faults(block.get("elements"), f"{at}/elements", most=10)
            for index, element in enumerate(block.get("elements") or ()):
                if element.get("type") != "image":
                    yield from _text_faults(element, f"{at}/elements/{index}", most=3000)
        case "actions":
            yield from _count_faults(block.get("elements"), f"{at}/elements", most=25)
            for index, element in enumerate(block.get("elements") or ()):
                yield from _element_faults(element, f"{at}/elements/{index}")
        case "input":
            yield from _text_faults(block.get("label"), f"{at}/label", most=2000, plain=True)
            if (block.get("element") or {}).get("type") not in INPUTS:
                yield f"unsupported type: {(block.get('element') or {}).get('type')} [json-pointer:{at}/element/type]"
            else:
                yield from _element_faults(block["element"], f"{at}/element")
        case "image":
            if "image_url" not in block and "slack_file" not in block:
                yield f"missing required field: image_url [json-pointer:{at}]"
            if not 1 <= len(block.get("alt_text", "")) <= 2000:
                yield f"missing required field: alt_text [json-pointer:{at}]"
            if len(block.get("image_url", "")) > 3000:
                yield f"must be less than 3001 characters [json-pointer:{at}/image_url]"
        case "markdown":
            if not 1 <= len(block.get("text", "")) <= 12_000:
                yield f"must be less than 12001 characters [json-pointer:{at}/text]"
        case "divider" | "rich_text" | "video" | "file" | "table":
            pass
        case other:
            yield f"unsupported type: {other} [json-pointer:{at}/type]"


def _section_faults(block: Json, at: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"missing required field: text [json-pointer:{at}]"
    if "text" in block:
        yield from _text_faults(block["text"], f"{at}/text", most=3000)
    if "fields" in block:
        yield from _count_faults(block["fields"], f"{at}/fields", most=10)
        for index, field in enumerate(block["fields"]):
            yield from _text_faults(field, f"{at}/fields/{index}", most=2000)
    if "accessory" in block:
        yield from _element_faults(block["accessory"], f"{at}/accessory")


def _element_faults(element: Any, at: str) -> Iterator[str]:  # noqa: C901  # one condition per limit
    if not isinstance(element, dict):
        yield f"must be an object [json-pointer:{at}]"
        return
    kind = element.get("type")
    if kind not in INTERACTIVE and kind != "image":
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
    if len(element.get("action_id", "")) > 255:
        yield f"must be less than 256 characters [json-pointer:{at}/action_id]"
    if "confirm" in element:
        yield from _confirm_faults(element["confirm"], f"{at}/confirm")
    if kind == "button":
        yield from _text_faults(element.get("text"), f"{at}/text", most=75, plain=True)
        if len(element.get("value", "")) > 2000:
            yield f"must be less than 2001 characters [json-pointer:{at}/value]"
        if len(element.get("url", "")) > 3000:
            yield f"must be less than 3001 characters [json-pointer:{at}/url]"
        if "style" in element and element["style"] not in BUTTON_STYLES:
            yield f"must be one of primary, danger [json-pointer:{at}/style]"
    if "placeholder" in element:
        yield from _text_faults(element["placeholder"], f"{at}/placeholder", most=150, plain=True)
    if kind in {"static_select", "multi_static_select", "overflow", "radio_buttons", "checkboxes"}:
        yield from _option_faults(element, at)
    if kind == "plain_text_input" and len(element.get("initial_value", "")) > 3000:
        yield f"must be less than 3001 characters [json-pointer:{at}/initial_value]"


def _confirm_faults(confirm: Json, at: str) -> Iterator[str]:
    for field, most, plain in (
        ("title", 100, True),
        ("text", 300, False),
        ("confirm", 30, True),
        ("deny", 30, True),
    ):
        yield from _text_faults(confirm.get(field), f"{at}/{field}", most=most, plain=plain)


def _option_faults(element: Json, at: str) -> Iterator[str]:
    most = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}.get(str(element["type"]), 100)
    options = element.get("options")
    if "option_groups" in element:
        options = [one for group in element["option_groups"] for one in group.get("options", ())]
    yield from _count_faults(options, f"{at}/options", most=most)
    for index, option in enumerate(options or ()):
        here = f"{at}/options/{index}"
        yield from _text_faults(option.get("text"), f"{here}/text", most=75)
        if not 1 <= len(option.get("value", "")) <= 150:
            yield f"must be less than 151 characters [json-pointer:{here}/value]"
    initial = element.get("initial_option")
    if initial is not None and initial not in (options or ()):
        yield f"must match one of the options [json-pointer:{at}/initial_option]"


def _count_faults(items: Any, at: str, *, most: int) -> Iterator[str]:
    if not isinstance(items, list) or not items:
        yield f"no fewer than 1 item allowed [json-pointer:{at}]"
    elif len(items) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"


def _text_faults(text: Any, at: str, *, most: int, plain: bool = False) -> Iterator[str]:
    kinds = {"plain_text"} if plain else {"plain_text", "mrkdwn"}
    if not isinstance(text, dict) or not isinstance(text.get("text"), str):
        yield f"missing required field: text [json-pointer:{at}]"
        return
    if text.get("type") not in kinds:
        yield f"must be one of {', '.join(sorted(kinds))} [json-pointer:{at}/type]"
    if not text["text"]:
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    elif len(text["text"]) > most:
        yield f"must be less than {most + 1} characters [json-pointer:{at}/text]"


def _characters(part: Any) -> int:
    """Count the characters people read in a block."""
    if isinstance(part, dict):
        own = part["text"] if isinstance(part.get("text"), str) else ""
        return len(own) + sum(_characters(value) for value in part.values())
    if isinstance(part, list):
        return sum(_characters(value) for value in part)
    return 0
