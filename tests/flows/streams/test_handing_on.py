"""Lines into a pipe, and the file that remembers how far a stream was heard."""

import asyncio
import os
import select
from collections.abc import Iterable, Iterator
from pathlib import Path

import aiohttp
import pytest

from crisiswatch.errors import StoreError
from flows.streams.cursor_file import APPENDED_BYTES, CursorFile
from flows.streams.http import in_words
from flows.streams.lines_writer import LinesWriter
from flows.streams.memory import KEPT, Memory
from flows.streams.ports import Place, Record


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue  # the test closed it


def record(line: bytes) -> Record:
    return Record(line=line, key="k")


def test_a_pipe_gets_whole_lines_after_ending_what_was_left_unfinished(
    pipe: tuple[int, int],
) -> None:
    os.write(pipe[1], b'{"cut off')
    writer = LinesWriter(pipe[1])
    asyncio.run(writer.write([record(b"one"), record(b"two")]))
    asyncio.run(writer.write([record(b"three")]))
    assert os.read(pipe[0], 1000) == b'{"cut off\none\ntwo\nthree\n'


def test_lines_are_never_cut_where_a_pipe_takes_them_at_once(pipe: tuple[int, int]) -> None:
    writer = LinesWriter(pipe[1])
    lines = [b"%04d" % number * 100 for number in range(100)]
    asyncio.run(writer.write([record(line) for line in lines]))
    read = b""
    while len(read) < sum(map(len, lines)) + len(lines) + 1:
        part = os.read(pipe[0], select.PIPE_BUF)
        read += part
    assert read.strip().split(b"\n") == lines


def test_a_full_pipe_is_waited_for_and_can_be_given_up(pipe: tuple[int, int]) -> None:
    writer = LinesWriter(pipe[1])
    line = b"x" * 1000

    async def fill_and_drain() -> int:
        writing = asyncio.create_task(writer.write([record(line)] * 200))
        done, _ = await asyncio.wait({writing}, timeout=0.2)
        assert not done
        drained = 0
        while not writing.done():
            if select.select([pipe[0]], [], [], 0)[0]:
                drained += len(os.read(pipe[0], 65_536))
            await asyncio.sleep(0)
        writing = asyncio.create_task(writer.write([record(line)] * 200))
        await asyncio.wait({writing}, timeout=0.2)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        return drained

    assert asyncio.run(fill_and_drain()) > 100_000


def test_a_pipe_that_nobody_reads_is_a_broken_one(pipe: tuple[int, int]) -> None:
    writer = LinesWriter(pipe[1])
    os.close(pipe[0])
    with pytest.raises(BrokenPipeError):
        asyncio.run(writer.write([record(b"one")]))


def test_a_file_gets_lines_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    with path.open("wb") as file:
        asyncio.run(LinesWriter(file.fileno()).write([record(b"one"), record(b"two")]))
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_cursor_reads_back_as_it_was_saved(tmp_path: Path) -> None:
    file = CursorFile(tmp_path / "cursor.json", stream="bluesky")
    assert dict(file.load().places) == {}
    places = {"bluesky": Place(cursor="17", heard_at=4.5)}
    memory = Memory()
    memory.is_new("a")
    file.save({"bluesky": Place(cursor="1")}, memory)
    memory.is_new("b")
    file.save(places, memory)
    file.close()
    kept = file.load()
    assert (kept.places, list(kept.seen)) == (places, memory.to_state())
    assert [path.name for path in tmp_path.iterdir()] == ["cursor.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version":9,"stream":"x","feeds":{},"seen":[]}'])
def test_what_is_no_cursor_of_this_stream_is_refused_with_what_to_do(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "cursor.json"
    path.write_text(text)
    with pytest.raises(StoreError, match=r"cursor\.json: is .*--cursor"):
        CursorFile(path, stream="bluesky").load()


def test_the_memory_forgets_the_oldest_first_and_survives_a_restart() -> None:
    memory = Memory()
    assert all(memory.is_new(f"{number}") for number in range(KEPT + 10))
    again = Memory(memory.to_state())
    assert not again.is_new(f"{KEPT}")
    assert again.is_new("0")
    assert len(again.to_state()) == KEPT


def test_what_is_told_again_from_its_beginning_is_known_to_its_end() -> None:
    memory = Memory()
    assert all(memory.is_new(f"{number}") for number in range(KEPT))
    assert memory.is_new("one more")
    again = sum(memory.is_new(f"{number}") for number in range(1, KEPT))
    assert again == 0
    assert memory.is_new("0")


def saved(path: Path, numbers: Iterable[int]) -> Memory:
    """Save a batch for each number, as a reader does that is then killed."""
    file, memory = CursorFile(path, stream="x"), Memory()
    for number in numbers:
        memory.is_new(f"{number}")
        file.save({"x": Place(cursor=f"{number}")}, memory)
    return memory


def test_a_batch_costs_no_more_than_it_holds_however_much_is_remembered(tmp_path: Path) -> None:
    path, memory = tmp_path / "cursor.json", Memory()
    file = CursorFile(path, stream="x")
    assert all(memory.is_new(f"{number}") for number in range(KEPT))
    file.save({"x": Place(cursor="0")}, memory)
    whole_bytes = path.stat().st_size
    memory.is_new("one more")
    file.save({"x": Place(cursor="1")}, memory)
    assert 0 < path.stat().st_size - whole_bytes < 200
    for number in range(30_000):
        memory.is_new(f"and {number}")
        file.save({"x": Place(cursor=f"{number}")}, memory)
    assert path.stat().st_size < whole_bytes + APPENDED_BYTES + 200
    assert list(CursorFile(path, stream="x").load().seen)[-KEPT:] == memory.to_state()


def test_a_line_that_a_kill_cut_off_costs_that_batch_only(tmp_path: Path) -> None:
    path = tmp_path / "cursor.json"
    saved(path, range(3))
    whole = path.read_bytes()
    for cut in range(1, len(whole.splitlines(keepends=True)[-1]) + 1):
        path.write_bytes(whole[:-cut])
        kept = CursorFile(path, stream="x").load()
        assert kept.places == {"x": Place(cursor="1")}
        assert len(kept.seen) == 2


def test_a_file_of_one_line_without_an_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cursor.json"
    saved(path, [7])
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert CursorFile(path, stream="x").load().places == {"x": Place(cursor="7")}


def test_a_host_that_is_not_known_is_named_with_the_resolvers_words() -> None:
    async def ask() -> str:
        async with aiohttp.ClientSession() as session:
            try:
                await session.get("http://nobody.invalid/")
            except aiohttp.ClientError as error:
                return in_words(error)
        return "it answered"

    words = asyncio.run(ask())
    assert "nobody.invalid can not be reached" in words
    assert "Unknown error" not in words


def test_without_a_file_nothing_piles_up_to_be_saved() -> None:
    file, memory = CursorFile(None, stream="x"), Memory()
    assert memory.is_new("a")
    file.save({"x": Place(cursor="1")}, memory)
    assert memory.taken_new() == []
