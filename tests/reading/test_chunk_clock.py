"""Event time is read from a few lines, and silence is found without reading them all."""

from crisiswatch.reading import chunk_clock
from crisiswatch.reading.post import Post, Read
from crisiswatch.reading.reader import Reader

START_S = 1_700_000_000


def lines_at(*seconds: float) -> bytes:
    return b"\n".join(
        b'{"id":"%d","text":"t","posted_at":%f}' % (number, START_S + at)
        for number, at in enumerate(seconds)
    )


def times_s(data: bytes) -> list[int]:
    times_ms = sorted(chunk_clock.sampled_times_ms(data, Reader().read))
    return [time_ms // 1000 - START_S for time_ms in times_ms]


def test_the_first_and_the_last_line_are_always_read() -> None:
    found = times_s(lines_at(*range(500)))
    assert (found[0], found[-1]) == (0, 499)


def test_a_steady_chunk_is_read_at_a_few_lines_only() -> None:
    read: list[bytes] = []
    reader = Reader()

    def noting(line: bytes) -> Read:
        read.append(line)
        return reader.read(line)

    chunk_clock.sampled_times_ms(lines_at(*range(800)), noting)
    assert len(read) <= 2 * chunk_clock.CLOCK_LINES


def test_a_silence_between_any_two_lines_is_found() -> None:
    quiet_s = chunk_clock.QUIET_S + 100
    for silent_after in range(0, 99, 7):
        seconds = [at + (quiet_s if at > silent_after else 0) for at in range(100)]
        times_ms = sorted(chunk_clock.sampled_times_ms(lines_at(*seconds), Reader().read))
        stretches = [
            (start - START_S, to - START_S) for start, to, _ in chunk_clock.covered(times_ms)
        ]
        assert stretches == [(0, silent_after), (silent_after + 1 + quiet_s, 99 + quiet_s)]


def test_two_absurd_dates_do_not_move_the_clock() -> None:
    times_ms = sorted(1000 * at for at in (1, 2, 3, 4, 5, 9_999_999, 99_999_999))
    assert chunk_clock.clock_s(times_ms) == 5_000
    assert chunk_clock.without_rogues(times_ms) == [1_000, 2_000, 3_000, 4_000, 5_000]


def test_fewer_times_have_the_clock_of_their_earliest() -> None:
    assert chunk_clock.clock_s([1, 9]) == 1


def test_lines_without_a_time_do_not_make_a_gap() -> None:
    for period in (2, 5, 40):
        posts = lines_at(*range(0, 43 * 400, 43)).split(b"\n")
        noise = [b'{"kind":"identity","did":"did:plc:x","time_us":1,"identity":{}}', b"broken"]
        data = b"\n".join(
            noise[number % 2] if number % period else posts[number] for number in range(400)
        )
        times_ms = sorted(chunk_clock.sampled_times_ms(data, Reader().read))
        gaps = len(chunk_clock.covered(times_ms)) - 1
        assert gaps == (0 if 43 * period < chunk_clock.QUIET_S else 9)


def test_unreadable_lines_have_no_time() -> None:
    assert times_s(b"not json\n" * 50) == []
    assert times_s(b"") == []


def test_one_line_is_enough() -> None:
    assert times_s(lines_at(7)) == [7]
    assert isinstance(Reader().read(lines_at(7)), Post)
