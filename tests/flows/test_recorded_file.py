"""A file is read line by line exactly once, whatever the blocks and partitions."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisiswatch.errors import InputError
from flows.messages import Chunk
from flows.sources.recorded_file import RecordedFile


def never() -> bool:
    return False


def read_all(source: RecordedFile) -> list[Chunk]:
    chunks: list[Chunk] = []
    for name in source.list_parts():
        part = source.build_part("posts", name, None)
        while True:
            try:
                chunks += part.next_batch()
            except StopIteration:
                break
        part.close()
    return chunks


def lines_of(chunks: list[Chunk]) -> list[bytes]:
    return sorted(line for chunk in chunks for line in chunk.data.splitlines())


@given(
    lines=st.lists(
        st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"")),
        max_size=30,
    ),
    ends_with_newline=st.booleans(),
    block_bytes=st.integers(min_value=1, max_value=64),
    partitions=st.integers(min_value=1, max_value=4),
)
@settings(max_examples=150)
def test_every_line_is_read_once(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[bytes],
    *,
    ends_with_newline: bool,
    block_bytes: int,
    partitions: int,
) -> None:
    path = tmp_path_factory.mktemp("recorded") / "posts"
    data = b"\n".join(lines) + (b"\n" if ends_with_newline else b"")
    path.write_bytes(data)
    source = RecordedFile(path, partitions=partitions, block_bytes=block_bytes, stop=never)
    chunks = read_all(source)
    expected = data.split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    found = sorted(
        line
        for chunk in chunks
        if chunk.data
        for line in chunk.data.removesuffix(b"\n").split(b"\n")
    )
    assert found == sorted(expected)
    assert sum(chunk.last for chunk in chunks) == partitions


def test_a_resumed_partition_goes_on_where_it_stood(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_bytes(b"".join(b"line %03d\n" % number for number in range(100)))
    source = RecordedFile(path, block_bytes=64, stop=never)
    (name,) = source.list_parts()
    through = read_all(source)
    part = source.build_part("posts", name, None)
    first = [*part.next_batch(), *part.next_batch(), *part.next_batch()]
    again = source.build_part("posts", name, part.snapshot())
    rest = []
    while True:
        try:
            rest += again.next_batch()
        except StopIteration:
            break
    assert first + rest == through


def test_a_finished_partition_stays_finished_when_resumed(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_bytes(b"one\n")
    source = RecordedFile(path, stop=never)
    (name,) = source.list_parts()
    part = source.build_part("posts", name, None)
    assert part.next_batch() == [Chunk(partition=name, data=b"one\n")]
    assert part.next_batch() == [Chunk(partition=name, last=True)]
    resumed = source.build_part("posts", name, part.snapshot())
    with pytest.raises(StopIteration):
        resumed.next_batch()


def test_a_source_that_is_asked_to_stop_ends_without_its_last_chunk(tmp_path: Path) -> None:
    path = tmp_path / "posts"
    path.write_bytes(b"one\n")
    source = RecordedFile(path, stop=lambda: True)
    with pytest.raises(StopIteration):
        source.build_part("posts", source.list_parts()[0], None).next_batch()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        RecordedFile(tmp_path / "none.jsonl", stop=never)
