"""What pydantic found, in words that say what was wrong and what to do."""

import difflib
import json
import re
from collections.abc import Callable

from pydantic_core import ErrorDetails

from crisiswatch.config.toml_lines import Path
from crisiswatch.config.toml_marks import is_marked

SECRET_WORDS = ("token", "secret", "password", "passwd", "api_key", "apikey", "credential")
"""Words in a key's name that mark its value as one that is never shown."""

SECRETS_GO = "secrets never stand in this file: give them by environment variable or secret file"

_SECRET_SHAPES = re.compile(
    r"\bxox[a-z]-|\bxapp-|hooks\.slack\.com/|://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE
)
"""Slack's tokens and webhooks, and addresses with a password in them."""

OWN_CHECK = "own-check"
"""The type of a fault that a dataclass found by its own check; its words are in the context."""

_SHOWN_CHARACTERS = 60

_WORDS = {
    OWN_CHECK: ("{problem}", "{remedy}"),
    "missing": ("missing", "give {key} a value"),
    "string_type": ("expected text, not {shown}", "put it in quotes"),
    "tuple_type": ("expected a list, not {shown}", "write it in square brackets: [{listed}]"),
    "dataclass_type": ("expected a table, not {shown}", "write its keys under [{path}]"),
    "dict_type": ("expected a table, not {shown}", "write its keys under [{path}]"),
    "int_type": ("expected a whole number, not {shown}", "write it without quotes, as in 60"),
    "int_from_float": ("expected a whole number, not {shown}", "write it without quotes, as in 60"),
    "float_type": ("expected a number, not {shown}", "write it without quotes, as in 0.5"),
    "finite_number": ("expected a finite number, not {shown}", "write it as in 0.5"),
    "bool_type": ("expected true or false, not {shown}", "write it without quotes"),
    "literal_error": ("{shown} is no choice", "use one of {expected}"),
    "enum": ("{shown} is no choice", "use one of {expected}"),
    "greater_than_equal": ("{shown} is too small", "use at least {ge}"),
    "less_than_equal": ("{shown} is too large", "use at most {le}"),
    "too_short": ("empty", "give at least one"),
    "string_too_short": ("empty", "fill it in"),
}


def in_words(
    detail: ErrorDetails, path: Path, keys_at: Callable[[Path], list[str]]
) -> tuple[str, str]:
    """Return what is wrong at `path` and what to do about it.

    `keys_at` tells which keys may stand in a table, for what is no key there.
    """
    if detail["type"] == "unexpected_keyword_argument":
        return _unknown_key(path, keys_at)
    value = detail["input"]
    if is_marked(value) and detail["type"] != OWN_CHECK:
        return "a date or time is not used here", "put it in quotes"
    message, remedy = _WORDS.get(detail["type"], ("{msg}, not {shown}", ""))
    known = {
        "msg": detail["msg"],
        "shown": _shown(path, value),
        "key": path[-1] if path else "",
        "path": path_in_words(path),
        "listed": json.dumps(value, ensure_ascii=False) if isinstance(value, str) else "...",
        **detail.get("ctx", {}),
    }
    return message.format_map(known), remedy.format_map(known)


def path_in_words(path: Path) -> str:
    """Write a path as people count: `("topics", 1, "terms")` is `topics[2].terms`."""
    words = ""
    for part in path:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return words.removeprefix(".")


def _unknown_key(path: Path, keys_at: Callable[[Path], list[str]]) -> tuple[str, str]:
    if _is_secret(path):
        return "unknown key", SECRETS_GO
    known = keys_at(path[:-1])
    close = difflib.get_close_matches(str(path[-1]), known, n=1)
    if close:
        return "unknown key", f"did you mean {close[0]}?"
    return "unknown key", f"known here: {', '.join(known)}"


def _shown(path: Path, value: object) -> str:
    """Return the value as it may be printed: short, and never a secret."""
    if _is_secret(path) or (isinstance(value, str) and looks_secret(value)):
        return "the value given (not shown)"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def looks_secret(text: str) -> bool:
    """Tell whether a text is a secret by its shape: a token, or an address with a password."""
    return _SECRET_SHAPES.search(text) is not None


def _is_secret(path: Path) -> bool:
    words = ".".join(map(str, path)).lower().replace("-", "_")
    return any(word in words for word in SECRET_WORDS)
