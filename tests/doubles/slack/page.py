"""The workspace as one plain page, so that a person can look at it."""

import re
from datetime import UTC, datetime
from html import escape
from typing import Any

from tests.doubles.slack.answers import Json
from tests.doubles.slack.workspace import Workspace

_STYLE = """
body{font:15px/1.45 sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem;color:#1d1c1d}
h2{border-bottom:1px solid #ccc;margin-top:2rem} h2 small{font-weight:normal;color:#616061}
.m{margin:.7rem 0;padding:.4rem .8rem;border-left:3px solid #ddd} .r{margin-left:2.5rem}
.w{color:#616061;font-size:.8rem} .h{font-size:1.15rem;font-weight:bold} .x{color:#616061;font-size:.85rem}
button{margin:.2rem .3rem .2rem 0;padding:.25rem .7rem;border:1px solid #999;border-radius:4px;background:#fff}
button.primary{background:#007a5a;color:#fff} button.danger{background:#e01e5a;color:#fff}
img{max-width:100%} pre{white-space:pre-wrap;margin:0;font:inherit} hr{border:0;border-top:1px solid #ddd}
"""


def page(workspace: Workspace) -> str:
    """Return all channels and direct messages with what was said in them."""
    rooms = sorted(workspace.channels.values(), key=lambda room: (room["is_im"], room["created"]))
    body = "".join(_room(workspace, room) for room in rooms)
    head = '<meta charset="utf-8"><title>Fake Slack</title>'
    return f"<!doctype html><html lang=en><head>{head}<style>{_STYLE}</style></head><body><h1>Fake Slack</h1>{body}</body></html>"


def _room(workspace: Workspace, room: Json) -> str:
    if room["is_im"]:
        title = f"Direct message to {_name(workspace, room['user'])}"
    else:
        title = f"#{room['name']}"
    members = ", ".join(_name(workspace, member) for member in room["members"])
    told = [f"<small>{escape(room['id'])} · {escape(members)}</small>"]
    if room["topic"]["value"]:
        told.append(f"<p class=x>{_words(workspace, room['topic']['value'])}</p>")
    messages = workspace.messages[room["id"]]
    pinned = workspace.pins.get(room["id"], ())
    replies: dict[str, list[Json]] = {}
    for message in messages:
        if message.get("thread_ts", message["ts"]) != message["ts"]:
            replies.setdefault(message["thread_ts"], []).append(message)
    for message in messages:
        if message.get("thread_ts", message["ts"]) == message["ts"]:
            told.append(_message(workspace, message, is_pinned=message["ts"] in pinned))
            told += [_message(workspace, reply, "r") for reply in replies.get(message["ts"], ())]
    whispers = [one for one in workspace.ephemerals if one["channel"] == room["id"]]
    told += [
        f"<div class=m><div class=w>only {_name(workspace, one['user'])} sees</div>"
        f"{_body(workspace, one)}</div>"
        for one in whispers
    ]
    return f"<h2>{escape(title)}</h2>{''.join(told)}"


def _message(
    workspace: Workspace, message: Json, kind: str = "", *, is_pinned: bool = False
) -> str:
    at = datetime.fromtimestamp(float(message["ts"]), UTC).strftime("%Y-%m-%d %H:%M:%S")
    marks = [at, message["ts"]]
    marks += ["pinned"] if is_pinned else []
    marks += ["edited"] if "edited" in message else []
    return (
        f'<div class="m {kind}"><div class=w>{escape(" · ".join(marks))}</div>'
        f"{_body(workspace, message)}</div>"
    )


def _body(workspace: Workspace, message: Json) -> str:
    blocks = message.get("blocks")
    told = (
        "".join(_block(workspace, block) for block in blocks)
        if blocks
        else f"<pre>{_words(workspace, message.get('text', ''))}</pre>"
    )
    for file in message.get("files", ()):
        told += f"<div class=x>file: {escape(str(file.get('title')))} ({file['size']} bytes)</div>"
    for reaction in message.get("reactions", ()):
        told += f"<span class=x>:{escape(reaction['name'])}:</span> "
    return told


def _block(workspace: Workspace, block: Json) -> str:
    match block["type"]:
        case "header":
            return f"<div class=h>{_text(workspace, block['text'])}</div>"
        case "divider":
            return "<hr>"
        case "context":
            inner = " · ".join(_text(workspace, one) for one in block["elements"])
            return f"<div class=x>{inner}</div>"
        case "actions":
            return "".join(_element(workspace, one) for one in block["elements"])
        case "section":
            parts = [block["text"]] if "text" in block else []
            parts += block.get("fields", [])
            told = "".join(f"<pre>{_text(workspace, part)}</pre>" for part in parts)
            accessory = block.get("accessory")
            return told + (_element(workspace, accessory) if accessory else "")
        case other:
            return f"<div class=x>({escape(other)}) {escape(str(block.get('alt_text', '')))}</div>"


def _element(workspace: Workspace, element: Json) -> str:
    title = escape(str(element.get("action_id", "")), quote=True)
    if element["type"] == "button":
        style = escape(str(element.get("style", "")), quote=True)
        return (
            f'<button class="{style}" title="{title}">{_text(workspace, element["text"])}</button>'
        )
    options = element.get("options", [])
    shown = "".join(f"<option>{_text(workspace, option['text'])}</option>" for option in options)
    return f'<select title="{title}">{shown}</select>'


def _text(workspace: Workspace, text: Any) -> str:
    return _words(workspace, str(text.get("text", text.get("alt_text", ""))))


def _words(workspace: Workspace, words: str) -> str:
    """Return text with names for members; Slack's own escapes are taken back before ours."""
    named = re.sub(r"<@([UW][A-Z0-9]+)>", lambda found: "@" + _name(workspace, found[1]), words)
    plain = named.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return escape(plain)


def _name(workspace: Workspace, user: str) -> str:
    return str(workspace.users.get(user, {}).get("real_name", user))
