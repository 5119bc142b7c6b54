"""A whole configuration as TOML, as people would write it."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, time
from typing import Any, get_args, get_type_hints

from crisiswatch.config.durations import duration_in_words
from crisiswatch.config.rim import DURATION
from crisiswatch.config.schema import Config
from crisiswatch.config.toml_times import DAYS

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def describe(config: Config) -> str:
    """Return the whole configuration as TOML, defaults filled in; it loads back as equal.

    It holds no secret: none can stand in a configuration file, unknown keys are refused.
    """
    blocks: list[str] = []
    for name, value in _written(config):
        if isinstance(value, dict):
            blocks += _tables(name, value)
        else:
            blocks += [f"[[{name}]]\n{_pairs(element)}" for element in value]
    return "\n".join(blocks)


def _tables(name: str, table: dict[str, Any]) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if isinstance(value, dict)}
    yield f"[{name}]\n{_pairs({key: table[key] for key in table if key not in inner})}"
    for key, value in inner.items():
        yield from _tables(f"{name}.{key}", value)


def _written(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a dataclass that say something, durations in words."""
    hints = get_type_hints(type(value), include_extras=True)
    for field in fields(value):
        item = getattr(value, field.name)
        if item is not None:
            yield field.name, _plain(item, _markers(hints[field.name]))


def _plain(value: Any, markers: list[object]) -> Any:
    if is_dataclass(value):
        return dict(_written(value))
    if isinstance(value, tuple):
        return [_plain(item, []) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, []) for key, item in value.items()}
    if DURATION in markers:
        return duration_in_words(value)
    return f"{value}d" if DAYS in markers else value


def _markers(hint: Any) -> list[object]:
    """Return what annotates a type, and the parts of a union."""
    inside = [marker for part in get_args(hint) for marker in _markers(part)]
    return [*getattr(hint, "__metadata__", ()), *inside]


def _pairs(table: dict[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_toml(value)}\n" for key, value in table.items())


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _toml(name)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        pairs = (f"{_key(key)} = {_toml(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        # JSON's escapes are TOML's too, once DEL is written as one.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else repr(value)
