"""Whatever stands in a topic, each message becomes one line, one refusal or one tombstone."""

from collections.abc import Sequence

from confluent_kafka import KafkaError, Message
from hypothesis import given
from hypothesis import strategies as st

from flows.kafka.folding import fold

LONGEST = 40

VALUES = st.one_of(
    st.none(),
    st.just(b""),
    st.binary(max_size=60),
    st.integers(0, 99).map(lambda number: b'{"n":%d}' % number),
    st.integers(0, 99).map(lambda number: b' {\n"n":\r\n%d}\n' % number),
    st.integers(30, 50).map(lambda size: b'{"t":"' + b"x" * size + b'"}'),
)
LINES = st.integers(0, 99).map(lambda number: b'{"n":%d}' % number)
EVENTS = st.sampled_from(
    [
        KafkaError._PARTITION_EOF,  # noqa: SLF001  # the client's own name
        KafkaError._AUTO_OFFSET_RESET,  # noqa: SLF001  # as above
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
    ]
)


def message(offset: int, value: bytes | None) -> Message:
    return Message(topic="t", partition=0, offset=offset, value=value, timestamp=(1, offset + 1))


def event(offset: int, code: int) -> Message:
    # As the client makes them: with an offset, and words as a value.
    return Message(topic="t", partition=0, offset=offset, value=b'{"n":7}', error=KafkaError(code))


def logs(values: st.SearchStrategy[bytes | None]) -> st.SearchStrategy[list[Message]]:
    """Return stretches of a log with holes in it, and events in between."""
    steps = st.lists(
        st.one_of(
            st.tuples(st.just("message"), st.integers(0, 2), values),
            st.tuples(st.just("event"), st.integers(0, 999), EVENTS),
        ),
        max_size=12,
    )

    def laid_out(chosen: Sequence[tuple[str, int, bytes | int | None]]) -> list[Message]:
        found: list[Message] = []
        offset = 100
        for kind, number, what in chosen:
            if kind == "event":
                assert isinstance(what, int)
                found.append(event(number, what))
            else:
                assert not isinstance(what, int)
                offset += number
                found.append(message(offset, what))
                offset += 1
        return found

    return steps.map(laid_out)


@given(logs(VALUES))
def test_nothing_is_lost_doubled_or_joined(messages: list[Message]) -> None:
    folded = fold(messages, place="t/0", max_line_bytes=LONGEST)
    real = [each for each in messages if each.error() is None]
    assert folded.data.count(b"\n") + len(folded.refused) + folded.tombstones == len(real)
    assert len(folded.events) == len(messages) - len(real)
    assert folded.data == b"" or folded.data.endswith(b"\n")
    assert folded.tombstones == sum(each.value() is None for each in real)


@given(logs(VALUES))
def test_only_messages_move_the_offset(messages: list[Message]) -> None:
    folded = fold(messages, place="t/0", max_line_bytes=LONGEST)
    offsets = [each.offset() or 0 for each in messages if each.error() is None]
    assert folded.next_offset == (offsets[-1] + 1 if offsets else None)
    assert folded.first_offset == (offsets[0] if offsets else None)


@given(logs(VALUES), st.integers(0, 12))
def test_it_does_not_matter_where_the_log_is_cut(messages: list[Message], cut: int) -> None:
    whole = fold(messages, place="t/0", max_line_bytes=LONGEST)
    parts = [
        fold(part, place="t/0", max_line_bytes=LONGEST) for part in (messages[:cut], messages[cut:])
    ]
    assert b"".join(part.data for part in parts) == whole.data
    assert parts[0].refused + parts[1].refused == whole.refused
    assert sum(part.tombstones for part in parts) == whole.tombstones


@given(logs(LINES))
def test_lines_come_out_as_they_are_whatever_events_are_between(messages: list[Message]) -> None:
    folded = fold(messages, place="t/0", max_line_bytes=LONGEST)
    values = [each.value() or b"" for each in messages if each.error() is None]
    assert folded.data == b"".join(value + b"\n" for value in values)


@given(VALUES)
def test_a_line_is_no_longer_than_allowed_and_holds_no_break(value: bytes | None) -> None:
    folded = fold([message(5, value)], place="t/0", max_line_bytes=LONGEST)
    assert len(folded.data) <= LONGEST + 1
    assert b"\r" not in folded.data
    for refused in folded.refused:
        assert refused.raw == value
        assert refused.where == "t/0@5"
