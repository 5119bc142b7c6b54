"""Notes are taken out where they stand; of several streams the least heard one counts."""

from crisiswatch.reading.post import Reason, Rejected
from crisiswatch.reading.stream_note import StreamNote, encode_note
from flows.messages import Chunk
from flows.sources.notes import Notes


def line(stream: str, heard_at: int | None = None) -> bytes:
    return encode_note(StreamNote(stream=stream, heard_at=heard_at)) + b"\n"


def told(notes: Notes, data: bytes) -> list[int]:
    chunks = notes.taken_out(Chunk(partition="p", data=data), live=True)
    return [chunk.idle_clock_s for chunk in chunks if chunk.idle_clock_s is not None]


def test_where_several_streams_write_the_least_heard_one_counts() -> None:
    notes = Notes()
    assert told(notes, line("bluesky") + line("x")) == []
    assert told(notes, line("bluesky", 200)) == []
    assert told(notes, line("x", 100)) == [100]
    assert told(notes, line("bluesky", 300)) == [100]


def test_a_stream_that_is_retired_is_not_waited_for() -> None:
    notes = Notes()
    told(notes, line("bluesky", 200) + line("x", 100))
    assert told(notes, line("bluesky", 300)) == [100]
    assert told(notes, encode_note(StreamNote(stream="x", retired=True)) + b"\n") == []
    assert told(notes, line("bluesky", 310)) == [310]
    assert Notes(notes.heard_at).heard_at == {"bluesky": 310}
    told(notes, encode_note(StreamNote(stream="bluesky", retired=True)) + b"\n")
    assert not notes.is_told
    assert told(notes, line("x", 400)) == [400], "a reader that comes back counts again"


def test_what_the_source_knows_of_a_chunk_stays_with_it_once() -> None:
    refused = (Rejected(reason=Reason.NOT_JSON, detail="no", raw=b"no"),)
    chunk = Chunk(
        partition="p",
        data=b"one\n" + line("x", 9) + b"two\n",
        refused=refused,
        tombstones=2,
        where="posts/0@1-4",
    )
    chunks = Notes().taken_out(chunk, live=True)
    assert [part.data for part in chunks if part.data] == [b"one\n", b"two\n"]
    assert sum(part.tombstones for part in chunks) == 2
    assert [rejected for part in chunks for rejected in part.refused] == list(refused)
    assert {part.where for part in chunks if part.data} == {"posts/0@1-4"}


def test_a_chunk_without_notes_is_handed_on_as_it_is() -> None:
    chunk = Chunk(partition="p", data=b"one\n")
    notes = Notes()
    assert notes.taken_out(chunk, live=True) == [chunk]
    assert not notes.is_told
