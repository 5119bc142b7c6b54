"""The rim: TOML text in, frozen dataclasses out, every fault named at once.

pydantic checks types and ranges strictly (no "5" for 5); a dataclass may check the
rest in its `__post_init__` by raising ConfigError, which is reported with the key's path.
"""

import json
import tomllib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache, partial
from types import GenericAlias, NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from crisiswatch.config.durations import duration_s
from crisiswatch.config.fault_words import (
    OWN_CHECK,
    SECRETS_GO,
    in_words,
    looks_secret,
    path_in_words,
)
from crisiswatch.config.finding import FaultsError, Finding
from crisiswatch.config.toml_lines import Path, key_lines, line_of
from crisiswatch.config.toml_marks import marked
from crisiswatch.errors import ConfigError

T = TypeVar("T")


def _check_itself(value: Any, validate: Callable[[Any], Any]) -> Any:
    """Report a ConfigError of the dataclass's own check as one fault among the others."""
    try:
        return validate(_with_tuples(value))
    except ConfigError as error:
        context = {"problem": error.problem, "remedy": error.remedy}
        raise PydanticCustomError(OWN_CHECK, "{problem}", context) from error


def _read_duration(value: Any) -> Any:
    """Turn `1h30m` into 5400; leave what is no text to the type check."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "not text")
    try:
        return duration_s(value)
    except ConfigError as error:
        context = {"problem": error.problem, "remedy": error.remedy}
        raise PydanticCustomError(OWN_CHECK, "{problem}", context) from error


DURATION = BeforeValidator(_read_duration)
"""Annotates an int field that is written as text with units and kept in seconds."""

AT_LEAST_0 = Field(ge=0)
AT_LEAST_1 = Field(ge=1)
NOT_EMPTY = Field(min_length=1)

CHECKS_ITSELF = WrapValidator(_check_itself)
"""Annotates a field whose dataclass raises ConfigError in its `__post_init__`."""


def parse_toml(text: str, source: str, schema: type[T], *, first_line: int = 1) -> T:
    """Read a TOML text into the dataclass `schema`, or raise FaultsError with all faults.

    `first_line` is where the text begins in `source`, for TOML that stands inside a file.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError, or numbers without end
        raise FaultsError([_syntax_fault(error, text, source, first_line)]) from error
    try:
        # JSON mode: strict, yet lists may become tuples and strings members of an enum.
        kind: Any = schema
        parsed: T = _adapter(kind).validate_json(json.dumps([marked(data)]))[0]
    except ValidationError as error:
        faults = []
        for detail in error.errors(include_url=False):
            path = detail["loc"][1:]
            faults.append((path, *in_words(detail, path, partial(_keys_at, schema))))
        raise FaultsError(_findings(faults, text, source, first_line)) from error
    secrets = [
        (path, "a secret stands here (not shown)", SECRETS_GO) for path in _secrets(data, ())
    ]
    if secrets:
        raise FaultsError(_findings(secrets, text, source, first_line))
    return parsed


@cache
def _adapter(schema: Hashable) -> TypeAdapter[tuple[Any]]:
    # A tuple of one: settings given to the outermost type hold for the plain dataclasses inside.
    one: Any = GenericAlias(tuple, (schema,))
    return TypeAdapter(
        one,
        config={"extra": "forbid", "strict": True, "allow_inf_nan": False},
    )


def _findings(
    faults: list[tuple[Path, str, str]], text: str, source: str, first_line: int
) -> Iterator[Finding]:
    lines = key_lines(text)
    for path, message, remedy in faults:
        line = line_of(lines, path)
        yield Finding(
            level="error",
            source=source,
            line=None if line is None else line + first_line - 1,
            path=path_in_words(path),
            message=message,
            remedy=remedy,
        )


def _keys_at(schema: Any, path: Path) -> list[str]:
    """Return the keys that the schema knows at `path`."""
    for part in path:
        inside = _inside(schema)
        if isinstance(part, int):
            schema = get_args(inside)[0]
        elif is_dataclass(inside):
            schema = get_type_hints(inside)[part]
        else:
            schema = get_args(inside)[1]
    return [field.name for field in fields(_inside(schema))]


def _inside(hint: Any) -> Any:
    """Take `X | None` for X, so that its fields can be looked up."""
    choices = [choice for choice in get_args(hint) if choice is not NoneType]
    return choices[0] if NoneType in get_args(hint) else hint


def _syntax_fault(error: Exception, text: str, source: str, first_line: int) -> Finding:
    message, _, place = str(error).partition(" (at ")
    digits = place.removeprefix("line ").split(",")[0]
    line = int(digits) if digits.isdigit() else len(text.splitlines())
    return Finding(
        level="error",
        source=source,
        line=line + first_line - 1,
        path="",
        message=f"not TOML: {message[:1].lower()}{message[1:]}",
        remedy='write text in quotes, lists in square brackets: key = "text"',
    )


def _secrets(value: object, path: Path) -> Iterator[Path]:
    """Find values that are secrets by their shape, under whatever key they stand."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _secrets(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _secrets(item, (*path, at))
    elif isinstance(value, str) and looks_secret(value):
        yield path


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_tuples(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_with_tuples(item) for item in value)
    return value
