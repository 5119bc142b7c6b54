"""Messages to one chunk: what is a line of JSON is joined, all else costs only itself.

The fast way looks at no message by itself. It joins all values and then asks of the whole,
with numpy, what must hold for each: that it begins with a brace, holds no line break and
is not too long. Where that fails, the careful way goes message by message.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from confluent_kafka import KafkaError, Message

from crisiswatch.reading.post import Reason, Rejected
from crisiswatch.reading.reader import RAW_KEPT_BYTES
from crisiswatch.reading.stream_note import PREFIX

_BREAK = ord("\n")
_BRACE = ord("{")
_NOTE = b'{"'
"""A note's first bytes are every post's; the one after them is not."""
_SPACES = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")
_SCHEMA_MARK = b"\x00"
"""The first byte of what a schema registry's serialiser writes; four bytes of schema id follow."""
_SCHEMA_HEAD_BYTES = 5
_SHOWN_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What some messages of one partition came to.

    `lines` is None where nobody has counted them; without `may_hold_notes` none is a note of a
    stream (`crisiswatch.reading.stream_note`).
    Offsets, and the broker's times of the first and the last message in unix milliseconds (0
    where it has none), are None where no message was among them: events never move them.
    """

    data: bytes
    lines: int | None
    may_hold_notes: bool
    refused: tuple[Rejected, ...]
    tombstones: int
    first_offset: int | None
    next_offset: int | None
    first_ms: int | None
    newest_ms: int | None
    events: tuple[KafkaError, ...]


def fold(messages: Sequence[Message], *, place: str, max_line_bytes: int) -> Folded:
    """Fold messages of one partition, in their order, into lines.

    Events of the client (`Message.error`) travel among the messages and carry an offset and
    a value, which are no message's: they come out apart. That the offsets have no gap does
    not prove that there is no event, for a log may have holes. `place` names the partition
    in dead letters.
    """
    events: tuple[KafkaError, ...] = ()
    if any(map(Message.error, messages)):  # an error is true; its comparison with None raises
        faults = [message.error() for message in messages]
        events = tuple(fault for fault in faults if fault is not None)
        pairs = zip(messages, faults, strict=True)
        messages = [message for message, fault in pairs if fault is None]
    if not messages:
        return Folded(
            data=b"",
            lines=0,
            may_hold_notes=False,
            refused=(),
            tombstones=0,
            first_offset=None,
            next_offset=None,
            first_ms=None,
            newest_ms=None,
            events=events,
        )
    refused: list[Rejected] = []
    tombstones = 0
    joined = _joined(messages, max_line_bytes)
    if joined is None:
        data, tombstones = _one_by_one(messages, place, max_line_bytes, refused)
        lines, may_hold_notes = None, True
    else:
        (data, may_hold_notes), lines = joined, len(messages)
    last = messages[-1]
    return Folded(
        data=data,
        lines=lines,
        may_hold_notes=may_hold_notes,
        refused=tuple(refused),
        tombstones=tombstones,
        first_offset=_offset(messages[0]),
        next_offset=_offset(last) + 1,
        first_ms=max(messages[0].timestamp()[1], 0),
        newest_ms=max(last.timestamp()[1], 0),
        events=events,
    )


def joined_up(parts: Sequence[Folded]) -> Folded | None:
    """Return parts that follow each other as one, None if there are none."""
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    counted = [part.lines for part in parts if part.lines is not None]
    return Folded(
        data=b"".join([part.data for part in parts]),
        lines=sum(counted) if len(counted) == len(parts) else None,
        may_hold_notes=any(part.may_hold_notes for part in parts),
        refused=tuple(rejected for part in parts for rejected in part.refused),
        tombstones=sum(part.tombstones for part in parts),
        first_offset=parts[0].first_offset,
        next_offset=parts[-1].next_offset,
        first_ms=parts[0].first_ms,
        newest_ms=parts[-1].newest_ms,
        events=tuple(event for part in parts for event in part.events),
    )


def _joined(messages: Sequence[Message], max_line_bytes: int) -> tuple[bytes, bool] | None:
    """Return all values as lines and whether notes may be among them.

    None where a value needs a closer look. That there are as many line breaks as values says
    that none stands in a value.
    """
    values: list[bytes] = list(map(Message.value, messages))  # type: ignore[arg-type]  # see the try
    try:
        sizes = np.fromiter(map(len, values), np.intp, len(values))
    except TypeError:  # a tombstone has no value
        return None
    values.append(b"")
    data = b"\n".join(values)
    raw = np.frombuffer(data, np.uint8)
    starts = np.cumsum(sizes + 1) - sizes - 1
    are_lines = (
        int(sizes.max()) <= max_line_bytes
        and bool((raw.take(starts) == _BRACE).all())
        and np.count_nonzero(raw == _BREAK) == len(messages)
    )
    if not are_lines:
        return None
    thirds = raw.take(starts + len(_NOTE), mode="clip")
    return data, bool((thirds == PREFIX[len(_NOTE)]).any())


def _one_by_one(
    messages: Sequence[Message], place: str, max_line_bytes: int, refused: list[Rejected]
) -> tuple[bytes, int]:
    """Return the lines of those that are one, and how many had no value; note the refused."""
    lines: list[bytes] = []
    tombstones = 0
    for message in messages:
        value = message.value()
        if value is None:
            tombstones += 1
            continue
        fault = _fault(value, max_line_bytes)
        if fault is None:
            lines.append(value.translate(_ONE_LINE))
            continue
        reason, detail = fault
        where = f"{place}@{_offset(message)}"
        raw = value[:RAW_KEPT_BYTES] if reason is Reason.TOO_LONG else value
        refused.append(Rejected(reason=reason, detail=detail, raw=raw, where=where))
    return b"".join(line + b"\n" for line in lines), tombstones


def _fault(value: bytes, max_line_bytes: int) -> tuple[Reason, str] | None:
    """Tell why a value can be no line of JSON; an empty one is left to the reader, which skips it.

    Line breaks may stand in JSON between its parts only, so that a space does as well.
    """
    if len(value) > max_line_bytes:
        words = f"{len(value)} bytes; at most {max_line_bytes} are read"
        return Reason.TOO_LONG, words
    if value.startswith(_SCHEMA_MARK) and len(value) >= _SCHEMA_HEAD_BYTES:
        schema = int.from_bytes(value[1:_SCHEMA_HEAD_BYTES], "big")
        words = (
            f"written with schema {schema} of a schema registry (Avro or Protobuf); JSON is read"
        )
        return Reason.NOT_JSON, words
    begins = value.removeprefix(_BYTE_ORDER_MARK).lstrip(_SPACES)
    if begins and begins[0] != _BRACE:
        return Reason.NOT_JSON, f"begins with {begins[:_SHOWN_BYTES]!r}; a JSON object is read"
    return None


def _offset(message: Message) -> int:
    offset = message.offset()
    assert offset is not None  # noqa: S101  # every message that came from a broker has one
    return offset
