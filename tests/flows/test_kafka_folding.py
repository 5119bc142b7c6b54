"""However messages are cut into parts, they come to the same chunk."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from confluent_kafka import Message
from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.reading.stream_note import StreamNote, encode_note
from flows.kafka.folding import Folded, fold, joined_up

LONGEST = 60
NOTE = encode_note(StreamNote(stream="x", heard_at=1_767_225_600))

posts = st.integers(0, 99).map(lambda number: b'{"id":"%d"}' % number)
odd = st.sampled_from(
    (
        None,
        b"",
        b"{",
        b'{"c":1}',
        b'{\n"id":"1"}',
        b"[1]",
        b"{" * (LONGEST + 1),
        NOTE,
        b"\0\0\0\0\1",
    )
)
values = st.lists(st.one_of(posts, posts, posts, odd), max_size=12)


def messages(of: Sequence[bytes | None]) -> list[Message]:
    return [
        Message("posts", 0, offset, None, value, timestamp=(1, 1_000 + offset))
        for offset, value in enumerate(of, 5)
    ]


def folded(of: Sequence[Message]) -> Folded:
    return fold(of, place="posts/0", max_line_bytes=LONGEST)


@given(of=values, cuts=st.sets(st.integers(1, 11)))
def test_parts_joined_up_are_what_the_whole_comes_to(
    of: list[bytes | None], cuts: set[int]
) -> None:
    every = messages(of)
    edges = [0, *sorted(cut for cut in cuts if cut < len(every)), len(every)]
    parts = [folded(every[start:end]) for start, end in pairwise(edges) if end > start]
    whole = joined_up(parts)
    if whole is None:
        assert not every
        return
    at_once = folded(every)
    # A part that needs no closer look tells more than a whole that does.
    assert replace(whole, lines=None, may_hold_notes=False) == replace(
        at_once, lines=None, may_hold_notes=False
    )
    for each in (whole, at_once):
        assert each.lines in {None, each.data.count(b"\n")}
        assert each.may_hold_notes or NOTE not in each.data
        assert each.next_offset == 5 + len(of)


def test_plain_posts_are_counted_and_hold_no_notes() -> None:
    found = folded(messages([b'{"id":"1"}', b'{"id":"2"}']))
    assert found.data == b'{"id":"1"}\n{"id":"2"}\n'
    assert (found.lines, found.may_hold_notes) == (2, False)
