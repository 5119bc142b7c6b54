"""Notes between posts: written and read back, and no post to anybody."""

import pytest

from crisiswatch.reading.post import Skipped
from crisiswatch.reading.reader import FORMATS, Reader
from crisiswatch.reading.stream_note import PREFIX, StreamNote, decode_note, encode_note

NOTES = [
    StreamNote(stream="bluesky"),
    StreamNote(stream="x", heard_at=1_767_225_600),
    StreamNote(stream="mastodon", lost=(1_767_225_600, 1_767_225_900)),
]


@pytest.mark.parametrize("note", NOTES, ids=["greeting", "heard", "lost"])
def test_a_note_is_one_line_that_reads_back_as_it_was(note: StreamNote) -> None:
    line = encode_note(note)
    assert line.startswith(PREFIX)
    assert b"\n" not in line
    assert decode_note(line + b"\n") == note


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_note_is_skipped_whatever_the_format(format_name: str) -> None:
    mapping = {"text": "text", "posted_at": "at"} if format_name == "mapping" else None
    reader = Reader(format=format_name, mapping=mapping)
    for note in NOTES:
        assert reader.read(encode_note(note) + b"\n") == Skipped(kind="stream-note")
