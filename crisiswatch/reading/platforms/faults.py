"""Why a line could not be read, told from what the decoders raised; never on the hot path."""

import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

import msgspec

from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.reading.post import Reason, Rejected

DETAIL_LENGTH = 300
"""Details are cut to so many characters: they are read by people, and the raw line is kept."""

_TIME_NAMES = frozenset({"posted_at", "created_at", "created_utc", "time_us", "timestamp_ms"})
_VALUE_LENGTH = 60
_PATH = re.compile(r" - at `\$(\S*)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def explain(raw: bytes, body: bytes, error: Exception) -> Rejected:
    """Return the rejection of the line `raw`, on whose `body` a decoder raised `error`."""
    reason, detail = _judge(body, error)
    return rejected(reason, detail, raw)


def rejected(reason: Reason, detail: str, raw: bytes) -> Rejected:
    """Return a rejection whose detail is short and always encodes to UTF-8."""
    if len(detail) > DETAIL_LENGTH:
        detail = f"{detail[: DETAIL_LENGTH - 3]}..."
    return Rejected(reason=reason, detail=printable(detail), raw=raw)


def printable(text: str) -> str:
    """Return text with lone surrogates written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _judge(line: bytes, error: Exception) -> tuple[Reason, str]:
    match error:
        case UnreadableError():
            return error.reason, error.detail
        case UnicodeDecodeError():
            byte, place = error.object[error.start], error.start
            return Reason.NOT_UTF8, f"byte 0x{byte:02x} at {place} is no UTF-8: {error.reason}"
        case RecursionError():
            return Reason.NOT_JSON, "nested too deeply"
        case msgspec.ValidationError():
            return _misfit(line, str(error))
        case _:
            return _bad_syntax(line, str(error))


def _misfit(line: bytes, message: str) -> tuple[Reason, str]:
    """Judge JSON that does not fit the type; a fault further on, that makes it no JSON, goes first."""
    try:
        value = msgspec.json.decode(line)
    except RecursionError:
        return Reason.NOT_JSON, "nested too deeply"
    except ValueError as error:
        return _bad_syntax(line, str(error))
    if not isinstance(value, dict):
        return Reason.NOT_A_POST, f"a JSON object is needed, got {_shown(value)}"
    if "missing required field" in message:
        return Reason.MISSING_FIELD, message
    if "of length >= 1" in message:
        return Reason.MISSING_FIELD, f"empty: {message}"
    return Reason.WRONG_TYPE, f"{message}: {_shown(_at_path(value, message))}"


def _bad_syntax(line: bytes, message: str) -> tuple[Reason, str]:
    """Tell what other JSON parsers let pass (lone surrogates, NaN) from bytes that are no JSON."""
    try:
        value = json.loads(line)
        written = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return Reason.NOT_JSON, message
    try:
        written.encode()
    except UnicodeEncodeError as error:
        found = ord(written[error.start])
        return Reason.LONE_SURROGATE, f"\\u{found:04x} stands alone, half of a surrogate pair"
    endless = [key for key, number in _numbers(value) if not isfinite(number)]
    if not endless:
        return Reason.NOT_JSON, message
    name = endless[0]
    if name in _TIME_NAMES:
        return Reason.ABSURD_DATE, f"{name}: {value[name]} is no time"
    return Reason.NOT_JSON, f"{name}: {value[name]} is no JSON; write null"


def _numbers(value: object) -> Iterator[tuple[str, float]]:
    """Yield the fields of an object that are floats."""
    if isinstance(value, dict):
        for name, field in value.items():
            if isinstance(field, float):
                yield name, field


def _at_path(value: Any, message: str) -> Any:
    """Return the value that msgspec's message points at, or the whole where it does not say."""
    path = _PATH.search(message)
    if path is None:
        return value
    for name, index in _STEP.findall(path[1]):
        try:
            value = value[name] if name else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return value
    return value


def _shown(value: Any) -> str:
    try:
        shown = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__}"
    return shown if len(shown) <= _VALUE_LENGTH else f"{shown[:_VALUE_LENGTH]}..."
